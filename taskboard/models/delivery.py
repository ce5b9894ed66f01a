"""Deliveries 投递: one message to one person by one channel, and its fate.

pending → sending (committed before the socket opens) → sent | retry | failed | uncertain.
`token` is raised by each claim; whoever writes the outcome must still hold it.
"""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base, LongText
from taskboard.models.event import Event
from taskboard.models.person import Person

INBOX, MAIL = "inbox", "mail"


class DeliveryState(enum.StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    UNCERTAIN = "uncertain"

    @property
    def word(self) -> str:
        words = {
            "pending": "待发送",
            "sending": "发送中",
            "sent": "已送达渠道",
            "retry": "待重试",
            "failed": "失败",
            "uncertain": "不确定",
        }
        return words[self.value]


class Delivery(Base):
    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_due", "channel", "state", "next_try_at"),
        Index("ix_delivery_inbox", "person_id", "channel", "read_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    channel: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    subject: Mapped[str]
    body: Mapped[str] = mapped_column(LongText)
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=DeliveryState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    token: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    message_id: Mapped[str] = mapped_column(default="")
    sent_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    uncertain_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(LongText, default="")
    person: Mapped[Person] = relationship()
    notices: Mapped[list[Notice]] = relationship(back_populates="delivery", order_by="Notice.event_id")


class Notice(Base):
    """That an event is told to a person by a channel: the key that makes telling twice impossible."""

    __tablename__ = "notice"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), index=True)
    delivery: Mapped[Delivery] = relationship(back_populates="notices")
    event: Mapped[Event] = relationship()


class FanOut(Base):
    """How far the events have been turned into deliveries: one row.

    Event ids follow commit order without gaps (see models/chain.py), so one number is enough.
    """

    __tablename__ = "fan_out"

    id: Mapped[int] = mapped_column(primary_key=True)
    last_event_id: Mapped[int] = mapped_column(default=0)
