"""Indicators 指标: what is measured, by which kind of rule, in which unit of measure."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base, LongText
from taskboard.models.group import Group
from taskboard.rules.indicator import Cadence, IndicatorKind


class Indicator(Base):
    """What is measured. `definition` is its 口径; of a monthly one the value of a month is due on `release_day`
    of the next."""

    __tablename__ = "indicator"
    __table_args__ = (
        CheckConstraint("kind IN ('amount', 'count', 'growth', 'points', 'ratio', 'rank', 'milestone')", name="kind"),
        CheckConstraint("cadence IN ('week', 'month')", name="cadence"),
        CheckConstraint("release_day BETWEEN 1 AND 28", name="release"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"), index=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default="amount")
    measure: Mapped[str]
    decimals: Mapped[int] = mapped_column(default=2)
    higher_is_better: Mapped[bool] = mapped_column(default=True)
    definition: Mapped[str] = mapped_column(LongText, default="")
    source: Mapped[str] = mapped_column(default="")
    cadence: Mapped[str] = mapped_column(default=Cadence.WEEK)
    release_day: Mapped[int] = mapped_column(default=18)
    may_be_negative: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    group: Mapped[Group] = relationship()

    @property
    def sort(self) -> IndicatorKind:
        """The kind as a value that knows its words."""
        return IndicatorKind(self.kind)
