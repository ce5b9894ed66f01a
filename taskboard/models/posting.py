"""Putting one message into the ledger, ready to be sent: the only place that makes a delivery that leaves the house.

Both doors use it. A request writes the row and nothing more; the jobs process, or a worker, sends it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from flask import current_app
from sqlalchemy import ColumnElement, or_, select, true

from taskboard import clock
from taskboard.db import db
from taskboard.models.channel import Channel
from taskboard.models.delivery import Delivery, DeliveryState, Occasion
from taskboard.models.times import Times
from taskboard.rules.telling import off_peak

WITHOUT_DELAY = (Occasion.TRIAL, Occasion.ALARM)
WAITING = (DeliveryState.PENDING, DeliveryState.RETRY)


class Queue(Protocol):
    """What takes deliveries to worker processes, inside the transaction that writes them (see jobs/distributed.py)."""

    def deliver(self, delivery_id: int, at: datetime) -> None: ...


def draft(
    channel: Channel,
    address: str | None,
    subject: str,
    body: str,
    at: datetime,
    occasion: Occasion = Occasion.AT_ONCE,
    *,
    person_id: int | None = None,
    unit_id: int | None = None,
    is_urgent: bool = False,
) -> Delivery:
    """One message, not yet in the ledger; given up at once where no way leads to the recipient.

    `at` is the business's time. An `address` of None says that there is no way any more.
    """
    reachable = address is not None and channel.may_send(occasion is Occasion.TRIAL)
    return Delivery(
        person_id=person_id,
        unit_id=unit_id,
        channel=channel.kind,
        channel_id=channel.id,
        occasion=occasion,
        is_urgent=is_urgent,
        address=address or "",
        subject=subject[:200],
        body=body,
        created_at=at,
        state=DeliveryState.PENDING if reachable else DeliveryState.GIVEN_UP,
        error="" if reachable else "渠道已停用，或收件人已离任、已不再使用此渠道",
    )


def keep(made: Sequence[Delivery], real: datetime) -> None:
    """Put messages into the ledger, give each the key that it keeps when it is sent again, and tell the queue.

    `real` is the machine's time, from which the 72 hours of retries count.
    """
    local = real.astimezone(clock.SHANGHAI)
    for one in made:
        one.queued_at = real
        is_hasty = one.occasion in WITHOUT_DELAY
        one.next_try_at = real if is_hasty else off_peak(local, (one.person_id or 0) + one.channel_id)
    db.session.add_all(made)
    db.session.flush()
    for one in made:
        one.message_id = f"<{one.id}.{int(real.timestamp())}@taskboard>"
        if one.state == DeliveryState.PENDING:
            enqueue(one.id, one.next_try_at or real)
    db.session.flush()


def write(
    channel: Channel, address: str | None, subject: str, body: str, at: datetime, real: datetime, **how: Any
) -> Delivery:
    """One message, drafted and kept."""
    made = draft(channel, address, subject, body, at, **how)
    keep([made], real)
    return made


def may_go(at: datetime, real: datetime) -> ColumnElement[bool]:
    """That a message may go out now: what was held up until the quiet hours waits for the morning.

    What a person sends again in them has become due in them, and goes.
    """
    since = Times(at).held_since(real)
    return true() if since is None else or_(Delivery.occasion.in_(WITHOUT_DELAY), Delivery.next_try_at >= since)


def enqueue(delivery_id: int, at: datetime) -> None:
    """Tell the queue of the worker processes, where there is one."""
    queue: Queue | None = current_app.extensions.get("taskboard.queue")
    if queue is not None:
        queue.deliver(delivery_id, at)


def enqueue_waiting(channel_id: int, at: datetime) -> None:
    """Tell it anew of what waits by a channel: while that was switched off, workers turned it away."""
    if current_app.extensions.get("taskboard.queue") is None:
        return
    waiting = select(Delivery.id).where(Delivery.channel_id == channel_id, Delivery.state.in_(WAITING))
    for delivery_id in db.session.scalars(waiting.order_by(Delivery.id)):
        enqueue(delivery_id, at)
