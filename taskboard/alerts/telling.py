"""From events to notices: who is to be told of what, by which channel, and when.

The inbox is told at once and needs no sending. For every other channel a notice waits until it is due (see
rules/telling.py), and alerts/gathering.py makes one message of all that are due to one recipient by one channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import insert, select

from taskboard import clock
from taskboard.alerts import audience, messages
from taskboard.db import db
from taskboard.models import (
    Channel,
    Delivery,
    DeliveryState,
    Event,
    FanOut,
    Notice,
    Person,
)
from taskboard.models.channel import INBOX_ID
from taskboard.models.delivery import INBOX
from taskboard.models.reach import Reach, reach
from taskboard.models.times import Times

EVENTS_AT_ONCE = 20_000


def fan_out(at: datetime) -> dict[str, int]:
    """Turn what happened since the last time into inbox messages and notices, and commit."""
    counts = tell(at)
    if counts["events"]:
        db.session.commit()
    else:
        db.session.rollback()
    return counts


def tell(at: datetime) -> dict[str, int]:
    """One inbox message a person for what happened since the last time, and notices; the caller commits.

    Twice is harmless: the cursor moves in the same transaction, and a notice's key is unique.
    """
    cursor = db.session.execute(select(FanOut).where(FanOut.id == 1).with_for_update()).scalar_one()
    query = select(Event).where(Event.id > cursor.last_event_id).order_by(Event.id).limit(EVENTS_AT_ONCE)
    events = list(db.session.scalars(query))
    if not events:
        return {"events": 0, "deliveries": 0, "notices": 0}
    told = audience.of(events, audience.Seats.on(clock.day_of(at)))
    robots = {c.id: c.group_id for c in Channel.listed() if c.is_on and c.form.is_robot}
    chats = audience.robots(events, robots) if robots else {}
    made = _inbox(told, at)
    notices = _notices(told, chats, at)
    cursor.last_event_id = events[-1].id
    db.session.flush()
    return {"events": len(events), "deliveries": made, "notices": notices}


def _inbox(told: dict[int, list[Event]], at: datetime) -> int:
    """A message in each person's inbox, read in the program alone; exactly once by the notice's key."""
    about = messages.subjects(list({event.id: event for some in told.values() for event in some}.values()))
    base_url = current_app.config["TASKBOARD"].base_url
    now = clock.real_now()
    made = []
    for person_id, events in told.items():
        subject, body = messages.compose(events, about, base_url)
        made.append(
            Delivery(
                person_id=person_id,
                channel=INBOX,
                channel_id=INBOX_ID,
                subject=subject[:200],
                body=body,
                is_urgent=any(audience.is_urgent(event) for event in events),
                created_at=at,
                queued_at=now,
                state=DeliveryState.SENT,
                sent_at=at,
            )
        )
    db.session.add_all(made)
    db.session.flush()
    rows = [
        {**_row(event, f"person:{one.person_id}", INBOX_ID, at, one.person_id), "delivery_id": one.id}
        for one in made
        for event in told[one.person_id or 0]
    ]
    if rows:
        db.session.connection().execute(insert(Notice.__table__), rows)  # type: ignore[arg-type]
    return len(made)


def _notices(told: dict[int, list[Event]], chats: dict[int, list[Event]], at: datetime) -> int:
    """What waits for its hour on every other channel."""
    times = Times(at)
    people = db.session.scalars(select(Person).where(Person.id.in_(list(told))))
    reaches = reach(people, times.rule)
    rows: list[dict[str, Any]] = []
    for person_id, events in told.items():
        rows += _personal(person_id, events, reaches[person_id], times)
    for channel_id, events in chats.items():
        due = {urgent: times.for_robot(channel_id, urgent) for urgent in (True, False)}
        rows += [
            _row(event, f"channel:{channel_id}", channel_id, due[audience.is_urgent(event)], None) for event in events
        ]
    if rows:
        db.session.connection().execute(insert(Notice.__table__), rows)  # type: ignore[arg-type]
    return len(rows)


def _personal(person_id: int, events: Sequence[Event], how: Reach, times: Times) -> list[dict[str, Any]]:
    outward = [event for event in events if not audience.is_inbox_only(event)]
    if not outward or not how.contacts:
        return []
    due = {urgent: times.for_person(person_id, how.digest_hour, urgent) for urgent in (True, False)}
    return [
        _row(event, f"person:{person_id}", contact.channel_id, due[audience.is_urgent(event)], person_id)
        for contact in how.contacts
        for event in outward
    ]


def _row(event: Event, recipient: str, channel_id: int, due_at: datetime, person_id: int | None) -> dict[str, Any]:
    return {
        "event_id": event.id,
        "recipient": recipient,
        "channel_id": channel_id,
        "person_id": person_id,
        "due_at": due_at,
        "is_urgent": audience.is_urgent(event),
        "delivery_id": None,
    }
