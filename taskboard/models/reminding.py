"""What time asks for beside items: milestones 节点 that are not done, weekly reports that are not there.

Reminders go out at the same distances as those of items (rules/terms.py), on working days only, each at most once a
day, and are copied a level up for each step of lateness. Each function works on one batch, and its caller commits.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update

from taskboard.db import db
from taskboard.models import chain, facts
from taskboard.models.campaign import Campaign
from taskboard.models.commitment import Commitment, Party
from taskboard.models.event import Event, Kind, dump
from taskboard.models.group import Role
from taskboard.models.task import Milestone
from taskboard.models.unit import Unit
from taskboard.models.weeks import Weeks
from taskboard.rules.section import Section
from taskboard.rules.terms import OVERDUE_EVERY, reminder, reminder_level
from taskboard.rules.workdays import add_workdays, is_workday, monday, report_due, workdays_between

BATCH = 1000
FURTHEST = 7  # working days before due from which anything is said
_commitment: Any = Commitment.__table__


@dataclass
class Owing:
    """The reports that a unit owes: of this week, and those that are late, by group."""

    owed: int = 0
    late: int = 0
    days: set[int] = field(default_factory=set)  # how many working days each late one is late
    since: date | None = None  # when the oldest was due
    groups: Counter[int] = field(default_factory=Counter)


def milestones(campaign: Campaign, weeks: Weeks, at: datetime, last: int) -> tuple[int, int]:
    """Remind of the next batch of open milestones after an id; returns the last id (0 at the end) and how many."""
    on, overrides = weeks.on, weeks.overrides
    if not is_workday(on, overrides):
        return 0, 0
    query = (
        select(Milestone.id, Milestone.task_id, Milestone.name, Milestone.due_on, _commitment.c.starts_on)
        .join(_commitment, _commitment.c.id == Milestone.task_id)
        .where(_commitment.c.campaign_id == campaign.id, _commitment.c.done_on.is_(None), Milestone.done_on.is_(None))
        .where(or_(Milestone.reminded_on.is_(None), Milestone.reminded_on < on))
        .where(Milestone.due_on <= add_workdays(on, FURTHEST, overrides), Milestone.id > last)
    )
    rows = db.session.execute(query.order_by(Milestone.id).limit(BATCH).with_for_update(of=Milestone)).all()
    reminded, events = [], []
    for row in rows:
        term = workdays_between(row.starts_on, row.due_on, overrides)
        words = reminder(on, row.due_on, term, overrides)
        if words:
            reminded.append({"row_id": row.id})
            said = f"节点“{row.name}”期限 {row.due_on.month}月{row.due_on.day}日，{words}"
            copied = reminder_level(on, row.due_on, overrides)
            events.append(_event(Kind.MILESTONE_REMINDED, "commitment", row.task_id, at, words=said, copied=copied))
    _write(Milestone, reminded, events, on)
    return (rows[-1].id if rows else 0), len(events)


def reports(campaign: Campaign, weeks: Weeks, at: datetime) -> int:
    """Remind each unit of the reports that it owes, where today is a day for it; returns how many units."""
    on = weeks.on
    if not is_workday(on, weeks.overrides):
        return 0
    owing = _owing(campaign, weeks)
    query = select(Unit.id).where(
        Unit.active, Unit.id.in_(owing), or_(Unit.reminded_on.is_(None), Unit.reminded_on < on)
    )
    reminded, events = [], []
    for unit_id in db.session.scalars(query.order_by(Unit.id).with_for_update()):
        unit = owing[unit_id]
        words, copied = _words(unit, weeks)
        if words:
            reminded.append({"row_id": unit_id})
            more = {
                "words": words,
                "copied": copied,
                "groups": sorted(unit.groups),
                "owed": unit.owed,
                "late": unit.late,
            }
            events.append(_event(Kind.REPORT_REMINDED, "unit", unit_id, at, **more))
    _write(Unit, reminded, events, on)
    return len(events)


def _words(unit: Owing, weeks: Weeks) -> tuple[str, int]:
    """What a unit is reminded of today, and how many levels up it is copied; nothing on most days."""
    due = report_due(monday(weeks.on), weeks.overrides)
    left = workdays_between(weeks.on, due, weeks.overrides)
    is_late_day = any(days % OVERDUE_EVERY == 1 for days in unit.days)
    pieces = []
    if is_late_day and unit.since is not None:
        since = f"{unit.since.month}月{unit.since.day}日"
        pieces.append(f"{unit.late} 项逾期未填报，最早一项应于{since}填报，已逾期 {max(unit.days)} 个工作日")
    if left in (1, 0) and unit.owed:
        when = "今日" if left == 0 else f"{due.month}月{due.day}日"
        pieces.append(f"本周还有 {unit.owed} 项未填报，{when} 17:00 截止")
    copied = reminder_level(weeks.on, unit.since, weeks.overrides) if is_late_day and unit.since else 0
    return "；".join(pieces), copied


def _owing(campaign: Campaign, weeks: Weeks) -> dict[int, Owing]:
    """What each unit owes, by what this morning's sweep wrote: two statements, read as a stream."""
    missing = (_commitment.c.campaign_id == campaign.id) & _commitment.c.done_on.is_(None)
    missing &= (_commitment.c.starts_on <= weeks.on) & (
        _commitment.c.owed | (_commitment.c.section == int(Section.OVERDUE))
    )
    joint = _joint(missing)
    found: dict[int, Owing] = defaultdict(Owing)
    for row in db.session.execute(facts.rows(missing).execution_options(yield_per=2000)):
        late, days, since = facts.silence(row, weeks)
        if not late and not row.owed:
            continue  # its period is over; no report is missing
        for unit_id in {row.unit_id, *joint.get(row.id, ())}:
            _add(found[unit_id], row, days if late else 0, since)
    return found


def _add(unit: Owing, row: Any, days: int, since: date | None) -> None:
    unit.groups[row.group_id] += 1
    unit.owed += bool(row.owed)
    if days and since is not None:
        unit.late += 1
        unit.days.add(days)
        unit.since = min(unit.since or since, since)


def _joint(criterion: Any) -> dict[int, list[int]]:
    """The jointly responsible units of the commitments that meet the criterion."""
    query = (
        select(Party.commitment_id, Party.unit_id)
        .join(_commitment, _commitment.c.id == Party.commitment_id)
        .where(criterion, Party.role == Role.RESPONSIBLE)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for commitment_id, unit_id in db.session.execute(query):
        found[commitment_id].append(unit_id)
    return found


def _event(kind: Kind, subject_type: str, subject_id: int, at: datetime, **more: Any) -> dict[str, Any]:
    return {
        "at": at,
        "kind": kind.key,
        "actor_id": None,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "data": dump(None, None, more),
        "source": "sweep",
    }


def _write(model: Any, reminded: Sequence[dict[str, int]], events: Iterable[dict[str, Any]], on: date) -> None:
    """Note on whom a reminder went out today, and append its events, in one statement each."""
    if not reminded:
        return
    table = model.__table__
    connection = db.session.connection()
    connection.execute(update(table).where(table.c.id == bindparam("row_id")).values(reminded_on=on), reminded)
    connection.execute(insert(Event), chain.seal(list(events)))
