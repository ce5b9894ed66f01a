"""核定: the reported values of a week, by how far they have come: 待复核, 待核定, 已核定, 已退回."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import joinedload

from taskboard.boards.line import Line, lines_of
from taskboard.boards.listing import BATCH, line_rows
from taskboard.boards.quality import PAGE, Options, Paged, Scope, options, paged
from taskboard.boards.words import short_day
from taskboard.db import db
from taskboard.models import CalendarOverride, Commitment, Group, Report, Target, Unit
from taskboard.rules.change import change_words
from taskboard.rules.freshness import last_due_week
from taskboard.rules.workdays import is_report_week

WEEKS = 12  # weeks to choose from


class Stage(StrEnum):
    """How far a value has come."""

    CHECK = "check"
    CONFIRM = "confirm"
    LOCKED = "locked"
    RETURNED = "returned"

    @property
    def word(self) -> str:
        """待复核 待核定 已核定 已退回."""
        return dict(zip(Stage, ("待复核", "待核定", "已核定", "已退回"), strict=True))[self]


def stage_of(report: Report) -> Stage:
    """How far a live report's value has come."""
    if report.is_returned:
        return Stage.RETURNED
    if report.is_locked:
        return Stage.LOCKED
    return Stage.CONFIRM if report.checked_at is not None else Stage.CHECK


@dataclass(frozen=True)
class Asked:
    """What the address asks; forms/quality.py reads it."""

    week: date | None = None
    state: str = ""
    odd: bool = False
    page: int = 1


@dataclass(frozen=True)
class Value:
    """One reported value with what a person needs to stand for it."""

    report: Report
    target: Target
    line: Line
    previous: Decimal | None
    previous_week: date | None

    @property
    def stage(self) -> Stage:
        return stage_of(self.report)

    @property
    def change(self) -> str:
        """What the change since the previous value is called; empty without one."""
        if self.previous is None:
            return ""
        kind = self.target.indicator.sort.change
        return change_words(kind, self.previous, self.report.value, self.target.measure, self.target.decimals)

    @property
    def findings(self) -> tuple[str, ...]:
        return tuple(self.report.findings.splitlines())


@dataclass(frozen=True)
class Values:
    """One page of a week's values."""

    week: date
    weeks: tuple[date, ...]
    counts: dict[str, int]
    odd: int
    rows: tuple[Value, ...]
    paged: Paged
    options: Options

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def sentence(self) -> str:
        """How far the week has come, in one line."""
        week = f"{short_day(self.week)} 起的一周"
        if not self.total:
            return f"{week}没有填报的数值"
        counted = "，".join(f"{stage.word} {self.counts[stage]} 项" for stage in Stage if self.counts[stage])
        return f"{week}填报 {self.total} 项：{counted}" + (f"；有校核提示 {self.odd} 项" if self.odd else "")


def values(scope: Scope, asked: Asked, on: date) -> Values:
    """The page that the address asks for, in a number of statements that does not grow with the list."""
    overrides = CalendarOverride.all()
    newest = last_due_week(on, overrides)
    week = asked.week or newest
    counts, odd = _counts(scope, week)
    query = _query(scope, asked, week)
    total = odd if asked.odd and not asked.state else counts[asked.state] if asked.state else sum(counts.values())
    if asked.odd and asked.state:
        total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    place = paged(total, asked.page)
    chosen = db.session.execute(query.limit(PAGE).offset((place.page - 1) * PAGE)).all()
    weeks = [newest + timedelta(days=7), *(newest - timedelta(days=7 * n) for n in range(WEEKS))]
    shown = {w for w in weeks if scope.campaign.starts_on <= w + timedelta(days=6) and w <= on} | {week}
    return Values(
        week=week,
        weeks=tuple(sorted((w for w in shown if is_report_week(w, overrides)), reverse=True)),
        counts=counts,
        odd=odd,
        rows=tuple(_rows(chosen, scope, on)),
        paged=place,
        options=options(scope),
    )


def all_values(scope: Scope, asked: Asked, on: date) -> Iterator[Value]:
    """Every row as asked, for a workbook, in batches so that memory stays flat."""
    week = asked.week or last_due_week(on, CalendarOverride.all())
    ids = [row[0].id for row in db.session.execute(_query(scope, asked, week))]
    for start in range(0, len(ids), BATCH):
        yield from of_ids(scope, ids[start : start + BATCH], on)


def of_ids(scope: Scope, ids: Sequence[int], on: date) -> list[Value]:
    """Chosen live reports as rows, in the order of the ids; what the seat may not see is left out."""
    query = _reports().where(*scope.seen(), Report.id.in_(ids), Report.live_key.is_not(None))
    found = {row.report.id: row for row in _rows(db.session.execute(query).all(), scope, on)}
    return [found[one] for one in ids if one in found]


def _reports() -> Any:
    query: Any = select(Report, Target)
    return (
        query.join(Target, Target.id == Report.commitment_id)
        .join(Group, Group.id == Target.group_id)
        .join(Unit, Unit.id == Target.unit_id)
        .options(
            joinedload(Target.indicator),
            joinedload(Report.reported_by),
            joinedload(Report.checked_by),
            joinedload(Report.confirmed_by),
            joinedload(Report.returned_by),
        )
    )


def _query(scope: Scope, asked: Asked, week: date) -> Any:
    query: Any = _reports().where(*scope.asked(), Report.week == week, Report.live_key.is_not(None))
    if asked.state:
        query = query.where(_is(Stage(asked.state)))
    if asked.odd:
        query = query.where(Report.findings != "")
    plain_last = case((Report.findings != "", 0), else_=1)
    return query.order_by(plain_last, Group.no, Unit.position, Report.id)


def _is(stage: Stage) -> ColumnElement[bool]:
    returned, locked = Report.returned_at.is_not(None), Report.confirmed_at.is_not(None)
    open_ = ~returned & ~locked
    return {
        Stage.RETURNED: returned,
        Stage.LOCKED: locked & ~returned,
        Stage.CONFIRM: open_ & Report.checked_at.is_not(None),
        Stage.CHECK: open_ & Report.checked_at.is_(None),
    }[stage]


def _counts(scope: Scope, week: date) -> tuple[dict[str, int], int]:
    stage = case(*((_is(one), one.value) for one in Stage)).label("stage")
    odd = func.sum(case((Report.findings != "", 1), else_=0))
    query = (
        select(stage, func.count(), odd)
        .join_from(Report, Target, Target.id == Report.commitment_id)
        .where(*scope.asked(), Report.week == week, Report.live_key.is_not(None))
        .group_by(stage)
    )
    rows = db.session.execute(query).all()
    counts = dict.fromkeys((one.value for one in Stage), 0) | {name: count for name, count, _ in rows}
    return counts, sum(int(number) for *_, number in rows)


def _rows(chosen: Sequence[Any], scope: Scope, on: date) -> Iterator[Value]:
    ids = [report.commitment_id for report, _ in chosen]
    if not ids:
        return
    found = db.session.execute(line_rows().where(Commitment.id.in_(ids))).all()
    lines = {line.id: line for line in lines_of(found, scope.campaign, on)}
    before = _previous([report.id for report, _ in chosen])
    for report, target in chosen:
        week, value = before.get(report.id, (None, None))
        yield Value(report, target, lines[target.id], value, week)


def _previous(ids: list[int]) -> dict[int, tuple[date, Decimal]]:
    """The usable value before each report, in one statement."""
    earlier = Report.__table__.alias("earlier")
    newest = (
        select(Report.id.label("id"), func.max(earlier.c.week).label("week"))
        .join_from(Report, earlier, earlier.c.commitment_id == Report.commitment_id)
        .where(Report.id.in_(ids), earlier.c.week < Report.week)
        .where(earlier.c.live_key.is_not(None), earlier.c.returned_at.is_(None))
        .group_by(Report.id)
        .subquery()
    )
    query = (
        select(Report.id, earlier.c.week, earlier.c.value)
        .join(newest, newest.c.id == Report.id)
        .join(earlier, (earlier.c.commitment_id == Report.commitment_id) & (earlier.c.week == newest.c.week))
        .where(earlier.c.live_key.is_not(None))
    )
    return {one: (week, value) for one, week, value in db.session.execute(query)}
