"""预计 → 初报 → 核定 → 官方 → 修订: how sure a figure is, and which of several counts on a date."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from taskboard.rules.numbers import decimal

ACCURATE = Decimal("1.0")  # percent; assumption: up to here forecasts are 基本准确
_HUNDRED = Decimal(100)


class Vintage(StrEnum):
    """How sure a figure is, from the least to the most."""

    FORECAST = "forecast"
    PRELIMINARY = "preliminary"
    CONFIRMED = "confirmed"
    OFFICIAL = "official"
    REVISION = "revision"

    @property
    def word(self) -> str:
        """预计 初报 核定 官方 修订."""
        return _WORDS[self]

    @property
    def rank(self) -> int:
        """0 for a forecast to 4 for a revision."""
        return list(Vintage).index(self)

    @property
    def scores(self) -> bool:
        """Whether it may count for scores: confirmed, official and revised figures alone."""
        return self.rank >= Vintage.CONFIRMED.rank


_WORDS = {
    Vintage.FORECAST: "预计",
    Vintage.PRELIMINARY: "初报",
    Vintage.CONFIRMED: "核定",
    Vintage.OFFICIAL: "官方",
    Vintage.REVISION: "修订",
}


@dataclass(frozen=True)
class Reading:
    """One figure as of a day; `recorded` is the order in which figures came in (greater is newer)."""

    as_of: date
    vintage: Vintage
    value: Decimal
    recorded: int = 0


def latest(values: Iterable[Reading], on: date) -> Reading | None:
    """The figure that counts on a date, or None.

    The latest as_of on or before the date; of several the highest rank; of several the newest. A forecast of a
    day still to come never counts; of a day that has passed it counts until something surer is known (assumption).
    """
    return _choose(values, on, list(Vintage))


def latest_scoring(values: Iterable[Reading], on: date) -> Reading | None:
    """The figure that counts for scores on a date, chosen in the same order, or None."""
    return _choose(values, on, [v for v in Vintage if v.scores])


def _choose(values: Iterable[Reading], on: date, allowed: Sequence[Vintage]) -> Reading | None:
    counting = (v for v in values if v.vintage in allowed and v.as_of <= on)
    return max(counting, key=lambda v: (v.as_of, v.vintage.rank, v.recorded), default=None)


@dataclass(frozen=True)
class Bias:
    """How far a unit's forecasts were from the official figures, on the average."""

    mean: Decimal | None  # signed percent of the official figure; positive: forecasts were too high
    count: int  # pairs that count
    higher_is_better: bool = True

    @property
    def words(self) -> str:
        """偏乐观 3.2 %, 偏保守 1.1 %, 基本准确 (at most 1.0 % either way), or that there is nothing to compare."""
        if self.mean is None:
            return "尚无可比预计数"
        if abs(self.mean) <= ACCURATE:
            return "基本准确"
        hopeful = (self.mean > 0) == self.higher_is_better
        # One decimal, two where one would read as the bound itself.
        size = abs(self.mean)
        shown = decimal(size, 1) if decimal(size, 1) != decimal(ACCURATE, 1) else decimal(size, 2)
        return f"{'偏乐观' if hopeful else '偏保守'} {shown} %"


def bias(pairs: Iterable[tuple[date, Decimal, Decimal]], higher_is_better: bool = True) -> Bias:
    """The mean signed error in percent of (as_of, forecast, official); pairs with official zero do not count."""
    errors = [(said - official) / abs(official) * _HUNDRED for _, said, official in pairs if official]
    mean = sum(errors, Decimal(0)) / len(errors) if errors else None
    return Bias(mean, len(errors), higher_is_better)
