"""Flags 预警: a spell of yellow or red, with a beginning and an end."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base, LongText
from taskboard.models.commitment import Commitment


class Flag(Base):
    """Raised by the sweep that saw the turn, lowered by the one that saw the return.

    `open_key` is the commitment's id while the flag stands, so the database allows one at a time.
    """

    __tablename__ = "flag"
    __table_args__ = (
        CheckConstraint("light IN ('red', 'yellow')", name="light"),
        Index("ix_flag_history", "commitment_id", "raised_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"))
    open_key: Mapped[int | None] = mapped_column(unique=True)
    light: Mapped[str]
    raised_on: Mapped[date]
    lowered_on: Mapped[date | None]
    gap: Mapped[Decimal | None]
    words: Mapped[str] = mapped_column(LongText)
    rule_set: Mapped[str]
    commitment: Mapped[Commitment] = relationship()
