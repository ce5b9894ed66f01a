"""Indicators 指标: what is measured, by which kind of rule, in which unit of measure."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from taskboard.db import Base


class Indicator(Base):
    """`kind` chooses the clauses of the rule set: amount, growth or rank."""

    __tablename__ = "indicator"
    __table_args__ = (CheckConstraint("kind IN ('amount', 'growth', 'rank')", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"), index=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default="amount")
    measure: Mapped[str]
    decimals: Mapped[int] = mapped_column(default=2)
    higher_is_better: Mapped[bool] = mapped_column(default=True)
