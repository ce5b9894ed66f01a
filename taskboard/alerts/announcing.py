"""Who is told of announcements 通知: whom the preview counted, by the same function, on the day it was said."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from taskboard import clock
from taskboard.db import db
from taskboard.models import Announcement, Channel, Event, Kind, announcing
from taskboard.models.announcing import Audience


def is_told(event: Event) -> bool:
    """Whether it is an announcement."""
    return event.kind == Kind.ANNOUNCED.key


def told_to(events: Iterable[Event]) -> dict[int, set[int]]:
    """The people who hear each announcement among the events, by its id."""
    found: dict[int, set[int]] = {}
    for event, row in _rows(events):
        people = announcing.hearers(Audience.loaded(row.audience), row.made_by_id, clock.day_of(event.at))
        found[row.id] = {person.id for person in people}
    return found


def chats(events: Iterable[Event]) -> dict[int, set[int]]:
    """The robots whose chats hear each announcement, by its id."""
    rows = _rows(events)
    channels = Channel.listed() if rows else []
    return {
        row.id: {channel.id for channel in announcing.chats(Audience.loaded(row.audience), channels)} for _, row in rows
    }


def _rows(events: Iterable[Event]) -> list[tuple[Event, Announcement]]:
    said = [event for event in events if is_told(event)]
    if not said:
        return []
    wanted = select(Announcement).where(Announcement.id.in_([event.subject_id for event in said]))
    rows = {row.id: row for row in db.session.scalars(wanted)}
    return [(event, rows[event.subject_id]) for event in said if event.subject_id in rows]
