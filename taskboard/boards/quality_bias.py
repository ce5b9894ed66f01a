"""预计偏差: what units expected, against what was then published (or else confirmed). Shown, never scored.

A forecast is the 预计 that a report gave for a later day, or a report whose value itself is a forecast. It is
compared with the official figure of the same target and day; without one, with the confirmed value of that day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from taskboard import clock
from taskboard.boards.quality import Scope
from taskboard.db import db
from taskboard.models import Figure, Group, Indicator, Report, Section, Target, Unit
from taskboard.rules.indicator import month_end
from taskboard.rules.vintage import Bias, Vintage, bias

KINDS = ("amount", "count", "ratio")  # an error in percent of a rate of growth or of a rank says nothing

# What is a forecast: its figure, its day, which rows hold one, and whether it had to be said before its day.
FORECASTS: tuple[tuple[Any, Any, ColumnElement[bool], bool], ...] = (
    (Report.value, Report.as_of, Report.vintage == Vintage.FORECAST, False),
    (Report.expected, Report.expected_on, Report.expected.is_not(None), True),
)


@dataclass(frozen=True)
class Pair:
    """One forecast and what came of it. Errors are above zero where the unit was too hopeful."""

    target_id: int
    title: str
    group: str
    unit_id: int
    unit: str
    measure: str
    decimals: int
    higher_is_better: bool
    said_on: date
    day: date
    expected: Decimal
    actual: Decimal
    source: str  # 官方, 修订 or 核定
    illustrative: bool

    @property
    def error(self) -> Decimal | None:
        """Signed, in percent of the actual; None where that is zero."""
        if not self.actual:
            return None
        return self.hopeful / abs(self.actual) * 100

    @property
    def hopeful(self) -> Decimal:
        """By how much it was too hopeful, in the target's unit."""
        apart = self.expected - self.actual
        return apart if self.higher_is_better else -apart

    @property
    def days_ahead(self) -> int:
        """Calendar days between the saying and the day of which it was said."""
        return max(0, (self.day - self.said_on).days)


@dataclass(frozen=True)
class ByUnit:
    """A unit's bias, over all and by month, beside how many targets it carries."""

    unit_id: int
    name: str
    caseload: int
    bias: Bias
    months: dict[date, Bias]

    @property
    def bar(self) -> Decimal:
        """The mean within ±10 percent, for the little bar: -1..1."""
        mean = self.bias.mean or Decimal(0)
        return max(Decimal(-1), min(Decimal(1), mean / 10))


@dataclass(frozen=True)
class Biases:
    """All units with forecasts that can be compared."""

    months: tuple[date, ...]
    units: tuple[ByUnit, ...]
    whole: Bias
    waiting: int

    @property
    def sentence(self) -> str:
        """What the district's forecasts were like, taken together."""
        if self.whole.mean is None:
            tail = f"，{self.waiting} 个预计数待官方数或核定数发布后比对" if self.waiting else ""
            return f"尚无可比预计数{tail}"
        return (
            f"{len(self.units)} 个单位的 {self.whole.count} 个预计数已可比对，总体{self.whole.words}"
            f"；{self.waiting} 个待发布后比对"
        )


def biases(scope: Scope) -> Biases:
    """The table of units: four statements, however many forecasts."""
    found = pairs(scope)
    by_unit: dict[int, list[Pair]] = defaultdict(list)
    for pair in found:
        by_unit[pair.unit_id].append(pair)
    months = tuple(sorted({month_end(pair.day) for pair in found}))
    load = _caseload(scope)
    units = [_by_unit(rows, load) for rows in by_unit.values()]
    return Biases(months, tuple(units), bias_of(found), _waiting(scope))


def of_unit(scope: Scope, unit_id: int) -> tuple[str, list[Pair]] | None:
    """A unit's name and its pairs, newest day first; None for a unit without a target that the seat sees."""
    query = select(Unit.name).join(Target, Target.unit_id == Unit.id).where(*scope.seen(), Unit.id == unit_id)
    name = db.session.scalars(query.limit(1)).first()
    if name is None:
        return None
    rows = pairs(scope, Target.unit_id == unit_id)
    return name, sorted(rows, key=lambda pair: (pair.day, pair.said_on), reverse=True)


def bias_of(found: Sequence[Pair]) -> Bias:
    """Their mean with its words; above zero is hopeful, whichever way the target goes."""
    return bias((pair.day, pair.actual + pair.hopeful, pair.actual) for pair in found)


def pairs(scope: Scope, *more: ColumnElement[bool]) -> list[Pair]:
    """Every forecast that can be compared, in the units' order: two statements."""
    made: dict[tuple[int, date], Pair] = {}
    for expected, day, is_forecast, ahead_only in FORECASTS:
        query = _paired(expected, day, is_forecast).where(*scope.asked(), *more)
        for row in db.session.execute(query):
            pair = _pair(row)
            if pair is not None and not (ahead_only and pair.said_on > pair.day):
                made[(row.id, row.day)] = pair
    return sorted(made.values(), key=lambda pair: (pair.unit_id, pair.day, pair.target_id))


def _paired(expected: Any, day: Any, is_forecast: ColumnElement[bool]) -> Any:
    sure = aliased(Report)
    query: Any = (
        select(
            Report.id, Report.reported_at, expected.label("expected"), day.label("day"), Target,
            Unit.short_name.label("unit"), Group.short_name.label("group"), Figure.value.label("official"),
            Figure.revision, sure.value.label("confirmed"),
        )
        .join_from(Report, Target, Target.id == Report.commitment_id)
        .join(Indicator, Indicator.id == Target.indicator_id)
        .join(Unit, Unit.id == Target.unit_id)
        .join(Group, Group.id == Target.group_id)
        .outerjoin(Figure, (Figure.target_id == Target.id) & (Figure.as_of == day) & Figure.live_key.is_not(None))
        .outerjoin(
            sure,
            (sure.commitment_id == Target.id) & (sure.as_of == day) & sure.live_key.is_not(None)
            & sure.confirmed_at.is_not(None) & sure.returned_at.is_(None) & (sure.id != Report.id),
        )
        .where(is_forecast, Report.live_key.is_not(None), Report.returned_at.is_(None), Indicator.kind.in_(KINDS))
        .order_by(Report.id, sure.week)
    )  # fmt: skip
    return query


def _pair(row: Any) -> Pair | None:
    """The comparison of one forecast; None while nothing sure is known."""
    actual = row.official if row.official is not None else row.confirmed
    if actual is None:
        return None
    target, official = row.Target, Vintage.OFFICIAL if row.revision == 1 else Vintage.REVISION
    return Pair(
        target_id=target.id,
        title=target.title,
        group=row.group,
        unit_id=target.unit_id,
        unit=row.unit,
        measure=target.measure,
        decimals=target.decimals,
        higher_is_better=target.higher_is_better,
        said_on=clock.day_of(row.reported_at),
        day=row.day,
        expected=row.expected,
        actual=actual,
        source=(official if row.official is not None else Vintage.CONFIRMED).word,
        illustrative=target.illustrative,
    )


def _by_unit(rows: Sequence[Pair], load: dict[int, int]) -> ByUnit:
    months: dict[date, list[Pair]] = defaultdict(list)
    for pair in rows:
        months[month_end(pair.day)].append(pair)
    by_month = {month: bias_of(found) for month, found in months.items()}
    unit_id = rows[0].unit_id
    return ByUnit(unit_id, rows[0].unit, load.get(unit_id, 0), bias_of(rows), by_month)


def _caseload(scope: Scope) -> dict[int, int]:
    query = select(Target.unit_id, func.count()).where(*scope.asked(), Target.section < Section.DONE)
    return {unit_id: count for unit_id, count in db.session.execute(query.group_by(Target.unit_id))}


def _waiting(scope: Scope) -> int:
    """Forecasts of a day for which nothing official is there yet."""
    query = (
        select(func.count())
        .select_from(Report)
        .join(Target, Target.id == Report.commitment_id)
        .join(Indicator, Indicator.id == Target.indicator_id)
        .outerjoin(
            Figure,
            (Figure.target_id == Target.id) & (Figure.as_of == Report.expected_on) & Figure.live_key.is_not(None),
        )
        .where(*scope.asked(), Report.live_key.is_not(None), Report.returned_at.is_(None))
        .where(Report.expected.is_not(None), Figure.id.is_(None), Indicator.kind.in_(KINDS))
    )
    return db.session.scalar(query) or 0
