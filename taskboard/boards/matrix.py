"""指标矩阵 条×块: indicators by group against the district and its territories, in a flat number of statements."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, select

from taskboard.boards.matrix_row import SHOWS, TERRITORIES, Row, row_of
from taskboard.db import db
from taskboard.models import Campaign, Commitment, Group, Indicator, Responsibility, Role, Target, Unit
from taskboard.rules.access import Seating, SeatKind
from taskboard.rules.allocation import Span
from taskboard.rules.light import Light

_c, _target, _indicator, _unit = (cast(Table, model.__table__) for model in (Commitment, Target, Indicator, Unit))


@dataclass(frozen=True)
class Asked:
    """What the address asks of the matrix."""

    show: str = SHOWS[0]
    group: int | None = None
    light: str = ""
    period: str = ""


@dataclass(frozen=True)
class Column:
    """A territory."""

    id: int
    name: str
    full: str


@dataclass(frozen=True)
class Part:
    """The rows of a group."""

    group_id: int
    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Matrix:
    """The page."""

    asked: Asked
    period: Span
    periods: tuple[Span, ...]
    groups: tuple[tuple[int, str], ...]
    columns: tuple[Column, ...]
    parts: tuple[Part, ...]
    has_district: bool  # the seat sees more than one unit
    sentence: str

    @property
    def rows(self) -> int:
        return sum(len(part.rows) for part in self.parts)


def matrix(campaign: Campaign, seating: Seating, asked: Asked) -> Matrix:
    """What the seat sees of a period: four statements, whatever the number of targets."""
    seen = [_c.c.campaign_id == campaign.id, _c.c.kind == "target", *seen_by(seating)]
    periods = _periods(campaign, seen)
    period = next((one for one in periods if one.key == asked.period), _usual(campaign))
    columns = tuple(Column(unit.id, unit.short_name, unit.name) for unit in territories())
    groups = Group.listed(campaign.id)
    own = seating.unit_id if seating.kind == SeatKind.REPORTER else None
    if own is not None:
        columns = tuple(column for column in columns if column.id == own)
    if seating.kind == SeatKind.GROUP_LEAD:
        groups = [group for group in groups if group.id == seating.group_id]
    rows = _rows(period, seen)
    shown = [row for row in rows if _is_asked(row, asked)]
    return Matrix(
        asked=asked,
        period=period,
        periods=periods,
        groups=tuple((group.id, group.short_name) for group in groups),
        columns=columns,
        parts=tuple(_parts(groups, shown)),
        has_district=own is None or not columns,
        sentence=_sentence([row for row in rows if asked.group in (None, row.group_id)], own is not None),
    )


def territories() -> list[Unit]:
    """The subdistricts and the park in the district's order."""
    query = select(Unit).where(Unit.active, Unit.kind.in_(TERRITORIES)).order_by(Unit.position, Unit.id)
    return list(db.session.scalars(query))


def seen_by(seating: Seating) -> list[ColumnElement[bool]]:
    """All, the group's rows, or the unit's column: a part in another unit's target is no column of one's own."""
    if seating.kind == SeatKind.REPORTER:
        return [_c.c.unit_id == seating.unit_id]
    return [Commitment.visible_to(seating)]


def _usual(campaign: Campaign) -> Span:
    return Span(campaign.starts_on, campaign.ends_on)


def _periods(campaign: Campaign, seen: Sequence[ColumnElement[bool]]) -> tuple[Span, ...]:
    query = select(_c.c.starts_on, _c.c.ends_on).where(*seen).distinct()
    found = {Span(starts_on, ends_on) for starts_on, ends_on in db.session.execute(query)}
    return tuple(sorted(found | {_usual(campaign)}, key=lambda one: (one.starts_on, one.ends_on)))


def _rows(period: Span, seen: Sequence[ColumnElement[bool]]) -> list[Row]:
    lead = (
        select(Responsibility.unit_id)
        .where(Responsibility.group_id == _indicator.c.group_id, Responsibility.role == Role.LEAD)
        .order_by(Responsibility.id)
        .limit(1)
        .scalar_subquery()
    )
    names = ("id", "unit_id", "light", "value", "value_as_of", "vintage", "illustrative")
    of_target = ("rule_kind", "start_value", "target_value", "higher_is_better", "is_district", "reserve")
    query = (
        select(
            *(_c.c[name] for name in names),
            *(_target.c[name] for name in of_target),
            *(_indicator.c[name].label(f"indicator_{name}") for name in ("id", "group_id", "name", "kind", "measure")),
            _target.c.measure.label("own_measure"),
            _indicator.c.decimals,
            _unit.c.short_name,
            _unit.c.name.label("unit_name"),
            _unit.c.kind.label("unit_kind"),
            lead.label("lead_id"),
        )
        .select_from(_c.join(_target, _target.c.id == _c.c.id))
        .join(_indicator, _indicator.c.id == _target.c.indicator_id)
        .join(_unit, _unit.c.id == _c.c.unit_id)
        .where(_c.c.starts_on == period.starts_on, _c.c.ends_on == period.ends_on, *seen)
        .order_by(_indicator.c.id, _c.c.id)
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(query):
        found[row.indicator_id].append(row)
    return [row_of(rows) for rows in found.values()]


def _is_asked(row: Row, asked: Asked) -> bool:
    if asked.group is not None and row.group_id != asked.group:
        return False
    return bool(row.every) and (not asked.light or any(cell.light == asked.light for cell in row.every))


def _parts(groups: Iterable[Group], rows: Sequence[Row]) -> Iterator[Part]:
    known = {group.id for group in groups}
    for group in groups:
        own = tuple(row for row in rows if row.group_id == group.id)
        if own:
            yield Part(group.id, group.name, own)
    rest = tuple(row for row in rows if row.group_id not in known)
    if rest:
        yield Part(0, "其他专项组", rest)


def _sentence(rows: Sequence[Row], is_own: bool) -> str:
    """Whether the parts make the whole, and where most is red."""
    if is_own:
        lights = Counter(cell.light for row in rows for cell in row.every)
        said = "、".join(f"{Light(one).word}灯 {lights[one]} 项" for one in ("red", "yellow") if lights[one])
        return f"本单位 {lights.total()} 项指标，{said or '没有红灯和黄灯'}"
    summed = [row.balance for row in rows if row.adds_up]
    short, over = sum(one.is_short for one in summed), sum(one.is_over for one in summed)
    pieces = [f"{short} 项指标分解小于全区目标"] if short else []
    pieces += [f"{over} 项超分配" if short else f"{over} 项指标超分配"] if over else []
    compared = any(one.left is not None for one in summed)
    said = "，".join(pieces) or ("各项指标分解与全区目标一致" if compared else "尚无可比较的任务分解")
    red = Counter(cell.unit_id for row in rows for cell in row.cells.values() if cell.light == "red")
    if not red:
        return f"{said}；没有红灯" if compared else said
    most, count = red.most_common(1)[0]
    name = next(cell.unit_full for row in rows for cell in row.cells.values() if cell.unit_id == most)
    return f"{said}；红灯最多：{name} {count} 项"
