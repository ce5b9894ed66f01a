"""Units 单位: departments, subdistricts, parks, and the district itself."""

from __future__ import annotations

import enum
from datetime import date

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base, db


class UnitKind(enum.StrEnum):
    DISTRICT = "district"
    DEPARTMENT = "department"
    SUBDISTRICT = "subdistrict"
    PARK = "park"

    @property
    def word(self) -> str:
        return {"district": "全区", "department": "部门", "subdistrict": "街道", "park": "园区"}[self.value]


class Unit(Base):
    """A unit that can owe something. `short_name` stands where space is narrow."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    short_name: Mapped[str]
    kind: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    mechanism: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    email: Mapped[str] = mapped_column(default="")
    feed_version: Mapped[int] = mapped_column(default=1)
    reminded_on: Mapped[date | None]
    aliases: Mapped[list[UnitAlias]] = relationship(
        back_populates="unit", cascade="all, delete-orphan", order_by="UnitAlias.name"
    )

    @property
    def is_territory(self) -> bool:
        """Whether it is one of the places that carry the targets out: a subdistrict or the park."""
        return self.kind in (UnitKind.SUBDISTRICT, UnitKind.PARK)

    @staticmethod
    def listed() -> list[Unit]:
        """All active units in the district's own order."""
        return list(db.session.scalars(select(Unit).where(Unit.active).order_by(Unit.position, Unit.id)))


class UnitAlias(Base):
    """Another name under which the district's tables call a unit."""

    __tablename__ = "unit_alias"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str] = mapped_column(unique=True)
    unit: Mapped[Unit] = relationship(back_populates="aliases")
