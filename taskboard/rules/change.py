"""What a change is called: 降幅收窄 3.2 个百分点, 上升 2 位, 增加 1.5 亿元."""

from decimal import Decimal
from enum import StrEnum

from taskboard.rules.numbers import MOST_PLACES, decimal, plain, rounded

LEVEL = "持平"


class Kind(StrEnum):
    """What sort of figure changes."""

    AMOUNT = "amount"  # in a unit of its own
    GROWTH = "growth"  # percent against last year
    POINTS = "points"  # percentage points
    RANK = "rank"  # 1 is first
    RATIO = "ratio"  # percent of a whole


def change_words(kind: Kind | str, previous: Decimal, now: Decimal, unit: str = "", decimals: int = 1) -> str:
    """The change from previous to now in official Chinese.

    Growth, points and ratio are in percent, `unit` is that of amounts. More than `decimals` (0..6) are shown
    where a change would otherwise read as none.
    """
    kind = Kind(kind)
    change = now - previous
    if not change:
        return LEVEL
    if kind == Kind.RANK:
        return f"{'上升' if change < 0 else '下降'} {plain(abs(change))} 位"
    size = _size(abs(change), decimals)
    if kind == Kind.AMOUNT:
        return f"{'增加' if change > 0 else '减少'} {size} {unit}".rstrip()
    if kind == Kind.GROWTH:
        return f"{_growth_words(previous, now)} {size} 个百分点"
    return f"{'提高' if change > 0 else '下降'} {size} 个百分点"


def _size(change: Decimal, decimals: int) -> str:
    most = max(decimals, MOST_PLACES)
    return decimal(change, next((n for n in range(decimals, most) if rounded(change, n)), most))


def _growth_words(previous: Decimal, now: Decimal) -> str:
    """How a rate of growth moved, told by the side of zero that it was on and is on."""
    up = now > previous
    if previous * now > 0:
        if now > 0:
            return "增速加快" if up else "增速回落"
        return "降幅收窄" if up else "降幅扩大"
    return f"由{_side(previous)}转{_side(now)}，{'提高' if up else '回落'}"


def _side(growth: Decimal) -> str:
    return "增" if growth > 0 else "降" if growth < 0 else "平"


def is_progress(kind: Kind | str, previous: Decimal, now: Decimal, higher_is_better: bool = True) -> bool:
    """Whether the change is for the better: a decline that narrows is, a figure that stays is not.

    A rank is better when smaller, whatever `higher_is_better` says.
    """
    higher = higher_is_better and Kind(kind) != Kind.RANK
    return now > previous if higher else now < previous
