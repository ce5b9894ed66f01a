"""Who is told of what happened to a 督查 item: by the table of moves, and for what time did by TOLD below."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Event, Item, Kind, Part
from taskboard.rules.access import SeatKind
from taskboard.rules.ladder import LEVELS
from taskboard.rules.lifecycle import MOVES, Who

U, P, G = Who.LEAD_UNIT, Who.PART_UNIT, Who.GROUP_LEAD
OFFICE, SUPERVISOR, LEADER = Who.OFFICE, Who.SUPERVISOR, Who.LEADER
TOLD: dict[str, frozenset[Who]] = {
    Kind.ITEM_REGISTERED.key: frozenset({OFFICE}),
    Kind.ITEM_OPENED.key: frozenset({U, G}),
    Kind.ITEM_RECOVERED.key: frozenset({U, SUPERVISOR, OFFICE}),
    Kind.ITEM_RECURRED.key: frozenset({U, G, SUPERVISOR}),
    Kind.ITEM_EXTENSION_ESCALATED.key: frozenset({LEADER}),
    Kind.ITEM_LOOK_BACK_DUE.key: frozenset({SUPERVISOR}),
    Kind.SLIP_OVERDUE.key: frozenset({U, SUPERVISOR, OFFICE}),
    Kind.APPEAL_RAISED.key: frozenset({OFFICE}),
    Kind.APPEAL_OVERDUE.key: frozenset({OFFICE, LEADER}),
    Kind.APPEAL_UPHELD.key: frozenset({U, SUPERVISOR}),
    Kind.APPEAL_REJECTED.key: frozenset({U}),
    **{move.event: move.tells for move in MOVES if move.tells},
}
COPIED = (frozenset({U}), frozenset({U, G, OFFICE}), frozenset({U, G, OFFICE, LEADER}))
TALK, COPY_LEADERS = "约谈建议", LEVELS[3].word


@dataclass(frozen=True)
class Concern:
    """The units and the group of an item."""

    unit_id: int | None
    group_id: int | None
    part_unit_ids: frozenset[int]


def is_told(event: Event) -> bool:
    """Whether anybody is told of such an event of an item."""
    return event.kind in TOLD or event.kind == Kind.ITEM_REMINDED.key


def concerns(events: Iterable[Event]) -> dict[int, Concern]:
    """Whom the items of these events concern: two statements."""
    wanted = sorted({event.subject_id for event in events if event.subject_type == "item" and event.subject_id})
    found: dict[int, Concern] = {}
    for start in range(0, len(wanted), 5000):
        chosen = wanted[start : start + 5000]
        parts: dict[int, set[int]] = {}
        supporting = select(Part.item_id, Part.unit_id).where(Part.item_id.in_(chosen))
        for item_id, part_unit_id in db.session.execute(supporting):
            parts.setdefault(item_id, set()).add(part_unit_id)
        query = select(Item.id, Item.unit_id, Item.group_id).where(Item.id.in_(chosen))
        for item_id, unit_id, group_id in db.session.execute(query):
            found[item_id] = Concern(unit_id, group_id, frozenset(parts.get(item_id, ())))
    return found


def told_to(event: Event, concern: Concern | None, seats: Any) -> set[int]:
    """The people who are told of an event; `seats` is audience.Seats."""
    who = _who(event)
    found: set[int] = set()
    for role, kind in ((OFFICE, SeatKind.OFFICE), (SUPERVISOR, SeatKind.SUPERVISOR), (LEADER, SeatKind.LEADER)):
        if role in who:
            found |= seats.wide[kind]
    if concern is None:
        return found
    data = event.payload
    units = {concern.unit_id} if U in who else set()
    if P in who:
        units |= {data["part_unit"]} if "part_unit" in data else concern.part_unit_ids
    if "appeal" in data:
        units = {data.get("unit")} if U in who else set()
    units |= set(data.get("also") or ())
    for unit_id in units:
        found |= seats.reporters.get(unit_id, set())
    if G in who:
        found |= seats.leads.get(concern.group_id, set())
    return found


def _who(event: Event) -> frozenset[Who]:
    data = event.payload
    if event.kind == Kind.ITEM_REMINDED.key:
        return COPIED[min(int(data.get("copied", 0)), 2)]
    slip = (data.get("after") or {}).get("slip", "")
    if event.kind == Kind.SLIP_PROPOSED.key:
        return frozenset({LEADER}) if slip == TALK else frozenset({OFFICE})
    who = TOLD.get(event.kind, frozenset())
    if data.get("leader"):  # an extension that only the leader decides; an appeal that the office must not answer alone
        who = (who - {OFFICE} if event.kind == Kind.ITEM_EXTENSION_ASKED.key else who) | {LEADER}
    if event.kind == Kind.SLIP_SIGNED.key and slip in (COPY_LEADERS, TALK):
        who |= {LEADER}
    return who
