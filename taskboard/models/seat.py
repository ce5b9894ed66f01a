"""Seats 岗位: what a person is, for which unit or group, from a day to a day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base
from taskboard.models.group import Group
from taskboard.models.unit import Unit

if TYPE_CHECKING:
    from taskboard.models.person import Person


class Seat(Base):
    """One seat. `kind` is a SeatKind of rules/access.py, where its powers are."""

    __tablename__ = "seat"
    __table_args__ = (
        CheckConstraint("kind <> 'group_lead' OR group_id IS NOT NULL", name="group_lead"),
        CheckConstraint("kind <> 'reporter' OR unit_id IS NOT NULL", name="reporter"),
        Index("ix_seat_kind", "kind", "group_id", "unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("group.id"))
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    person: Mapped[Person] = relationship(back_populates="seats", foreign_keys=[person_id])
    unit: Mapped[Unit | None] = relationship()
    group: Mapped[Group | None] = relationship()

    def holds_on(self, day: date) -> bool:
        """Whether the seat is held on a day."""
        return self.from_on <= day and (self.to_on is None or day <= self.to_on)
