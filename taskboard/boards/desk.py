"""督查台: what is overdue or red over all groups, longest first, and who was told of it when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, func, or_, select

from taskboard.boards.counts import Cell, cells, total
from taskboard.boards.line import Line, lines_of
from taskboard.boards.listing import BATCH, SORTS, Asked, contains, line_rows
from taskboard.boards.paging import PAGE, Paged
from taskboard.boards.proof import Proof, proofs
from taskboard.db import db
from taskboard.models import (
    CalendarOverride,
    Campaign,
    Commitment,
    Event,
    Group,
    Kind,
    Section,
    Task,
    Unit,
)
from taskboard.rules.workdays import workdays_between

VIEWS = (("", "逾期和红灯"), ("overdue", "逾期"), ("red", "红灯"), ("silent", "到期未填报"))

_c, _unit, _task = (cast(Table, model.__table__) for model in (Commitment, Unit, Task))


@dataclass(frozen=True)
class DeskRow:
    """A line of the desk: the commitment, how long, and who knows."""

    line: Line
    workdays: int
    told: tuple[Proof, ...]

    @property
    def people(self) -> int:
        return len({one.person for one in self.told})

    @property
    def told_at(self) -> datetime | None:
        return min((one.at for one in self.told), default=None)


@dataclass(frozen=True)
class Desk(Paged):
    """One page of the desk."""

    sentence: str
    views: tuple[tuple[str, str, int], ...]
    rows: tuple[DeskRow, ...]
    total: int
    page: int
    groups: tuple[tuple[int, str], ...]
    units: tuple[tuple[int, str], ...]


def desk(campaign: Campaign, asked: Asked, on: date) -> Desk:
    """The page of the desk that the address asks for: eight statements, however long the list."""
    found = cells(campaign.id)
    narrowed = [cell for cell in found if _is_asked(cell, asked)]
    count = _count(narrowed, asked.view)
    query = line_rows().where(*_criteria(campaign, asked)).order_by(*_order(asked.sort))
    if asked.q:
        query, page = query.add_columns(func.count().over().label("total")), asked.page
    else:
        page = min(asked.page, max(1, -(-count // PAGE)))
    rows = db.session.execute(query.limit(PAGE).offset((page - 1) * PAGE)).all()
    if asked.q:
        count = rows[0].total if rows else 0
    return Desk(
        sentence=_sentence(found),
        views=tuple((key, words, _count(narrowed, key)) for key, words in VIEWS),
        rows=tuple(_rows(rows, campaign, on)),
        total=count,
        page=page if count else 1,
        groups=_names(Group.id, Group.short_name, Group.no, {cell.group_id for cell in found}),
        units=_names(Unit.id, Unit.short_name, Unit.position, {cell.unit_id for cell in found}),
    )


def desk_rows(campaign: Campaign, asked: Asked, on: date) -> Iterator[DeskRow]:
    """All rows as asked, for a workbook, in batches so that memory stays flat."""
    query = line_rows().where(*_criteria(campaign, asked)).order_by(*_order(asked.sort))
    ids = list(db.session.scalars(query.with_only_columns(_c.c.id)))
    for start in range(0, len(ids), BATCH):
        chosen = ids[start : start + BATCH]
        rows = {row.id: row for row in db.session.execute(line_rows().where(_c.c.id.in_(chosen)))}
        yield from _rows([rows[one] for one in chosen if one in rows], campaign, on)


def _rows(rows: Sequence[Any], campaign: Campaign, on: date) -> Iterator[DeskRow]:
    lines = lines_of(rows, campaign, on)
    told, overrides = _told([line.id for line in lines]), CalendarOverride.all()
    for line in lines:
        yield DeskRow(line, workdays_between(line.since, on, overrides), tuple(told.get(line.id, ())))


def _told(ids: list[int]) -> dict[int, list[Proof]]:
    """Who was told of the latest turn to red of each, in one statement."""
    latest = (
        select(func.max(Event.id))
        .where(Event.subject_type == "commitment", Event.subject_id.in_(ids), Event.kind == Kind.TURNED_RED.key)
        .group_by(Event.subject_id)
    )
    told: dict[int, list[Proof]] = defaultdict(list)
    for _, commitment_id, proof in proofs(latest):
        told[commitment_id].append(proof)
    return told


def _criteria(campaign: Campaign, asked: Asked) -> list[ColumnElement[bool]]:
    found = [_c.c.campaign_id == campaign.id, _view(asked.view)]
    if asked.group is not None:
        found.append(_c.c.group_id == asked.group)
    if asked.unit is not None:
        found.append(_c.c.unit_id == asked.unit)
    if asked.light:
        found.append(_c.c.light == asked.light)
    if asked.q:
        found.append(contains(asked.q, _c.c.title, _c.c.detail, _unit.c.name, _unit.c.short_name, _task.c.no))
    return found


def _view(view: str) -> ColumnElement[bool]:
    overdue = _c.c.section == int(Section.OVERDUE)
    red = and_(_c.c.light == "red", _c.c.section != int(Section.DONE))
    silent = and_(overdue, _c.c.light == "grey")
    return {"overdue": overdue, "red": red, "silent": silent}.get(view, or_(overdue, red))


def _in_view(cell: Cell, view: str) -> bool:
    """The same views as over commitments, over counts."""
    overdue = cell.section == Section.OVERDUE
    red = cell.light == "red" and cell.is_open
    return {"overdue": overdue, "red": red, "silent": overdue and cell.light == "grey"}.get(view, overdue or red)


def _count(found: Sequence[Cell], view: str) -> int:
    return total(found, lambda cell: _in_view(cell, view))


def _is_asked(cell: Cell, asked: Asked) -> bool:
    return (
        (asked.group is None or cell.group_id == asked.group)
        and (asked.unit is None or cell.unit_id == asked.unit)
        and (not asked.light or cell.light == asked.light)
    )


def _order(sort: str) -> list[Any]:
    columns = (*SORTS.get(sort.removeprefix("-"), SORTS["since"]), _c.c.id)
    return [column.desc() for column in columns] if sort.startswith("-") else list(columns)


def _sentence(found: Sequence[Cell]) -> str:
    red, overdue, silent = (_count(found, view) for view in ("red", "overdue", "silent"))
    if not red and not overdue:
        return "当前没有逾期和红灯"
    return f"当前红灯 {red} 项，逾期 {overdue} 项，其中到期未填报 {silent} 项"


def _names(id_: Any, name: Any, order: Any, ids: set[int]) -> tuple[tuple[int, str], ...]:
    query = select(id_, name).where(id_.in_(ids)).order_by(order, id_)
    return tuple((one, words) for one, words in db.session.execute(query))
