"""外部评价表: two kinds of sheet in, typed statements and named errors out. Knows no database and no clock."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import partial

from taskboard.imports.cells import NONE_GIVEN, Unclear, due_date, words
from taskboard.imports.names import compact
from taskboard.imports.table import Line, Table
from taskboard.imports.task_book import RowError
from taskboard.imports.workbook import Cell, Sheet, WorkbookRefused, read
from taskboard.rules.evaluation import RATINGS, Overall, Period, Score

OVERALL = {
    "series": ("评价名称", "评价"),
    "period": ("期间", "评价期间", "时期"),
    "published_on": ("公布日期", "发布日期", "公布时间"),
    "rating": ("评级", "等次", "总体评级"),
    "province_rank": ("全省位次", "全省排名", "全省位居"),
    "of_province": ("全省参评数", "全省个数"),
    "city_rank": ("全市位次", "全市排名", "全市位居"),
    "of_city": ("全市参评数", "全市个数"),
    "note": ("说明", "备注"),
    "source": ("来源", "文件来源"),
}
SCORES = {
    "series": ("评价名称", "评价"),
    "period": ("期间", "评价期间", "时期"),
    "dimension": ("维度", "评价维度"),
    "name": ("指标", "指标名称", "评价指标"),
    "value": ("数值", "指标值"),
    "measure": ("计量单位", "单位"),
    "province_rank": ("全省位次", "全省排名"),
    "city_rank": ("全市位次", "全市排名"),
    "own": ("本区指标", "对应本区指标"),
}
MOST = 10_000
PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class Series:
    """A series as a file may speak of it: among how many it ranks, and which periods it has already."""

    name: str
    of_province: int
    of_city: int
    periods: frozenset[Period] = frozenset()


@dataclass(frozen=True)
class Known:
    """What there is before the file: the series by name, and the campaign's own indicators."""

    series: Mapping[str, Series] = field(default_factory=dict)
    indicators: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """All that a file says: the series it names, and (series, row number, statement) in the order of the file."""

    series: dict[str, Series]
    overalls: tuple[tuple[str, int, Overall], ...]
    scores: tuple[tuple[str, int, Score], ...]
    errors: tuple[RowError, ...]
    notes: tuple[str, ...]
    sha256: str = ""


def read_evaluations(data: bytes, filename: str, known: Known, on: date) -> Reading:
    """Bytes to reading in one step. Raises nothing but WorkbookRefused."""
    return parse(read(data, filename), known, on, hashlib.sha256(data).hexdigest())


def parse(sheets: list[Sheet], known: Known, on: date, sha256: str = "") -> Reading:
    """Every line of every sheet that is a table of results or of indicators."""
    reader, notes = _Reader(known, on), []
    results: list[Table] = []
    indicators: list[Table] = []
    for sheet in sheets:
        if table := Table.find(sheet, SCORES, ("period", "name")):
            indicators.append(table)
        elif table := Table.find(sheet, OVERALL, ("period", "published_on")):
            results.append(table)
        elif any(row for row in sheet.rows) and sheet.name not in ("填写说明", "本区指标"):
            notes.append(f"工作表‘{sheet.name}’没有外部评价表头，未读取。")
    if not results and not indicators:
        raise WorkbookRefused(
            "没有找到外部评价表头：‘总体’表应有‘期间’‘公布日期’，‘分指标’表应有‘期间’‘指标’。请下载模板填写。"
        )
    for table in results:  # all of them before the indicators, which may speak of any
        reader.read_overalls(table)
    for table in indicators:
        reader.read_scores(table)
    errors = [error for table in (*results, *indicators) for error in table.errors]
    if not reader.overalls and not reader.scores and not errors:
        raise WorkbookRefused("外部评价表只有表头，没有内容。请填写后重新上传。")
    return Reading(reader.series, tuple(reader.overalls), tuple(reader.scores), tuple(errors), tuple(notes), sha256)


class _Reader:
    """Walks the tables, knowing what was said before."""

    def __init__(self, known: Known, on: date) -> None:
        self.known, self.on = known, on
        self.series: dict[str, Series] = dict(known.series)
        self.overalls: list[tuple[str, int, Overall]] = []
        self.scores: list[tuple[str, int, Score]] = []
        self._said: dict[tuple[str, ...], tuple[str, int]] = {}
        self._spoilt: set[Period] = set()

    def read_overalls(self, table: Table) -> None:
        """The lines of a sheet of results."""
        for line in table.lines():
            period = line.take("period", _period)
            series = self._named_series(line)
            if series is None or period is None:
                self._spoilt.update([period] if period else [])
                continue
            said = Overall(
                period=period,
                published_on=self._published_on(line, period) or self.on,
                rating=line.take("rating", _rating) or "",
                province_rank=line.whole("province_rank", 1, series.of_province),
                city_rank=line.whole("city_rank", 1, series.of_city),
                note=line.text("note", 500),
                source=line.text("source", 200),
            )
            if line.is_right and not (said.rating or said.province_rank or said.city_rank or said.note):
                line.complain("rating", "评级、位次和说明均未填写", "请至少填写一项，或删去本行")
            self._once(line, "总体", series.name, period.words)
            if line.is_right:
                self.overalls.append((series.name, line.row, said))
            else:
                self._spoilt.add(period)

    def read_scores(self, table: Table) -> None:
        """The lines of a sheet of indicators."""
        for line in table.lines():
            period = line.take("period", _period)
            series = self._only_series(line)
            name = line.text("name", 100, needed=True)
            if period is not None and series is not None:
                self._is_published(line, series, period)
            said = Score(
                period=period or Period(self.on, self.on),
                dimension=line.text("dimension", 50, needed=True),
                name=name,
                value=None if (value := line.number("value")) is None else value.quantize(PLACES),
                measure=line.text("measure", 20),
                province_rank=line.whole("province_rank", 1, series.of_province if series else MOST),
                city_rank=line.whole("city_rank", 1, series.of_city if series else MOST),
                indicator_id=line.take("own", partial(self._own, name)),
            )
            if line.is_right and said.value is None and said.province_rank is None and said.city_rank is None:
                line.complain("value", "数值和位次均未填写", "请至少填写一项，或删去本行")
            if period is not None and series is not None and name:
                self._once(line, "分指标", series.name, period.words, name)
            if line.is_right and series is not None:
                self.scores.append((series.name, line.row, said))

    def _named_series(self, line: Line) -> Series | None:
        """The series of a result: known, or begun by this line, which then says among how many it ranks."""
        name = line.text("series", 100) or (next(iter(self.series)) if len(self.series) == 1 else "")
        of_province, of_city = line.whole("of_province", 1, MOST), line.whole("of_city", 1, MOST)
        if not line.is_right:
            return None
        if not name:
            several = "有多项评价，未写明是哪一项" if self.series else "未填写评价名称"
            line.complain("series", several, "请填写，例如‘MEI经济运行综合评价’")
            return None
        found = self.series.get(name)
        if found is None:
            for key, number, words_ in (("of_province", of_province, "全省"), ("of_city", of_city, "全市")):
                if number is None:
                    line.complain(key, f"首次导入‘{name}’，未填写{words_}参评数", "请填写参评的县（市、区）个数")
            if of_province is None or of_city is None:
                return None
            self.series[name] = found = Series(name, of_province, of_city)
        for key, number, there in (
            ("of_province", of_province, found.of_province),
            ("of_city", of_city, found.of_city),
        ):
            if number is not None and number != there:
                line.complain(key, f"与已登记的 {there} 个不一致", "请核对；参评范围确有调整的，请另立评价名称")
        return found

    def _only_series(self, line: Line) -> Series | None:
        """The series of an indicator: the one named, or the only one there is."""
        name = line.text("series", 100)
        if name and name not in self.series:
            line.complain("series", f"‘总体’表中没有‘{name}’", "请核对评价名称")
            return None
        named = {each for each, _, _ in self.overalls} or set(self.series)
        if not name and len(named) > 1:
            line.complain("series", "有多项评价，未写明是哪一项", "请填写评价名称")
            return None
        return self.series[name] if name else self.series[named.pop()] if named else None

    def _is_published(self, line: Line, series: Series, period: Period) -> None:
        """Indicators need a result of their period, in the file or from before."""
        if period in series.periods or period in self._spoilt:
            return
        if not any(name == series.name and said.period == period for name, _, said in self.overalls):
            line.complain("period", f"‘总体’表中没有{period.words}", "请先在‘总体’表填写该期间")

    def _published_on(self, line: Line, period: Period) -> date | None:
        found = line.take("published_on", lambda cell: due_date(cell, self.on))
        if found is None:
            if line.is_right:
                line.complain("published_on", "未填写公布日期", "请填写")
        elif found > self.on:
            line.complain("published_on", "公布日期晚于今天", "请核对")
        elif found <= period.starts_on:
            line.complain("published_on", f"公布日期早于{period.words}", "请核对期间和日期")
        return found

    def _own(self, name: str, cell: Cell) -> int | None:
        """Our own indicator: as named, else the one of the same name."""
        text = compact(words(cell))
        names = {compact(each): number for each, number in self.known.indicators.items()}
        if text in NONE_GIVEN:
            return None if text else names.get(compact(name))
        if text not in names:
            near = get_close_matches(text, [compact(each) for each in self.known.indicators], n=1, cutoff=0.4)
            raise Unclear(f"找不到本区指标‘{text[:40]}’", f"是否为‘{near[0]}’？" if near else "请从下拉列表选择")
        return names[text]

    def _once(self, line: Line, *key: str) -> None:
        sheet, number = self._said.setdefault(key, (line.table.sheet.name, line.row))
        if (sheet, number) != (line.table.sheet.name, line.row):
            where = "" if sheet == line.table.sheet.name else f"工作表‘{sheet}’"
            field_name = "period" if key[0] == "总体" else "name"
            line.complain(field_name, f"与{where}第 {number} 行重复", "请只保留一行")


def _period(cell: Cell) -> Period:
    """2020年4月, 2020年上半年, 202004, a date in the month."""
    if isinstance(cell, date):
        return Period.of_months(cell.year, cell.month, cell.month)
    text = compact(words(cell))
    if not text:
        raise Unclear("未填写期间", "请填写，例如‘2020年4月’")
    if len(text) == 6 and text.isdigit():
        text = f"{text[:4]}-{text[4:]}"
    found = None if isinstance(cell, float) and "." in text else Period.read(text)
    if found is None:
        raise Unclear(f"‘{text[:40]}’不是可识别的期间", "请写成‘2020年4月’‘2020年1—4月’或‘2020年上半年’的形式")
    return found


def _rating(cell: Cell) -> str:
    text = compact(words(cell))
    if text in NONE_GIVEN:
        return ""
    if text not in RATINGS:
        raise Unclear(f"‘{text[:20]}’不是评级", f"请填写{'、'.join(RATINGS)}之一")
    return text
