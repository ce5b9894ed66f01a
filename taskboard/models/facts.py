"""The facts that a rule needs about commitments, read in few statements, and made into Standings.

One reader serves a single page and a sweep of a hundred thousand, so that they cannot disagree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import ColumnElement, Date, Select, Table, Text, null, select, union_all
from sqlalchemy import cast as cast_to

from taskboard.db import FIGURE, db
from taskboard.models.commitment import Commitment
from taskboard.models.flag import Flag
from taskboard.models.indicator import Indicator
from taskboard.models.target import Target, WeeklyTarget
from taskboard.models.task import Milestone
from taskboard.models.weeks import Weeks
from taskboard.rules import measures, schedule
from taskboard.rules.indicator import LOW_CONFIDENCE, Cadence, months_due
from taskboard.rules.light import Light
from taskboard.rules.section import Section, section_of
from taskboard.rules.standing import Standing
from taskboard.rules.workdays import monday, workdays_between

_commitment, _target = cast(Table, Commitment.__table__), cast(Table, Target.__table__)
_flag, _indicator = cast(Table, Flag.__table__), cast(Table, Indicator.__table__)
COLUMNS = (
    _commitment.c.id,
    _commitment.c.kind,
    _commitment.c.campaign_id,
    _commitment.c.group_id,
    _commitment.c.unit_id,
    _commitment.c.starts_on,
    _commitment.c.ends_on,
    _commitment.c.owed_from,
    _commitment.c.value,
    _commitment.c.value_as_of,
    _commitment.c.increments,
    _commitment.c.confidence,
    _commitment.c.reported_week,
    _commitment.c.returned,
    _commitment.c.done_on,
    _commitment.c.light,
    _commitment.c.light_since,
    _commitment.c.section,
    _commitment.c.owed,
    _commitment.c.swept_light,
    _target.c.rule_kind,
    _target.c.measure,
    _target.c.higher_is_better,
    _target.c.start_value,
    _target.c.target_value,
    _target.c.reference,
    _indicator.c.cadence,
    _indicator.c.release_day,
    _flag.c.light.label("flag_light"),
    _flag.c.raised_on,
    _flag.c.gap.label("flag_gap"),
)
MilestoneFact = tuple[date, Decimal, date | None, str]


@dataclass(frozen=True, slots=True)
class Facts:
    """One commitment's row with its weekly targets, milestones and standing flag."""

    row: Any  # of COLUMNS
    points: tuple[tuple[date, Decimal], ...] = ()
    milestones: tuple[MilestoneFact, ...] = ()
    flag: tuple[str, date, Decimal | None] | None = None  # light, raised on, gap at that time


def read(criterion: ColumnElement[bool], lock: bool = False) -> list[Facts]:
    """The facts of all commitments that meet the criterion: two statements, however many they are."""
    query = rows(criterion)
    if lock:
        query = query.with_for_update(of=_commitment)
    found = db.session.execute(query).all()
    chosen = select(Commitment.id).where(criterion)
    points, milestones = _dated(chosen)
    return [Facts(row, tuple(points.get(row.id, ())), tuple(milestones.get(row.id, ())), _spell(row)) for row in found]


def rows(criterion: ColumnElement[bool]) -> Select[Any]:
    """The statement that reads COLUMNS of the commitments that meet the criterion."""
    return (
        select(*COLUMNS)
        .select_from(
            _commitment.outerjoin(_target, _target.c.id == _commitment.c.id)
            .outerjoin(_indicator, _indicator.c.id == _target.c.indicator_id)
            .outerjoin(_flag, _flag.c.open_key == _commitment.c.id)
        )
        .where(criterion)
        .order_by(_commitment.c.id)
    )


def read_ids(ids: Iterable[int], lock: bool = False) -> dict[int, Facts]:
    """The facts of some commitments by id."""
    wanted = list(ids)
    return {facts.row.id: facts for facts in read(Commitment.id.in_(wanted), lock)} if wanted else {}


def standing(facts: Facts, weeks: Weeks) -> Standing:
    """Where the commitment stands on the day of `weeks`, as the value that rules judge."""
    missed, missed_days, due = silence(facts.row, weeks)
    common: dict[str, Any] = {
        "on": weeks.on,
        "starts_on": facts.row.starts_on,
        "ends_on": facts.row.ends_on,
        "value": facts.row.value,
        "missed_reports": missed,
        "missed_workdays": missed_days,
        "report_due_on": due,
        "done_on": facts.row.done_on,
        "increments": tuple(map(Decimal, facts.row.increments.split())),
        "weeks_left": weeks.left(facts.row.ends_on),
        "low_confidence": facts.row.confidence is not None and facts.row.confidence <= LOW_CONFIDENCE,
    }
    made = (_task_standing if facts.row.kind == "task" else _target_standing)(facts, common)
    return _with_spell(facts, made, *facts.flag) if facts.flag else made


def plan(facts: Facts) -> schedule.Schedule:
    """The schedule of a target."""
    row = facts.row
    return schedule.Schedule(row.starts_on, row.ends_on, row.start_value, row.target_value, facts.points)


def placement(facts: Facts, st: Standing, light: Light, weeks: Weeks) -> tuple[str, Section, bool]:
    """Where the commitment belongs on a worklist: light, section, and whether a report is owed this week."""
    row = facts.row
    done = st.done if row.kind == "task" else st.on > row.ends_on and measures.is_met(st)
    owed = not done and _is_owed(row, monday(weeks.on), weeks)
    open_dues = [m[0] for m in facts.milestones if m[2] is None and m[0] >= weeks.on]
    section = section_of(
        light=light,
        done=done,
        ends_on=row.ends_on,
        next_due=min([row.ends_on, *open_dues]),
        missed_reports=st.missed_reports,
        returned=row.returned,
        owed=owed,
        on=weeks.on,
        overrides=weeks.overrides,
    )
    return light.value, section, owed


def _is_owed(row: Any, week: date, weeks: Weeks) -> bool:
    if row.returned:
        return True
    if row.cadence == Cadence.MONTH:
        return any(release <= week + timedelta(days=6) for _, release in _months_open(row, weeks))
    in_time = monday(row.owed_from) <= week <= monday(row.ends_on)
    return in_time and (row.reported_week is None or row.reported_week < week)


def _months_open(row: Any, weeks: Weeks) -> list[tuple[date, date]]:
    """The months of a monthly target that have ended without a value, with the days on which theirs was due."""
    first = row.owed_from if row.value_as_of is None else row.value_as_of + timedelta(days=1)
    return months_due(first, min(row.ends_on, weeks.on), row.release_day)


def silence(row: Any, weeks: Weeks) -> tuple[int, int, date | None]:
    """Reports that are due and not there: how many, working days since the first was due, and that day."""
    if row.done_on is not None:
        return 0, 0, None
    if row.cadence == Cadence.MONTH:
        late = [release for _, release in _months_open(row, weeks) if release < weeks.on]
        if not late:
            return 0, 0, None
        return len(late), workdays_between(late[0], weeks.on, weeks.overrides), late[0]
    first = row.owed_from if row.reported_week is None else row.reported_week + timedelta(days=7)
    return weeks.missed(first, min(row.ends_on, weeks.on))


def _target_standing(facts: Facts, common: dict[str, Any]) -> Standing:
    row = facts.row
    completed = None
    if row.value is not None:
        completed = schedule.completion(row.start_value, row.target_value, row.value, row.higher_is_better)
    if row.rule_kind == "milestone":
        common |= _milestone(row, completed is not None and completed >= 1, common["on"])
    spoken_for = row.value_as_of if row.cadence == Cadence.MONTH else None  # a month's value against that month's plan
    return Standing(
        kind=row.rule_kind,
        scheduled=_scheduled(facts, spoken_for or common["on"]),
        completion=completed,
        target=row.target_value,
        unit=row.measure,
        higher_is_better=row.higher_is_better,
        reference=row.reference,
        **common,
    )


def _milestone(row: Any, done: bool, on: date) -> dict[str, Any]:
    since = None if done or on <= row.ends_on else row.ends_on
    days, months = (schedule.days_late(since, on), schedule.months_late(since, on)) if since else (0, 0)
    return {"done": done, "done_on": row.value_as_of if done else None, "days_late": days, "months_late": months}


def _task_standing(facts: Facts, common: dict[str, Any]) -> Standing:
    row, on = facts.row, common["on"]
    late = schedule.longest_overdue([m[:3] for m in facts.milestones], on)
    since, name = (late[0], next(m[3] for m in facts.milestones if m[:3] == late)) if late else (None, "")
    if since is None and on > row.ends_on and row.done_on is None:
        since = row.ends_on
    return Standing(
        kind="task",
        scheduled=_scheduled(facts, on),
        completion=None if row.value is None else row.value / 100,
        target=Decimal(100),
        unit="%",
        done=row.done_on is not None,
        days_late=schedule.days_late(since, on) if since else 0,
        months_late=schedule.months_late(since, on) if since else 0,
        late_milestone=name,
        **common,
    )


def _with_spell(facts: Facts, st: Standing, light: str, raised_on: date, gap_then: Decimal | None) -> Standing:
    """Add what the standing flag says: how many reports it has outlived, and whether its shortfall is made good.

    Only reported weeks count: the schedule moves on a Monday before anybody could report.
    """
    last = facts.row.reported_week or monday(raised_on)
    weeks = max(0, (last - monday(raised_on)).days // 7)
    gap_now, then = measures.gap(st), _scheduled(facts, raised_on)
    return replace(
        st,
        yellow_weeks=weeks if light == "yellow" else 0,
        red_weeks=weeks if light == "red" else 0,
        narrowing=gap_now is not None and gap_then is not None and gap_now > gap_then,
        was_red=light == "red",
        made_good=st.completion is not None and st.completion >= then,
    )


def _scheduled(facts: Facts, on: date) -> Decimal:
    """The share that was due on a day."""
    row = facts.row
    if row.kind == "target":
        return plan(facts).share(on)
    if on > row.ends_on:
        return Decimal(1)
    return schedule.milestone_share([m[:3] for m in facts.milestones], on, row.starts_on, row.ends_on)


def _spell(row: Any) -> tuple[str, date, Decimal | None] | None:
    return (row.flag_light, row.raised_on, row.flag_gap) if row.flag_light else None


def _dated(
    chosen: Any,
) -> tuple[Mapping[int, Sequence[tuple[date, Decimal]]], Mapping[int, Sequence[MilestoneFact]]]:
    """Weekly targets and milestones of the chosen commitments, in one statement."""
    weekly = select(
        WeeklyTarget.target_id.label("owner"),
        WeeklyTarget.due_on.label("due_on"),
        WeeklyTarget.value.label("figure"),
        cast_to(null(), Date).label("done_on"),
        cast_to(null(), Text).label("name"),
    ).where(WeeklyTarget.target_id.in_(chosen))
    steps = select(
        Milestone.task_id, Milestone.due_on, cast_to(Milestone.weight, FIGURE), Milestone.done_on, Milestone.name
    ).where(Milestone.task_id.in_(chosen))
    points: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    milestones: dict[int, list[MilestoneFact]] = defaultdict(list)
    both = union_all(weekly, steps).subquery()
    for owner, due_on, figure, done_on, name in db.session.execute(select(both).order_by(both.c.owner, both.c.due_on)):
        if name is None:
            points[owner].append((due_on, figure))
        else:
            milestones[owner].append((due_on, figure, done_on, name))
    return points, milestones
