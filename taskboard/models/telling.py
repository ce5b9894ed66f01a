"""What a person does with messages: reads them, sends one again, confirms that one arrived, gives one up.

Each deed moves a message by a conditional update, because a sender may take the same message at the same moment.
"""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from taskboard.db import db
from taskboard.errors import Refused, WrongState
from taskboard.models import posting
from taskboard.models.channel import Subscription
from taskboard.models.delivery import INBOX, Delivery, DeliveryState, Occasion
from taskboard.models.event import Kind, record
from taskboard.models.reach import address_of


class Deed(enum.StrEnum):
    """What may be done with a message by hand."""

    RESEND = "resend"
    CONFIRM = "confirm"
    GIVE_UP = "give_up"

    @property
    def word(self) -> str:
        return {"resend": "重发", "confirm": "确认送达", "give_up": "放弃"}[self.value]


FROM: dict[Deed, frozenset[DeliveryState]] = {
    Deed.RESEND: frozenset({DeliveryState.FAILED, DeliveryState.UNCERTAIN, DeliveryState.GIVEN_UP}),
    Deed.CONFIRM: frozenset({DeliveryState.FAILED, DeliveryState.UNCERTAIN}),
    Deed.GIVE_UP: frozenset(
        {DeliveryState.PENDING, DeliveryState.RETRY, DeliveryState.FAILED, DeliveryState.UNCERTAIN}
    ),
}


def may(delivery: Delivery, deed: Deed) -> bool:
    """Whether a deed makes sense for a message as it stands; the inbox is read in the program and needs none."""
    if delivery.channel == INBOX:
        return False
    if deed is Deed.CONFIRM and delivery.state == DeliveryState.RETRY:
        return delivery.uncertain_at is not None  # it waits to be sent again, and somebody knows that it arrived
    return delivery.state in FROM[deed]


def do(delivery: Delivery, deed: Deed, by: int, at: datetime, real: datetime) -> None:
    """One of the deeds."""
    match deed:
        case Deed.RESEND:
            resend(delivery, by, at, real)
        case Deed.CONFIRM:
            confirm(delivery, by, at, real)
        case Deed.GIVE_UP:
            give_up(delivery, by, at)


def read_all(person_id: int, at: datetime) -> None:
    """Mark the whole inbox read."""
    unread = (Delivery.person_id == person_id) & (Delivery.channel == INBOX) & Delivery.read_at.is_(None)
    db.session.execute(update(Delivery).where(unread).values(read_at=at))


def resend(delivery: Delivery, by: int, at: datetime, real: datetime) -> None:
    """Let a message be sent again, with the same Message-ID, to the address that is on file now.

    One that may have arrived keeps `uncertain_at`, by which it is marked 【重发】; one that surely did not starts anew.
    """
    _check(delivery, Deed.RESEND)
    if not delivery.by.may_send(delivery.occasion == Occasion.TRIAL):
        raise Refused(f"渠道“{delivery.by.name}”已停用，请先启用渠道再重发")
    address = _address_now(delivery)
    if not address and not delivery.by.form.is_robot:
        raise Refused(f"消息“{delivery.subject}”没有收件地址，无法重发；请核对收件人的接收设置")
    before = delivery.state
    again: dict[str, Any] = {"state": DeliveryState.RETRY, "next_try_at": real, "queued_at": real, "address": address}
    if delivery.uncertain_at is None:
        again["attempts"] = 0
    _move(delivery, again)
    _told(Kind.DELIVERY_RESENT, delivery, before, by, at)
    posting.enqueue(delivery.id, real)


def _address_now(delivery: Delivery) -> str:
    """Where the reader is reached today: a refused address may have been corrected since. A trial keeps its own."""
    if delivery.occasion == Occasion.TRIAL:
        return delivery.address
    if delivery.unit is not None:
        return delivery.unit.email
    if delivery.person is None:
        return delivery.address
    mine = (Subscription.person_id == delivery.person_id) & (Subscription.channel_id == delivery.channel_id)
    return address_of(delivery.person, delivery.by, db.session.scalars(select(Subscription).where(mine)).first())


def confirm(delivery: Delivery, by: int, at: datetime, real: datetime) -> None:
    """Note that somebody made sure the message arrived."""
    _check(delivery, Deed.CONFIRM)
    before = delivery.state
    _move(delivery, {"state": DeliveryState.SENT, "sent_at": at, "next_try_at": None})
    _told(Kind.DELIVERY_CONFIRMED, delivery, before, by, at)


def give_up(delivery: Delivery, by: int, at: datetime) -> None:
    """Leave a message: it is not sent any more."""
    _check(delivery, Deed.GIVE_UP)
    before = delivery.state
    _move(delivery, {"state": DeliveryState.GIVEN_UP, "next_try_at": None})
    _told(Kind.DELIVERY_GIVEN_UP, delivery, before, by, at)


def _check(delivery: Delivery, deed: Deed) -> None:
    if may(delivery, deed):
        return
    if delivery.channel == INBOX:
        raise WrongState(f"“{delivery.subject}”是站内消息，登录即可查看，不需要{deed.word}")
    word = DeliveryState(delivery.state).word
    raise WrongState(f"消息“{delivery.subject}”现为“{word}”，不能{deed.word}；请刷新页面查看最新情况")


def _move(delivery: Delivery, values: dict[str, Any]) -> None:
    """Change it only as it was seen: a sender that took it meanwhile wins."""
    seen = (Delivery.id == delivery.id) & (Delivery.state == delivery.state) & (Delivery.token == delivery.token)
    done = db.session.execute(update(Delivery).where(seen).values(**values))
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise WrongState(f"消息“{delivery.subject}”的状态刚刚变化，请刷新页面查看最新情况")
    db.session.refresh(delivery)


def _told(kind: Kind, delivery: Delivery, before: str, by: int, at: datetime) -> None:
    was, now = DeliveryState(before).word, DeliveryState(delivery.state).word
    record(kind, delivery, by, at, {"state": was}, {"state": now, "subject": delivery.subject})
