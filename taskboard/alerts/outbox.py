"""From events to messages, and from messages to the world.

`fan_out` turns new events into deliveries; `deliver` hands them to a channel: claimed and committed as
`sending` before the socket opens, sent with no transaction open, the outcome written by whoever still
holds the claim. A crash in between leaves a lease that runs out into `uncertain`; a mail is then
sent once more, marked, under the same Message-ID, and a second uncertainty is left to a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from flask import current_app
from sqlalchemy import or_, select, update

from taskboard import clock
from taskboard.alerts import audience, messages
from taskboard.alerts.channels import Letter, Refusal
from taskboard.db import db
from taskboard.models import Delivery, DeliveryState, Event, FanOut, Notice, Person
from taskboard.models.delivery import INBOX, MAIL

LEASE = timedelta(minutes=2)
GIVE_UP = timedelta(hours=72)
BACK_OFF = (30, 120, 300, 900, 1800)
EVENTS_AT_ONCE = 20_000


class Channel(Protocol):
    """What a channel can do; it knows letters and nothing else."""

    def send(self, letter: Letter) -> None: ...

    def close(self) -> None: ...


def fan_out(at: datetime) -> dict[str, int]:
    """Turn what happened since the last time into deliveries, and commit."""
    counts = tell(at)
    if counts["events"]:
        db.session.commit()
    else:
        db.session.rollback()
    return counts


def tell(at: datetime) -> dict[str, int]:
    """One delivery a person and channel for what happened since the last time; the caller commits.

    Twice is harmless: the cursor moves in the same transaction, and a notice's key is unique.
    """
    cursor = db.session.execute(select(FanOut).where(FanOut.id == 1).with_for_update()).scalar_one()
    query = select(Event).where(Event.id > cursor.last_event_id).order_by(Event.id).limit(EVENTS_AT_ONCE)
    events = list(db.session.scalars(query))
    if not events:
        return {"events": 0, "deliveries": 0}
    told = audience.of(events, audience.Seats.on(clock.day_of(at)))
    about = messages.subjects([event for some in told.values() for event in some])
    people = {p.id: p for p in db.session.scalars(select(Person).where(Person.id.in_(list(told))))}
    made = 0
    for person_id, some in told.items():
        subject, body = messages.compose(some, about, current_app.config["TASKBOARD"].base_url)
        for channel, address in _channels(people[person_id]):
            _write(people[person_id], channel, address, subject, body, some, at)
            made += 1
    cursor.last_event_id = events[-1].id
    db.session.flush()
    return {"events": len(events), "deliveries": made}


def deliver(channel: Channel, limit: int = 500) -> dict[str, int]:
    """Send what is due by mail. Commits around each letter; no transaction is open while it is sent."""
    counts = {"sent": 0, "retry": 0, "failed": 0, "uncertain": _expire()}
    try:
        for _ in range(limit):
            claimed = _claim()
            if claimed is None:
                break
            letter, delivery_id, token, attempts = claimed
            try:
                channel.send(letter)
                outcome: dict[str, Any] = {"state": DeliveryState.SENT, "sent_at": clock.now(), "error": ""}
            except Refusal as refusal:
                outcome = _after(refusal, attempts)
            _record(delivery_id, token, outcome)
            counts[str(outcome["state"])] += 1
    finally:
        channel.close()
    return counts


def _channels(person: Person) -> list[tuple[str, str]]:
    return [(INBOX, ""), (MAIL, person.email)] if person.email else [(INBOX, "")]


def _write(
    person: Person, channel: str, address: str, subject: str, body: str, events: list[Event], at: datetime
) -> None:
    now = clock.real_now()
    at_once = channel == INBOX
    delivery = Delivery(
        person_id=person.id,
        channel=channel,
        address=address,
        subject=subject[:200],
        body=body,
        created_at=at,
        state=DeliveryState.SENT if at_once else DeliveryState.PENDING,
        sent_at=at if at_once else None,
        next_try_at=None if at_once else now,
    )
    db.session.add(delivery)
    db.session.flush()
    delivery.message_id = f"<{delivery.id}.{int(now.timestamp())}@taskboard>"
    db.session.add_all(
        Notice(event_id=event.id, person_id=person.id, channel=channel, delivery_id=delivery.id) for event in events
    )


def _expire() -> int:
    """Claims whose lease ran out: nobody knows whether they arrived. The first time they are sent again."""
    now = clock.real_now()
    expired = (Delivery.state == DeliveryState.SENDING) & (Delivery.lease_until < now)
    first = update(Delivery).where(expired, Delivery.uncertain_at.is_(None))
    again = {
        "state": DeliveryState.RETRY,
        "uncertain_at": now,
        "next_try_at": now,
        "error": "发送中断，是否送达不确定，已重发",
    }
    count = db.session.execute(first.values(**again)).rowcount  # type: ignore[attr-defined]
    left = {"state": DeliveryState.UNCERTAIN, "error": "两次发送中断，是否送达不确定，请人工确认"}
    count += db.session.execute(update(Delivery).where(expired).values(**left)).rowcount  # type: ignore[attr-defined]
    db.session.commit()
    return int(count)


def _claim() -> tuple[Letter, int, int, int] | None:
    """Take the oldest letter that is due, by a conditional update; the loser of a race looks again."""
    while True:
        now = clock.real_now()
        query = select(Delivery).where(
            Delivery.channel == MAIL,
            Delivery.state.in_((DeliveryState.PENDING, DeliveryState.RETRY)),
            or_(Delivery.next_try_at.is_(None), Delivery.next_try_at <= now),
        )
        row = db.session.scalars(query.order_by(Delivery.next_try_at, Delivery.id).limit(1)).first()
        if row is None:
            db.session.rollback()
            return None
        mark = "【重发】" if row.uncertain_at else ""
        letter = Letter(row.id, row.address, f"{mark}{row.subject}", row.body, row.message_id)
        taken = (letter, row.id, row.token + 1, row.attempts + 1)
        claim = update(Delivery).where(Delivery.id == row.id, Delivery.token == row.token, Delivery.state == row.state)
        values = {"state": DeliveryState.SENDING, "token": taken[2], "attempts": taken[3], "lease_until": now + LEASE}
        won = db.session.execute(claim.values(**values)).rowcount == 1  # type: ignore[attr-defined]
        db.session.commit()
        if won:
            return taken


def _after(refusal: Refusal, attempts: int) -> dict[str, Any]:
    now = clock.real_now()
    if refusal.uncertain:
        return {"state": DeliveryState.UNCERTAIN, "uncertain_at": now, "error": refusal.why}
    waits = BACK_OFF[attempts - 1] if attempts <= len(BACK_OFF) else 3600
    spent = sum(BACK_OFF) + 3600 * max(0, attempts - len(BACK_OFF))
    if refusal.permanent or timedelta(seconds=spent) > GIVE_UP:
        return {"state": DeliveryState.FAILED, "error": refusal.why}
    return {"state": DeliveryState.RETRY, "next_try_at": now + timedelta(seconds=waits), "error": refusal.why}


def _record(delivery_id: int, token: int, outcome: Mapping[str, Any]) -> None:
    """Write the outcome, if the claim is still ours."""
    mine = update(Delivery).where(Delivery.id == delivery_id, Delivery.token == token)
    db.session.execute(mine.where(Delivery.state == DeliveryState.SENDING).values(**outcome))
    db.session.commit()
