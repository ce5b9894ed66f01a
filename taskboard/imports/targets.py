"""目标表: one line a target, read against the targets that are there. Knows no database and no clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from taskboard.imports.cells import NONE_GIVEN, Unclear, words
from taskboard.imports.known import (
    TARGET,
    Fate,
    Finder,
    Known,
    KnownIndicator,
    Reading,
    Say,
    amount,
    maybe_day,
    nearest,
    prose,
    shown,
)
from taskboard.imports.names import compact
from taskboard.imports.table import Line, Table
from taskboard.imports.task_book import RowError
from taskboard.imports.workbook import Cell, Sheet, WorkbookRefused, letter
from taskboard.models.owed import Owed

COLUMNS = {
    **TARGET,
    "rule_kind": ("指标类型", "类型"),
    "measure": ("计量单位",),
    "higher_is_better": ("方向",),
    "start_value": ("起始值", "基数"),
    "target_value": ("目标值",),
    "reference": ("参照值",),
    "source": ("口径/来源", "来源", "口径"),
    "responsible": ("共同责任单位",),
    "supporting": ("配合单位",),
}
KINDS = {
    **dict.fromkeys(("总量或数量", "总量", "数量", "累计总量", "累计数量"), "amount"),
    **dict.fromkeys(("增速", "百分点", "比率"), "growth"),
    "位次": "rank",
    "节点": "milestone",
}
KIND_WORDS = {"amount": "总量或数量", "growth": "增速", "rank": "位次", "milestone": "节点"}
DIRECTIONS = {"越高越好": True, "正向": True, "越低越好": False, "反向": False}
SAID_EVERY = 500
SCHEDULED = ("start_value", "target_value", "starts_on", "ends_on")
FROZEN = ("序时计划已核定，不能由表格修改", "请在目标页提出序时计划调整")


def parse(sheets: list[Sheet], known: Known, say: Say) -> Reading:
    """Every line of every sheet that is a table of targets."""
    tables, notes = find(sheets, COLUMNS, ("unit", "name", "target_value"), "目标表", "‘责任单位’‘指标’‘目标值’")
    reader = _Reader(known)
    for table in tables:
        for line in counted(table, say):
            reader.read(line)
    errors = [error for table in tables for error in table.errors]
    if not reader.fates and not errors:
        raise WorkbookRefused("目标表只有表头，没有内容。请填写后重新上传。")
    return Reading(tuple(reader.fates), tuple(errors), tuple(reader.warnings), tuple(notes))


def find(
    sheets: list[Sheet], columns: dict[str, tuple[str, ...]], needed: tuple[str, ...], noun: str, heads: str
) -> tuple[list[Table], list[str]]:
    """The tables of a file; raises WorkbookRefused where there is none."""
    tables, notes = [], []
    for sheet in sheets:
        table = Table.find(sheet, columns, needed)
        if table:
            tables.append(table)
        elif sheet.rows and sheet.name not in ("填写说明", "名称"):
            notes.append(f"工作表‘{sheet.name}’没有{noun}表头，未读取。")
    if not tables:
        raise WorkbookRefused(f"没有找到{noun}表头：前 10 行中应有{heads}。请下载模板填写。")
    return tables, notes


def counted(table: Table, say: Say) -> Iterator[Line]:
    """The lines of a table; says how many of its rows have passed."""
    total = len(table.sheet.rows) - table.header - 1
    for line in table.lines():
        yield line
        done = line.index - table.header
        if done % SAID_EVERY == 0 or done == total:
            say(done, total)


def warning(line: Line, field: str, text: str, reason: str, remedy: str) -> RowError:
    """What is odd but may be right, at its cell."""
    place = line.table.places.get(field)
    column = f"{letter(place)} 列‘{line.table.columns[field][0]}’" if place is not None else ""
    return RowError(line.table.sheet.name, line.row, column, text, reason, remedy)


class _Reader(Finder):
    """Walks the lines and says what each would set up or change."""

    def __init__(self, known: Known) -> None:
        super().__init__(known)
        self.fates: list[Fate] = []
        self.warnings: list[RowError] = []

    def read(self, line: Line) -> None:
        """One line: a target that is there, or a new one."""
        numbered = self.numbered(line)
        if not line.is_right or (numbered is not None and not self.is_said(line, numbered)):
            return
        found, wanted = (numbered, self._changed(line, numbered)) if numbered else self._named(line)
        if wanted is None or not line.is_right:
            return
        self._check(line, found, wanted)
        key = (wanted.group, wanted.unit, compact(wanted.title), wanted.starts_on, wanted.ends_on)
        self.once(line, "name", *((found.id,) if found else key))
        if line.is_right:
            changes = () if found is None else _differences(found, wanted)
            fate = "created" if found is None else "changed" if changes else "unchanged"
            said = _told(wanted) if found is None else changes
            words_, period = wanted.words, wanted.period_words
            self.fates.append(Fate(line.table.sheet.name, line.row, words_, period, fate, tuple(said), wanted))

    def _named(self, line: Line) -> tuple[Owed | None, Owed | None]:
        """The target of this group, unit, indicator and period, as it is and as the line says it; or a new one."""
        unit, name, group = self.unit(line), line.text("name", needed=True), self.group(line)
        days = [line.take(key, maybe_day) for key in ("starts_on", "ends_on")]
        for key, day in zip(("starts_on", "ends_on"), days, strict=True):
            if day is None and line.is_right:
                line.complain(key, f"未填写{COLUMNS[key][0]}", "请填写，例如 2020-06-30")
        if not line.is_right:
            return None, None
        there = [each for each in self.by_name.get((unit, compact(name)), []) if not group or each.group == group]
        same = [each for each in there if [each.starts_on, each.ends_on] == days]
        if len(same) > 1:
            line.complain("name", f"{unit}有 {len(same)} 个同名同期目标", "请填写‘专项组’，或填写模板中的‘编号’")
            return None, None
        if same:
            return same[0], self._changed(line, same[0])
        indicator, group = self._indicator(line, group, name)
        if indicator is None:
            return None, None
        blank = Owed(
            id=0, version=1, group=group, unit=unit, title=indicator.name, detail="", starts_on=days[0],  # type: ignore[arg-type]
            ends_on=days[1], source="", measure=indicator.measure, decimals=2, rule_kind=indicator.rule_kind,  # type: ignore[arg-type]
            higher_is_better=indicator.higher_is_better, start_value=Decimal(0), target_value=Decimal(0),
            reference=None, indicator_kind="", may_be_negative=False,
        )  # fmt: skip
        for each in there:
            if each.starts_on <= blank.ends_on and blank.starts_on <= each.ends_on:
                text = f"与现有目标期间重叠（{each.period_words}），将另立新目标"
                remedy = "如系调整期限，请填写模板中的‘编号’"
                self.warnings.append(warning(line, "ends_on", str(blank.ends_on), text, remedy))
        return None, self._changed(line, blank)

    def _indicator(self, line: Line, group: str, name: str) -> tuple[KnownIndicator | None, str]:
        """The indicator of this name, and the group that has it."""
        groups = [group] if group else list(self.known.groups)
        having = [
            (each, one)
            for one in groups
            for each in self.known.indicators.get(one, ())
            if compact(each.name) == compact(name)
        ]
        if len({one for _, one in having}) > 1:
            line.complain("group", f"{'、'.join(one for _, one in having[:4])}都有‘{name}’", "请填写专项组")
            return None, ""
        if not having:
            names = [each.name for one in groups for each in self.known.indicators.get(one, ())]
            where = f"{group}没有" if group else "没有"
            line.complain("name", f"{where}指标‘{name[:40]}’", nearest(name, names, "请先在目标页设立该指标的首个目标"))
            return None, ""
        return having[0]

    def _changed(self, line: Line, there: Owed) -> Owed:
        """The target as the line says it. A column that the sheet lacks keeps what is there."""
        said: dict[str, Any] = {
            "rule_kind": line.take("rule_kind", _rule_kind) or there.rule_kind,
            "measure": line.text("measure", 20) or there.measure,
            "starts_on": line.take("starts_on", maybe_day) or there.starts_on,
            "ends_on": line.take("ends_on", maybe_day) or there.ends_on,
        }
        higher = line.take("higher_is_better", _direction)
        said["higher_is_better"] = there.higher_is_better if higher is None else higher
        start = line.take("start_value", amount)
        said["start_value"] = there.start_value if start is None else start
        target = line.take("target_value", amount)
        if target is None and line.is_right:
            line.complain("target_value", "未填写目标值", "请填写数字")
        said["target_value"] = there.target_value if target is None else target
        if "reference" in line.table.places:
            said["reference"] = line.take("reference", amount)
        if "source" in line.table.places:
            said["source"] = line.take("source", prose) or ""
        for role in ("responsible", "supporting"):
            if role in line.table.places:
                said[role] = tuple(name for name in self.units(line, role) if name != there.unit)
        return replace(there, **said)

    def _check(self, line: Line, found: Owed | None, wanted: Owed) -> None:
        if wanted.ends_on < wanted.starts_on:
            line.complain("ends_on", f"早于开始日期 {wanted.starts_on}", "请核对两个日期")
        if wanted.rule_kind in ("amount", "milestone") and wanted.start_value == wanted.target_value:
            line.complain("target_value", "与起始值相同", "请核对起始值和目标值")
        if found is None or not line.is_right:
            return
        changed = [name for name in SCHEDULED if getattr(found, name) != getattr(wanted, name)]
        if found.is_frozen and changed:
            line.complain(changed[0], *FROZEN)
        outside = [day for day, _ in wanted.weekly if not wanted.starts_on <= day <= wanted.ends_on]
        if outside:
            line.complain("ends_on", f"周目标 {outside[0]} 不在新期限内", "请先在目标页或周目标表调整周目标")
        for other in self.by_name[wanted.unit, compact(wanted.title)] if {"starts_on", "ends_on"} & {*changed} else ():
            period = (wanted.group, wanted.starts_on, wanted.ends_on)
            if other.id != found.id and (other.group, other.starts_on, other.ends_on) == period:
                line.complain("ends_on", f"已有同期目标（编号 {other.id}）", "请核对期限")
        if "target_value" in changed and wanted.weekly and line.is_right:
            last = shown(wanted.weekly[-1][1])
            text = f"周目标仍止于 {last}"
            self.warnings.append(warning(line, "target_value", shown(wanted.target_value), text, "请随后导入周目标"))


def _rule_kind(cell: Cell) -> str:
    text = compact(words(cell))
    if text in NONE_GIVEN:
        return ""
    if text not in KINDS:
        raise Unclear(f"‘{text[:20]}’不是指标类型", f"请填写{'、'.join(KIND_WORDS.values())}之一")
    return KINDS[text]


def _direction(cell: Cell) -> bool | None:
    text = compact(words(cell))
    if text in NONE_GIVEN:
        return None
    if text not in DIRECTIONS:
        raise Unclear(f"‘{text[:20]}’不是方向", "请填写越高越好或越低越好")
    return DIRECTIONS[text]


def _differences(old: Owed, new: Owed) -> tuple[tuple[str, str, str], ...]:
    names = [name for name in COLUMNS if name not in ("id", "group", "unit", "name")]
    pairs = [(name, getattr(old, name), getattr(new, name)) for name in names]
    return tuple((COLUMNS[n][0], _said(n, was), _said(n, now)) for n, was, now in pairs if was != now)


def _told(wanted: Owed) -> tuple[tuple[str, str, str], ...]:
    """What a new target says of itself."""
    return (("目标值", "", f"{shown(wanted.target_value)} {wanted.measure}".strip()),)


def _said(name: str, value: Any) -> str:
    if name == "rule_kind":
        return KIND_WORDS.get(value, value)
    if name == "higher_is_better":
        return "越高越好" if value else "越低越好"
    return shown(value)
