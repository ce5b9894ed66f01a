"""官方数表: one line a target and a day, what was published of it. Knows no database and no clock."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from taskboard.imports.known import TARGET, Fate, Finder, Known, Reading, Say, amount, maybe_day, prose, shown
from taskboard.imports.table import Line
from taskboard.imports.targets import counted, find, warning
from taskboard.imports.task_book import RowError
from taskboard.imports.workbook import Sheet, WorkbookRefused
from taskboard.models.figures import Published
from taskboard.models.owed import Owed
from taskboard.rules.indicator import IndicatorKind
from taskboard.rules.validity import Typed, findings

COLUMNS = {
    **TARGET,
    "measure": ("计量单位",),
    "as_of": ("数据截止日", "截止日", "数据日期"),
    "value": ("官方数", "数值", "官方数值"),
    "published_on": ("发布日期", "公布日期"),
    "source": ("来源", "文件来源"),
}


def parse(sheets: list[Sheet], known: Known, on: date, say: Say) -> Reading:
    """Every line with a figure of every sheet that is a table of official figures."""
    heads = "‘责任单位’‘指标’‘数据截止日’‘官方数’"
    tables, notes = find(sheets, COLUMNS, ("unit", "name", "as_of", "value"), "官方数表", heads)
    reader = _Reader(known, on)
    for table in tables:
        for line in counted(table, say):
            reader.read(line)
    errors = [error for table in tables for error in table.errors]
    if reader.blank:
        notes.append(f"{reader.blank} 行未填写官方数，未读取。")
    if not reader.fates and not errors:
        raise WorkbookRefused("官方数表没有填写任何官方数。请填写后重新上传。")
    return Reading(tuple(reader.fates), tuple(errors), tuple(reader.warnings), tuple(notes))


class _Reader(Finder):
    """Walks the lines and says which figure each would publish or revise."""

    def __init__(self, known: Known, on: date) -> None:
        super().__init__(known)
        self.on, self.blank = on, 0
        self.fates: list[Fate] = []
        self.warnings: list[RowError] = []
        self._said_before: dict[int, dict[date, Decimal]] = defaultdict(dict)

    def read(self, line: Line) -> None:
        """One line; without a figure it says nothing."""
        value = line.take("value", amount)
        if value is None and line.is_right:
            self.blank += 1
            return
        target = self.target(line)
        as_of, published_on = (line.take(key, maybe_day) for key in ("as_of", "published_on"))
        source = line.take("source", prose) or ""
        if as_of is None:
            _missing(line, "as_of")
        if published_on is None:
            _missing(line, "published_on")
        if target is None or as_of is None or published_on is None or value is None:
            return
        if not target.starts_on <= as_of <= target.ends_on:
            line.complain("as_of", f"不在目标期间 {target.period_words} 之内", "请核对数据截止日")
        elif as_of > published_on:
            line.complain("published_on", f"早于数据截止日 {as_of}", "请核对两个日期")
        if published_on > self.on:
            line.complain("published_on", "发布日期晚于今天", "请核对")
        self.once(line, "as_of", target.id, as_of)
        if line.is_right:
            self._take(line, target, Published(as_of, value, published_on, source))

    def _take(self, line: Line, target: Owed, said: Published) -> None:
        live = self.known.figures.get(target.id, {}).get(said.as_of)
        fate = "created" if live is None else "unchanged" if live.value == said.value else "changed"
        now = f"{shown(said.value)} {target.measure}".strip()
        before = "" if live is None else shown(live.value)
        changes = () if fate == "unchanged" else ((f"{said.as_of} 官方数", before, now),)
        if fate != "unchanged":
            self._doubt(line, target, said)
        self._said_before[target.id][said.as_of] = said.value
        name = line.table.sheet.name
        self.fates.append(Fate(name, line.row, target.words, target.period_words, fate, changes, (target.id, said)))

    def _doubt(self, line: Line, target: Owed, said: Published) -> None:
        """What is odd about the figure by what is known from before; it is told and not refused."""
        known = {day: figure.value for day, figure in self.known.figures.get(target.id, {}).items()}
        known |= self._said_before.get(target.id, {})
        earlier = tuple(sorted((day, value) for day, value in known.items() if day < said.as_of))
        if not earlier and target.value is not None and target.value_as_of and target.value_as_of < said.as_of:
            earlier = ((target.value_as_of, target.value),)
        typed = Typed(
            value=said.value,
            on=said.as_of,
            kind=IndicatorKind(target.indicator_kind).change,
            previous=earlier,
            target=target.target_value,
            start_value=target.start_value,
            ends_on=target.ends_on,
            measure=target.measure,
            decimals=target.decimals,
            cumulative=target.rule_kind == "amount" and target.higher_is_better,
            may_be_negative=target.may_be_negative,
        )
        for one in findings(typed):
            self.warnings.append(warning(line, "value", shown(said.value), f"{one.severity.word}：{one.words}", ""))
        if target.measure == "%" and 0 < abs(said.value) <= 1 < abs(target.target_value):
            text = "请留意：单元格为百分比格式时，12.8% 会读作 0.128，请核对"
            self.warnings.append(warning(line, "value", shown(said.value), text, ""))


def _missing(line: Line, field: str) -> None:
    if not line.has_complaint(field):
        line.complain(field, f"未填写{COLUMNS[field][0]}", "请填写，例如 2020-05-31")
