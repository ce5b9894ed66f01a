"""任务分解: the verb that shares a district target out among the territories, a whole row at a time.

All of a row is written or nothing. What is refused says at which unit, so that a form can put it there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from taskboard import clock
from taskboard.db import db
from taskboard.errors import Conflict, Refused
from taskboard.models import placing, tally
from taskboard.models.commitment import Commitment
from taskboard.models.defining import TargetDraft, create_target
from taskboard.models.event import Kind, changes, record
from taskboard.models.group import Group
from taskboard.models.indicator import Indicator
from taskboard.models.report import Report
from taskboard.models.schedule_version import ScheduleVersion
from taskboard.models.target import Target
from taskboard.models.unit import Unit, UnitKind
from taskboard.rules.allocation import Span, adds_up, balance

DISTRICT = 0  # the key of the district's own target among the units
_STORED = Decimal("0.0001")
_ZERO = Decimal(0)


class RowRefused(Refused):
    """A row that cannot be saved as typed; `cells` says of which unit and why."""

    def __init__(self, cells: Mapping[int, str]) -> None:
        self.cells = dict(cells)
        super().__init__("；".join(self.cells.values()) + "。本次没有保存任何内容")


class Unequal(Refused):
    """The parts and the reserve do not add up to the district's target, and nobody said that they need not."""

    def __init__(self, difference: Decimal, words: str) -> None:
        self.difference = difference
        super().__init__(f"分解合计与全区目标不一致：{words}。核对后保存，或勾选确认后保存")


def row_of(indicator: Indicator, period: Span, lock: bool = False) -> dict[int, Target]:
    """The targets of a row by unit, the district's under DISTRICT; chosen as the matrix shows them."""
    query = (
        select(Target)
        .where(
            Target.indicator_id == indicator.id,
            Target.starts_on == period.starts_on,
            Target.ends_on == period.ends_on,
        )
        .order_by(Target.id)
    )
    if lock:
        query = query.with_for_update(of=Commitment.__table__).execution_options(populate_existing=True)
    found = list(db.session.scalars(query))
    kinds = {unit.id: unit for unit in db.session.scalars(select(Unit).where(Unit.id.in_({t.unit_id for t in found})))}
    lead = db.session.get_one(Group, indicator.group_id).lead_unit
    others = [target for target in found if not kinds[target.unit_id].is_territory]
    whole = next((target for target in found if target.is_district), None) or next(
        (t for t in others if kinds[t.unit_id].kind == UnitKind.DISTRICT or (lead and t.unit_id == lead.id)), None
    )
    row = {DISTRICT: whole} if whole else {}
    for target in found:
        if target is not whole and kinds[target.unit_id].is_territory:
            row.setdefault(target.unit_id, target)
    return row


def allocate(
    indicator: Indicator,
    period: Span,
    values: Mapping[int, Decimal | None],
    reserve: Decimal,
    seen_versions: Mapping[int, int],
    by: int,
    at: datetime,
    agreed: Decimal | None = None,
) -> int:
    """Bring a row to what was typed; returns how many targets were changed.

    `values` are target values by unit, DISTRICT the district's; None is an empty box. `seen_versions` are those of
    the targets on the page. `agreed` is the difference between district and parts that was expressly accepted.
    Raises Conflict with both values, RowRefused by unit, Unequal.
    """
    db.session.flush()
    db.session.refresh(indicator, with_for_update=True)
    row = row_of(indicator, period, lock=True)
    names = _names(indicator, [*values, *row])
    wanted = {key: value for key, value in values.items() if _stored(row.get(key)) != value}
    _check_seen(row, wanted, reserve, seen_versions, names)
    _check_cells(indicator, row, wanted, reserve, names)
    _check_sum(indicator, row, values, reserve, agreed)
    count = 0
    for key, value in sorted(wanted.items()):
        target = row.get(key)
        if target is None and value is not None:
            _create(indicator, period, key, value, reserve, by, at)
        elif target is not None and value is None:
            _withdraw(target, names[key], by, at)
        elif target is not None and value is not None:
            _change(target, value, reserve if key == DISTRICT else None, by, at)
        count += 1
    whole = row.get(DISTRICT)
    if DISTRICT not in wanted and whole is not None and whole.reserve != reserve:
        _change(whole, whole.target_value, reserve, by, at)
        count += 1
    return count


def _check_seen(
    row: Mapping[int, Target],
    wanted: Mapping[int, Decimal | None],
    reserve: Decimal,
    seen: Mapping[int, int],
    names: Mapping[int, str],
) -> None:
    stale = {key for key in wanted if (row[key].version if key in row else 0) != seen.get(key, 0)}
    pairs = [(names[key], _words(_stored(row.get(key))), _words(wanted[key])) for key in sorted(stale)]
    whole = row.get(DISTRICT)
    if whole is not None and whole.reserve != reserve and whole.version != seen.get(DISTRICT, 0):
        pairs.append(("预留", _words(whole.reserve), _words(reserve)))
    if pairs:
        raise Conflict("您打开页面之后，他人已修改了本行分解，本次没有保存，两份内容如下", pairs)


def _check_cells(
    indicator: Indicator,
    row: Mapping[int, Target],
    wanted: Mapping[int, Decimal | None],
    reserve: Decimal,
    names: Mapping[int, str],
) -> None:
    wrong: dict[int, str] = {}
    ids = {row[key].id for key in wanted if key in row}
    frozen = _of_targets(ScheduleVersion.target_id, ids, ScheduleVersion.state == "approved")
    reported = _of_targets(Report.commitment_id, ids)
    amounts = indicator.sort.rule_kind in ("amount", "milestone")
    for key, value in wanted.items():
        target = row.get(key)
        if target is not None and target.id in frozen:
            wrong[key] = f"{names[key]}的序时计划已核定，调整目标值请先提出新的序时计划"
        elif target is not None and value is None and target.id in reported:
            wrong[key] = f"{names[key]}已有填报，目标值不能清空"
        elif value is not None and amounts and value == (target.start_value if target else _ZERO):
            wrong[key] = f"{names[key]}的目标值应与起始值不同"
    if reserve and _has_no_district(row, wanted):
        wrong[DISTRICT] = "有预留数时应填写全区目标"
    if wrong:
        raise RowRefused(wrong)


def _has_no_district(row: Mapping[int, Target], wanted: Mapping[int, Decimal | None]) -> bool:
    """Whether there will be no district target."""
    return wanted[DISTRICT] is None if DISTRICT in wanted else DISTRICT not in row


def _check_sum(
    indicator: Indicator,
    row: Mapping[int, Target],
    values: Mapping[int, Decimal | None],
    reserve: Decimal,
    agreed: Decimal | None,
) -> None:
    if not adds_up(indicator.kind, {target.measure for target in row.values()} | {indicator.measure}):
        return
    kept = {key: _stored(target) for key, target in row.items()} | dict(values)
    found = balance(kept.get(DISTRICT), (value for key, value in kept.items() if key != DISTRICT), reserve)
    if found.left and found.left != agreed:
        raise Unequal(found.left, f"{found.words} {indicator.measure}")


def _create(
    indicator: Indicator, period: Span, key: int, value: Decimal, reserve: Decimal, by: int, at: datetime
) -> None:
    group = db.session.get_one(Group, indicator.group_id)
    lead = group.lead_unit
    if key == DISTRICT and lead is None:
        raise RowRefused({DISTRICT: f"{group.name}未设牵头单位，不能设立全区目标"})
    draft = TargetDraft(
        group_id=group.id,
        unit_id=lead.id if key == DISTRICT and lead else key,
        title=indicator.name,
        detail="",
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        source="",
        measure=indicator.measure,
        kind=indicator.kind,
        higher_is_better=indicator.higher_is_better,
        target_value=value,
    )
    target = create_target(draft, by, at)
    target.indicator, target.decimals = indicator, indicator.decimals
    if key == DISTRICT:
        target.is_district, target.reserve = True, reserve
    db.session.flush()


def _change(target: Target, value: Decimal, reserve: Decimal | None, by: int, at: datetime) -> None:
    columns: dict[str, Any] = {"target_value": value}
    if reserve is not None:
        columns |= {"reserve": reserve, "is_district": True}
    before, after = changes(target, columns)
    if "target_value" in after and target.weekly_targets:
        before["weekly_targets"] = _weekly(target)
        _stretch(target, value)
        after["weekly_targets"] = _weekly(target)
    for name, one in columns.items():
        setattr(target, name, one)
    target.version += 1
    db.session.flush()
    record(Kind.ALLOCATED, target, by, at, before=before, after=after)
    placing.place_one(target, clock.day_of(at))


def _stretch(target: Target, value: Decimal) -> None:
    """Keep the pace of a schedule of weekly targets: each point at the same share of the way."""
    way = target.target_value - target.start_value
    for point in target.weekly_targets:
        if way:
            moved = target.start_value + (point.value - target.start_value) * (value - target.start_value) / way
            point.value = moved.quantize(_STORED, ROUND_HALF_UP)


def _withdraw(target: Target, name: str, by: int, at: datetime) -> None:
    """A target on which nothing was ever said goes; its event stays."""
    place, title = tally.place_of(target), target.title
    record(Kind.ALLOCATED, target, by, at, before={"target_value": target.target_value, "unit": name}, after={
        "target_value": None, "title": title})  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.delete(target)
            db.session.flush()
    except IntegrityError:
        raise RowRefused({target.unit_id: f"{name}的目标已有预警、督查或其他记录，不能清空"}) from None
    tally.moved(place, None)


def _of_targets(column: Any, ids: set[int], *more: Any) -> set[int]:
    return set(db.session.scalars(select(column).where(column.in_(ids), *more).distinct())) if ids else set()


def _names(indicator: Indicator, keys: list[int]) -> dict[int, str]:
    query = select(Unit.id, Unit.name).where(Unit.id.in_([key for key in keys if key != DISTRICT]))
    return {DISTRICT: "全区", **{id_: name for id_, name in db.session.execute(query)}}


def _stored(target: Target | None) -> Decimal | None:
    return target.target_value if target is not None else None


def _words(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def _weekly(target: Target) -> str:
    return "\n".join(f"{w.due_on} {w.value.normalize():f}" for w in target.weekly_targets)
