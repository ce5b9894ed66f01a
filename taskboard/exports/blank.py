"""A workbook to fill in: heads, rows that are there already, drop-down lists on a hidden sheet, and notes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

LISTS = "名称"
SPARE = 500  # rows below the last one that have drop-downs too


@dataclass(frozen=True)
class Head:
    """A column: its head (text or a day), width, and the name of the list that its cells choose from."""

    words: str | date
    width: float = 12
    choices: str = ""
    is_grey: bool = False  # filled in by us, to know the row by


def write(
    title: str,
    heads: Sequence[Head],
    rows: Iterable[Sequence[Any]],
    notes: Sequence[str],
    lists: Mapping[str, Sequence[str]] | None = None,
) -> bytes:
    """The workbook. Text stays text: nothing becomes a formula."""
    out, count = io.BytesIO(), 0
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet, told, names = book.add_worksheet(title), book.add_worksheet("填写说明"), book.add_worksheet(LISTS)
    common = {"bold": True, "border": 1, "align": "center", "bg_color": "#EEF1F5", "text_wrap": True}
    head_look, head_day = book.add_format(common), book.add_format({**common, "num_format": "yyyy-mm-dd"})
    text, grey = book.add_format({"valign": "top"}), book.add_format({"valign": "top", "font_color": "#5F6B7A"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
    number = book.add_format({"num_format": "#,##0.####", "valign": "top"})
    for place, head in enumerate(heads):
        sheet.set_column(place, place, head.width)
        _put(sheet, 0, place, head.words, head_look, head_day, head_look)
    for count, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            _put(sheet, count, place, value, grey if heads[place].is_grey else text, day, number)
    sheet.freeze_panes(1, sum(1 for head in heads if head.is_grey))
    for row_at, note in enumerate(notes):
        told.write_string(row_at, 0, f"{row_at + 1}. {note}", book.add_format({"text_wrap": True, "valign": "top"}))
    told.set_column(0, 0, 90)
    _choices(sheet, names, heads, lists or {}, count + SPARE)
    names.hide()
    book.close()
    return out.getvalue()


def _put(sheet: Any, row: int, place: int, value: Any, text: Any, day: Any, number: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, date):
        sheet.write_datetime(row, place, datetime(value.year, value.month, value.day), day)
    elif isinstance(value, Decimal):
        sheet.write_number(row, place, float(value), number)
    elif isinstance(value, int):
        sheet.write_number(row, place, value, text)
    else:
        sheet.write_string(row, place, str(value), text)


def _choices(sheet: Any, names: Any, heads: Sequence[Head], lists: Mapping[str, Sequence[str]], last: int) -> None:
    """The lists on their sheet, and the drop-downs; they warn only, since a cell may name several units."""
    for at, (title, entries) in enumerate(lists.items()):
        names.write_string(0, at, title)
        for row, entry in enumerate(entries, 1):
            names.write_string(row, at, entry)
        if not entries:
            continue
        column = chr(ord("A") + at)
        rule = {"validate": "list", "source": f"='{LISTS}'!${column}$2:${column}${len(entries) + 1}",
                "error_type": "warning", "error_title": "请核对",
                "error_message": "名称不在列表中；多个单位请用顿号隔开。"}  # fmt: skip
        for place, head in enumerate(heads):
            if head.choices == title:
                sheet.data_validation(1, place, last, place, rule)
