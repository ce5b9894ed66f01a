"""What the workbooks of targets, weekly targets and official figures share: what is there, and how a line names it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from functools import partial
from typing import Any

from taskboard.imports.cells import NONE_GIVEN, Unclear, due_date, words
from taskboard.imports.names import Directory, UnknownUnit, compact
from taskboard.imports.table import Line
from taskboard.imports.task_book import RowError
from taskboard.imports.workbook import Cell
from taskboard.models.owed import LiveFigure, Owed

TARGET = {
    "id": ("编号", "目标编号"),
    "group": ("专项组", "所属专项组"),
    "unit": ("责任单位", "单位", "责任部门"),
    "name": ("指标", "指标名称", "目标", "目标名称"),
    "starts_on": ("开始日期", "起始日期"),
    "ends_on": ("完成期限", "完成时限", "结束日期"),
}
"""The columns by which every kind of workbook names a target."""
DAY = re.compile(r"(20\d\d)[年./-](\d{1,2})[月./-](\d{1,2})日?|(20\d\d)(\d\d)(\d\d)")
NUMBER = re.compile(r"-?\d+(\.\d+)?")
LONGEST = 200
MOST = Decimal(10) ** 12
Say = Callable[[int, int], None]


@dataclass(frozen=True)
class KnownIndicator:
    """An indicator of a group, and what a new target of it is measured by when nothing else is said."""

    name: str
    rule_kind: str
    measure: str
    higher_is_better: bool


@dataclass(frozen=True)
class Known:
    """What there is before the file."""

    directory: Directory
    groups: Mapping[str, int]
    indicators: Mapping[str, Sequence[KnownIndicator]]  # by group
    targets: Sequence[Owed]
    short_groups: Mapping[str, str] = field(default_factory=dict)  # short name → name
    figures: Mapping[int, Mapping[date, LiveFigure]] = field(default_factory=dict)


@dataclass(frozen=True)
class Fate:
    """What becomes of one line: created, changed (label, before, after) or unchanged; `said` is what is written."""

    sheet: str
    row: int
    words: str
    period: str
    fate: str
    changes: tuple[tuple[str, str, str], ...]
    said: Any

    @property
    def change_words(self) -> str:
        return "；".join(f"{label} {before or '（空）'} → {after or '（空）'}" for label, before, after in self.changes)


@dataclass(frozen=True)
class Reading:
    """All that a file says."""

    fates: tuple[Fate, ...]
    errors: tuple[RowError, ...]
    warnings: tuple[RowError, ...]
    notes: tuple[str, ...]


class Finder:
    """Reads groups, units and targets out of lines; remembers what it has looked up, and which lines said what."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.by_id = {each.id: each for each in known.targets}
        self.by_name: dict[tuple[str, str], list[Owed]] = defaultdict(list)
        for each in known.targets:
            self.by_name[each.unit, compact(each.title)].append(each)
        self.groups = {compact(name): name for name in known.groups}
        self.groups |= {compact(short): name for short, name in known.short_groups.items()}
        self._units: dict[str, list[str] | UnknownUnit] = {}
        self._said: dict[tuple[Any, ...], tuple[str, int]] = {}

    def group(self, line: Line) -> str:
        """The group named, or empty where none is."""

        def read(cell: Cell) -> str:
            text = compact(words(cell))
            if text in NONE_GIVEN:
                return ""
            if text not in self.groups:
                raise Unclear(f"找不到专项组‘{text[:40]}’", nearest(text, self.groups.values(), "请从下拉列表选择"))
            return self.groups[text]

        return line.take("group", read) or ""

    def units(self, line: Line, name: str) -> tuple[str, ...]:
        """The units that a cell names, each once."""
        return line.take(name, partial(self._resolve)) or ()

    def unit(self, line: Line) -> str:
        """The one unit that is responsible."""
        before = line.is_right
        found = self.units(line, "unit")
        if before and line.is_right and len(found) != 1:
            if found:
                line.complain("unit", "只能填写一个责任单位", "其余单位请填写在‘共同责任单位’")
            else:
                line.complain("unit", "未填写责任单位", "请填写")
        return found[0] if len(found) == 1 else ""

    def _resolve(self, cell: Cell) -> tuple[str, ...]:
        text = words(cell)
        if compact(text) in NONE_GIVEN:
            return ()
        if text not in self._units:
            try:
                self._units[text] = self.known.directory.resolve(text)
            except UnknownUnit as unknown:
                self._units[text] = unknown
        found = self._units[text]
        if isinstance(found, UnknownUnit):
            near = f"是否为‘{found.nearest}’？" if found.nearest else "请核对单位名称"
            raise Unclear(f"找不到‘{found.text[:40]}’", near)
        return tuple(found)

    def numbered(self, line: Line) -> Owed | None:
        """The target whose 编号 the line gives; it must be the one that the line speaks of."""
        text = line.text("id", 20)
        if not text:
            return None
        found = self.by_id.get(int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else None
        if found is None:
            line.complain("id", f"没有编号为‘{text}’的目标", "请留空，或重新下载模板")
        return found

    def is_said(self, line: Line, found: Owed) -> bool:
        """Whether the unit, indicator and group beside a 编号 are the target's own; complains where not."""
        unit, name, group = self.units(line, "unit"), line.text("name"), self.group(line)
        for key, said, there in (
            ("unit", unit[0] if unit else "", found.unit),
            ("name", name, found.title),
            ("group", group, found.group),
        ):
            if said and compact(said) != compact(there):
                line.complain(key, f"编号 {found.id} 的目标为‘{there}’", "请核对编号；新目标的编号留空")
        return line.is_right

    def target(self, line: Line) -> Owed | None:
        """The one target that a line speaks of, by its 编号 or by unit, indicator and what else it gives."""
        found = self.numbered(line)
        if found is not None:
            return found if self.is_said(line, found) else None
        group, unit, name = self.group(line), self.unit(line), line.text("name", needed=True)
        starts_on, ends_on = (line.take(key, maybe_day) for key in ("starts_on", "ends_on"))
        if not line.is_right:
            return None
        there = self.by_name.get((unit, compact(name)), [])
        fitting = [
            each
            for each in there
            if (not group or each.group == group)
            and (not starts_on or each.starts_on == starts_on)
            and (not ends_on or each.ends_on == ends_on)
        ]
        if len(fitting) == 1:
            return fitting[0]
        self._complain_of(line, unit, name, there, fitting)
        return None

    def _complain_of(self, line: Line, unit: str, name: str, there: list[Owed], fitting: list[Owed]) -> None:
        if fitting:
            periods = "、".join(f"{each.group} {each.period_words}" for each in fitting[:3])
            remedy = "请填写‘专项组’‘开始日期’‘完成期限’，或填写模板中的‘编号’"
            line.complain("name", f"{unit}有 {len(fitting)} 个同名目标（{periods}）", remedy)
        elif there:
            remedy = f"现有目标为{there[0].group}，{there[0].period_words}，请核对"
            line.complain("name", f"{unit}的‘{name[:40]}’没有这一专项组和期间的目标", remedy)
        else:
            own = [each.title for each in self.known.targets if each.unit == unit]
            line.complain("name", f"{unit}没有指标为‘{name[:40]}’的目标", nearest(name, own, "请核对，或先导入目标"))

    def once(self, line: Line, field_name: str, *key: Any) -> None:
        """Complain where an earlier line said the same, naming both."""
        sheet, number = self._said.setdefault(key, (line.table.sheet.name, line.row))
        if (sheet, number) != (line.table.sheet.name, line.row):
            where = "" if sheet == line.table.sheet.name else f"工作表‘{sheet}’"
            line.complain(field_name, f"第 {line.row} 行与{where}第 {number} 行重复", "请只保留一行")


def nearest(text: str, names: Any, otherwise: str) -> str:
    """The remedy for an unknown name: the nearest known one, or what else to do."""
    near = get_close_matches(compact(text), list(dict.fromkeys(names)), n=1, cutoff=0.4)
    return f"是否为‘{near[0]}’？" if near else otherwise


def maybe_day(cell: Cell) -> date | None:
    """A day with its year, or None where none is given; a month alone is not a day."""
    if isinstance(cell, date):
        return cell
    text = compact(words(cell))
    if text in NONE_GIVEN:
        return None
    match = DAY.fullmatch(text)
    try:
        if match:
            return date(*(int(part) for part in match.groups() if part is not None))  # type: ignore[arg-type]
        if isinstance(cell, float) and cell.is_integer():
            return due_date(cell, date.min)
    except (ValueError, Unclear):
        pass
    raise Unclear(f"‘{text[:40]}’不是日期", "请写成‘2020-06-30’的形式")


def amount(cell: Cell) -> Decimal | None:
    """A number of up to four decimals, or None where none is given."""
    text = compact(words(cell)).replace(",", "") if not isinstance(cell, float) else f"{Decimal(str(cell)):f}"
    if text in NONE_GIVEN:
        return None
    try:
        if isinstance(cell, bool) or not NUMBER.fullmatch(text):
            raise InvalidOperation
        number = Decimal(text)
    except InvalidOperation:
        raise Unclear(f"‘{words(cell)[:40]}’不是数字", "请填写数字，计量单位不写在格内") from None
    if abs(number) >= MOST:
        raise Unclear("数值过大", "请核对计量单位")
    kept = number.quantize(Decimal("0.0001"))
    if kept != (number.quantize(Decimal("0.000001")) if isinstance(cell, float) else number):
        raise Unclear(f"‘{text[:40]}’的小数超过 4 位", "请四舍五入后填写")
    return kept


def prose(cell: Cell) -> str:
    """Words for people: kept as they are written, full-width punctuation included."""
    text = words(cell)
    if len(text) > LONGEST:
        raise Unclear(f"共 {len(text)} 字，超过 {LONGEST} 字", "请缩短")
    return "" if text in NONE_GIVEN else text


def shown(value: Any) -> str:
    """A value as the preview shows it."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, tuple):
        return "、".join(str(each) for each in value)
    return "" if value is None else str(value)


def split_advice(said: str) -> tuple[str, str]:
    """A refusal's sentence as reason and remedy: what follows its last “，请” is the remedy."""
    reason, comma, remedy = said.rpartition("，请")
    return (reason, "请" + remedy) if comma else (said, "请核对")
