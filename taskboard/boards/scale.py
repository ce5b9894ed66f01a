"""Scales and their ticks: where a value or a day stands on paper, and which ones are named."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from taskboard.boards.words import figure

DAY_STEPS = (1, 2, 7, 14, 28)


@dataclass(frozen=True)
class Tick:
    """A named place on an axis."""

    at: float
    label: str


@dataclass(frozen=True)
class Axis:
    """A straight scale from `low`..`high` onto `start`..`end` (downwards when end < start)."""

    low: float
    high: float
    start: float = 0
    end: float = 1

    def at(self, value: float) -> float:
        """Where the value stands, to a tenth of a pixel."""
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.0
        return round(self.start + share * (self.end - self.start), 1)

    def onto(self, start: float, end: float) -> Axis:
        """The same scale on another stretch of paper."""
        return Axis(self.low, self.high, start, end)


def value_axis(values: Sequence[float], steps: int) -> tuple[Axis, tuple[Tick, ...]]:
    """An axis in round numbers around the values; it starts at nothing unless that hides the change."""
    low, high = min(values), max(values)
    if 0 <= low < high * 0.6 or low == high > 0:
        low = 0.0
    elif low == high:
        high = low + 1
    step = _round_step((high - low) / steps)
    first, last = math.floor(low / step), math.ceil(high / step - 1e-9)
    ticks = tuple(Tick(n * step, figure(round(n * step, 6))) for n in range(first, last + 1))
    return Axis(first * step, last * step), ticks


def date_axis(first: date, last: date, start: float, end: float, labels: int) -> tuple[Axis, tuple[Tick, ...]]:
    """An axis of days with at most `labels` names: days and weeks on short periods, months on long."""
    axis = Axis(first.toordinal(), max(last.toordinal(), first.toordinal() + 1), start, end)
    days = (last - first).days
    step = next((n for n in DAY_STEPS if days / n < labels), None)
    if step is None:
        return axis, tuple(Tick(axis.at(on.toordinal()), _month(on)) for on in _months(first, last, labels))
    named = [first + timedelta(n) for n in range(0, days + 1, step)]
    return axis, tuple(Tick(axis.at(on.toordinal()), f"{on.month}月{on.day}日") for on in named)


def _months(first: date, last: date, labels: int) -> list[date]:
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    starts = [date(n // 12, n % 12 + 1, 1) for n in range(start, end + 1)]
    inside = [on for on in starts if on >= first]
    return inside[:: math.ceil(len(inside) / labels)]


def _month(on: date) -> str:
    return f"{on.year}年" if on.month == 1 else f"{on.month}月"


def _round_step(step: float) -> float:
    """The next larger of 1, 2, 2.5, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(n * power for n in (1, 2, 2.5, 5, 10) if n * power >= step - power * 1e-9)
