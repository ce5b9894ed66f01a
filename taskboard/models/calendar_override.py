"""Working days set by the office where the published calendar is not known yet or differs."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from taskboard.db import Base, db


class CalendarOverride(Base):
    __tablename__ = "calendar_override"

    day: Mapped[date] = mapped_column(primary_key=True)
    is_workday: Mapped[bool]
    name: Mapped[str] = mapped_column(default="")

    @staticmethod
    def all() -> dict[date, bool]:
        """What the working-day rules take as `overrides`."""
        rows = db.session.execute(select(CalendarOverride.day, CalendarOverride.is_workday))
        return {day: is_workday for day, is_workday in rows}
