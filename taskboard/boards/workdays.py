"""工作日: a year month by month, what is published, what the office entered, and what is still missing."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from taskboard.db import db
from taskboard.models import CalendarOverride
from taskboard.models.working_days import is_same, known
from taskboard.rules import workdays as rules
from taskboard.rules.workday_lines import Day, Wrong, read

FIRST, LAST = 2020, 2100
OFF, WORKED, WORKDAY, WEEKEND = "off", "worked", "", "weekend"


@dataclass(frozen=True)
class Cell:
    """One day: `kind` says how it differs from a plain week; `is_own` that the office entered it."""

    day: date
    kind: str
    words: str
    is_own: bool

    @property
    def mark(self) -> str:
        return {OFF: "休", WORKED: "班"}.get(self.kind, "")


@dataclass(frozen=True)
class Month:
    """A month in weeks of seven, empty where a day belongs to its neighbour."""

    month: int
    workdays: int
    weeks: tuple[tuple[Cell | None, ...], ...]


@dataclass(frozen=True)
class Year:
    """The page."""

    year: int
    months: tuple[Month, ...]
    workdays: int
    own: tuple[CalendarOverride, ...]
    notice: str
    is_published: bool


@dataclass(frozen=True)
class Fate:
    """What entering a day would do."""

    one: Day
    words: str
    is_change: bool


def year(number: int, on: date) -> Year:
    """A year as it holds now: one statement."""
    rows = tuple(db.session.scalars(select(CalendarOverride).order_by(CalendarOverride.day)))
    overrides = {row.day: row.is_workday for row in rows}
    names = {row.day: row.name for row in rows}
    months = tuple(_month(number, month, overrides, names) for month in range(1, 13))
    return Year(
        year=number,
        months=months,
        workdays=sum(month.workdays for month in months),
        own=tuple(row for row in rows if row.day.year == number),
        notice=rules.coming_notice(on, overrides) or "",
        is_published=rules.is_published(number, overrides),
    )


def preview(text: str) -> tuple[list[Fate], list[Wrong]]:
    """What a pasted arrangement would do, and the lines that are wrong; writes nothing."""
    days, wrong = read(text)
    rows = known(days)
    return [_fate(one, rows.get(one.day)) for one in days], wrong


def _fate(one: Day, row: CalendarOverride | None) -> Fate:
    if is_same(row, one):
        return Fate(one, "不变", False)
    if row is None:
        agrees = rules.is_workday(one.day) == one.is_workday
        return Fate(one, "新增（与内置安排一致）" if agrees else "新增", True)
    return Fate(one, f"修改，原为{'上班' if row.is_workday else '放假'} {row.name}".rstrip(), True)


def _month(number: int, month: int, overrides: Mapping[date, bool], names: Mapping[date, str]) -> Month:
    weeks = []
    count = 0
    for week in calendar.Calendar(0).monthdatescalendar(number, month):
        cells = [_cell(day, overrides, names) if day.month == month else None for day in week]
        count += sum(1 for cell in cells if cell and cell.kind in (WORKDAY, WORKED))
        weeks.append(tuple(cells))
    return Month(month, count, tuple(weeks))


def _cell(day: date, overrides: Mapping[date, bool], names: Mapping[date, str]) -> Cell:
    is_workday, is_weekend = rules.is_workday(day, overrides), day.weekday() > 4
    name = names.get(day) or rules.holiday_name(day)
    if is_workday:
        kind = WORKED if is_weekend else WORKDAY
    else:
        kind = OFF if not is_weekend or name or day in overrides else WEEKEND
    said = {OFF: "放假", WORKED: "调休上班", WORKDAY: "工作日", WEEKEND: "周末"}[kind]
    own = "，专班办公室录入" if day in overrides else ""
    return Cell(day, kind, f"{said}{' ' + name if name and kind != WORKDAY else ''}{own}", day in overrides)
