"""缺报迟报: every running target with the clock of its reporting, by unit. What is missing is never shown as well."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, and_, select

from taskboard.boards.line import Line, lines_of
from taskboard.boards.listing import BATCH, line_rows
from taskboard.boards.quality import PAGE, Options, Paged, Scope, options, paged
from taskboard.db import db
from taskboard.models import CalendarOverride, Commitment, Group, Indicator, Report, Section, Target, Unit
from taskboard.models.facts import Weeks, silence
from taskboard.rules.freshness import Clock, Freshness, Reported, clock
from taskboard.rules.vintage import Vintage

_c, _t, _i = (cast(Table, model.__table__) for model in (Commitment, Target, Indicator))
UNWELL = (Freshness.MISSING, Freshness.RETURNED, Freshness.STALE, Freshness.LATE)


@dataclass(frozen=True)
class Asked:
    """What the address asks; without a state the page shows what is not as it should be."""

    state: str = ""
    page: int = 1


@dataclass(frozen=True)
class Fresh:
    """One target with the clock of its reporting."""

    line: Line
    clock: Clock
    row: Any

    @property
    def vintage(self) -> str:
        return Vintage(self.row.vintage).word if self.row.vintage else ""


@dataclass(frozen=True)
class ByUnit:
    """How many targets of a unit stand in each state."""

    unit_id: int
    name: str
    counts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def unwell(self) -> int:
        return sum(self.counts[state] for state in UNWELL)


@dataclass(frozen=True)
class Freshnesses:
    """One page, and the table of units above it."""

    counts: dict[str, int]
    units: tuple[ByUnit, ...]
    rows: tuple[Fresh, ...]
    paged: Paged
    options: Options

    @property
    def sentence(self) -> str:
        """How many do not report as they should."""
        total = sum(self.counts.values())
        if not total:
            return "没有在办目标"
        told = [f"{state.word} {self.counts[state]} 项" for state in UNWELL if self.counts[state]]
        return f"在办目标 {total} 项，" + ("、".join(told) if told else "没有缺报、迟报和陈旧数值")


def freshness(scope: Scope, asked: Asked, on: date) -> Freshnesses:
    """The page that the address asks for: one narrow read of all running targets, then the page's rows in full."""
    clocks = _clocks(scope, on)
    wanted = _wanted(clocks, asked)
    place = paged(len(wanted), asked.page)
    shown = wanted[(place.page - 1) * PAGE : place.page * PAGE]
    states = Counter(one.state for _, one in clocks)
    return Freshnesses(
        counts={state.value: states[state] for state in Freshness},
        units=_by_unit(clocks),
        rows=tuple(_rows(shown, scope, on)),
        paged=place,
        options=options(scope),
    )


def all_rows(scope: Scope, asked: Asked, on: date) -> Iterator[Fresh]:
    """Every row as asked, for a workbook."""
    wanted = _wanted(_clocks(scope, on), asked)
    for start in range(0, len(wanted), BATCH):
        yield from _rows(wanted[start : start + BATCH], scope, on)


def _clocks(scope: Scope, on: date) -> list[tuple[Any, Clock]]:
    overrides = CalendarOverride.all()
    weeks = Weeks(on, overrides)
    newest = and_(Report.commitment_id == _c.c.id, Report.week == _c.c.reported_week, Report.live_key.is_not(None))
    query = (
        select(
            *(_c.c[name] for name in ("id", "owed_from", "ends_on", "reported_week", "value_as_of", "returned")),
            *(_c.c[name] for name in ("vintage", "done_on", "unit_id")),
            *(_i.c[name] for name in ("cadence", "release_day")),
            Unit.short_name.label("unit"),
            Unit.position,
            Report.late,
            Report.reported_at,
        )
        .select_from(_c.join(_t, _t.c.id == _c.c.id).join(_i, _i.c.id == _t.c.indicator_id))
        .join(Unit, Unit.id == _c.c.unit_id)
        .join(Group, Group.id == _c.c.group_id)
        .outerjoin(Report, newest)
        .where(*_criteria(scope), _c.c.section < Section.DONE)
        .order_by(Unit.position, Group.no, _c.c.id)
    )
    return [(row, clock(_reported(row, weeks), on, overrides)) for row in db.session.execute(query)]


def _criteria(scope: Scope) -> list[Any]:
    found: list[Any] = [_c.c.campaign_id == scope.campaign.id, Commitment.visible_to(scope.seating)]
    if scope.group is not None:
        found.append(_c.c.group_id == scope.group)
    if scope.unit is not None:
        found.append(_c.c.unit_id == scope.unit)
    return found


def _reported(row: Any, weeks: Weeks) -> Reported:
    count, days, _ = silence(row, weeks)
    return Reported(
        cadence=row.cadence,
        release_day=row.release_day,
        owed_from=row.owed_from,
        ends_on=row.ends_on,
        reported_week=row.reported_week,
        value_as_of=row.value_as_of,
        returned=row.returned,
        late=bool(row.late),
        missed=count,
        missed_workdays=days,
    )


def _wanted(clocks: Sequence[tuple[Any, Clock]], asked: Asked) -> list[tuple[Any, Clock]]:
    states = {Freshness(asked.state)} if asked.state else set(UNWELL)
    found = [one for one in clocks if one[1].state in states]
    return sorted(found, key=lambda one: (one[1].state.rank, -one[1].workdays_late))


def _by_unit(clocks: Sequence[tuple[Any, Clock]]) -> tuple[ByUnit, ...]:
    counts: dict[tuple[int, int, str], Counter[Freshness]] = defaultdict(Counter)
    for row, one in clocks:
        counts[(row.position, row.unit_id, row.unit)][one.state] += 1
    made = [
        ByUnit(unit_id, name, {state.value: found[state] for state in Freshness})
        for (_, unit_id, name), found in sorted(counts.items(), key=lambda item: item[0])
    ]
    return tuple(sorted(made, key=lambda unit: -unit.counts[Freshness.MISSING]))


def _rows(shown: Sequence[tuple[Any, Clock]], scope: Scope, on: date) -> Iterator[Fresh]:
    if not shown:
        return
    found = db.session.execute(line_rows().where(_c.c.id.in_([row.id for row, _ in shown]))).all()
    lines = {line.id: line for line in lines_of(found, scope.campaign, on)}
    for row, one in shown:
        yield Fresh(lines[row.id], one, row)
