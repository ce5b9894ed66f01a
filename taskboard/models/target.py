"""Targets 目标: an indicator to be brought from one value to another, and its weekly targets 周目标."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base
from taskboard.models.commitment import Commitment
from taskboard.models.indicator import Indicator


class Target(Commitment):
    """An indicator × unit × period. Without weekly targets the schedule is linear by calendar day.

    Where the press gave a completion and no amounts, the measure is percent and the target 100.
    """

    __tablename__ = "target"
    __table_args__ = (
        CheckConstraint("rule_kind NOT IN ('amount', 'milestone') OR start_value <> target_value", name="distance"),
    )  # type: ignore[assignment]
    __mapper_args__ = {"polymorphic_identity": "target"}

    id: Mapped[int] = mapped_column(ForeignKey("commitment.id"), primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"), index=True)
    rule_kind: Mapped[str] = mapped_column(default="amount")
    measure: Mapped[str]
    decimals: Mapped[int] = mapped_column(default=2)
    higher_is_better: Mapped[bool] = mapped_column(default=True)
    start_value: Mapped[Decimal] = mapped_column(default=Decimal(0))
    target_value: Mapped[Decimal]
    reference: Mapped[Decimal | None]
    is_district: Mapped[bool] = mapped_column(default=False)  # of the whole district; the others share it out
    reserve: Mapped[Decimal] = mapped_column(default=Decimal(0))  # of a district target: kept back on purpose

    indicator: Mapped[Indicator] = relationship()
    weekly_targets: Mapped[list[WeeklyTarget]] = relationship(
        back_populates="target", cascade="all, delete-orphan", order_by="WeeklyTarget.due_on"
    )

    def schedule_along(self, points: Iterable[tuple[date, Decimal]]) -> None:
        """Bring the weekly targets to these points, keeping the rows of the days that stay."""
        kept, wanted = {point.due_on: point for point in self.weekly_targets}, list(points)
        self.weekly_targets = [kept.get(day) or WeeklyTarget(due_on=day) for day, _ in wanted]
        for row, (_, value) in zip(self.weekly_targets, wanted, strict=True):
            row.value = value


class WeeklyTarget(Base):
    """A point of a target's schedule: the cumulative value owed on a day."""

    __tablename__ = "weekly_target"
    __table_args__ = (UniqueConstraint("target_id", "due_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"))
    due_on: Mapped[date]
    value: Mapped[Decimal]
    target: Mapped[Target] = relationship(back_populates="weekly_targets")
