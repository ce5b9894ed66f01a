"""The empty task book to fill in: the headers the import knows, with units to choose from."""

from __future__ import annotations

import io
from collections.abc import Sequence

import xlsxwriter

HEADS = (("序号", 6), ("专项组", 16), ("项目名称", 26), ("主要工作内容", 44), ("牵头领导", 12), ("牵头单位", 18),
         ("责任单位", 24), ("配合单位", 24), ("完成时限", 14), ("完成进度", 12), ("完成情况", 36))  # fmt: skip
NOTES = (
    "每行一项任务，‘项目名称’或‘主要工作内容’至少填写一项，‘牵头单位’必填。",
    "一格填写多个单位时用顿号隔开，例如：区商务局、区财政局。可写‘各街道’‘各街道（园区）’。",
    "单位可从下拉列表选择，也可直接填写；名称须与‘单位’工作表一致，或为已登记的别名。",
    "完成时限写成 2020-06-30，也可写‘2020年6月底’‘年底’‘长期’。未写年份的按导入当年计。",
    "完成进度写成 85%，尚无进度的填写‘/’，已完成的填写‘已完成’。",
    "项目名称、工作内容、牵头单位均相同的行视为同一任务，同一文件内不得重复。",
)
LINES = 500


def task_book(units: Sequence[str], groups: Sequence[str] = ()) -> bytes:
    """An .xlsx with header row, drop-downs of units and groups, and a sheet of notes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("任务书")
    notes, lists = book.add_worksheet("填写说明"), book.add_worksheet("单位")
    head = book.add_format({"bold": True, "border": 1, "align": "center", "bg_color": "#EEF1F5", "text_wrap": True})
    text, day = book.add_format({"text_wrap": True, "valign": "top"}), book.add_format({"num_format": "yyyy-mm-dd"})
    for column, (name, width) in enumerate(HEADS):
        share = book.add_format({"num_format": "0%"}) if name == "完成进度" else None
        sheet.set_column(column, column, width, day if name == "完成时限" else share or text)
        sheet.write_string(0, column, name, head)
    sheet.freeze_panes(1, 0)
    for row, note in enumerate(NOTES):
        notes.write_string(row, 0, f"{row + 1}. {note}", text)
    notes.set_column(0, 0, 90)
    lists.set_column(0, 1, 30)
    _choices(sheet, lists, 0, "单位", units, (5, 6, 7))
    _choices(sheet, lists, 1, "专项组", groups, (1,))
    book.close()
    return out.getvalue()


def _choices(
    sheet: xlsxwriter.worksheet.Worksheet, lists: xlsxwriter.worksheet.Worksheet, at: int, head: str,
    names: Sequence[str], columns: Sequence[int],
) -> None:  # fmt: skip
    """A list on the sheet of choices and the drop-downs drawing on it. They warn only: 各街道 is not listed."""
    lists.write_string(0, at, f"{head}名称", None)
    for row, name in enumerate(names, start=1):
        lists.write_string(row, at, name)
    if not names:
        return
    source = f"='单位'!${'AB'[at]}$2:${'AB'[at]}${len(names) + 1}"
    rule = {"validate": "list", "source": source, "error_type": "warning", "error_title": "请核对",
            "error_message": "名称不在列表中，多个单位请用顿号隔开。"}  # fmt: skip
    for column in columns:
        sheet.data_validation(1, column, LINES, column, rule)
