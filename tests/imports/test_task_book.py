"""Real-looking task books: what is taken, and how each fault is named."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from taskboard.exports import template
from taskboard.imports.task_book import Reading, read_task_book
from taskboard.imports.workbook import WorkbookRefused
from tests.imports.books import DIRECTORY, HEAD, NAMES, ON, PARK, STREETS, book, line


def reading(*lines: list[Any], merged: tuple[str, ...] = ()) -> Reading:
    return read_task_book(book([HEAD, *lines], merged), "任务书.xlsx", DIRECTORY, ON)


def test_reads_a_district_table_with_title_two_row_header_sections_and_merged_cells() -> None:
    rows = [
        ["2020年拱墅区重点任务书"],
        [
            "序号",
            "项 目\n名称",
            "主要工作内容",
            "牵头领导",
            "责任分工",
            None,
            "完成时限（年内）",
            "截至5月底累计完成情况",
        ],
        [None, None, None, None, "牵头单位", "责任单位", None, None],
        ["一、重大项目"],
        [1, "运河湾", "完成拆迁", "张某", "区住建局", "各街道、区科技工业区管委会", "6月30日前", "完成85%，剩余3户"],
        [None, None, "开工建设", "张某", "区住建局、区商务局", "各街道（园区）", "年底", "/"],
        [2, "智慧网谷", "招商入驻", "李某", "商务局", "祥符街道", "长期", "已完成"],
        ["合 计", None, None, None, None, None, None, None],
        ["注：进度截至5月底"],
    ]
    merged = ["A1:H1", "E2:F2", "A2:A3", "B2:B3", "C2:C3", "D2:D3", "G2:G3", "H2:H3", "A4:H4", "A5:A6", "B5:B6"]
    found = read_task_book(book(rows, merged), "任务书.xlsx", DIRECTORY, ON)

    assert [error.words for error in found.errors] == []
    first, second, third = found.rows
    assert (first.row, first.no, first.project, first.group_name) == (5, "1", "运河湾", "重大项目")
    assert first.responsible_units == (*STREETS, PARK) == second.responsible_units
    assert (first.progress, first.status_text, first.due_on) == (85, "完成85%，剩余3户", date(2020, 6, 30))
    assert (second.project, second.lead_units) == ("运河湾", ("区住建局", "区商务局"))
    assert (second.progress, second.status_text, second.due_on) == (None, "", date(2020, 12, 31))
    assert (third.progress, third.due_on, third.lead_units) == (100, None, ("区商务局",))
    assert len(found.notes) == 2


def test_names_an_unknown_unit_with_place_and_nearest_name() -> None:
    found = reading(line(), line(work="另一项", responsible="区科委局"))

    assert [error.words for error in found.errors] == [
        "工作表‘任务书’第 3 行 F 列‘责任单位’：找不到‘区科委局’，是否为‘区科技局’？"
    ]
    assert [row.row for row in found.rows] == [2]
    assert found.wrong_rows == {("任务书", 3)}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"lead": None}, "第 2 行 E 列‘牵头单位’：未填写牵头单位"),
        ({"status": "120%"}, "第 2 行 H 列‘完成情况’：进度 120% 不在 0 至 100 之间"),
        ({"status": -5}, "第 2 行 H 列‘完成情况’：进度 -5% 不在"),
        ({"due": "尽快"}, "第 2 行 G 列‘完成时限’：‘尽快’不是可识别的时间"),
        ({"due": "2020.2.30"}, "第 2 行 G 列‘完成时限’：‘2020.2.30’不是"),
        ({"due": 2020.1}, "第 2 行 G 列‘完成时限’：‘2020.1’不是"),
        ({"project": None, "work": None}, "第 2 行 C 列‘主要工作内容’：未填写项目名称和工作内容"),
        ({"status": "#N/A"}, "第 2 行 H 列‘完成情况’：单元格为错误值 #N/A"),
        ({"lead": "=A1"}, "第 2 行 E 列‘牵头单位’：公式没有计算结果"),
    ],
)
def test_names_each_faulty_cell(changes: dict[str, Any], place: str) -> None:
    found = reading(line(**changes))

    assert len(found.errors) == 1
    assert place in found.errors[0].words
    assert found.rows == ()


def test_names_both_rows_of_a_line_written_twice() -> None:
    found = reading(line(), line(no=2, work="完成主体结构。", lead="住建局"))

    assert [row.row for row in found.rows] == [2]
    assert "第 3 行：与第 2 行重复" in found.errors[0].words


def test_a_line_keeps_its_key_when_spaced_or_widened() -> None:
    once = reading(line(project="A座项目")).rows[0]
    again = reading(line(no=9, project=" Ａ座 项目", status=None)).rows[0]
    other = reading(line(project="B座项目")).rows[0]

    assert once.key == again.key != other.key


def test_missing_and_doubled_columns_are_errors_of_the_header() -> None:
    missing = read_task_book(book([HEAD[:4], line()[:4]]), "a.xlsx", DIRECTORY, ON)
    doubled = read_task_book(book([[*HEAD, "责任单位"], [*line(), "祥符街道"]]), "a.xlsx", DIRECTORY, ON)

    assert "第 1 行：缺少‘牵头单位’列" in missing.errors[0].words
    assert "第 1 行 I 列‘责任单位’：与 F 列同为‘责任单位’" in doubled.errors[0].words


def test_a_book_without_known_header_is_refused() -> None:
    with pytest.raises(WorkbookRefused, match="没有找到任务书表头"):
        read_task_book(book([["姓名", "电话"], ["张某", "123"]]), "a.xlsx", DIRECTORY, ON)
    with pytest.raises(WorkbookRefused, match="只有表头"):
        read_task_book(book([HEAD]), "a.xlsx", DIRECTORY, ON)


def test_hidden_rows_are_read_and_columns_may_change_places() -> None:
    work = load_workbook(io.BytesIO(book([HEAD[::-1], line()[::-1]])))
    work.active.row_dimensions[2].hidden = True
    out = io.BytesIO()
    work.save(out)
    found = read_task_book(out.getvalue(), "a.xlsx", DIRECTORY, ON)

    assert found.rows[0].progress == Decimal(85)
    assert dict(found.columns["任务书"])["完成情况"] == "完成情况"


def test_the_empty_template_is_understood_once_filled() -> None:
    work = load_workbook(io.BytesIO(template.task_book(NAMES, ["稳投资组"])))
    sheet = work["任务书"]
    for column, value in enumerate(
        [1, "稳投资组", "甲", "乙", "张某", "区商务局", "各街道", None, ON, 0.85, "顺利"], start=1
    ):
        sheet.cell(2, column, value)
    out = io.BytesIO()
    work.save(out)
    found = read_task_book(out.getvalue(), "模板.xlsx", DIRECTORY, ON)

    assert not found.errors
    row = found.rows[0]
    assert (row.group_name, row.progress, row.status_text, row.due_on) == ("稳投资组", 85, "顺利", ON)
    assert len(sheet.data_validations.dataValidation) == 4
