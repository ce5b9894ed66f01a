"""周目标表: one line a target, one column a due day. Knows no database and no clock."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from taskboard.imports.cells import Unclear
from taskboard.imports.known import TARGET, Fate, Finder, Known, Reading, Say, amount, maybe_day, shown, split_advice
from taskboard.imports.table import Line, Table
from taskboard.imports.targets import FROZEN, counted, find
from taskboard.imports.task_book import RowError
from taskboard.imports.workbook import Bad, Sheet, WorkbookRefused
from taskboard.models.owed import Owed, Point
from taskboard.rules.curves import BadCurve, custom

NAMED = {**TARGET, "measure": ("计量单位",), "start_value": ("起始值",), "target_value": ("目标值",)}


def parse(sheets: list[Sheet], known: Known, say: Say) -> Reading:
    """Every line of every sheet with units, indicators and at least one column headed by a day."""
    heads = "‘责任单位’‘指标’和各周日期"
    named, notes = find(sheets, NAMED, ("unit", "name"), "周目标表", heads)
    tables = []
    for table in named:
        days = _days(table)
        if days or table.errors:
            tables.append((_with_days(table, days), days))
        else:
            notes.append(f"工作表‘{table.sheet.name}’没有日期列，未读取。")
    if not tables:
        raise WorkbookRefused(f"没有找到周目标表头：前 10 行中应有{heads}。请下载模板填写。")
    reader = _Reader(known)
    for table, days in tables:
        for line in counted(table, say):
            reader.read(line, days)
    errors: list[RowError] = [error for table, _ in tables for error in table.errors]
    if not reader.fates and not errors:
        raise WorkbookRefused("周目标表只有表头，没有内容。请填写后重新上传。")
    return Reading(tuple(reader.fates), tuple(errors), (), tuple(notes))


def _days(table: Table) -> dict[str, date]:
    """Field → day of the columns headed by one; a head that cannot be read as a day is no column of days."""
    found: dict[str, date] = {}
    for place, cell in enumerate(table.sheet.rows[table.header]):
        if place in table.places.values() or cell is None or isinstance(cell, Bad):
            continue
        try:
            day = maybe_day(cell)
        except Unclear:
            continue
        if day is not None and day in found.values():
            table._complain(table.header, place, str(day), f"日期 {day} 有两列", "请只保留一列")
        elif day is not None:
            found[f"day {place}"] = day
            table.places[f"day {place}"] = place
    return found


def _with_days(table: Table, days: dict[str, date]) -> Table:
    table.columns = {**table.columns, **{key: (str(day),) for key, day in days.items()}}
    return table


class _Reader(Finder):
    """Walks the lines and says which schedule each target would have."""

    def __init__(self, known: Known) -> None:
        super().__init__(known)
        self.fates: list[Fate] = []

    def read(self, line: Line, days: dict[str, date]) -> None:
        """One line. Points on days of which the sheet has no column stay as they are."""
        target = self.target(line)
        if target is None:
            return
        self.once(line, "name", target.id)
        kept = [point for point in target.weekly if point[0] not in days.values()]
        said = [(day, value) for key, day in days.items() if (value := line.take(key, amount)) is not None]
        if not line.is_right:
            return
        for key, day in days.items():
            if any(day == each for each, _ in said) and not target.starts_on <= day <= target.ends_on:
                line.complain(key, f"{day} 不在期间 {target.period_words} 之内", "请清空本格")
        points = tuple(sorted([*kept, *said]))
        if points != target.weekly and target.is_frozen:
            column = next(iter(_differing_days(target.weekly, points)))
            line.complain(next((key for key, day in days.items() if day == column), "name"), *FROZEN)
        if line.is_right and points and points != target.weekly:
            self._check(line, target, points, days)
        if line.is_right:
            changes = tuple(
                (f"{day.month}月{day.day}日", shown(was), shown(now))
                for day, (was, now) in _differing_days(target.weekly, points).items()
            )
            fate = "changed" if changes else "unchanged"
            name = line.table.sheet.name
            self.fates.append(Fate(name, line.row, target.words, target.period_words, fate, changes, (target, points)))

    @staticmethod
    def _check(line: Line, target: Owed, points: tuple[Point, ...], days: dict[str, date]) -> None:
        """Neither falling back nor ending beside the target value; the complaint is at the first wrong cell."""
        try:
            custom(target.span, target.decimals, points)
        except BadCurve as bad:
            day = _first_wrong(target, points)
            reason, remedy = split_advice(str(bad))
            line.complain(next((key for key, each in days.items() if each == day), "name"), reason, remedy)


def _first_wrong(target: Owed, points: tuple[Point, ...]) -> date:
    way, before = target.target_value - target.start_value, target.start_value
    for day, value in points:
        if (value - before) * way < 0 or (not way and value != before):
            return day
        before = value
    return points[-1][0]


def _differing_days(
    old: tuple[Point, ...], new: tuple[Point, ...]
) -> dict[date, tuple[Decimal | None, Decimal | None]]:
    was, now = dict(old), dict(new)
    return {day: (was.get(day), now.get(day)) for day in sorted({*was, *now}) if was.get(day) != now.get(day)}
