"""Announcements 通知: what the office says to many at once, after it has seen how many will receive what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base, LongText
from taskboard.models.person import Person


class Announcement(Base):
    """One announcement. `audience` is JSON: seats, units and groups that it is for, robots included or not."""

    __tablename__ = "announcement"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    text: Mapped[str] = mapped_column(LongText)
    audience: Mapped[str] = mapped_column(LongText, default="{}")
    is_urgent: Mapped[bool] = mapped_column(default=False)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    people: Mapped[int] = mapped_column(default=0)
    made_by: Mapped[Person] = relationship()
