"""Lists of commitments: who sees which, filtered, sorted and paged, in the same few statements whatever their length.

How many there are comes from the tally, never from counting commitments, unless text is sought.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Table, func, literal, or_, select, union_all

from taskboard.boards.line import Line, lines_of
from taskboard.boards.paging import PAGE, Paged
from taskboard.db import db
from taskboard.models import Campaign, Commitment, Flag, Group, Party, Role, Section, Tally, Target, Task, Unit
from taskboard.models.facts import COLUMNS
from taskboard.models.indicator import Indicator
from taskboard.rules.access import Seating, SeatKind

BATCH = 500
BEHIND = ("red", "yellow")

_c, _target, _task, _indicator = (cast(Table, model.__table__) for model in (Commitment, Target, Task, Indicator))
_group, _unit, _flag = (cast(Table, model.__table__) for model in (Group, Unit, Flag))

SORTS: dict[str, tuple[Any, ...]] = {
    "harm": (_c.c.section, _c.c.light_since),
    "due": (_c.c.ends_on,),
    "title": (_c.c.title,),
    "unit": (_unit.c.position,),
    "group": (_group.c.no,),
    "since": (_c.c.light_since,),
    "section": (_c.c.section,),
}


@dataclass(frozen=True)
class Asked:
    """What the address asks of a list; forms/listing.py reads it."""

    group: int | None = None
    unit: int | None = None
    light: str = ""
    section: int | None = None
    view: str = ""
    q: str = ""
    sort: str = ""
    page: int = 1


@dataclass(frozen=True)
class Scope:
    """Whose list it is: the seat's, of one kind or both; `own` is what the seat itself must report."""

    campaign: Campaign
    seating: Seating
    kind: str = ""
    own: bool = False

    def unit_of(self, asked: Asked) -> int | None:
        """The unit that the list is narrowed to, by the seat or by choice."""
        return self.seating.unit_id if self.seating.kind == SeatKind.REPORTER else asked.unit

    def roles(self) -> tuple[Role, ...]:
        """In which roles a unit's part in another's commitment puts it on the list."""
        everything = self.seating.kind == SeatKind.REPORTER and not self.own
        return tuple(Role) if everything else (Role.RESPONSIBLE,)


@dataclass(frozen=True)
class Count:
    """So many commitments of a group and a unit stand in one place."""

    group_id: int
    group_no: int
    group: str
    unit_id: int
    unit: str
    unit_position: int
    light: str
    section: int
    owed: bool
    count: int
    joint: int


@dataclass(frozen=True)
class Listing(Paged):
    """One page of a list."""

    lines: tuple[Line, ...]
    counts: tuple[Count, ...]
    total: int
    page: int
    groups: tuple[tuple[int, str], ...]
    units: tuple[tuple[int, str], ...]

    @property
    def by_light(self) -> dict[str, int]:
        """How many stand in each light, before light, state and text narrow the list."""
        lights: Counter[str] = Counter()
        for one in self.counts:
            lights[one.light] += one.count
        return lights


def listing(scope: Scope, asked: Asked, on: date) -> Listing:
    """The page of the list that the address asks for; a page beyond the last is the last."""
    everything = _counts(scope, asked)
    counts = tuple(one for one in everything if _in_place(one, scope, asked))
    total = sum(one.count for one in counts if _is_asked(one, asked))
    query = _rows(scope, asked)
    if asked.q:
        query = query.add_columns(func.count().over().label("total"))
        page = asked.page
    else:
        page = min(asked.page, max(1, -(-total // PAGE)))
    rows = db.session.execute(query.limit(PAGE).offset((page - 1) * PAGE)).all()
    if asked.q:
        total = rows[0].total if rows else 0
    return Listing(
        lines=tuple(lines_of(rows, scope.campaign, on)),
        counts=counts,
        total=total,
        page=page if total else 1,
        groups=tuple((gid, name) for _, gid, name in sorted({(c.group_no, c.group_id, c.group) for c in everything})),
        units=tuple((uid, name) for _, uid, name in sorted({(c.unit_position, c.unit_id, c.unit) for c in everything})),
    )


def all_lines(scope: Scope, asked: Asked, on: date) -> Iterator[Line]:
    """Every line of the list for a workbook, read in batches so that memory stays flat."""
    ids = list(db.session.scalars(_rows(scope, asked).with_only_columns(_c.c.id)))
    for start in range(0, len(ids), BATCH):
        chosen = ids[start : start + BATCH]
        rows = {row.id: row for row in db.session.execute(line_rows().where(_c.c.id.in_(chosen)))}
        yield from lines_of([rows[one] for one in chosen if one in rows], scope.campaign, on)


def line_of(commitment_id: int, campaign: Campaign, on: date) -> Line:
    """One commitment as its row, for the answer to a report in the row."""
    return lines_of(db.session.execute(line_rows().where(_c.c.id == commitment_id)).all(), campaign, on)[0]


def contains(text: str, *columns: Any) -> ColumnElement[bool]:
    """Whether any column holds the text; % and _ are themselves."""
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


def line_rows() -> Select[Any]:
    """Whatever boards/line.py makes a line of, before it is filtered, ordered and cut."""
    return select(
        *COLUMNS,
        *(_c.c[name] for name in ("title", "detail", "illustrative", "last_word", "vintage")),
        _task.c.no,
        _group.c.no.label("group_no"),
        _group.c.short_name.label("group_name"),
        _unit.c.short_name.label("unit_name"),
        _unit.c.name.label("unit_full"),
    ).select_from(
        _c.join(_group, _group.c.id == _c.c.group_id)
        .join(_unit, _unit.c.id == _c.c.unit_id)
        .outerjoin(_target, _target.c.id == _c.c.id)
        .outerjoin(_indicator, _indicator.c.id == _target.c.indicator_id)
        .outerjoin(_task, _task.c.id == _c.c.id)
        .outerjoin(_flag, _flag.c.open_key == _c.c.id)
    )


def _rows(scope: Scope, asked: Asked) -> Select[Any]:
    key = asked.sort.removeprefix("-")
    columns = (*SORTS.get(key, SORTS["harm"]), _c.c.id)
    ordered = [column.desc() for column in columns] if asked.sort.startswith("-") else list(columns)
    return line_rows().where(*_criteria(scope, asked)).order_by(*ordered)


def _criteria(scope: Scope, asked: Asked) -> list[ColumnElement[bool]]:
    seating = scope.seating
    if scope.own and seating.kind == SeatKind.REPORTER and seating.unit_id is not None:
        seen = Commitment.owned_by(seating.unit_id)
    else:
        seen = Commitment.visible_to(seating)
    found = [_c.c.campaign_id == scope.campaign.id, seen]
    if scope.kind:
        found.append(_c.c.kind == scope.kind)
    if asked.group is not None:
        found.append(_c.c.group_id == asked.group)
    if asked.unit is not None and seating.kind != SeatKind.REPORTER:
        found.append(Commitment.owned_by(asked.unit))
    if asked.light:
        found.append(_c.c.light == asked.light)
    found += _view(asked)
    if asked.q:
        found.append(contains(asked.q, _c.c.title, _c.c.detail, _unit.c.name, _unit.c.short_name, _task.c.no))
    return found


def _view(asked: Asked) -> list[ColumnElement[bool]]:
    if asked.section is not None:
        return [_c.c.section == asked.section]
    views: dict[str, ColumnElement[bool]] = {
        "owed": _c.c.owed,
        "behind": _c.c.light.in_(BEHIND) & (_c.c.section < Section.DONE),
        "soon": _c.c.section == Section.DUE_SOON,
        "returned": _c.c.section == Section.RETURNED,
        "done": _c.c.section == Section.DONE,
        "open": _c.c.section < Section.DONE,
    }
    return [views[asked.view]] if asked.view in views else []


def in_view(one: Count, view: str) -> bool:
    """The same views as over commitments, over counts."""
    return {
        "owed": one.owed,
        "behind": one.light in BEHIND and one.section < Section.DONE,
        "soon": one.section == Section.DUE_SOON,
        "returned": one.section == Section.RETURNED,
        "done": one.section == Section.DONE,
        "open": one.section < Section.DONE,
    }.get(view, True)


def _is_asked(one: Count, asked: Asked) -> bool:
    if asked.light and one.light != asked.light:
        return False
    return one.section == asked.section if asked.section is not None else in_view(one, asked.view)


def _in_place(one: Count, scope: Scope, asked: Asked) -> bool:
    unit = scope.unit_of(asked)
    if asked.group is not None and one.group_id != asked.group:
        return False
    return not one.joint if unit is None else bool(one.joint) or one.unit_id == unit


def _counts(scope: Scope, asked: Asked) -> Sequence[Count]:
    """The tally of what the seat sees, and one by one what its unit shares in other units' commitments."""
    seating, unit = scope.seating, scope.unit_of(asked)
    kept: list[Any] = [Tally.campaign_id == scope.campaign.id, Tally.count > 0]
    if scope.kind:
        kept.append(Tally.kind == scope.kind)
    if seating.kind == SeatKind.GROUP_LEAD:
        kept.append(Tally.group_id == seating.group_id)
    if seating.kind == SeatKind.REPORTER:
        kept.append(Tally.unit_id == seating.unit_id)
    names = (Group.no, Group.short_name, Unit.short_name, Unit.position)
    query: Any = (
        select(Tally.group_id, Tally.unit_id, *names, Tally.light, Tally.section, Tally.owed, Tally.count, literal(0))
        .join_from(Tally, Group, Group.id == Tally.group_id)
        .join(Unit, Unit.id == Tally.unit_id)
        .where(*kept)
    )
    if unit is not None:
        query = union_all(query, _joint(scope, unit, names))
    return [
        Count(gid, no, group, uid, name, position, light, section, owed, count, joint)
        for gid, uid, no, group, name, position, light, section, owed, count, joint in db.session.execute(query)
    ]


def _joint(scope: Scope, unit: int, names: tuple[Any, ...]) -> Any:
    parts = select(Party.commitment_id).where(Party.unit_id == unit, Party.role.in_(scope.roles()))
    columns = (_c.c.group_id, _c.c.unit_id, *names, _c.c.light, _c.c.section, _c.c.owed, literal(1), literal(1))
    query = (
        select(*columns)
        .select_from(_c)
        .join(Group, Group.id == _c.c.group_id)
        .join(Unit, Unit.id == _c.c.unit_id)
        .where(_c.c.campaign_id == scope.campaign.id, _c.c.unit_id != unit, _c.c.id.in_(parts))
    )
    if scope.kind:
        query = query.where(_c.c.kind == scope.kind)
    if scope.seating.kind == SeatKind.GROUP_LEAD:
        query = query.where(_c.c.group_id == scope.seating.group_id)
    return query
