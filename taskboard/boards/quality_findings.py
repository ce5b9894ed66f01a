"""校核提示: reports whose value was odd, with the unit's explanation; and whether parts make the whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from taskboard.boards.quality import PAGE, Options, Paged, Scope, options, paged
from taskboard.db import db
from taskboard.models import CalendarOverride, Group, Indicator, Report, Target, Unit, UnitKind
from taskboard.rules.finding_kinds import KINDS, MARKS, kind_of
from taskboard.rules.freshness import last_due_week
from taskboard.rules.validity import sum_check

TERRITORIES = (UnitKind.SUBDISTRICT, UnitKind.PARK)
ADDITIVE = ("amount", "count")  # kinds of indicator whose territories add up


@dataclass(frozen=True)
class Asked:
    """What the address asks: reports of weeks that overlap first..last."""

    first: date
    last: date
    finding: str = ""
    page: int = 1


@dataclass(frozen=True)
class Odd:
    """One report with what was odd about its value."""

    report: Report
    target: Target
    unit: str
    unit_full: str
    group: str

    @property
    def findings(self) -> tuple[tuple[str, str], ...]:
        """Kind and sentence of each."""
        names = {code: name for code, name, _ in KINDS}
        return tuple((names.get(kind_of(one), "其他"), one) for one in self.report.findings.splitlines())


@dataclass(frozen=True)
class ByUnit:
    """How many reports of a unit had findings, of how many it filed."""

    unit_id: int
    name: str
    odd: int
    unexplained: int
    filed: int


@dataclass(frozen=True)
class Sum:
    """One indicator: what the territories add up to beside the district's own value."""

    indicator: str
    measure: str
    decimals: int
    group: str
    as_of: date
    parts: Decimal
    count: int
    expected: int
    whole: Decimal | None
    words: str

    @property
    def difference(self) -> Decimal | None:
        """What the parts have too much (or too little, below zero); unknown while some are missing."""
        return None if self.whole is None or self.count < self.expected else self.parts - self.whole

    @property
    def told(self) -> str:
        """What came of the check."""
        if self.whole is None:
            return "全区未填报，不能核对"
        if self.count < self.expected:
            return f"缺 {self.expected - self.count} 个分项，暂不核对"
        return self.words or "相符"


@dataclass(frozen=True)
class Findings:
    """One page, the units above it and the sums below."""

    asked: Asked
    units: tuple[ByUnit, ...]
    rows: tuple[Odd, ...]
    paged: Paged
    sums: tuple[Sum, ...]
    sum_week: date
    options: Options

    @property
    def sentence(self) -> str:
        """How many reports were odd, and how many of those nobody explained."""
        filed, odd = sum(unit.filed for unit in self.units), sum(unit.odd for unit in self.units)
        if not odd:
            return f"本期填报 {filed} 次，没有校核提示"
        silent = sum(unit.unexplained for unit in self.units)
        apart = sum(1 for one in self.sums if one.words)
        tail = f"；分项合计与全区数不符 {apart} 项" if apart else ""
        return f"本期填报 {filed} 次，有校核提示 {odd} 次，其中未作说明 {silent} 次{tail}"


def findings(scope: Scope, asked: Asked, on: date) -> Findings:
    """The page that the address asks for."""
    units = _by_unit(scope, asked)
    query = _query(scope, asked)
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    place = paged(total, asked.page)
    chosen = db.session.execute(query.limit(PAGE).offset((place.page - 1) * PAGE)).all()
    week = last_due_week(min(on, asked.last), CalendarOverride.all())
    return Findings(
        asked=asked,
        units=units,
        rows=tuple(Odd(*row) for row in chosen),
        paged=place,
        sums=sums(scope, week),
        sum_week=week,
        options=options(scope),
    )


def all_rows(scope: Scope, asked: Asked) -> Iterator[Odd]:
    """Every row as asked, for a workbook."""
    for row in db.session.execute(_query(scope, asked)):
        yield Odd(*row)


def sums(scope: Scope, week: date) -> tuple[Sum, ...]:
    """Of each indicator with a district target: the reports of a week added up against it, in one statement."""
    query = (
        select(Target, Unit.name, Unit.kind, Group.short_name, Report.value, Report.as_of)
        .join(Unit, Unit.id == Target.unit_id)
        .join(Group, Group.id == Target.group_id)
        .join(Indicator, Indicator.id == Target.indicator_id)
        .outerjoin(
            Report,
            (Report.commitment_id == Target.id)
            & (Report.week == week)
            & Report.live_key.is_not(None)
            & Report.returned_at.is_(None),
        )
        .where(*scope.seen(), Indicator.kind.in_(ADDITIVE))
        .where(Target.is_district | Unit.kind.in_(TERRITORIES))
        .options(joinedload(Target.indicator))
        .order_by(Group.no, Target.indicator_id, Target.id)
    )
    if scope.group is not None:
        query = query.where(Target.group_id == scope.group)
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(query):
        found[row[0].indicator_id].append(row)
    made = (_sum(rows, week) for rows in found.values())
    return tuple(one for one in made if one is not None)


def _sum(rows: list[Any], week: date) -> Sum | None:
    district = next((row for row in rows if row[0].is_district), None)
    parts = [row for row in rows if not row[0].is_district and district and row[0].measure == district[0].measure]
    if district is None or not parts:
        return None
    target, known = district[0], {row[1]: row[4] for row in parts if row[4] is not None}
    words = ""
    if district[4] is not None and len(known) == len(parts):
        finding = sum_check(known, district[4], target.measure, target.decimals)
        words = finding.words if finding else ""
    return Sum(
        indicator=target.indicator.name,
        measure=target.measure,
        decimals=target.decimals,
        group=district[3],
        as_of=district[5] or week,
        parts=sum(known.values(), Decimal(0)),
        count=len(known),
        expected=len(parts),
        whole=district[4],
        words=words,
    )


def _query(scope: Scope, asked: Asked) -> Any:
    query: Any = (
        select(Report, Target, Unit.short_name, Unit.name, Group.short_name)
        .join(Target, Target.id == Report.commitment_id)
        .join(Group, Group.id == Target.group_id)
        .join(Unit, Unit.id == Target.unit_id)
        .where(*_criteria(scope, asked), Report.findings != "")
        .options(joinedload(Target.indicator), joinedload(Report.reported_by))
        .order_by(Report.week.desc(), Unit.position, Group.no, Report.id)
    )
    return query.where(Report.findings.contains(MARKS[asked.finding], autoescape=True)) if asked.finding else query


def _criteria(scope: Scope, asked: Asked) -> list[Any]:
    return [*scope.asked(), Report.live_key.is_not(None), Report.week.between(asked.first, asked.last)]


def _by_unit(scope: Scope, asked: Asked) -> tuple[ByUnit, ...]:
    is_odd, is_silent = Report.findings != "", (Report.findings != "") & (Report.explanation == "")
    query = (
        select(Unit.position, Unit.id, Unit.short_name, is_odd, is_silent, func.count())
        .join_from(Report, Target, Target.id == Report.commitment_id)
        .join(Unit, Unit.id == Target.unit_id)
        .where(*_criteria(scope, asked))
        .group_by(Unit.position, Unit.id, Unit.short_name, is_odd, is_silent)
    )
    counts: dict[tuple[int, int, str], Counter[str]] = defaultdict(Counter)
    for position, unit_id, name, odd, silent, count in db.session.execute(query):
        counts[(position, unit_id, name)].update(filed=count, odd=count * bool(odd), silent=count * bool(silent))
    return tuple(
        ByUnit(unit_id, name, found["odd"], found["silent"], found["filed"])
        for (_, unit_id, name), found in sorted(counts.items())
    )
