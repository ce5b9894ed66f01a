"""Which columns the workbook of the matrix has: as the page shows it, in numbers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from taskboard.boards.matrix import Matrix
from taskboard.boards.matrix_row import SHOWS, Cell, Row
from taskboard.exports.sheet import Column
from taskboard.rules.light import Light


def lines(board: Matrix) -> list[tuple[str, Row]]:
    """Every row with the name of its group."""
    return [(part.name, row) for part in board.parts for row in part.rows]


def columns(board: Matrix) -> list[Column]:
    """The columns for what is shown: two a unit, its figure and its light."""
    show = board.asked.show
    kind = "share" if show == SHOWS[0] else "number"
    made = [
        Column("专项组", "text", lambda line: line[0], 20),
        Column("指标", "text", lambda line: line[1].name, 24),
        Column("计量单位", "text", lambda line: line[1].measure, 10),
    ]
    if board.has_district:
        made += [
            Column(f"全区{show}", kind, lambda line: _figure(line[1].district, show), 12),
            Column("全区亮灯", "text", lambda line: _light(line[1].district), 8),
            Column("分解合计", kind, lambda line: _sum(line[1], show), 12),
            *_balance(show),
        ]
    for unit in board.columns:
        made += [
            Column(unit.full, kind, _of(unit.id, lambda cell: _figure(cell, show)), 12),
            Column(f"{unit.name}亮灯", "text", _of(unit.id, _light), 8),
        ]
    return [*made, Column("来源", "text", lambda line: "示例" if line[1].is_illustrative else "", 8)]


def _balance(show: str) -> list[Column]:
    if show == SHOWS[2]:
        return [Column("全区减合计", "number", lambda line: line[1].actual_left, 12)]
    return [
        Column("预留", "number", lambda line: line[1].reserve if line[1].adds_up else None, 10),
        Column("未分配（负为超分配）", "number", lambda line: line[1].balance.left if line[1].adds_up else None, 12),
    ]


def _of(unit_id: int, value: Callable[[Cell | None], Any]) -> Callable[[Any], Any]:
    return lambda line: value(line[1].cells.get(unit_id))


def _figure(cell: Cell | None, show: str) -> Decimal | str | None:
    if cell is None:
        return None
    if show == SHOWS[0] and not cell.is_amount:
        return cell.shown(show)  # a rate stands in a column of shares as text
    return {SHOWS[1]: cell.target, SHOWS[2]: cell.value}.get(show, cell.completion)


def _sum(row: Row, show: str) -> Decimal | None:
    if not row.adds_up:
        return None
    return {SHOWS[1]: row.balance.parts, SHOWS[2]: row.actual}.get(show, row.completion)


def _light(cell: Cell | None) -> str:
    return f"{Light(cell.light).shape} {Light(cell.light).word}" if cell else ""
