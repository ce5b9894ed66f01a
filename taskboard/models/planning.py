"""计划分解: the verb that plans an indicator for one unit (or the district) over a year, all periods in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from taskboard.db import db
from taskboard.errors import Conflict
from taskboard.models.event import Kind, record
from taskboard.models.indicator import Indicator
from taskboard.models.plan import Plan
from taskboard.models.unit import Unit
from taskboard.rules.periods import Level, Period, parse


@dataclass(frozen=True)
class Cell:
    """What one period is given: planned, in the same period of last year, and reached; None where nothing is known."""

    amount: Decimal | None = None
    base: Decimal | None = None
    actual: Decimal | None = None


EMPTY = Cell()
LABELS = {"amount": "计划", "base": "上年同期", "actual": "实际"}


def periods_of(year: int) -> tuple[Period, ...]:
    """The year, its halves, quarters and months: each whole before its parts."""
    whole = Period(year)
    found = [whole, *(part for level in (Level.HALF, Level.QUARTER, Level.MONTH) for part in whole.children(level))]
    return tuple(sorted(found))


def plans_of(indicator_id: int, year: int, unit_id: int | None) -> dict[str, Plan]:
    """The cells of a unit (None: the district) by period."""
    keys = [Plan.key_of(indicator_id, unit_id, period.key) for period in periods_of(year)]
    return {plan.period: plan for plan in db.session.scalars(select(Plan).where(Plan.key.in_(keys)))}


def plan(
    indicator: Indicator,
    unit_id: int | None,
    cells: Mapping[str, Cell],
    seen_versions: Mapping[str, int],
    by: int,
    at: datetime,
) -> int:
    """Bring the periods of one unit to what was typed, with one event; returns how many changed.

    `cells` are by period key; all of one year. Raises Conflict with both values when somebody was faster.
    """
    db.session.flush()
    db.session.refresh(indicator, with_for_update=True)
    years = {parse(key).year for key in cells}
    stored = {key: row for year in years for key, row in plans_of(indicator.id, year, unit_id).items()}
    for row in stored.values():
        db.session.refresh(row)
    changed = {key: cell for key, cell in cells.items() if _cell(stored.get(key)) != cell}
    pairs = [
        (f"{parse(key).short_word}{label}", _words(getattr(_cell(stored.get(key)), name)), _words(getattr(cell, name)))
        for key, cell in sorted(changed.items(), key=lambda pair: parse(pair[0]))
        if (stored[key].version if key in stored else 0) != seen_versions.get(key, 0)
        for name, label in LABELS.items()
        if getattr(_cell(stored.get(key)), name) != getattr(cell, name)
    ]
    if pairs:
        raise Conflict("您打开页面之后，他人已修改了本单位的计划，本次没有保存，两份内容如下", pairs)
    if not changed:
        return 0
    before, after = _told(unit_id), _told(unit_id)
    for key, cell in sorted(changed.items(), key=lambda pair: parse(pair[0])):
        before |= _changes(key, cell, _cell(stored.get(key)))
        after |= _changes(key, _cell(stored.get(key)), cell)
        own = stored.get(key) or Plan(
            indicator_id=indicator.id,
            unit_id=unit_id,
            period=key,
            key=Plan.key_of(indicator.id, unit_id, key),
            version=0,
        )
        own.amount, own.base, own.actual = cell.amount, cell.base, cell.actual
        own.version += 1
        db.session.add(own)
    record(Kind.PLAN_CHANGED, indicator, by, at, before=before, after=after)
    db.session.flush()
    return len(changed)


def _cell(row: Plan | None) -> Cell:
    return Cell(row.amount, row.base, row.actual) if row is not None else EMPTY


def _told(unit_id: int | None) -> dict[str, object]:
    return {"unit": db.session.get_one(Unit, unit_id).name if unit_id else "全区"}


def _changes(key: str, other: Cell, said: Cell) -> dict[str, object]:
    """What a period says where it differs, under words that people read."""
    word = parse(key).word
    return {
        f"{word}{label}": getattr(said, name)
        for name, label in LABELS.items()
        if getattr(said, name) != getattr(other, name)
    }


def _words(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"
