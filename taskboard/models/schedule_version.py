"""Versions of a target's schedule 序时计划: asked for with a reason, approved, dated, and kept for ever."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base, LongText, db
from taskboard.models.person import Person
from taskboard.models.target import Target
from taskboard.rules.curves import CURVES

Point = tuple[date, Decimal]
PRESENT, PRESENT_WORD = "present", "现行计划"


class ScheduleVersion(Base):
    """One version. The points of the one in force are the target's weekly targets; once a version is approved
    the schedule is frozen, and only an approved version changes it. `live_key` keeps one request waiting."""

    __tablename__ = "schedule_version"
    __table_args__ = (
        UniqueConstraint("target_id", "no"),
        CheckConstraint("state IN ('asked', 'approved', 'refused')", name="state"),
        CheckConstraint("(state = 'asked') = (decided_by_id IS NULL)", name="decided"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="separation"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"))
    no: Mapped[int]
    live_key: Mapped[int | None] = mapped_column(unique=True)
    curve: Mapped[str]
    reason: Mapped[str] = mapped_column(LongText)
    target_value: Mapped[Decimal]
    points: Mapped[str] = mapped_column(LongText, default="[]")
    state: Mapped[str] = mapped_column(default="asked")
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(LongText, default="")
    from_on: Mapped[date | None]  # in force from this day
    target: Mapped[Target] = relationship()
    asked_by: Mapped[Person] = relationship(foreign_keys=[asked_by_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])

    @property
    def curve_points(self) -> tuple[Point, ...]:
        """Its points as dates and amounts."""
        return tuple((date.fromisoformat(day), Decimal(value)) for day, value in json.loads(self.points))

    @staticmethod
    def written(points: Iterable[Point]) -> str:
        """Points as the text of the column."""
        return json.dumps([[day.isoformat(), f"{value.normalize():f}"] for day, value in points])

    @property
    def curve_word(self) -> str:
        """The curve's word; a schedule that was approved as it stood has none of its own."""
        return PRESENT_WORD if self.curve == PRESENT else CURVES[self.curve].word

    @staticmethod
    def newest(target_id: int, state: str) -> ScheduleVersion | None:
        """The newest version of a target in a state."""
        query = select(ScheduleVersion).where(ScheduleVersion.target_id == target_id, ScheduleVersion.state == state)
        return db.session.scalars(query.order_by(ScheduleVersion.no.desc()).limit(1)).first()

    @property
    def state_word(self) -> str:
        return {"asked": "待核定", "approved": "已核定", "refused": "未同意"}[self.state]
