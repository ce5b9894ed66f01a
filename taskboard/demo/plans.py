"""District targets with what the territories share of them, and the plans of a few indicators; all illustrative."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from taskboard.demo.figures import Planned
from taskboard.demo.structure import District
from taskboard.models import Target

SHORT, OVER = (4, 13, 22), (7, 25)  # of the indicators in their order: something left, more given than there is


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
