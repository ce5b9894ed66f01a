"""One commitment as a page: where it stands and why, its plan against its reports, its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from taskboard.boards import chart
from taskboard.boards import schedule as schedule_board
from taskboard.boards.outlook import Landing, landing_of
from taskboard.boards.words import figure
from taskboard.db import db
from taskboard.models import Campaign, Commitment, Flag, Item, Party, Report, Role, Section, Target, Task
from taskboard.models import facts as reader
from taskboard.models.facts import Facts
from taskboard.models.placing import Bench, bench
from taskboard.rules import schedule
from taskboard.rules.access import Seating
from taskboard.rules.change import change_words
from taskboard.rules.landing import Outlook
from taskboard.rules.light import Light, Verdict
from taskboard.rules.standing import Standing
from taskboard.rules.workdays import is_report_week, monday, weeks_between

TITLES = {"value": "数值", "done": "完成情况", "obstacle": "存在困难", "next_step": "下步打算"}


@dataclass(frozen=True)
class Step:
    """A report in the history, and what it changed when it is a correction."""

    report: Report
    pairs: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Detail:
    """Everything that the page of a target or task shows, but its events."""

    commitment: Commitment
    verdict: Verdict
    standing: Standing
    rule: str
    since: date
    marks: tuple[str, ...]
    notes: tuple[str, ...]
    landing: Landing | None
    change: str
    drawn: chart.Chart | None
    steps: tuple[Step, ...]
    flags: tuple[Flag, ...]
    scheduled_value: Decimal | None

    def units(self, role: Role) -> str:
        """The units in a role, by name."""
        return "、".join(party.unit.name for party in self.commitment.parties if party.role == role)


def find(kind: str, commitment_id: int, seating: Seating) -> Commitment | None:
    """The target or task, when the seat sees it."""
    model = Target if kind == "target" else Task
    query = select(model).where(model.id == commitment_id, Commitment.visible_to(seating))
    return db.session.scalars(query).first()


def detail(commitment: Commitment, campaign: Campaign, on: date) -> Detail:
    """Judge the commitment on a day and gather its history."""
    db.session.scalars(
        select(Commitment)
        .where(Commitment.id == commitment.id)
        .options(
            joinedload(Commitment.group),
            joinedload(Commitment.unit),
            selectinload(Commitment.parties).joinedload(Party.unit),
        )
    ).first()
    judging = bench(campaign, on)
    facts = reader.read_ids([commitment.id])[commitment.id]
    steps, flags = _steps(commitment.id), _flags(commitment.id)
    readings = [step.report for step in reversed(steps) if step.report.is_live and not step.report.is_returned]
    standing, verdict = judging.standing(facts), judging.verdict(facts)
    landing = landing_of(commitment, on) if isinstance(commitment, Target) else None
    return Detail(
        commitment=commitment,
        verdict=verdict,
        standing=standing,
        rule=f"{judging.rules.title}（{judging.rules.version}）",
        since=commitment.light_since if commitment.light == verdict.light else on,
        marks=verdict.marks,
        notes=verdict.notes,
        landing=landing,
        change=_change(commitment, readings),
        drawn=_chart(commitment, facts, readings, flags, on, landing.outlook if landing else None),
        steps=steps,
        flags=flags,
        scheduled_value=_planned(commitment, facts, on),
    )


def readings_of(target: Target, on: date) -> list[chart.Reading]:
    """The reports that count, as a chart shows them, oldest first."""
    reports = [step.report for step in reversed(_steps(target.id)) if step.report.is_live]
    return [_reading(report, target.measure, on) for report in reports if not report.is_returned]


def last_usable(commitment_id: int, before: date) -> Report | None:
    """The latest report of an earlier week, whose text can be taken over."""
    query = select(Report).where(
        Report.commitment_id == commitment_id, Report.live_key.is_not(None), Report.week < before
    )
    return db.session.scalars(query.order_by(Report.week.desc()).limit(1)).first()


def live_reports(commitment_id: int, weeks: Sequence[date]) -> list[int]:
    """The reports that count for these weeks: what a form that is opened now would replace."""
    query = select(Report.id).where(
        Report.commitment_id == commitment_id, Report.live_key.is_not(None), Report.week.in_(weeks)
    )
    return list(db.session.scalars(query.order_by(Report.id)))


def open_weeks(commitment: Commitment, judging: Bench) -> list[date]:
    """The weeks that can be reported now, newest first: this one, the missed ones, a returned one."""
    this = monday(judging.on)
    first = commitment.owed_from
    if commitment.reported_week is not None:
        first = commitment.reported_week + timedelta(days=0 if commitment.returned else 7)
    weeks = {w for w in weeks_between(first, judging.on) if is_report_week(w, judging.weeks.overrides)}
    late_end = max(monday(commitment.ends_on), this if commitment.done_on is None else monday(commitment.ends_on))
    return sorted({w for w in weeks | {this} if monday(commitment.starts_on) <= w <= late_end}, reverse=True)[:12]


def items_of(commitment_id: int, seating: Seating) -> list[Item]:
    """The 督查 items that this commitment led to, newest first, as far as the seat sees them."""
    query = select(Item).where(Item.commitment_id == commitment_id, Item.visible_to(seating))
    return list(db.session.scalars(query.order_by(Item.id.desc())))


def is_open(commitment: Commitment) -> bool:
    """Whether there is still something to report."""
    return commitment.section != Section.DONE


def _steps(commitment_id: int) -> tuple[Step, ...]:
    query = (
        select(Report)
        .where(Report.commitment_id == commitment_id)
        .options(joinedload(Report.reported_by), joinedload(Report.returned_by), joinedload(Report.attachment))
        .order_by(Report.week.desc(), Report.revision.desc())
    )
    reports = list(db.session.scalars(query))
    made = []
    for place, report in enumerate(reports):
        older = reports[place + 1] if place + 1 < len(reports) and reports[place + 1].week == report.week else None
        made.append(Step(report, _differences(older, report) if older else ()))
    return tuple(made)


def _differences(older: Report, newer: Report) -> tuple[tuple[str, str, str], ...]:
    pairs = [(title, _text(getattr(older, name)), _text(getattr(newer, name))) for name, title in TITLES.items()]
    return tuple(pair for pair in pairs if pair[1] != pair[2])


def _text(value: Decimal | str) -> str:
    return value if isinstance(value, str) else figure(value)


def _flags(commitment_id: int) -> tuple[Flag, ...]:
    query = select(Flag).where(Flag.commitment_id == commitment_id).order_by(Flag.raised_on.desc(), Flag.id.desc())
    return tuple(db.session.scalars(query))


def _planned(commitment: Commitment, facts: Facts, on: date) -> Decimal | None:
    return reader.plan(facts).planned(on) if isinstance(commitment, Target) else None


def _change(commitment: Commitment, readings: Sequence[Report]) -> str:
    """What came of it since the report before: 降幅收窄 3.2 个百分点, 增加 12 万元."""
    if not isinstance(commitment, Target) or len(readings) < 2:
        return ""
    kind, (before, now) = commitment.indicator.sort, readings[-2:]
    return change_words(kind.change, before.value, now.value, commitment.measure, commitment.decimals)


def _ends(outlook: Outlook | None) -> tuple[Decimal, ...]:
    """Where it lands, then the range in which it may."""
    if outlook is None or outlook.landing is None or not outlook.weeks_left:
        return ()
    if outlook.low is None or outlook.high is None:
        return (outlook.landing,)
    return (outlook.landing, outlook.low, outlook.high)


def _chart(
    commitment: Commitment,
    facts: Facts,
    readings: Sequence[Report],
    flags: Sequence[Flag],
    on: date,
    outlook: Outlook | None,
) -> chart.Chart | None:
    spells = [chart.Spell(f.raised_on, f.lowered_on, f.light, f.words) for f in flags]
    measure = commitment.measure if isinstance(commitment, Target) else "%"
    decimals = commitment.decimals if isinstance(commitment, Target) else 0
    return chart.schedule_chart(
        _corners(commitment, facts),
        [_reading(report, measure, on) for report in readings],
        spells,
        today=on,
        measure=measure,
        decimals=decimals,
        landing=_ends(outlook),
        formers=schedule_board.formers(commitment) if isinstance(commitment, Target) else (),
    )


def _reading(report: Report, measure: str, on: date) -> chart.Reading:
    day = min(report.week + timedelta(days=4), on)
    words = f"{day.month}月{day.day}日 {figure(report.value)} {measure}：{report.done[:40]}"
    return chart.Reading(day, report.value, words, f"#report-{report.id}", Light.BLUE.value)


def _corners(commitment: Commitment, facts: Facts) -> list[tuple[date, Decimal]]:
    """Where the plan turns: a linear one at its ends, one of weekly targets at each of them."""
    start, end = commitment.starts_on, commitment.ends_on
    if isinstance(commitment, Target):
        inner = [(day, value) for day, value in facts.points if start < day < end]
        return [(start, commitment.start_value), *inner, (end, commitment.target_value)]
    steps = [m[:3] for m in facts.milestones]
    if not steps:
        return [(start, Decimal(0)), (end, Decimal(100))]
    days = sorted({m[0] for m in steps if start < m[0] < end})
    reached = [(day, schedule.milestone_share(steps, day + timedelta(days=1)) * 100) for day in days]
    return [(start, Decimal(0)), *reached, (end, Decimal(100))]
