"""Who sits where on a day: the people that an audience is made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Person, Seat
from taskboard.rules.access import SEES_ALL, SeatKind

WIDE = SEES_ALL | {SeatKind.SYSTEM_ADMIN}


@dataclass(frozen=True)
class Seats:
    """Who sits where on a day: ids of active people."""

    wide: dict[str, set[int]]  # who sit for the whole district: office, supervisors, leaders, system administrators
    leads: dict[int, set[int]]
    reporters: dict[int, set[int]]

    @property
    def office(self) -> set[int]:
        return self.wide[SeatKind.OFFICE]

    def of_units(self, unit_ids: Iterable[int]) -> set[int]:
        """The reporters of these units."""
        return set().union(*(self.reporters.get(unit_id, set()) for unit_id in unit_ids))

    def of_groups(self, group_ids: Iterable[int]) -> set[int]:
        """The leads of these groups."""
        return set().union(*(self.leads.get(group_id, set()) for group_id in group_ids))

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
            if seat.kind in WIDE:
                wide[seat.kind].add(seat.person_id)
            elif seat.kind == SeatKind.GROUP_LEAD and seat.group_id:
                leads[seat.group_id].add(seat.person_id)
            elif seat.kind == SeatKind.REPORTER and seat.unit_id:
                reporters[seat.unit_id].add(seat.person_id)
        return Seats(wide, leads, reporters)
