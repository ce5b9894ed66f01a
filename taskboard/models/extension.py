"""Extensions 延期 of an item's deadline."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base, LongText
from taskboard.models.item import Item
from taskboard.models.person import Person
from taskboard.rules.lifecycle import ExtensionState
from taskboard.rules.terms import ExtensionLevel


class Extension(Base):
    """延期: asked in time, decided by the office or the leader in charge. The original date always stays."""

    __tablename__ = "extension"
    __table_args__ = (
        CheckConstraint("new_due_on > old_due_on", name="later"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="separation"),
        Index("ix_extension_item", "item_id", "id"),
        Index("ix_extension_due", "state", "level", "decide_by_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    live_key: Mapped[int | None] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default=ExtensionState.ASKED)
    level: Mapped[str] = mapped_column(default=ExtensionLevel.OFFICE)
    old_due_on: Mapped[date]
    new_due_on: Mapped[date]
    reason: Mapped[str] = mapped_column(LongText)
    progress: Mapped[str] = mapped_column(LongText)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_on: Mapped[date]
    decide_by_on: Mapped[date]
    escalated_on: Mapped[date | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_on: Mapped[date | None]
    answer: Mapped[str] = mapped_column(LongText, default="")
    item: Mapped[Item] = relationship()
    asked_by: Mapped[Person] = relationship(foreign_keys=[asked_by_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])
