"""Supports 支撑项目: single things that will bring part of a target at once, such as a store that opens."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base
from taskboard.models.target import Target


class Support(Base):
    """One of them: how much it brings and when. Once it has happened its amount is in the reported value."""

    __tablename__ = "support"
    __table_args__ = (UniqueConstraint("target_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"))
    name: Mapped[str]
    amount: Mapped[Decimal]
    due_on: Mapped[date]
    happened_on: Mapped[date | None]
    illustrative: Mapped[bool] = mapped_column(default=False)
    target: Mapped[Target] = relationship()
