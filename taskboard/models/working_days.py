"""The verbs of the office's own calendar of working days: a whole arrangement at once, and taking a day back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from taskboard.db import db
from taskboard.errors import WrongState
from taskboard.models.calendar_override import CalendarOverride
from taskboard.models.event import Kind, record
from taskboard.rules.workday_lines import Day


def known(days: Sequence[Day]) -> dict[date, CalendarOverride]:
    """What is entered already of these days."""
    rows = db.session.scalars(select(CalendarOverride).where(CalendarOverride.day.in_([one.day for one in days])))
    return {row.day: row for row in rows}


def is_same(row: CalendarOverride | None, one: Day) -> bool:
    """Whether a day is entered just so."""
    return row is not None and (row.is_workday, row.name) == (one.is_workday, one.name)


def enter(days: Sequence[Day], by: int, at: datetime) -> int:
    """Enter an arrangement, with one event; returns how many days are new or changed."""
    rows = known(days)
    changed = [one for one in days if not is_same(rows.get(one.day), one)]
    if not changed:
        return 0
    before = [_words(row.day, row.is_workday, row.name) for one in changed if (row := rows.get(one.day))]
    for one in changed:
        row = rows.get(one.day)
        if row is None:
            db.session.add(CalendarOverride(day=one.day, is_workday=one.is_workday, name=one.name))
        else:
            row.is_workday, row.name = one.is_workday, one.name
    after = [_words(one.day, one.is_workday, one.name) for one in changed]
    record(Kind.CALENDAR_CHANGED, "calendar_override", by, at, {"days": before}, {"days": after})
    return len(changed)


def take_back(day: date, by: int, at: datetime) -> None:
    """Forget an entry, so that the published calendar holds for the day again."""
    row = db.session.get(CalendarOverride, day)
    if row is None:
        raise WrongState(f"{day} 的调整已被删除，请刷新页面")
    record(Kind.CALENDAR_CHANGED, "calendar_override", by, at, {"days": [_words(day, row.is_workday, row.name)]}, {})
    db.session.delete(row)


def _words(day: date, is_workday: bool, name: str) -> str:
    return f"{day} {'上班' if is_workday else '放假'} {name}".strip()
