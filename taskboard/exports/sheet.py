"""Workbooks: one writer for every list. Text stays text: nothing typed becomes a formula."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import xlsxwriter

from taskboard.clock import SHANGHAI

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS: dict[str, dict[str, Any]] = {
    "text": {"text_wrap": True},
    "number": {"num_format": "#,##0.####"},
    "share": {"num_format": "0.0%"},
    "date": {"num_format": "yyyy-mm-dd"},
    "whole": {"num_format": "0"},
}
IN_MEMORY = 2 * 1024 * 1024
SAID_EVERY = 500
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


@dataclass(frozen=True)
class Column:
    """A column of a workbook: its head, kind (text, number, share, date, whole), width, and where its value is.

    `total` puts a sum under the column.
    """

    head: str
    kind: str
    value: Callable[[Any], Any]
    width: float = 12
    total: bool = False


def write(name: str, columns: Sequence[Column], rows: Iterable[Any]) -> IO[bytes]:
    """A workbook of one sheet, positioned at its start. Rows are written as they come, so memory stays flat."""
    out: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the answer closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}  # fmt: skip
    book = xlsxwriter.Workbook(out, options)
    sheet = book.add_worksheet(name.translate(FORBIDDEN)[:31] or "清单")
    looks = {kind: book.add_format({"valign": "top", **look}) for kind, look in FORMATS.items()}
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEF1F5", "text_wrap": True})
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.head, head)
    sheet.freeze_panes(1, 0)
    last, totals = 0, [Decimal(0)] * len(columns)
    for last, row in enumerate(rows, start=1):
        for place, column in enumerate(columns):
            value = column.value(row)
            _cell(sheet, last, place, value, looks[column.kind])
            if column.total and value is not None:
                totals[place] += value
    sheet.autofilter(0, 0, last, len(columns) - 1)
    _foot(sheet, last + 1, columns, totals, last, book.add_format({"bold": True, "top": 1}))
    book.close()
    out.seek(0)
    return out


def counted(rows: Iterable[Any], say: Callable[[int], None]) -> Iterator[Any]:
    """The same rows; says how many have passed, every SAID_EVERY of them and at the end."""
    count = 0
    for count, row in enumerate(rows, start=1):
        yield row
        if count % SAID_EVERY == 0:
            say(count)
    say(count)


def _foot(sheet: Any, at: int, columns: Sequence[Column], totals: list[Decimal], count: int, look: Any) -> None:
    sheet.write_string(at, 0, f"共 {count} 项", look)
    for place, column in enumerate(columns):
        if column.total and place:
            sheet.write_number(at, place, float(totals[place]), look)


def _cell(sheet: Any, row: int, place: int, value: Any, look: Any) -> None:
    if value is None or value == "":
        sheet.write_blank(row, place, None, look)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, place, value.astimezone(SHANGHAI).replace(tzinfo=None), look)
    elif isinstance(value, date):
        sheet.write_datetime(row, place, datetime(value.year, value.month, value.day), look)
    elif isinstance(value, (int, float, Decimal)):
        sheet.write_number(row, place, float(value), look)
    else:
        sheet.write_string(row, place, str(value), look)
