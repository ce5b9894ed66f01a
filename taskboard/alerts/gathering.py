"""From notices to deliveries: one message for a recipient and channel of all that is due together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from flask import current_app
from sqlalchemy import bindparam, select, tuple_, update

from taskboard import clock
from taskboard.alerts import messages
from taskboard.alerts.contacts import Reach, reach
from taskboard.boards.owing import sentences
from taskboard.db import db
from taskboard.models import (
    CalendarOverride,
    Campaign,
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
KEYS_AT_ONCE = 500
EVENTS_AT_ONCE = 5000
Key = tuple[str, int]


class Waiting(NamedTuple):
    """A notice whose hour has come."""

    event_id: int
    recipient: str
    channel_id: int
    person_id: int | None
    is_urgent: bool


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
    known = _events(found)
    persons = {some[0].person_id for some in found.values() if some[0].person_id}
    people = {p.id: p for p in db.session.scalars(select(Person).where(Person.id.in_(persons)))}
    reaches = reach(people.values(), TellingRule.get())
    about = messages.subjects(list(known.values()))
    base_url = current_app.config["TASKBOARD"].base_url
    owed = _owed(found, at)
    made = []
    for (_, channel_id), some in found.items():
        events, channel = [known[one.event_id] for one in some], channels[channel_id]
        person_id = some[0].person_id
        urgent = any(one.is_urgent for one in some)
        lead = messages.by_unit(events, about) if channel.form.is_robot else owed.get(person_id or 0, "")
        subject, body = messages.compose(events, about, base_url, "" if urgent and person_id else lead)
        delivery = _made(channel, _address(channel, reaches.get(person_id or 0)), subject, body, at)
        delivery.person_id, delivery.is_urgent = person_id, urgent
        delivery.occasion = Occasion.AT_ONCE if urgent else Occasion.DIGEST
        made.append(delivery)
    _keep(made)
    _take(found.values(), made)
    return {"messages": len(made)}


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
    delivery = _made(channel, address, subject, body, at, occasion)
    delivery.person_id, delivery.unit_id, delivery.is_urgent = person_id, unit_id, is_urgent
    _keep([delivery])
    return delivery


def _made(
    channel: Channel,
    address: str | None,
    subject: str,
    body: str,
    at: datetime,
    occasion: Occasion = Occasion.AT_ONCE,
) -> Delivery:
    reachable = (address is not None and channel.is_on) or occasion is Occasion.TRIAL
    return Delivery(
        channel=channel.kind,
        channel_id=channel.id,
        occasion=occasion,
        address=address or "",
        subject=subject[:200],
        body=body,
        created_at=at,
        state=DeliveryState.PENDING if reachable else DeliveryState.GIVEN_UP,
        error="" if reachable else "渠道已停用，或收件人已不再使用此渠道",
    )


def _keep(made: Sequence[Delivery]) -> None:
    """Write the messages, give each the key that it keeps when it is sent again, and hand it to the queue."""
    now = clock.real_now()
    local = now.astimezone(clock.SHANGHAI)
    for one in made:
        is_hasty = one.occasion in (Occasion.TRIAL, Occasion.ALARM)
        one.next_try_at = now if is_hasty else off_peak(local, (one.person_id or 0) + one.channel_id)
    db.session.add_all(made)
    db.session.flush()
    queue: Queue | None = current_app.extensions.get("taskboard.queue")
    for one in made:
        one.message_id = f"<{one.id}.{int(now.timestamp())}@taskboard>"
        if queue is not None and one.state == DeliveryState.PENDING:
            queue.deliver(one.id, one.next_try_at or now)
    db.session.flush()


def _take(found: Iterable[Sequence[Waiting]], made: Sequence[Delivery]) -> None:
    """Note in each notice which message carries it: one statement for all, by their keys."""
    table: Any = Notice.__table__
    taken = [
        {"event": one.event_id, "to": one.recipient, "by": one.channel_id, "message": delivery.id}
        for some, delivery in zip(found, made, strict=True)
        for one in some
    ]
    mine = (table.c.event_id == bindparam("event")) & (table.c.recipient == bindparam("to"))
    mine &= (table.c.channel_id == bindparam("by")) & table.c.delivery_id.is_(None)
    db.session.connection().execute(update(table).where(mine).values(delivery_id=bindparam("message")), taken)


def _owed(found: Mapping[Key, Sequence[Waiting]], at: datetime) -> dict[int, str]:
    """What each person who gets a digest owes today: its first line."""
    readers = {some[0].person_id for some in found.values() if not any(one.is_urgent for one in some)}
    return sentences(Campaign.current(), [one for one in readers if one], clock.day_of(at))


def _is_quiet(at: datetime) -> bool:
    rule = TellingRule.get()
    hours = Hours(rule.quiet_from, rule.quiet_until)
    return hours.are_quiet(at.astimezone(clock.SHANGHAI), CalendarOverride.all())


def _due(keys: Sequence[Key], at: datetime) -> dict[Key, list[Waiting]]:
    """What is due to each recipient by each channel, in the order of the events."""
    found: dict[Key, list[Waiting]] = defaultdict(list)
    columns = (Notice.event_id, Notice.recipient, Notice.channel_id, Notice.person_id, Notice.is_urgent)
    for start in range(0, len(keys), KEYS_AT_ONCE):
        query = (
            select(*columns)
            .where(tuple_(Notice.recipient, Notice.channel_id).in_(keys[start : start + KEYS_AT_ONCE]))
            .where(Notice.delivery_id.is_(None), Notice.due_at <= at)
            .order_by(Notice.event_id)
        )
        for row in db.session.execute(query):
            found[row.recipient, row.channel_id].append(Waiting(*row))
    return found


def _events(found: Mapping[Key, Sequence[Waiting]]) -> dict[int, Event]:
    """The events behind the notices, each read once however many hear of it."""
    ids = sorted({one.event_id for some in found.values() for one in some})
    events: dict[int, Event] = {}
    for start in range(0, len(ids), EVENTS_AT_ONCE):
        query = select(Event).where(Event.id.in_(ids[start : start + EVENTS_AT_ONCE]))
        events.update({event.id: event for event in db.session.scalars(query)})
    return events


def _address(channel: Channel, how: Reach | None) -> str | None:
    """The address now, which may have changed since; None when there is no way any more, empty for a chat."""
    if channel.form.is_robot:
        return ""
    return next((c.address for c in how.contacts if c.channel_id == channel.id), None) if how else None
