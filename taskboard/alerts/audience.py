"""Who is told of an event: by the table of every kind (alerts/table.py); never the one who did it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from taskboard.alerts import announcing, item_audience
from taskboard.alerts.commitment_audience import Concerns
from taskboard.alerts.item_audience import Concern
from taskboard.alerts.seats import Seats
from taskboard.alerts.table import APPEALS, TOLD
from taskboard.models import Event, Kind
from taskboard.models import announcing as announced

__all__ = ["Seats", "is_inbox_only", "is_told", "is_urgent", "of", "robots"]

APPEAL_KEYS = frozenset(kind.key for kind in APPEALS)
CHANGED = (Kind.TARGET_CHANGED.key, Kind.TASK_CHANGED.key)
NO_CONCERN = Concern(None, None, frozenset())
WAS_WARNED = ("red", "yellow")


def is_urgent(event: Event) -> bool:
    """Whether it is told at once rather than with the digest: assignments, returns, turns to red, instructions.

    A target or task that is given to another unit is a new assignment.
    """
    told = TOLD.get(event.kind)
    if (told is not None and told.at_once) or announced.is_urgent(event):
        return True
    return event.kind in CHANGED and not {"unit", "unit_id", "responsible"}.isdisjoint(event.payload.get("after") or ())


def is_inbox_only(event: Event) -> bool:
    """Whether it is never sent by any channel that could itself be what failed."""
    told = TOLD.get(event.kind)
    return told is not None and told.inside


def is_told(event: Event) -> bool:
    """Whether anybody is told of such an event; a turn to green only where there was a warning."""
    if event.kind == Kind.TURNED_GREEN.key:
        return (event.payload.get("before") or {}).get("light") in WAS_WARNED
    return event.kind in TOLD or announcing.is_told(event)


def of(events: Iterable[Event], seats: Seats) -> dict[int, list[Event]]:
    """The events that each person is told of, in order."""
    told: dict[int, list[Event]] = defaultdict(list)
    chosen = [(event, event.payload) for event in events if is_told(event)]
    items = item_audience.concerns(event for event, _ in chosen)
    concerns = Concerns.of(chosen)
    hearers = announcing.told_to(event for event, _ in chosen)
    for event, data in chosen:
        if announcing.is_told(event):
            for person_id in sorted(hearers.get(event.subject_id or 0, ())):
                told[person_id].append(event)
            continue
        doers = {event.actor_id, data.get("reporter")}
        for person_id in sorted(_concerned(event, data, seats, concerns, items) - doers):
            told[person_id].append(event)
    return told


def robots(events: Iterable[Event], chats: Mapping[int, int | None]) -> dict[int, list[Event]]:
    """The events that each robot's chat hears of: those of its group; of all groups for the office's robot."""
    events = list(events)
    chosen = [(event, event.payload) for event in events if is_told(event) and _is_for_chats(event)]
    items = item_audience.concerns(event for event, _ in chosen)
    concerns = Concerns.of(chosen)
    found: dict[int, list[Event]] = defaultdict(list)
    for event, data in chosen:
        if event.subject_type == "item":
            concern = items.get(event.subject_id or 0)
            groups = {concern.group_id} if concern else set()
        else:
            groups = set(concerns.realm(event, data).groups)
        for channel_id, group_id in chats.items():
            if group_id is None or group_id in groups:
                found[channel_id].append(event)
    hearing = announcing.chats(events)
    for event in events:
        if announcing.is_told(event):
            for channel_id in sorted(hearing.get(event.subject_id or 0, set()) & set(chats)):
                found[channel_id].append(event)
    return found


def _is_for_chats(event: Event) -> bool:
    told = TOLD.get(event.kind)
    return told is not None and told.in_chats


def _concerned(
    event: Event, data: dict[str, Any], seats: Seats, concerns: Concerns, items: dict[int, Concern]
) -> set[int]:
    if event.subject_type == "item":
        return item_audience.told_to(event, items.get(event.subject_id or 0), seats)
    if event.kind in APPEAL_KEYS:
        return item_audience.told_to(event, NO_CONCERN, seats)
    return concerns.told_to(event, data, seats)
