"""Who is told of what happened to a target, a task, an indicator or a unit's reports: by the table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from taskboard.alerts import item_audience
from taskboard.alerts.seats import Seats
from taskboard.alerts.table import TOLD, Also, Reader
from taskboard.db import db
from taskboard.models import Commitment, Event, Indicator, Kind, Party, Role, ScheduleVersion, Target, Unit
from taskboard.rules.access import SeatKind
from taskboard.rules.lifecycle import Who

CHUNK = 5000
MOVED = (Kind.TARGET_CHANGED.key, Kind.TASK_CHANGED.key)
NAMES_ITS_UNIT = (Kind.PLAN_CHANGED.key, Kind.ALLOCATED.key, *MOVED)


@dataclass
class Realm:
    """The units and the groups that something concerns."""

    units: set[int] = field(default_factory=set)
    groups: set[int] = field(default_factory=set)


NOTHING = Realm()


@dataclass(frozen=True)
class Concerns:
    """Whom the things behind some events concern, read in a few statements however many events there are."""

    commitments: dict[int, Realm]
    indicators: dict[int, Realm]
    unit_ids: dict[str, int]
    askers: dict[int, int]

    @staticmethod
    def of(events: Sequence[tuple[Event, dict[str, Any]]]) -> Concerns:
        """Read what these events, each with its payload, are about."""
        named = {name for event, data in events if event.kind in NAMES_ITS_UNIT for name in _unit_names(data)}
        asked = {int(data["schedule"]) for _, data in events if "schedule" in data}
        return Concerns(
            _commitments(_ids(events, "commitment")),
            _indicators(_ids(events, "indicator")),
            _units(named),
            _askers(asked),
        )

    def realm(self, event: Event, data: dict[str, Any]) -> Realm:
        """The units and groups that an event concerns."""
        subject_id = event.subject_id or 0
        if event.subject_type == "unit":
            return Realm({subject_id}, {int(group_id) for group_id in data.get("groups", ())})
        found = {"commitment": self.commitments, "indicator": self.indicators}.get(event.subject_type, {})
        realm = found.get(subject_id, NOTHING)
        if event.kind not in NAMES_ITS_UNIT:
            return realm
        named = {self.unit_ids[name] for name in _unit_names(data) if name in self.unit_ids}
        if event.kind == Kind.PLAN_CHANGED.key:  # of the indicator's units the one whose plan it is
            return Realm(named, realm.groups)
        return Realm(realm.units | named, realm.groups)  # also whom it was taken from

    def told_to(self, event: Event, data: dict[str, Any], seats: Seats) -> set[int]:
        """The people who are told of an event."""
        who = _who(event, data)
        realm = self.realm(event, data)
        found: set[int] = set()
        wide = {Who.OFFICE: SeatKind.OFFICE, Who.LEADER: SeatKind.LEADER, Also.ADMIN: SeatKind.SYSTEM_ADMIN}
        for reader, kind in wide.items():
            if reader in who:
                found |= seats.wide[kind]
        if Who.LEAD_UNIT in who:
            found |= seats.of_units(realm.units)
        if Who.GROUP_LEAD in who:
            found |= seats.of_groups(realm.groups)
        if Also.AUTHOR in who and data.get("author"):
            found.add(int(data["author"]))
        if Also.ASKER in who and (asker := self.askers.get(int(data.get("schedule", 0)))):
            found.add(asker)
        return found


def _who(event: Event, data: dict[str, Any]) -> frozenset[Reader]:
    told = TOLD[event.kind]
    if told.copied:
        level = min(int(data.get("copied", 0)), len(item_audience.COPIED) - 1)
        return frozenset(item_audience.COPIED[level])
    return told.who


def _ids(events: Iterable[tuple[Event, Any]], noun: str) -> list[int]:
    return sorted({event.subject_id for event, _ in events if event.subject_type == noun and event.subject_id})


def _unit_names(data: dict[str, Any]) -> set[str]:
    """The units that an event names, as they were before it and after."""
    return {str(name) for part in ("before", "after") if (name := (data.get(part) or {}).get("unit"))}


def _commitments(ids: list[int]) -> dict[int, Realm]:
    """Of each commitment its group and its responsible units: two statements for five thousand."""
    found: dict[int, Realm] = {}
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        query = select(Commitment.id, Commitment.group_id, Commitment.unit_id).where(Commitment.id.in_(part))
        found.update({id_: Realm({unit_id}, {group_id}) for id_, group_id, unit_id in db.session.execute(query)})
        joint = select(Party.commitment_id, Party.unit_id).where(
            Party.commitment_id.in_(part), Party.role == Role.RESPONSIBLE
        )
        for commitment_id, unit_id in db.session.execute(joint):
            found[commitment_id].units.add(unit_id)
    return found


def _indicators(ids: list[int]) -> dict[int, Realm]:
    """Of each indicator its group and the units that have a target of it."""
    found: dict[int, Realm] = defaultdict(Realm)
    if ids:
        query = select(Indicator.id, Indicator.group_id).where(Indicator.id.in_(ids))
        for id_, group_id in db.session.execute(query):
            found[id_].groups.add(group_id)
        carried = select(Target.indicator_id, Target.unit_id).where(Target.indicator_id.in_(ids)).distinct()
        for id_, unit_id in db.session.execute(carried):
            found[id_].units.add(unit_id)
    return dict(found)


def _units(names: set[str]) -> dict[str, int]:
    if not names:
        return {}
    return {name: id_ for id_, name in db.session.execute(select(Unit.id, Unit.name).where(Unit.name.in_(names)))}


def _askers(ids: set[int]) -> dict[int, int]:
    if not ids:
        return {}
    query = select(ScheduleVersion.id, ScheduleVersion.asked_by_id).where(ScheduleVersion.id.in_(ids))
    return {id_: person_id for id_, person_id in db.session.execute(query)}
