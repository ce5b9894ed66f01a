"""District targets with what the territories share of them, and the plans of a few indicators; all illustrative."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from taskboard.db import db
from taskboard.demo.figures import Planned
from taskboard.demo.structure import District
from taskboard.models import Commitment, Indicator, Plan, Target
from taskboard.rules.periods import Level, Period, parse

SHORT, OVER = (4, 13, 22), (7, 25)  # of the indicators in their order: something left, more given than there is
PLANNED = ((1, 0), (2, 0), (4, 1), (5, 0), (6, 0))  # group and place of the indicators that have plans
AGAINST_THE_SECOND = {"2020Q1": "0.82", "2020Q3": "1.05", "2020Q4": "1.13"}  # a quarter against April to June
MONTHS = (Decimal("0.30"), Decimal("0.33"))  # of a quarter; the third month has the rest
BASE = (4680, 3120, 3350, 3790, 3540, 3980, 3260, 2890, 3310, 3050, 2760, 3120)  # of 2019, invented
ACTUAL = (4510, 2480, 2890, 3560, 3990)
GROWTH = {"2020": 3, "2020H1": 0, "2020H2": 7, "2020Q1": -11, "2020Q2": 10, "2020M05": 12, "2020M06": 13}


def make(district: District, planned: list[Planned]) -> None:
    """Make the whole of each indicator fit its parts, before anything is reported on it."""
    targets = {(each.commitment.unit_id, _indicator(each)): each for each in planned if _indicator(each)}
    number = 0
    for no, indicators in district.indicators.items():
        lead = district.groups[no].lead_unit
        for indicator, _ in indicators:
            whole = targets[lead.id if lead else 0, indicator.id]
            parts = [targets[unit.id, indicator.id].commitment for unit in district.territories]
            _fit(whole, sum((part.target_value for part in parts if isinstance(part, Target)), Decimal(0)), number)
            number += 1
    for no, place in PLANNED:
        indicator = district.indicators[no][place][0]
        lead = district.groups[no].lead_unit
        own = {unit.id: unit.id for unit in district.territories} | ({lead.id: None} if lead else {})
        _plan(
            indicator, {column: targets[unit_id, indicator.id].commitment for unit_id, column in own.items()}, no == 4
        )
    _growth(district.groups[6].id)


def _plan(indicator: Indicator, targets: dict[int | None, Commitment], is_off: bool) -> None:
    """Plans around the targets of April to June: months make quarters, quarters halves, halves the year."""
    for unit_id, target in targets.items():
        assert isinstance(target, Target)  # noqa: S101 - the caller chose targets
        amounts: dict[str, Decimal] = {}
        for quarter in Period(2020).children(Level.QUARTER):
            share = Decimal(AGAINST_THE_SECOND.get(quarter.key, "1"))
            whole = amounts[quarter.key] = _rounded(target.target_value * share, indicator.decimals)
            first, second = (_rounded(whole * part, indicator.decimals) for part in MONTHS)
            for month, amount in zip(quarter.months, (first, second, whole - first - second), strict=True):
                amounts[month.key] = amount
        for period in (*Period(2020).children(Level.HALF), Period(2020)):
            quarters = period.children(Level.QUARTER)
            amounts[period.key] = sum((amounts[quarter.key] for quarter in quarters), Decimal(0))
        if is_off and unit_id is None:
            amounts["2020M06"] -= _rounded(amounts["2020M06"] / 20, indicator.decimals)
        _add(indicator.id, unit_id, {key: {"amount": amount} for key, amount in amounts.items()})


def _growth(group_id: int) -> None:
    """A growth rate whose base and months so far say what it asks for in amounts."""
    indicator = Indicator(group_id=group_id, name="一般公共预算收入增速", kind="growth", measure="%", decimals=1)
    indicator.may_be_negative = True
    db.session.add(indicator)
    db.session.flush()
    cells: dict[str, dict[str, Decimal]] = {key: {"amount": Decimal(rate)} for key, rate in GROWTH.items()}
    for month, base in zip(Period(2020).months, BASE, strict=True):
        cells.setdefault(month.key, {})["base"] = Decimal(base) * 10
    for month, actual in zip(Period(2020).months, ACTUAL, strict=False):
        cells[month.key]["actual"] = Decimal(actual) * 10
    _add(indicator.id, None, cells)


def _add(indicator_id: int, unit_id: int | None, cells: dict[str, dict[str, Decimal]]) -> None:
    for key in sorted(cells, key=parse):
        name = Plan.key_of(indicator_id, unit_id, key)
        db.session.add(Plan(indicator_id=indicator_id, unit_id=unit_id, period=key, key=name, **cells[key]))


def _indicator(each: Planned) -> int | None:
    return each.commitment.indicator_id if isinstance(each.commitment, Target) else None


def _fit(whole: Planned, parts: Decimal, number: int) -> None:
    """Bring a district target to parts and reserve, or a little off; its course keeps the same shares."""
    target = whole.commitment
    assert isinstance(target, Target)  # noqa: S101 - the caller chose targets
    hundredth = max(Decimal(1), _rounded(parts / 100, 0))
    target.is_district = True
    target.reserve = 2 * hundredth if number % 3 == 0 else Decimal(0)
    off = hundredth if number in SHORT else -hundredth if number in OVER else Decimal(0)
    before, target.target_value = target.target_value, parts + target.reserve + off
    for point in target.weekly_targets:
        point.value = _rounded(point.value * target.target_value / before, max(target.decimals, 1))
    last = Decimal(0)
    for week in sorted(whole.values):
        last = max(last, _rounded(whole.values[week] * target.target_value / before, target.decimals))
        whole.values[week] = last


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
