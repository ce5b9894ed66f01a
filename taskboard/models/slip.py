"""Slips 督办单: the steps of the ladder as numbered documents; and the register that numbers them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base, LongText, db
from taskboard.models.item import Item
from taskboard.models.person import Person
from taskboard.models.unit import Unit
from taskboard.rules.ladder import LEVELS, Level
from taskboard.rules.lifecycle import SlipState


class Register(Base):
    """The last number that was given in a series and year; its row lock orders the writers."""

    __tablename__ = "register"

    series: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(default=0)


def next_number(series: str, year: int) -> int:
    """The next register number: without gaps, and never given twice."""
    query = select(Register).where(Register.series == series, Register.year == year).with_for_update()
    row = db.session.scalars(query).first()
    if row is None:
        row = Register(series=series, year=year, last=0)
        db.session.add(row)
    row.last += 1
    db.session.flush()
    return row.last


class Slip(Base):
    """One step of the ladder as a document. It has a number from the moment it is signed.

    `live_key` is the item's id while the slip is only proposed: one proposal at a time.
    """

    __tablename__ = "slip"
    __table_args__ = (
        UniqueConstraint("year", "no"),
        CheckConstraint("level BETWEEN 1 AND 4", name="level"),
        CheckConstraint(
            "(no IS NULL) = (state IN ('slip_proposed', 'slip_declined', 'slip_withdrawn'))", name="number"
        ),
        Index("ix_slip_item", "item_id", "id"),
        Index("ix_slip_due", "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    live_key: Mapped[int | None] = mapped_column(unique=True)
    level: Mapped[int]
    state: Mapped[str] = mapped_column(default=SlipState.PROPOSED)
    year: Mapped[int | None]
    no: Mapped[int | None]
    reason: Mapped[str] = mapped_column(LongText)
    demand: Mapped[str] = mapped_column(LongText, default="")
    said: Mapped[str] = mapped_column(LongText, default="")  # the document as it was signed, see models/paper.py
    proposed_on: Mapped[date]
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_on: Mapped[date | None]
    due_on: Mapped[date | None]
    answered_on: Mapped[date | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[str] = mapped_column(LongText, default="")
    item: Mapped[Item] = relationship()
    unit: Mapped[Unit] = relationship()
    proposed_by: Mapped[Person | None] = relationship(foreign_keys=[proposed_by_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])
    answered_by: Mapped[Person | None] = relationship(foreign_keys=[answered_by_id])

    @property
    def number(self) -> str:
        """督办〔2020〕3号, once it is signed."""
        return f"〔{self.year}〕{self.no}号" if self.no else ""

    @property
    def rung(self) -> Level:
        return LEVELS[self.level]

    @property
    def is_signed(self) -> bool:
        return self.state in (SlipState.SIGNED, SlipState.ANSWERED, SlipState.LAPSED)
