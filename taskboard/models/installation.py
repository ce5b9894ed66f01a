"""What kind of installation this database is, and the demonstration clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import g, has_app_context
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from taskboard import clock
from taskboard.db import Base, db


class Installation(Base):
    """One row. Only a demonstration has a day of its own; production follows the machine."""

    __tablename__ = "installation"
    __table_args__ = (
        CheckConstraint("id = 1", name="single"),
        CheckConstraint("kind = 'demonstration' OR demo_day IS NULL", name="clock"),
        CheckConstraint("(demo_day IS NULL) = (stepped_at IS NULL)", name="stepped"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    kind: Mapped[str]
    demo_day: Mapped[date | None]
    stepped_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    @property
    def is_demonstration(self) -> bool:
        return self.kind == "demonstration"

    def now(self, real: datetime) -> datetime | None:
        """The demonstration's time: each day begins at 09:00 when stepped to, and never ends by itself."""
        if self.demo_day is None or self.stepped_at is None:
            return None
        elapsed = max(real - self.stepped_at, timedelta())
        return clock.at(self.demo_day, 9) + min(elapsed, timedelta(hours=14, minutes=59))

    def step(self, days: int, real: datetime) -> date:
        """Move the demonstration clock forward; returns the new day."""
        if self.demo_day is None or not 1 <= days <= 31:
            raise ValueError("a demonstration clock steps forward 1 to 31 days")
        self.demo_day += timedelta(days=days)
        self.stepped_at = real
        return self.demo_day

    @staticmethod
    def get() -> Installation | None:
        """The row, or None before `init` or `demo` has made it."""
        return db.session.get(Installation, 1)


def demonstration_time() -> datetime | None:
    """What clock.now() answers on a demonstration; read once per application context."""
    if not has_app_context():
        return None
    if "installation" not in g:
        g.installation = Installation.get()
    row: Installation | None = g.installation
    return row.now(clock.real_now()) if row else None
