"""The header row of a task book: where it is, and which column is which field."""

from __future__ import annotations

import re
from dataclasses import dataclass

from taskboard.imports.names import compact
from taskboard.imports.workbook import Cell, Sheet

SYNONYMS = {
    "no": ("序号", "编号"),
    "project": ("项目名称", "项目", "任务名称", "重点任务", "工作任务"),
    "work": ("主要工作内容", "项目内容", "工作内容", "主要内容", "任务内容", "具体内容", "具体举措", "工作举措"),
    "leader": ("牵头领导", "责任领导", "分管领导", "牵头区领导"),
    "lead_units": ("牵头单位", "牵头部门", "主要责任单位"),
    "responsible_units": ("责任单位", "责任部门", "实施单位", "责任主体"),
    "supporting_units": ("配合单位", "配合部门", "协办单位", "参与单位"),
    "status": ("完成情况", "累计完成情况", "进展情况", "工作进展", "目前进展", "进展"),
    "progress": ("完成进度", "工作进度", "完成比例", "完成率", "进度"),
    "due": ("完成时限", "完成时间", "时限", "完成期限", "办理时限", "截止时间", "时间节点"),
    "group": ("专项组", "所属专项组", "工作组"),
}
CHINESE_NAME = {field: names[0] for field, names in SYNONYMS.items()}
FIELD = {name: field for field, names in SYNONYMS.items() for name in names}
WITHIN = 10


@dataclass(frozen=True)
class Header:
    """`fields` maps a field to its column; `texts` are the headers as written; data begins at `below`."""

    row: int
    below: int
    fields: dict[str, int]
    texts: dict[int, str]
    doubled: tuple[tuple[str, int, int], ...]

    @property
    def missing(self) -> list[str]:
        """Chinese names of columns without which no line can be taken."""
        absent = [] if {"project", "work"} & self.fields.keys() else ["项目名称"]
        return absent + ([] if "lead_units" in self.fields else ["牵头单位"])


def find(sheet: Sheet) -> Header | None:
    """The first row among the first ten with at least two known headers, one of them a matter or a unit."""
    for index, row in enumerate(sheet.rows[:WITHIN]):
        fields = _fields(row)
        if len(fields) < 2 and not (fields and len(_fields(_next(sheet, index))) >= 2):
            continue
        lower = _next(sheet, index)
        two_rows = len(_fields(lower)) >= 2
        header = _header(row, lower if two_rows else (), index, index + (2 if two_rows else 1))
        if {"project", "work", "lead_units"} & header.fields.keys():
            return header
    return None


def _next(sheet: Sheet, index: int) -> tuple[Cell, ...]:
    return sheet.rows[index + 1] if index + 1 < len(sheet.rows) else ()


def _header(upper: tuple[Cell, ...], lower: tuple[Cell, ...], index: int, below: int) -> Header:
    known: dict[int, str] = _fields(upper) | _fields(lower)
    texts = {column: _text(cell) for row in (upper, lower) for column, cell in enumerate(row) if _text(cell)}
    fields: dict[str, int] = {}
    doubled = []
    for column, field in sorted(known.items()):
        if field not in fields:
            fields[field] = column
        else:
            doubled.append((field, fields[field], column))
    return Header(index, below, fields, texts, tuple(doubled))


def _fields(row: tuple[Cell, ...]) -> dict[int, str]:
    """Column → field. An exact name beats a longer one that ends with it (截至5月底完成情况)."""
    texts = {column: _text(cell) for column, cell in enumerate(row)}
    exact = {column: FIELD[text] for column, text in texts.items() if text in FIELD}
    for column, text in texts.items():
        ends = [name for name in FIELD if len(name) >= 4 and text.endswith(name)]
        if column not in exact and ends and len(text) <= 20 and FIELD[max(ends, key=len)] not in exact.values():
            exact[column] = FIELD[max(ends, key=len)]
    return exact


def _text(cell: Cell) -> str:
    return re.sub(r"\(.*?\)", "", compact(cell)).rstrip(":*") if isinstance(cell, str) else ""
