"""Appeals 申诉 of units against a light or a returned result."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base, LongText
from taskboard.models.commitment import Commitment
from taskboard.models.item import Item
from taskboard.models.person import Person
from taskboard.models.unit import Unit


class Appeal(Base):
    """申诉: a unit objects to a light or to a returned result; somebody other than its issuer decides.

    `issuer_id` is empty where the system issued it (a light). `live_key` keeps one open appeal to one thing.
    """

    __tablename__ = "appeal"
    __table_args__ = (
        CheckConstraint("against IN ('light', 'return')", name="against"),
        CheckConstraint("state IN ('raised', 'upheld', 'rejected')", name="state"),
        CheckConstraint(
            "decided_by_id IS NULL"
            " OR (decided_by_id <> raised_by_id AND (issuer_id IS NULL OR decided_by_id <> issuer_id))",
            name="separation",
        ),
        Index("ix_appeal_due", "state", "decide_by_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    against: Mapped[str]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"), index=True)
    commitment_id: Mapped[int | None] = mapped_column(ForeignKey("commitment.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    live_key: Mapped[str | None] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="raised")
    subject_words: Mapped[str] = mapped_column(LongText)
    event_id: Mapped[int | None]  # the return that is appealed against
    issuer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(LongText)
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    raised_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    raised_at: Mapped[datetime]
    decide_by_on: Mapped[date]
    overdue_on: Mapped[date | None]  # the day on which it was said that nobody answered in time
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(LongText, default="")
    item: Mapped[Item | None] = relationship()
    commitment: Mapped[Commitment | None] = relationship()
    unit: Mapped[Unit] = relationship()
    issuer: Mapped[Person | None] = relationship(foreign_keys=[issuer_id])
    raised_by: Mapped[Person] = relationship(foreign_keys=[raised_by_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])

    @property
    def state_word(self) -> str:
        return {"raised": "待答复", "upheld": "申诉成立", "rejected": "维持原决定"}[self.state]

    @property
    def against_word(self) -> str:
        return {"light": "亮灯", "return": "退回"}[self.against]
