"""From notices to deliveries: one message for a recipient and channel of all that is due together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import bindparam, select, tuple_, update
from sqlalchemy.orm import contains_eager

from taskboard import clock
from taskboard.alerts import announcing, messages
from taskboard.boards.owing import sentences
from taskboard.db import db
from taskboard.models import (
    Campaign,
    Channel,
    Delivery,
    Event,
    FanOut,
    Notice,
    Occasion,
    Person,
    Seat,
    TellingRule,
    posting,
)
from taskboard.models.reach import Reach, reach
from taskboard.models.times import Times

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
    if Times(at).are_quiet:
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
    reaches = reach(_present(persons, at), TellingRule.get())
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
        occasion = _occasion(events, urgent)
        address = _address(channel, reaches.get(person_id or 0))
        delivery = posting.draft(channel, address, subject, body, at, occasion, is_urgent=urgent, person_id=person_id)
        made.append(delivery)
    posting.keep(made, clock.real_now())
    _take(found.values(), made)
    return {"messages": len(made)}


def write(channel: Channel, address: str | None, subject: str, body: str, at: datetime, **how: Any) -> Delivery:
    """Put one message into the ledger now (see models/posting.py)."""
    return posting.write(channel, address, subject, body, at, clock.real_now(), **how)


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


def _present(person_ids: Collection[int], at: datetime) -> Iterable[Person]:
    """Who of these still holds a seat: whoever left since they were to be told is not written to any more."""
    query = select(Seat).join(Person, Person.id == Seat.person_id).options(contains_eager(Seat.person))
    query = query.where(Person.active, Person.id.in_(person_ids))
    day = clock.day_of(at)
    return {seat.person_id: seat.person for seat in db.session.scalars(query) if seat.holds_on(day)}.values()


def _occasion(events: Sequence[Event], is_urgent: bool) -> Occasion:
    if all(announcing.is_told(event) for event in events):
        return Occasion.ANNOUNCEMENT
    return Occasion.AT_ONCE if is_urgent else Occasion.DIGEST


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
