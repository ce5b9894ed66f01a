"""Who is told of an event: group leads, the unit's reporters, the office; never the one who did it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from taskboard.alerts import announcing, item_audience
from taskboard.alerts.item_audience import Concern
from taskboard.db import db
from taskboard.models import Commitment, Event, Kind, Party, Person, Role, Seat
from taskboard.models import announcing as announced
from taskboard.rules.access import SEES_ALL, SeatKind

APPEALS = (Kind.APPEAL_RAISED.key, Kind.APPEAL_UPHELD.key, Kind.APPEAL_REJECTED.key, Kind.APPEAL_OVERDUE.key)
NO_CONCERN = Concern(None, None, frozenset())
URGENT = frozenset(
    kind.key
    for kind in (
        Kind.TURNED_RED,
        Kind.REPORT_RETURNED,
        Kind.ITEM_ASSIGNED,
        Kind.ITEM_TRANSFERRED,
        Kind.ITEM_RETURNED,
        Kind.ITEM_CLOSURE_REFUSED,
        Kind.ITEM_PART_RETURNED,
        Kind.ITEM_COMMENTED,
        Kind.ITEM_REDDENED,
        Kind.ITEM_URGED,
        Kind.SLIP_SIGNED,
        Kind.ITEM_REOPENED,
    )
)
INBOX_ONLY = frozenset(kind.key for kind in (Kind.DELIVERY_FAILED, Kind.CHANNEL_OPENED, Kind.CHANNEL_RECOVERED))
FOR_CHATS = frozenset(
    kind.key
    for kind in (
        Kind.TURNED_RED,
        Kind.TURNED_GREEN,
        Kind.ITEM_ASSIGNED,
        Kind.ITEM_OPENED,
        Kind.ITEM_REMINDED,
        Kind.SLIP_SIGNED,
        Kind.ITEM_CLOSED,
        Kind.REPORT_REMINDED,
    )
)
GREEN_AGAIN = ("red", "yellow")


@dataclass(frozen=True)
class Seats:
    """Who sits where on a day: ids of active people."""

    wide: dict[str, set[int]]  # office, supervisors, leaders: who sit for the whole district
    leads: dict[int, set[int]]
    reporters: dict[int, set[int]]

    @property
    def office(self) -> set[int]:
        return self.wide[SeatKind.OFFICE]

    @staticmethod
    def on(day: date) -> Seats:
        """Read the seats that are held on the day, in one statement."""
        wide: dict[str, set[int]] = defaultdict(set)
        leads: dict[int, set[int]] = defaultdict(set)
        reporters: dict[int, set[int]] = defaultdict(set)
        query = select(Seat).join(Person, Person.id == Seat.person_id).where(Person.active)
        for seat in db.session.scalars(query):
            if not seat.holds_on(day):
                continue
            if seat.kind in SEES_ALL:
                wide[seat.kind].add(seat.person_id)
            elif seat.kind == SeatKind.GROUP_LEAD and seat.group_id:
                leads[seat.group_id].add(seat.person_id)
            elif seat.kind == SeatKind.REPORTER and seat.unit_id:
                reporters[seat.unit_id].add(seat.person_id)
        return Seats(wide, leads, reporters)


def is_urgent(event: Event) -> bool:
    """Whether it is told at once rather than with the digest: assignments, returns, turns to red, instructions."""
    return event.kind in URGENT or announced.is_urgent(event)


def is_inbox_only(event: Event) -> bool:
    """Whether it is never sent by any channel that could itself be what failed."""
    return event.kind in INBOX_ONLY


def robots(events: Iterable[Event], chats: Mapping[int, int | None]) -> dict[int, list[Event]]:
    """The events that each robot's chat hears of: those of its group; of all groups for the office's robot."""
    events = list(events)
    chosen = [event for event in events if event.kind in FOR_CHATS]
    parties = _parties({e.subject_id for e in chosen if e.subject_type == "commitment" and e.subject_id})
    items = item_audience.concerns(chosen)
    found: dict[int, list[Event]] = defaultdict(list)
    for event in chosen:
        if event.subject_type == "item":
            concern = items.get(event.subject_id or 0)
            group_id = concern.group_id if concern else None
        else:
            group_id = parties[event.subject_id][0] if event.subject_id in parties else None
        for channel_id, chat_group in chats.items():
            if chat_group is None or chat_group == group_id:
                found[channel_id].append(event)
    said = [event for event in events if announcing.is_told(event)]
    heard = announcing.chats(said)
    for event in said:
        for channel_id in sorted(heard.get(event.subject_id or 0, set()) & set(chats)):
            found[channel_id].append(event)
    return found


def is_told(event: Event) -> bool:
    """Whether anybody is told of such an event."""
    if event.subject_type == "item":
        return item_audience.is_told(event)
    if event.kind in APPEALS or announcing.is_told(event):
        return True
    if event.kind in (Kind.TURNED_RED.key, Kind.REPORT_RETURNED.key, Kind.FEEDBACK_GIVEN.key):
        return True
    before = event.payload.get("before", {}) if event.kind == Kind.TURNED_GREEN.key else {}
    return before.get("light") in GREEN_AGAIN


def of(events: Iterable[Event], seats: Seats) -> dict[int, list[Event]]:
    """The events that each person is told of, in order."""
    told: dict[int, list[Event]] = defaultdict(list)
    events = [event for event in events if is_told(event)]
    parties = _parties({e.subject_id for e in events if e.subject_type == "commitment" and e.subject_id})
    items = item_audience.concerns(events)
    said = announcing.told_to(events)
    for event in events:
        if announcing.is_told(event):
            for person_id in sorted(said.get(event.subject_id or 0, ())):
                told[person_id].append(event)
            continue
        doers = {event.actor_id, event.payload.get("reporter")}
        for person_id in sorted(_concerned(event, seats, parties, items) - doers):
            told[person_id].append(event)
    return told


def _concerned(
    event: Event, seats: Seats, parties: dict[int, tuple[int, set[int]]], items: dict[int, Concern]
) -> set[int]:
    if event.subject_type == "item":
        return item_audience.told_to(event, items.get(event.subject_id or 0), seats)
    if event.kind in APPEALS:
        return item_audience.told_to(event, NO_CONCERN, seats)
    if event.kind == Kind.FEEDBACK_GIVEN.key:
        return set(seats.office)
    group_id, unit_ids = parties.get(event.subject_id or 0, (0, set()))
    reporters = set().union(*(seats.reporters.get(unit_id, set()) for unit_id in unit_ids))
    if event.kind == Kind.REPORT_RETURNED.key:
        return reporters | {int(p) for p in [event.payload.get("author")] if p}
    return reporters | seats.leads.get(group_id, set()) | seats.office


def _parties(ids: set[int]) -> dict[int, tuple[int, set[int]]]:
    """Of each commitment its group and its responsible units."""
    found: dict[int, tuple[int, set[int]]] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), 5000):
        part = wanted[start : start + 5000]
        query = select(Commitment.id, Commitment.group_id, Commitment.unit_id).where(Commitment.id.in_(part))
        found.update({row.id: (row.group_id, {row.unit_id}) for row in db.session.execute(query)})
        joint = select(Party.commitment_id, Party.unit_id).where(
            Party.commitment_id.in_(part), Party.role == Role.RESPONSIBLE
        )
        for commitment_id, unit_id in db.session.execute(joint):
            found[commitment_id][1].add(unit_id)
    return found
