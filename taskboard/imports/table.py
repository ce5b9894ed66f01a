"""A plain table on a sheet: one header row with known names, then lines. Each cell is read or complained of.

For workbooks whose columns we name ourselves; the task book, which has many authors, reads its own headers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from taskboard.imports.cells import NONE_GIVEN, Unclear, figure, words
from taskboard.imports.names import compact, normal
from taskboard.imports.task_book import RowError
from taskboard.imports.workbook import Bad, Cell, Sheet, letter

WITHIN = 10
Value = TypeVar("Value")


class Table:
    """A sheet's header and its lines. `columns` maps a field to the names it may have; the first is ours."""

    def __init__(self, sheet: Sheet, columns: Mapping[str, tuple[str, ...]], header: int) -> None:
        self.sheet, self.columns, self.header = sheet, columns, header
        self.errors: list[RowError] = []
        self.places: dict[str, int] = {}
        for place, cell in enumerate(sheet.rows[header]):
            field = _field(cell, columns)
            if field and field in self.places:
                reason = f"与 {letter(self.places[field])} 列同为‘{columns[field][0]}’"
                self._complain(header, place, _text(cell), reason, "请只保留一列")
            elif field:
                self.places[field] = place

    @staticmethod
    def find(sheet: Sheet, columns: Mapping[str, tuple[str, ...]], needed: tuple[str, ...]) -> Table | None:
        """The table under the first row with all the needed names; None where the sheet has no such row."""
        for index, row in enumerate(sheet.rows[:WITHIN]):
            if set(needed) <= {_field(cell, columns) for cell in row}:
                return Table(sheet, columns, index)
        return None

    def lines(self) -> Iterator[Line]:
        """Every line below the header that holds anything."""
        for index in range(self.header + 1, len(self.sheet.rows)):
            row = self.sheet.rows[index]
            if any(isinstance(cell, Bad) or _text(cell) for cell in row):
                yield Line(self, index)

    def _complain(self, index: int, place: int | None, text: str, reason: str, remedy: str) -> None:
        head = self.sheet.rows[self.header]
        title = _text(head[place]) if place is not None and place < len(head) else ""
        column = f"{letter(place)} 列‘{title}’" if place is not None else ""
        number = index + self.sheet.first_row
        self.errors.append(RowError(self.sheet.name, number, column, text[:200], reason, remedy))


class Line:
    """One line; what cannot be taken is complained of at its cell, and reads as nothing."""

    def __init__(self, table: Table, index: int) -> None:
        self.table, self.index = table, index
        self.row = index + table.sheet.first_row
        self._before = len(table.errors)

    @property
    def is_right(self) -> bool:
        """Whether nothing on it was complained of so far."""
        return len(self.table.errors) == self._before

    def text(self, field: str, most: int = 200, needed: bool = False) -> str:
        """The cell as trimmed text, empty where nothing is given."""

        def read(cell: Cell) -> str:
            found = normal(words(cell))
            found = "" if found in NONE_GIVEN else found
            if len(found) > most:
                raise Unclear(f"共 {len(found)} 字，超过 {most} 字", "请缩短")
            return found

        found = self.take(field, read) or ""
        if needed and not found and not self.has_complaint(field):
            self.complain(field, f"未填写{self.table.columns[field][0]}", "请填写")
        return found

    def whole(self, field: str, low: int, high: int) -> int | None:
        """A whole number between two others: 5, 第5位, 5/90."""

        def read(cell: Cell) -> int | None:
            text = compact(words(cell))
            if text in NONE_GIVEN:
                return None
            match = re.fullmatch(r"第?(\d{1,6})(?:位|名)?(?:/\d{1,6})?", text)
            number = int(match[1]) if match else None
            if number is None:
                raise Unclear(f"‘{text[:40]}’不是整数", "请填写数字")
            if not low <= number <= high:
                raise Unclear(f"{number} 不在 {low} 至 {high} 之间", "请核对")
            return number

        return self.take(field, read)

    def number(self, field: str) -> Any:
        """A number, or None where none is given."""

        def read(cell: Cell) -> Any:
            if compact(words(cell)) in NONE_GIVEN:
                return None
            found = figure(cell.replace(",", "") if isinstance(cell, str) else cell)
            if found is None:
                raise Unclear(f"‘{words(cell)[:40]}’不是数字", "请填写数字，计量单位另填一列")
            return found

        return self.take(field, read)

    def take(self, field: str, read: Callable[[Cell], Value]) -> Value | None:
        """What `read` makes of the cell; its Unclear is a complaint at this cell."""
        try:
            return read(self.cell(field))
        except Unclear as unclear:
            self.complain(field, unclear.reason, unclear.remedy)
            return None

    def cell(self, field: str) -> Cell:
        cells, place = self.table.sheet.rows[self.index], self.table.places.get(field)
        return cells[place] if place is not None and place < len(cells) else None

    def complain(self, field: str, reason: str, remedy: str) -> None:
        """Say what is wrong with the cell, and what to do."""
        cell = self.cell(field)
        text = cell.code if isinstance(cell, Bad) else _text(cell)
        self.table._complain(self.index, self.table.places.get(field), text, reason, remedy)

    def has_complaint(self, field: str) -> bool:
        place = self.table.places.get(field)
        column = f"{letter(place)} 列" if place is not None else "-"
        return any(error.column.startswith(column) for error in self.table.errors[self._before :])


def _field(cell: Cell, columns: Mapping[str, tuple[str, ...]]) -> str:
    text = re.sub(r"\(.*?\)", "", compact(_text(cell))).rstrip(":*")
    return next((field for field, names in columns.items() if text and text in names), "")


def _text(cell: Cell) -> str:
    return "" if cell is None or isinstance(cell, Bad) else words(cell)
