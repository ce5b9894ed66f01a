"""Workbooks made for the import tests."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook

from taskboard.imports.names import Directory, standard_collectives

STREETS = ["米市巷街道", "湖墅街道", "祥符街道"]
PARK = "区科技园区管委会"
NAMES = ["区发改经信局", "区商务局", "区财政局", "区住建局", "区投促局", "区科技局", *STREETS, PARK]
DIRECTORY = Directory(
    {name: number for number, name in enumerate(NAMES, start=1)},
    {"区科技工业区管委会": PARK, "发改局": "区发改经信局"},
    standard_collectives(STREETS, [PARK]),
)
ON = date(2020, 6, 5)
HEAD = ["序号", "项目名称", "主要工作内容", "牵头领导", "牵头单位", "责任单位", "完成时限", "完成情况"]


def book(rows: Sequence[Sequence[Any]], merged: Sequence[str] = (), title: str = "任务书") -> bytes:
    """An .xlsx with these rows and merged ranges."""
    work = Workbook()
    sheet = work.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for cells in merged:
        sheet.merge_cells(cells)
    out = io.BytesIO()
    work.save(out)
    return out.getvalue()


def line(**changes: Any) -> list[Any]:
    """One good line under HEAD, with changes by field."""
    good = {"no": 1, "project": "运河湾项目", "work": "完成主体结构", "leader": "张某", "lead": "区住建局",
            "responsible": "祥符街道", "due": "2020.6.30", "status": "85%"}  # fmt: skip
    return list((good | changes).values())
