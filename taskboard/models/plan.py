"""Plans 计划分解: what is planned of an indicator for a year, half, quarter or month, of the district or one unit."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base
from taskboard.models.indicator import Indicator
from taskboard.models.unit import Unit


class Plan(Base):
    """One cell of the cascade. `unit_id` is empty for the whole district; `period` is a key of rules/periods.py.

    `amount` is planned for the period itself, not cumulative; `base` is what the same period of last year had,
    and `actual` what it came to, as far as it is confirmed.
    """

    __tablename__ = "plan"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_plan_indicator", "indicator_id", "unit_id", "period"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    period: Mapped[str]
    key: Mapped[str]  # indicator:unit:period, so that the district too has one cell a period
    amount: Mapped[Decimal | None]
    base: Mapped[Decimal | None]
    actual: Mapped[Decimal | None]
    version: Mapped[int] = mapped_column(default=1)
    indicator: Mapped[Indicator] = relationship()
    unit: Mapped[Unit | None] = relationship()

    @staticmethod
    def key_of(indicator_id: int, unit_id: int | None, period: str) -> str:
        """The unique key of a cell."""
        return f"{indicator_id}:{unit_id or 0}:{period}"
