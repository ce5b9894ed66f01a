"""计划分解 以月保季、以季保年: an indicator's plans by period and unit, with every sum that does not come out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, false, or_, select

from taskboard.boards.matrix import territories
from taskboard.db import db
from taskboard.models import Campaign, Group, Indicator, Plan, Target
from taskboard.models.planning import periods_of
from taskboard.rules.access import SEES_ALL, Seating, SeatKind
from taskboard.rules.allocation import adds_up
from taskboard.rules.cascade import BadCascade, Difference, derive, differences
from taskboard.rules.periods import Level, Period, parse

DISTRICT = 0  # the column of the whole district


@dataclass(frozen=True)
class Cell:
    """A plan of one unit for one period; `difference` is set where its parts do not come out."""

    amount: Decimal | None
    difference: Difference | None = None
    sentence: str = ""

    @property
    def gap(self) -> Decimal | None:
        return self.difference.difference if self.difference else None


@dataclass(frozen=True)
class Column:
    """The whole district (id DISTRICT), the lead unit or a territory."""

    id: int
    name: str
    full: str
    cells: dict[str, Cell]
    growth: str = ""  # what a growth plan asks for in amounts, in a sentence

    @property
    def wrong(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells.values() if cell.difference)


@dataclass(frozen=True)
class Cascade:
    """The page of an indicator."""

    indicator: Indicator
    year: int
    years: tuple[int, ...]
    periods: tuple[Period, ...]
    columns: tuple[Column, ...]

    @property
    def wrong(self) -> list[tuple[Column, Cell]]:
        return [(column, cell) for column in self.columns for cell in column.wrong]

    @property
    def is_planned(self) -> bool:
        return any(cell.amount is not None for column in self.columns for cell in column.cells.values())

    @property
    def sentence(self) -> str:
        """Whether the months keep the quarters and the quarters the year."""
        if not self.is_planned:
            return f"{self.year}年尚未编制计划分解"
        if self.indicator.sort.rule_kind == "growth":
            return next((column.growth for column in self.columns if column.growth), "增速指标不加总")
        if not self.wrong:
            return "月、季、半年、全年计划相符"
        column, cell = self.wrong[0]
        more = f"，共 {len(self.wrong)} 处不相符" if len(self.wrong) > 1 else ""
        return f"{column.full}{cell.sentence}{more}"


@dataclass(frozen=True)
class Entry:
    """A line of the index; `wrong` is None where nothing is planned."""

    id: int
    name: str
    measure: str
    kind_word: str
    planned: int
    wrong: int | None

    @property
    def words(self) -> str:
        """相符, 差 2 处, 增速不加总, 未编制."""
        if self.wrong is None:
            return "未编制" if not self.planned else "不加总"
        return f"差 {self.wrong} 处" if self.wrong else "相符"


@dataclass(frozen=True)
class Part:
    """The entries of a group."""

    name: str
    entries: tuple[Entry, ...]


def seen(seating: Seating) -> list[ColumnElement[bool]]:
    """The indicators of which the seat sees plans: all, its group's, or those in which its unit has a part."""
    if seating.kind in SEES_ALL:
        return []
    if seating.kind == SeatKind.GROUP_LEAD:
        return [Indicator.group_id == seating.group_id]
    if seating.kind == SeatKind.REPORTER:
        targets = select(Target.id).where(Target.indicator_id == Indicator.id, Target.unit_id == seating.unit_id)
        plans = select(Plan.id).where(Plan.indicator_id == Indicator.id, Plan.unit_id == seating.unit_id)
        return [or_(targets.exists(), plans.exists())]
    return [false()]


def find(indicator_id: int, campaign: Campaign, seating: Seating) -> Indicator | None:
    """The indicator, when the seat sees its plans."""
    query = select(Indicator).join(Group, Group.id == Indicator.group_id)
    query = query.where(Indicator.id == indicator_id, Group.campaign_id == campaign.id, *seen(seating))
    return db.session.scalars(query).one_or_none()


def index(campaign: Campaign, seating: Seating, year: int) -> tuple[Part, ...]:
    """Every indicator with whether its plans come out: three statements, however many there are."""
    groups = Group.listed(campaign.id)
    query = select(Indicator).where(Indicator.group_id.in_([group.id for group in groups]), *seen(seating))
    indicators = list(db.session.scalars(query.order_by(Indicator.id)))
    amounts: dict[int, dict[int, dict[str, Decimal]]] = defaultdict(lambda: defaultdict(dict))
    for plan in _plans([one.id for one in indicators], seating, year):
        if plan.amount is not None:
            amounts[plan.indicator_id][plan.unit_id or DISTRICT][plan.period] = plan.amount
    made = [(one.group_id, _entry(one, amounts.get(one.id, {}))) for one in indicators]
    parts = (Part(g.name, tuple(entry for group_id, entry in made if group_id == g.id)) for g in groups)
    return tuple(part for part in parts if part.entries)


def cascade(indicator: Indicator, seating: Seating, year: int) -> Cascade:
    """The grid of an indicator: the district, the lead unit, the territories; or a reporter's own column."""
    lead = indicator.group.lead_unit
    units: list[tuple[int, str, str]] = [(DISTRICT, "全区", "全区")]
    units += [(lead.id, lead.short_name, lead.name)] if lead and not lead.is_territory else []
    units += [(unit.id, unit.short_name, unit.name) for unit in territories()]
    if seating.kind == SeatKind.REPORTER:
        units = [one for one in units if one[0] == seating.unit_id]
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for plan in _plans([indicator.id], seating, year):
        found[plan.unit_id or DISTRICT][plan.period] = plan
    unit_word = amount_measure(indicator) if indicator.sort.rule_kind == "growth" else indicator.measure
    columns = tuple(_column(indicator, one, found.get(one[0], {}), unit_word, year) for one in units)
    years = {parse(key).year for key in db.session.scalars(select(Plan.period).where(
        Plan.indicator_id == indicator.id, Plan.period.not_like("%M%")).distinct())}  # fmt: skip
    return Cascade(indicator, year, tuple(sorted(years | {year})), periods_of(year), columns)


def amount_measure(indicator: Indicator) -> str:
    """The measure of the amounts behind a growth rate: that of the group's indicator whose name the rate bears."""
    query = select(Indicator.name, Indicator.measure).where(
        Indicator.group_id == indicator.group_id, Indicator.id != indicator.id, Indicator.kind == "amount"
    )
    named = [(name, measure) for name, measure in db.session.execute(query) if name in indicator.name]
    return max(named, key=lambda pair: len(pair[0]))[1] if named else ""


def _plans(ids: Sequence[int], seating: Seating, year: int) -> Iterable[Any]:
    query = select(Plan.indicator_id, Plan.unit_id, Plan.period, Plan.amount, Plan.base, Plan.actual).where(
        Plan.indicator_id.in_(ids), Plan.period.startswith(str(year), autoescape=True)
    )
    if seating.kind == SeatKind.REPORTER:
        query = query.where(Plan.unit_id == seating.unit_id)
    return db.session.execute(query)


def _entry(indicator: Indicator, amounts: Mapping[int, Mapping[str, Decimal]]) -> Entry:
    wrong = None
    if amounts and adds_up(indicator.kind, {indicator.measure}):
        wrong = sum(not one.agrees for own in amounts.values() for one in differences(own))
    kind = indicator.sort.word
    return Entry(indicator.id, indicator.name, indicator.measure, kind, len(amounts), wrong)


def _column(
    indicator: Indicator, unit: tuple[int, str, str], plans: Mapping[str, Any], measure: str, year: int
) -> Column:
    amounts = {key: plan.amount for key, plan in plans.items() if plan.amount is not None}
    wrong: dict[str, Difference] = {}
    if adds_up(indicator.kind, {indicator.measure}):
        wrong = {one.parent.key: one for one in differences(amounts) if not one.agrees}
    cells = {
        period.key: Cell(
            amounts.get(period.key),
            wrong.get(period.key),
            wrong[period.key].sentence(measure) if period.key in wrong else "",
        )
        for period in periods_of(year)
    }
    growth = "；".join(_growth(plans, amounts, measure)) if indicator.sort.rule_kind == "growth" else ""
    return Column(*unit, cells, growth)


def _growth(plans: Mapping[str, Any], amounts: Mapping[str, Decimal], measure: str) -> Iterator[str]:
    """The sentence of the longest period that has a planned growth."""
    longest = min((parse(key) for key in amounts), key=lambda one: (-one.level.length, one.order), default=None)
    if longest is None:
        return
    months = {month.key for month in longest.months}
    base = {parse(key).same_last_year.key: plan.base for key, plan in plans.items() if plan.base is not None}
    base = {key: value for key, value in base.items() if parse(key).level == Level.MONTH}
    actual = {key: plan.actual for key, plan in plans.items() if plan.actual is not None and key in months}
    try:
        said = derive(amounts[longest.key], base, actual, longest.key).sentence(measure)
    except BadCascade as bad:
        said = str(bad)
    yield said.replace(" ，", "，") if not measure else said
