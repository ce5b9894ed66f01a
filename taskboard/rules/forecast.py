"""Where a target will land at its present pace."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WEEKS_OF_PACE = 4


@dataclass(frozen=True)
class Forecast:
    """The mean weekly increment `pace`, the weekly increment still `needed`, and the value at the end."""

    pace: Decimal | None
    needed: Decimal | None
    landing: Decimal | None


def landing(value: Decimal | None, target: Decimal | None, increments: Sequence[Decimal], weeks_left: int) -> Forecast:
    """Forecast from the increments of the reported weeks, oldest first; the last four make the pace.

    p = mean of the last 4 increments, r = (T - V) / weeks left, L = V + p x weeks left.
    """
    recent = increments[-WEEKS_OF_PACE:]
    pace = sum(recent, Decimal(0)) / len(recent) if recent else None
    if value is None:
        return Forecast(pace, None, None)
    needed = (target - value) / weeks_left if target is not None and weeks_left > 0 else None
    return Forecast(pace, needed, None if pace is None else value + pace * max(weeks_left, 0))
