"""Who is told of announcements 通知: whom the preview counted, by the same function, on the day it was said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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


def head(events: Sequence[Event]) -> str:
    """What the subject of a message says of announcements; nothing where there is none."""
    if len(events) > 1:
        return f"{len(events)} 件通知"
    return "".join(f"通知：{event.payload['after']['title']}" for event in events)


def block(event: Event, base_url: str) -> str:
    """A block of its own: title, text line by line, and where it can be read again."""
    after = event.payload["after"]
    lines = [f"  {line.strip()}" for line in after["text"].splitlines() if line.strip()]
    return "\n".join(["通知", f"· {after['title']}", *lines, f"  {base_url}/announcements/{event.subject_id}"])


def _rows(events: Iterable[Event]) -> list[tuple[Event, Announcement]]:
    said = [event for event in events if is_told(event)]
    if not said:
        return []
    wanted = select(Announcement).where(Announcement.id.in_([event.subject_id for event in said]))
    rows = {row.id: row for row in db.session.scalars(wanted)}
    return [(event, rows[event.subject_id]) for event in said if event.subject_id in rows]
