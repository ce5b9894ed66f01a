"""What a person does with messages: reads them, sends one again, confirms that one arrived."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from taskboard.db import db
from taskboard.errors import WrongState
from taskboard.models.delivery import INBOX, Delivery, DeliveryState
from taskboard.models.event import Kind, record

OPEN_TO_PEOPLE = (DeliveryState.FAILED, DeliveryState.UNCERTAIN)


def read_all(person_id: int, at: datetime) -> None:
    """Mark the whole inbox read."""
    unread = (Delivery.person_id == person_id) & (Delivery.channel == INBOX) & Delivery.read_at.is_(None)
    db.session.execute(update(Delivery).where(unread).values(read_at=at))


def resend(delivery: Delivery, by: int, at: datetime, real: datetime) -> None:
    """Let a failed or uncertain message be sent again, with the same Message-ID."""
    _check(delivery)
    delivery.state, delivery.next_try_at, delivery.attempts, delivery.queued_at = DeliveryState.RETRY, real, 0, real
    delivery.uncertain_at = delivery.uncertain_at or real
    record(Kind.DELIVERY_RESENT, delivery, by, at, after={"subject": delivery.subject})


def confirm(delivery: Delivery, by: int, at: datetime) -> None:
    """Note that somebody made sure the message arrived."""
    _check(delivery)
    delivery.state, delivery.sent_at = DeliveryState.SENT, at
    record(Kind.DELIVERY_CONFIRMED, delivery, by, at, after={"subject": delivery.subject})


def _check(delivery: Delivery) -> None:
    if delivery.state not in OPEN_TO_PEOPLE:
        word = DeliveryState(delivery.state).word
        raise WrongState(f"消息“{delivery.subject}”现为“{word}”，只有失败或不确定的消息需要处理")
