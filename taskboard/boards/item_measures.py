"""督办质效: how each unit dealt with the items assigned to it in a period. Outcomes only, never activity.

Counted are items assigned in the period, at the unit that has them now; “in time” is asked of those whose
deadline is past or that were signed or answered. Each figure has its base beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

from sqlalchemy import select

from taskboard import clock
from taskboard.db import db
from taskboard.models import CalendarOverride, Campaign, Hold, Item, Unit
from taskboard.rules.lifecycle import Holder
from taskboard.rules.workdays import workdays_between


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def value(self) -> Decimal | None:
        return Decimal(self.part) / self.whole if self.whole else None


@dataclass(frozen=True)
class Measured:
    """One unit's figures, with the case-load they must be read beside."""

    unit: Unit
    caseload: int
    open: int
    signed: Share
    answered: Share
    returned: int
    extended: int
    reopened: int
    median_days: Decimal | None


@dataclass(frozen=True)
class Measures:
    """The table of a period."""

    first: date
    last: date
    rows: tuple[Measured, ...]

    @property
    def caseload(self) -> int:
        return sum(row.caseload for row in self.rows)


def measures(campaign: Campaign, first: date, last: date, on: date) -> Measures:
    """All units that were assigned something between two days, in the district's order: three statements."""
    query = select(Item).where(
        Item.campaign_id == campaign.id, Item.unit_id.is_not(None), Item.assigned_on.between(first, last)
    )
    by_unit: dict[int, list[Item]] = defaultdict(list)
    for item in db.session.scalars(query):
        by_unit[item.unit_id or 0].append(item)
    days = _days_in_hand([item.id for items in by_unit.values() for item in items], on)
    units = db.session.scalars(select(Unit).where(Unit.id.in_(by_unit)).order_by(Unit.position, Unit.id))
    return Measures(first, last, tuple(_measured(unit, by_unit[unit.id], days, on) for unit in units))


def _measured(unit: Unit, items: list[Item], days: dict[tuple[int, int], int], on: date) -> Measured:
    held = sorted(days[(item.id, unit.id)] for item in items if (item.id, unit.id) in days)
    return Measured(
        unit=unit,
        caseload=len(items),
        open=sum(item.is_open for item in items),
        signed=_in_time(((item.signed_on, item.sign_due_on) for item in items), on),
        answered=_in_time(((item.first_answered_on, item.due_on) for item in items), on),
        returned=sum(item.returned for item in items),
        extended=sum(item.extended for item in items),
        reopened=sum(item.reopened for item in items),
        median_days=Decimal(str(median(held))) if held else None,
    )


def _in_time(pairs: Iterable[tuple[date | None, date | None]], on: date) -> Share:
    """Of those that were done or whose deadline is past: how many were done by it."""
    asked = [(done, due) for done, due in pairs if due is not None and (done is not None or due < on)]
    return Share(sum(done is not None and done <= due for done, due in asked), len(asked))


def _days_in_hand(item_ids: list[int], on: date) -> dict[tuple[int, int], int]:
    """Working days that each item was in the hands of each unit."""
    overrides = CalendarOverride.all()
    total: dict[tuple[int, int], int] = defaultdict(int)
    for start in range(0, len(item_ids), 5000):
        query = select(Hold).where(Hold.item_id.in_(item_ids[start : start + 5000]), Hold.holder == Holder.UNIT)
        for hold in db.session.scalars(query):
            end = clock.day_of(hold.to_at) if hold.to_at else on
            spent = max(0, workdays_between(clock.day_of(hold.from_at), end, overrides))
            total[(hold.item_id, hold.unit_id or 0)] += spent
    return total
