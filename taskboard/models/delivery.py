"""Deliveries 投递: one message to one person (or group chat) by one channel, and its fate.

pending → sending (committed before the socket opens) → sent | retry | failed | uncertain; a person may send a failed
or uncertain one again, confirm that it arrived, or give it up. `token` is raised by each claim; whoever writes the
outcome must still hold it.
"""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base, LongText
from taskboard.models.channel import Channel
from taskboard.models.event import Event
from taskboard.models.person import Person
from taskboard.models.unit import Unit

INBOX, MAIL = "inbox", "mail"


class DeliveryState(enum.StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    GIVEN_UP = "given_up"

    @property
    def word(self) -> str:
        words = {
            "pending": "待发送",
            "sending": "发送中",
            "sent": "已送达渠道",
            "retry": "待重试",
            "failed": "失败",
            "uncertain": "不确定",
            "given_up": "已放弃",
        }
        return words[self.value]


class Occasion(enum.StrEnum):
    """Why a message was written."""

    AT_ONCE = "at_once"
    DIGEST = "digest"
    UNIT_DIGEST = "unit_digest"
    ANNOUNCEMENT = "announcement"
    TRIAL = "trial"
    ALARM = "alarm"

    @property
    def word(self) -> str:
        words = ("即时", "每日汇总", "单位周汇总", "通知", "试发", "告警")
        return dict(zip(Occasion, words, strict=True))[self]


class Delivery(Base):
    """One message. It is for a person, a unit's mailbox, or (neither) a robot's chat. `channel` is its kind.

    `created_at` is the business's time; `queued_at`, from when on the 72 hours of retries count, the machine's.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_due", "channel_id", "state", "next_try_at"),
        Index("ix_delivery_state", "state", "id"),
        Index("ix_delivery_inbox", "person_id", "channel", "read_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    channel: Mapped[str]
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    occasion: Mapped[str] = mapped_column(default=Occasion.AT_ONCE)
    is_urgent: Mapped[bool] = mapped_column(default=False)
    address: Mapped[str] = mapped_column(default="")
    subject: Mapped[str]
    body: Mapped[str] = mapped_column(LongText)
    created_at: Mapped[datetime]
    queued_at: Mapped[datetime]
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
    provider_id: Mapped[str] = mapped_column(default="")
    person: Mapped[Person | None] = relationship()
    unit: Mapped[Unit | None] = relationship()
    by: Mapped[Channel] = relationship()
    notices: Mapped[list[Notice]] = relationship(back_populates="delivery", order_by="Notice.event_id")
    tries: Mapped[list[Attempt]] = relationship(back_populates="delivery", order_by="Attempt.id")

    @property
    def to_words(self) -> str:
        """Whom it is for, in words."""
        return self.person.name if self.person else self.unit.short_name if self.unit else self.by.name


class Attempt(Base):
    """One try to hand a delivery over, and what the server answered. Written when the outcome is known."""

    __tablename__ = "attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), index=True)
    no: Mapped[int]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime] = mapped_column(index=True)
    outcome: Mapped[str]  # sent, retry, rejected, uncertain
    code: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(LongText, default="")
    process: Mapped[str] = mapped_column(default="")
    delivery: Mapped[Delivery] = relationship(back_populates="tries")


class Notice(Base):
    """That an event is to be told to a recipient by a channel: the key that makes telling twice impossible.

    `recipient` is `person:7` or, for a robot's chat, `channel:3`. Until `due_at` (the business's time) it waits
    for others that fall together with it; the delivery that carries it is then set.
    """

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_waiting", "delivery_id", "due_at"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    recipient: Mapped[str] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"), primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    due_at: Mapped[datetime]
    is_urgent: Mapped[bool] = mapped_column(default=False)
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"))
    delivery: Mapped[Delivery | None] = relationship(back_populates="notices")
    event: Mapped[Event] = relationship()


class FanOut(Base):
    """How far the events have been turned into deliveries: one row.

    Event ids follow commit order without gaps (see models/chain.py), so one number is enough.
    """

    __tablename__ = "fan_out"

    id: Mapped[int] = mapped_column(primary_key=True)
    last_event_id: Mapped[int] = mapped_column(default=0)
