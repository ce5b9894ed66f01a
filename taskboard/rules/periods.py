"""Years, halves, quarters and months as values: "2020", "2020H1", "2020Q2", "2020M05"."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import total_ordering

from taskboard.errors import Refused

_KEY = re.compile(r"(?P<year>[1-9]\d{3})(?:(?P<level>[HQM])(?P<number>\d{1,2}))?", re.ASCII)
_QUARTERS = ("一", "二", "三", "四")


class BadPeriod(Refused, ValueError):
    """Not the key of a period."""

    title = "期间有误"


class Level(StrEnum):
    """How long a period is."""

    YEAR = "Y"
    HALF = "H"
    QUARTER = "Q"
    MONTH = "M"

    @property
    def length(self) -> int:
        """Months: 12, 6, 3 or 1."""
        return _LENGTHS[self]


_LENGTHS = {Level.YEAR: 12, Level.HALF: 6, Level.QUARTER: 3, Level.MONTH: 1}
BELOW = {
    level: tuple(finer for finer in Level if finer.length < level.length) for level in Level
}  # from coarse to fine
"""The levels that divide a level."""


@total_ordering
@dataclass(frozen=True)
class Period:
    """One period of a year: `number` is 1 for a year, 1..2 for halves, 1..4 for quarters, 1..12 for months.

    Periods sort by their first day, the longer one first.
    """

    year: int  # 1000..9999
    level: Level = Level.YEAR
    number: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 12 // self.level.length:
            raise BadPeriod(f"没有“{self.key}”这个期间，请写成 2020、2020H1、2020Q2 或 2020M05")

    def __lt__(self, other: "Period") -> bool:
        return self.order < other.order

    @property
    def order(self) -> tuple[int, int, int]:
        """What periods are sorted by."""
        return self.year, self.first_month, -self.level.length

    @property
    def key(self) -> str:
        """2020, 2020H1, 2020Q2, 2020M05."""
        if self.level == Level.YEAR:
            return str(self.year)
        return f"{self.year}{self.level}{self.number:0{2 if self.level == Level.MONTH else 1}}"

    @property
    def word(self) -> str:
        """2020年, 2020年上半年, 2020年二季度, 2020年5月."""
        return f"{self.year}年{'' if self.level == Level.YEAR else self.short_word}"

    @property
    def short_word(self) -> str:
        """全年, 上半年, 二季度, 5月: where the year is known."""
        match self.level:
            case Level.YEAR:
                return "全年"
            case Level.HALF:
                return ("上半年", "下半年")[self.number - 1]
            case Level.QUARTER:
                return f"{_QUARTERS[self.number - 1]}季度"
        return f"{self.number}月"

    @property
    def first_month(self) -> int:
        """1..12."""
        return (self.number - 1) * self.level.length + 1

    @property
    def first_day(self) -> date:
        """The day on which it begins."""
        return date(self.year, self.first_month, 1)

    @property
    def last_day(self) -> date:
        """The day on which it ends, still part of it."""
        last = date(self.year, self.first_month + self.level.length - 1, 28)
        return (last + timedelta(days=4)).replace(day=1) - timedelta(days=1)

    @property
    def parents(self) -> tuple["Period", ...]:
        """The periods around it, the nearest first: a month's quarter, half and year."""
        longer = [level for level in reversed(Level) if level.length > self.level.length]
        return tuple(period_of(self.first_day, level) for level in longer)

    def children(self, level: Level | None = None) -> tuple["Period", ...]:
        """Its parts of a shorter level, in order; without a level those of the next one. A month has none."""
        finer = level or next(iter(BELOW[self.level]), None)
        if finer is None or finer not in BELOW[self.level]:
            return ()
        count = self.level.length // finer.length
        before = (self.first_month - 1) // finer.length
        return tuple(Period(self.year, finer, before + n + 1) for n in range(count))

    @property
    def months(self) -> tuple["Period", ...]:
        """Its months; a month is its own."""
        return self.children(Level.MONTH) or (self,)

    @property
    def previous(self) -> "Period":
        """The period of its level right before."""
        return period_of(self.first_day - timedelta(days=1), self.level)

    @property
    def same_last_year(self) -> "Period":
        """上年同期."""
        return Period(self.year - 1, self.level, self.number)


def parse(key: str) -> Period:
    """The period of a key; BadPeriod when there is none."""
    match = _KEY.fullmatch(key)
    if not match:
        raise BadPeriod(f"没有“{key}”这个期间，请写成 2020、2020H1、2020Q2 或 2020M05")
    return Period(int(match["year"]), Level(match["level"] or "Y"), int(match["number"] or 1))


def period_of(day: date, level: Level) -> Period:
    """The period of a level in which a day falls."""
    return Period(day.year, level, (day.month - 1) // level.length + 1)
