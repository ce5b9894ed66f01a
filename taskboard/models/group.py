"""Special groups 专项组 and who is responsible in them 职责."""

from __future__ import annotations

import enum

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base, LongText, db
from taskboard.models.unit import Unit


class Role(enum.StrEnum):
    """What a unit is to a group or a commitment. A unit may hold several, in different groups."""

    LEAD = "lead"
    RESPONSIBLE = "responsible"
    SUPPORTING = "supporting"
    SUPERVISING = "supervising"

    @property
    def word(self) -> str:
        return {"lead": "牵头", "responsible": "责任", "supporting": "配合", "supervising": "督查"}[self.value]


class Group(Base):
    """One of the nine groups, in the published order `no`. Leaders are seats, not columns."""

    __tablename__ = "group"
    __table_args__ = (UniqueConstraint("campaign_id", "no"), UniqueConstraint("campaign_id", "name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    no: Mapped[int]
    name: Mapped[str]
    short_name: Mapped[str]
    duty: Mapped[str] = mapped_column(LongText, default="")
    aim: Mapped[str] = mapped_column(default="")
    methods: Mapped[str] = mapped_column(default="")
    responsibilities: Mapped[list[Responsibility]] = relationship(
        back_populates="group", cascade="all, delete-orphan", order_by="Responsibility.id"
    )

    @property
    def lead_unit(self) -> Unit | None:
        """The lead unit 牵头单位."""
        return next((r.unit for r in self.responsibilities if r.role == Role.LEAD), None)

    @staticmethod
    def listed(campaign_id: int) -> list[Group]:
        """The groups of a campaign in published order."""
        return list(db.session.scalars(select(Group).where(Group.campaign_id == campaign_id).order_by(Group.no)))


class Responsibility(Base):
    """A unit's responsibility in a group: a unit is not a group, and may lead several."""

    __tablename__ = "responsibility"
    __table_args__ = (UniqueConstraint("group_id", "unit_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    role: Mapped[str]
    duty: Mapped[str] = mapped_column(LongText, default="")
    group: Mapped[Group] = relationship(back_populates="responsibilities")
    unit: Mapped[Unit] = relationship()
