"""A line of any list of commitments: what a row of a page and a row of a workbook both show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Integer, Numeric, Text, cast, literal, null, select, union_all

from taskboard.db import db
from taskboard.models import CalendarOverride, Campaign, Milestone, WeeklyTarget, rule_set
from taskboard.models.facts import Facts
from taskboard.models.placing import Bench
from taskboard.models.weeks import Weeks
from taskboard.rules.light import judge
from taskboard.rules.section import Section


@dataclass(frozen=True)
class Line:
    """One commitment as a list shows it, judged on the day of the page."""

    id: int
    kind: str
    no: str
    title: str
    detail: str
    illustrative: bool
    group_no: int
    group: str
    unit: str
    unit_full: str
    light: str
    words: str
    rule: str
    marks: tuple[str, ...]
    since: date
    completion: Decimal | None
    scheduled: Decimal | None
    value: Decimal | None
    vintage: str
    target_value: Decimal
    measure: str
    starts_on: date
    ends_on: date
    last_word: str
    reported_week: date | None
    section: int
    owed: bool

    @property
    def noun(self) -> str:
        return "目标" if self.kind == "target" else "任务"

    @property
    def section_word(self) -> str:
        return Section(self.section).word


@dataclass
class Around:
    """What judging some rows needs besides the rows themselves."""

    points: dict[int, list[tuple[date, Decimal]]] = field(default_factory=lambda: defaultdict(list))
    milestones: dict[int, list[tuple[date, Decimal, date | None, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    overrides: dict[date, bool] = field(default_factory=dict)


def lines_of(rows: Sequence[Any], campaign: Campaign, on: date) -> list[Line]:
    """Judge the rows of a list (boards/listing.py) on a day: two statements, however many rows."""
    if not rows:
        return []
    around = _around([row.id for row in rows])
    judging = Bench(rule_set.in_force(campaign, on), Weeks(on, around.overrides))
    return [_line(row, around, judging) for row in rows]


def _around(ids: list[int]) -> Around:
    """Weekly targets, milestones and the office's working days in one statement."""
    weekly = select(
        literal("w"), WeeklyTarget.target_id, WeeklyTarget.due_on, WeeklyTarget.value, cast(null(), Date), literal("")
    ).where(WeeklyTarget.target_id.in_(ids))
    steps = select(
        literal("m"), Milestone.task_id, Milestone.due_on, cast(Milestone.weight, Numeric(20, 4)), Milestone.done_on,
        cast(Milestone.name, Text),
    ).where(Milestone.task_id.in_(ids))  # fmt: skip
    days = select(
        literal("d"), cast(CalendarOverride.is_workday, Integer), CalendarOverride.day, cast(null(), Numeric(20, 4)),
        cast(null(), Date), literal(""),
    )  # fmt: skip
    around = Around()
    found: Any = db.session.execute(union_all(weekly, steps, days))
    for kind, owner, day, number, done_on, name in found:
        if kind == "w":
            around.points[owner].append((day, number))
        elif kind == "m":
            around.milestones[owner].append((day, number, done_on, name))
        else:
            around.overrides[day] = bool(owner)
    for points in around.points.values():
        points.sort(key=lambda point: point[0])
    for milestones in around.milestones.values():
        milestones.sort(key=lambda milestone: milestone[0])
    return around


def _line(row: Any, around: Around, judging: Bench) -> Line:
    flag = (row.flag_light, row.raised_on, row.flag_gap) if row.flag_light else None
    milestones = tuple(around.milestones.get(row.id, ()))
    facts = Facts(row, tuple(around.points.get(row.id, ())), milestones, flag)
    standing = judging.standing(facts)
    verdict = judge(standing, judging.rules)
    return Line(
        id=row.id,
        kind=row.kind,
        no=row.no or "",
        title=row.title,
        detail=row.detail,
        illustrative=row.illustrative,
        group_no=row.group_no,
        group=row.group_name,
        unit=row.unit_name,
        unit_full=row.unit_full,
        light=verdict.light.value,
        words=verdict.words,
        rule=f"{judging.rules.title}（{judging.rules.version}）",
        marks=verdict.marks,
        since=row.light_since if row.light == verdict.light.value else judging.on,
        completion=standing.completion,
        scheduled=standing.scheduled,
        value=row.value,
        vintage=row.vintage if row.kind == "target" else "",
        target_value=row.target_value if row.kind == "target" else Decimal(100),
        measure=row.measure if row.kind == "target" else "%",
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        last_word=row.last_word,
        reported_week=row.reported_week,
        section=row.section,
        owed=row.owed,
    )
