"""Putting one message into the ledger, ready to be sent: the only place that makes a delivery that leaves the house.

Both doors use it. A request writes the row and nothing more; the jobs process, or a worker, sends it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from flask import current_app
from sqlalchemy import select

from taskboard import clock
from taskboard.db import db
from taskboard.models.channel import Channel
from taskboard.models.delivery import Delivery, DeliveryState, Occasion
from taskboard.rules.telling import off_peak

WITHOUT_DELAY = (Occasion.TRIAL, Occasion.ALARM)
WAITING = (DeliveryState.PENDING, DeliveryState.RETRY)


class Queue(Protocol):
    """What takes deliveries to worker processes, inside the transaction that writes them (see jobs/distributed.py)."""

    def deliver(self, delivery_id: int, at: datetime) -> None: ...


def write(
    channel: Channel,
    address: str | None,
    subject: str,
    body: str,
    at: datetime,
    real: datetime,
    *,
    person_id: int | None = None,
    unit_id: int | None = None,
    is_urgent: bool = False,
    occasion: Occasion = Occasion.AT_ONCE,
) -> Delivery:
    """Put one message into the ledger; given up at once where no way leads to the recipient.

    `at` is the business's time, `real` the machine's. An `address` of None says that there is no way any more.
    """
    is_trial = occasion is Occasion.TRIAL
    local = off_peak(real.astimezone(clock.SHANGHAI), (person_id or 0) + channel.id)
    reachable = address is not None and channel.may_send(is_trial)
    delivery = Delivery(
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
        queued_at=real,
        next_try_at=real if occasion in WITHOUT_DELAY else local,
        error="" if reachable else "渠道已停用，或收件人已不再使用此渠道",
    )
    db.session.add(delivery)
    db.session.flush()
    delivery.message_id = f"<{delivery.id}.{int(real.timestamp())}@taskboard>"
    if reachable:
        enqueue(delivery.id, delivery.next_try_at or real)
    return delivery


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
