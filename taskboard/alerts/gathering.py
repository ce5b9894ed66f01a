"""From notices to deliveries: one message for a recipient and channel of all that is due together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from flask import current_app
from sqlalchemy import select, tuple_, update

from taskboard import clock
from taskboard.alerts import messages
from taskboard.alerts.contacts import Reach, reach
from taskboard.db import db
from taskboard.models import (
    CalendarOverride,
    Channel,
    Delivery,
    DeliveryState,
    Event,
    FanOut,
    Notice,
    Occasion,
    Person,
    TellingRule,
)
from taskboard.rules.telling import Hours, off_peak

RECIPIENTS_AT_ONCE = 2000
Key = tuple[str, int]


class Queue(Protocol):
    """What takes deliveries to worker processes, inside the transaction that writes them (see jobs/distributed.py)."""

    def deliver(self, delivery_id: int, at: datetime) -> None: ...


def gather(at: datetime) -> dict[str, int]:
    """Write the messages whose hour has come, and commit. Twice is harmless: a notice is taken once, under a lock."""
    counts = collect(at)
    if counts["messages"]:
        db.session.commit()
    else:
        db.session.rollback()
    return counts


def collect(at: datetime) -> dict[str, int]:
    """The same; the caller commits.

    In quiet hours nothing is gathered: what was due while no process ran waits for the morning too.
    """
    if _is_quiet(at):
        return {"messages": 0}
    db.session.execute(select(FanOut.id).where(FanOut.id == 1).with_for_update())
    waiting = (
        select(Notice.recipient, Notice.channel_id)
        .where(Notice.delivery_id.is_(None), Notice.due_at <= at)
        .distinct()
        .limit(RECIPIENTS_AT_ONCE)
    )
    keys = [(recipient, channel_id) for recipient, channel_id in db.session.execute(waiting)]
    if not keys:
        return {"messages": 0}
    channels = {channel.id: channel for channel in Channel.listed()}
    found = _due(keys, at)
    persons = {n.person_id for some in found.values() for n, _ in some if n.person_id}
    people = {p.id: p for p in db.session.scalars(select(Person).where(Person.id.in_(persons)))}
    reaches = reach(people.values(), TellingRule.get())
    about = messages.subjects([event for some in found.values() for _, event in some])
    base_url = current_app.config["TASKBOARD"].base_url
    for (recipient, channel_id), some in found.items():
        subject, body = messages.compose([event for _, event in some], about, base_url)
        person_id = some[0][0].person_id
        urgent = any(notice.is_urgent for notice, _ in some)
        delivery = write(
            channels[channel_id],
            _address(channels[channel_id], reaches.get(person_id or 0)),
            subject,
            body,
            at,
            person_id=person_id,
            is_urgent=urgent,
            occasion=Occasion.AT_ONCE if urgent else Occasion.DIGEST,
        )
        mine = (Notice.recipient == recipient) & (Notice.channel_id == channel_id)
        taken = update(Notice).where(mine, Notice.delivery_id.is_(None), Notice.due_at <= at)
        db.session.execute(taken.values(delivery_id=delivery.id))
    return {"messages": len(found)}


def write(
    channel: Channel,
    address: str | None,
    subject: str,
    body: str,
    at: datetime,
    *,
    person_id: int | None = None,
    unit_id: int | None = None,
    is_urgent: bool = False,
    occasion: Occasion = Occasion.AT_ONCE,
) -> Delivery:
    """Put one message into the ledger, ready to be sent; given up at once where no way leads to the recipient."""
    now = clock.real_now()
    local = off_peak(now.astimezone(clock.SHANGHAI), (person_id or 0) + channel.id)
    reachable = (address is not None and channel.is_on) or occasion is Occasion.TRIAL
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
        next_try_at=now if occasion in (Occasion.TRIAL, Occasion.ALARM) else local,
        error="" if reachable else "渠道已停用，或收件人已不再使用此渠道",
    )
    db.session.add(delivery)
    db.session.flush()
    delivery.message_id = f"<{delivery.id}.{int(now.timestamp())}@taskboard>"
    queue: Queue | None = current_app.extensions.get("taskboard.queue")
    if queue is not None and reachable:
        queue.deliver(delivery.id, delivery.next_try_at or now)
    return delivery


def _is_quiet(at: datetime) -> bool:
    rule = TellingRule.get()
    hours = Hours(rule.quiet_from, rule.quiet_until)
    return hours.are_quiet(at.astimezone(clock.SHANGHAI), CalendarOverride.all())


def _due(keys: Sequence[Key], at: datetime) -> dict[Key, list[tuple[Notice, Event]]]:
    found: dict[Key, list[tuple[Notice, Event]]] = defaultdict(list)
    for start in range(0, len(keys), 500):
        query = (
            select(Notice, Event)
            .join(Event, Event.id == Notice.event_id)
            .where(tuple_(Notice.recipient, Notice.channel_id).in_(keys[start : start + 500]))
            .where(Notice.delivery_id.is_(None), Notice.due_at <= at)
            .order_by(Event.id)
        )
        for notice, event in db.session.execute(query):
            found[notice.recipient, notice.channel_id].append((notice, event))
    return found


def _address(channel: Channel, how: Reach | None) -> str | None:
    """The address now, which may have changed since; None when there is no way any more, empty for a chat."""
    if channel.form.is_robot:
        return ""
    return next((c.address for c in how.contacts if c.channel_id == channel.id), None) if how else None
