"""The task book 任务书: sheets in, typed lines and named errors out. Knows no database and no clock."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from taskboard.imports import headers
from taskboard.imports.cells import NONE_GIVEN, ProgressColumn, Unclear, due_date, figure, tidy, words
from taskboard.imports.names import Directory, UnknownUnit, compact
from taskboard.imports.workbook import Bad, Cell, Sheet, WorkbookRefused, letter, read

UNIT_FIELDS = ("lead_units", "responsible_units", "supporting_units")
SUMS = {"合计", "小计", "总计", "共计"}
REMARK = re.compile(r"^(注|备注|说明|填表人|填报人|填报单位|联系人|审核人)[:：]")
NUMERAL = "[一二三四五六七八九十]{1,3}"
NUMBERED = re.compile(rf"^(?:[(（]{NUMERAL}[)）][、.．]?|{NUMERAL}[、.．]|第{NUMERAL}(?:章|节|部分|类)[、.．:：]?)")


@dataclass(frozen=True)
class TaskRow:
    """One line of the task book that can be taken. `key` is the line's identity across imports."""

    sheet: str
    row: int
    no: str | None
    project: str
    work: str
    leader: str | None
    lead_units: tuple[str, ...]
    responsible_units: tuple[str, ...]
    supporting_units: tuple[str, ...]
    status_text: str
    progress: Decimal | None
    due_on: date | None
    key: str
    group_name: str | None = None


@dataclass(frozen=True)
class RowError:
    """Why a line cannot be taken: where, what stands there, the reason, and what to do."""

    sheet: str
    row: int
    column: str
    text: str
    reason: str
    remedy: str

    @property
    def words(self) -> str:
        """The whole complaint as a sentence."""
        place = f"工作表‘{self.sheet}’第 {self.row} 行" + (f" {self.column}" if self.column else "")
        return f"{place}：{self.reason}{'，' + self.remedy if self.remedy else ''}" + (
            "" if self.remedy.endswith("？") else "。"
        )


@dataclass(frozen=True)
class Reading:
    """All that a file says. `notes` tell what was passed over; `columns` maps sheet → ((header, field), …)."""

    rows: tuple[TaskRow, ...]
    errors: tuple[RowError, ...]
    notes: tuple[str, ...]
    columns: dict[str, tuple[tuple[str, str], ...]]
    sha256: str = ""

    @property
    def wrong_rows(self) -> set[tuple[str, int]]:
        """(sheet, row) of every line with an error, for who skips them explicitly."""
        return {(error.sheet, error.row) for error in self.errors}


def read_task_book(data: bytes, filename: str, directory: Directory, on: date) -> Reading:
    """Bytes to reading in one step. Raises nothing but WorkbookRefused."""
    return parse(read(data, filename), directory, on, hashlib.sha256(data).hexdigest())


def parse(sheets: list[Sheet], directory: Directory, on: date, sha256: str = "") -> Reading:
    """Every line of every sheet with a known header. Dates without a year fall in the year of `on`."""
    rows: list[TaskRow] = []
    errors: list[RowError] = []
    notes: list[str] = []
    columns: dict[str, tuple[tuple[str, str], ...]] = {}
    for sheet in sheets:
        header = headers.find(sheet)
        if header is None:
            notes.append(f"工作表‘{sheet.name}’没有任务书表头，未读取。")
            continue
        columns[sheet.name] = tuple(
            (header.texts[column], headers.CHINESE_NAME[field]) for field, column in header.fields.items()
        )
        reader = _SheetReader(sheet, header, directory, on)
        reader.run()
        rows += reader.rows
        errors += reader.errors
        notes += reader.notes
    if not columns:
        raise WorkbookRefused("没有找到任务书表头：前 10 行中应有‘项目名称’‘主要工作内容’‘牵头单位’等列名。")
    if not rows and not errors:
        raise WorkbookRefused("任务书只有表头，没有任务行。")
    unique, doubles = _without_doubles(rows)
    errors.sort(key=lambda error: (list(columns).index(error.sheet), error.row))
    return Reading(tuple(unique), tuple(errors + doubles), tuple(notes), columns, sha256)


def line_key(project: str, work: str, lead_units: tuple[str, ...]) -> str:
    """Stable identity of a line: same project, work and lead units, however spaced, wide or ordered."""
    parts = (tidy(project), tidy(work), *sorted(lead_units))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:40]


def _without_doubles(rows: list[TaskRow]) -> tuple[list[TaskRow], list[RowError]]:
    first: dict[str, TaskRow] = {}
    errors = []
    for row in rows:
        other = first.setdefault(row.key, row)
        if other is not row:
            where = "" if other.sheet == row.sheet else f"工作表‘{other.sheet}’"
            reason = f"与{where}第 {other.row} 行重复（项目、工作内容、牵头单位均相同）"
            errors.append(RowError(row.sheet, row.row, "", row.work[:40], reason, f"请合并第 {other.row} 行和本行"))
    return list(first.values()), errors


class _SheetReader:
    """Walks one sheet's lines, keeping the section and the project they stand under."""

    def __init__(self, sheet: Sheet, header: headers.Header, directory: Directory, on: date) -> None:
        self.sheet, self.header, self.directory, self.on = sheet, header, directory, on
        self.rows: list[TaskRow] = []
        self.errors: list[RowError] = []
        self.notes: list[str] = []
        self.section: str | None = None
        self.project = ""
        below = sheet.rows[header.below :]
        self.progress = {
            field: ProgressColumn(row[header.fields[field]] for row in below if len(row) > header.fields[field])
            for field in ("progress", "status")
            if field in header.fields
        }

    def run(self) -> None:
        """Take every line below the header; a sheet lacking or doubling a column has errors of its header only."""
        for name in self.header.missing:
            self._error(self.header.row, None, "", f"缺少‘{name}’列", "请补上该列后重新上传")
        for field, first, second in self.header.doubled:
            reason = f"与 {letter(first)} 列同为‘{headers.CHINESE_NAME[field]}’"
            self._error(self.header.row, second, self.header.texts[second], reason, "请只保留一列或修改其中一列的列名")
        if self.errors:
            return
        for index in range(self.header.below, len(self.sheet.rows)):
            row = self.sheet.rows[index]
            if any(cell is not None and (isinstance(cell, Bad) or words(cell)) for cell in row):
                self._line(index, row)

    def _line(self, index: int, row: tuple[Cell, ...]) -> None:
        texts = [compact(str(cell)) for cell in row if cell is not None and not isinstance(cell, Bad)]
        number = index + self.sheet.first_row
        if texts and (texts[0] in SUMS or (len(texts) > 1 and figure(row[0]) is None and texts[1] in SUMS)):
            self.notes.append(f"工作表‘{self.sheet.name}’第 {number} 行为合计行，未读取。")
        elif texts and REMARK.match(texts[0]):
            self.notes.append(f"工作表‘{self.sheet.name}’第 {number} 行为表注，未读取。")
        elif title := self._section(row, texts):
            self.section, self.project = title, ""
        elif row[: len(self.sheet.rows[self.header.row])] != self.sheet.rows[self.header.row]:
            self._task(index, row)

    def _section(self, row: tuple[Cell, ...], texts: list[str]) -> str:
        """The title if the row is one (“一、重大项目”, merged across or alone), without its number."""
        distinct = list(dict.fromkeys(texts))
        if any(isinstance(cell, Bad) for cell in row) or not distinct:
            return ""
        if len(distinct) == 1 and (NUMBERED.match(distinct[0]) or len(texts) >= 3):
            return NUMBERED.sub("", distinct[0]) or distinct[0]
        if len(distinct) == 2 and re.fullmatch(rf"[(（]?{NUMERAL}[)）]?[、.．]?", distinct[0]):
            return distinct[1]
        return ""

    def _task(self, index: int, row: tuple[Cell, ...]) -> None:
        before = len(self.errors)
        no = self._words(index, row, "no") or None
        project = self._words(index, row, "project")
        work = self._words(index, row, "work")
        if not project and not no and work:
            project = self.project  # the following lines of a project whose cell was not merged
        self.project = project or self.project
        if not (project or work):
            column = self.header.fields.get("work", self.header.fields.get("project"))
            self._error(index, column, "", "未填写项目名称和工作内容", "请填写，或删去本行")
        lead, responsible, supporting = (self._units(index, row, field) for field in UNIT_FIELDS)
        status, percent = self._status(index, row)
        due = self._due(index, row)
        leader = self._words(index, row, "leader")
        group = self._words(index, row, "group") or self.section
        if len(self.errors) > before:
            return
        project, work = project or work, work or project
        self.rows.append(
            TaskRow(self.sheet.name, index + self.sheet.first_row, no, project, work,
                    None if leader in NONE_GIVEN else leader, lead, responsible, supporting, status, percent, due,
                    line_key(project, work, lead), group)
        )  # fmt: skip

    def _units(self, index: int, row: tuple[Cell, ...], field: str) -> tuple[str, ...]:
        before = len(self.errors)
        text = self._words(index, row, field)
        column = self.header.fields.get(field)
        found: tuple[str, ...] = ()
        if text not in NONE_GIVEN:
            try:
                found = tuple(self.directory.resolve(text))
            except UnknownUnit as unknown:
                remedy = f"是否为‘{unknown.nearest}’？" if unknown.nearest else "请核对单位名称"
                self._error(index, column, text, f"找不到‘{unknown.text}’", remedy)
        if field == "lead_units" and not found and len(self.errors) == before:
            self._error(index, column, text, "未填写牵头单位", "请填写")
        return found

    def _status(self, index: int, row: tuple[Cell, ...]) -> tuple[str, Decimal | None]:
        """Words from the status column; the percent from the progress column, else from the words."""
        cell = self._cell(row, "status")
        text = "" if figure(cell) is not None else self._words(index, row, "status")
        percent = None
        for field in ("progress", "status"):
            if percent is None and field in self.progress and not isinstance(self._cell(row, field), Bad):
                try:
                    percent = self.progress[field].read(self._cell(row, field))
                except Unclear as unclear:
                    self._unclear(index, row, field, unclear)
        if isinstance(self._cell(row, "progress"), Bad):
            self._words(index, row, "progress")
        return ("" if text in NONE_GIVEN else text), percent

    def _due(self, index: int, row: tuple[Cell, ...]) -> date | None:
        try:
            return due_date(self._cell(row, "due"), self.on)
        except Unclear as unclear:
            self._unclear(index, row, "due", unclear)
            return None

    def _words(self, index: int, row: tuple[Cell, ...], field: str) -> str:
        try:
            return words(self._cell(row, field))
        except Unclear as unclear:
            self._unclear(index, row, field, unclear)
            return ""

    def _cell(self, row: tuple[Cell, ...], field: str) -> Cell:
        column = self.header.fields.get(field)
        return row[column] if column is not None and column < len(row) else None

    def _unclear(self, index: int, row: tuple[Cell, ...], field: str, unclear: Unclear) -> None:
        cell = self._cell(row, field)
        text = cell.code if isinstance(cell, Bad) else words(cell)
        self._error(index, self.header.fields.get(field), text, unclear.reason, unclear.remedy)

    def _error(self, index: int, column: int | None, text: str, reason: str, remedy: str) -> None:
        name = "" if column is None else f"{letter(column)} 列‘{self.header.texts.get(column, '')}’"
        self.errors.append(RowError(self.sheet.name, index + self.sheet.first_row, name, text[:200], reason, remedy))
