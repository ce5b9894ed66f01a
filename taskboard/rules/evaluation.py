"""外部评价 as values: the period that it covers, what is said of it, and how a rank moved."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

RATINGS = ("优+", "优", "良", "中", "差")
"""From the best to the worst."""

ENDINGS = {"一季度": (1, 3), "二季度": (4, 6), "三季度": (7, 9), "四季度": (10, 12),
           "上半年": (1, 6), "下半年": (7, 12), "全年": (1, 12), "": (1, 12)}  # fmt: skip
MONTHS = re.compile(r"(\d{1,2})(?:月份?)?(?:[-~至到—–]+(\d{1,2}))?(?:月份?)?")


@dataclass(frozen=True, order=True)
class Period:
    """Whole months, from a first day to a last; later ones sort after earlier ones."""

    ends_on: date
    starts_on: date

    @staticmethod
    def of_months(year: int, first: int, last: int) -> Period:
        """The period from one month to another of a year. Raises ValueError where there is none."""
        if not 1 <= first <= last <= 12:
            raise ValueError("months run from 1 to 12")
        return Period(date(year, last, calendar.monthrange(year, last)[1]), date(year, first, 1))

    @staticmethod
    def read(text: str) -> Period | None:
        """2020年4月, 2020-04, 2020年1—4月, 2020年一季度, 2020年上半年, 2020年; None for anything else.

        The text is half-width and without spaces.
        """
        match = re.match(r"(20\d\d)(年度?|[.\-/]|$)", text)
        if not match:
            return None
        year, rest = int(match[1]), text[match.end() :].removeprefix("第")
        if rest in ENDINGS and not (rest == "" and match[2] in (".", "-", "/")):
            return Period.of_months(year, *ENDINGS[rest])
        months = MONTHS.fullmatch(rest)
        try:
            return Period.of_months(year, int(months[1]), int(months[2] or months[1])) if months else None
        except ValueError:
            return None

    @property
    def months(self) -> int:
        return self.ends_on.month - self.starts_on.month + 1

    @property
    def words(self) -> str:
        """2020年4月, 2020年上半年, 2020年1—4月."""
        year, span = self.starts_on.year, (self.starts_on.month, self.ends_on.month)
        if self.months == 1:
            return f"{year}年{span[0]}月"
        named = next((name for name, months in ENDINGS.items() if months == span), None)
        return f"{year}年{span[0]}—{span[1]}月" if named is None else f"{year}年{named}"

    def follows(self, other: Period) -> bool:
        """Whether a movement from the other to this one means something: both as long, or both from January on."""
        if other >= self:
            return False
        from_january = all(each.starts_on.month == 1 and each.months > 1 for each in (self, other))
        return self.months == other.months or from_january


@dataclass(frozen=True)
class Overall:
    """What was published of a period as a whole."""

    period: Period
    published_on: date
    rating: str = ""
    province_rank: int | None = None
    city_rank: int | None = None
    note: str = ""
    source: str = ""
    illustrative: bool = False


@dataclass(frozen=True)
class Score:
    """What was published of one indicator of a period; `indicator_id` is our own indicator of that name."""

    period: Period
    dimension: str
    name: str
    value: Decimal | None = None
    measure: str = ""
    province_rank: int | None = None
    city_rank: int | None = None
    indicator_id: int | None = None
    source: str = ""
    illustrative: bool = False


def movement(before: int | None, now: int | None) -> int | None:
    """How many places up; a rank that fell gives a negative number, an unknown one none."""
    return None if before is None or now is None else before - now


def movement_words(places: int | None) -> str:
    """上升 2 位, 下降 1 位, 持平."""
    if places is None:
        return "–"
    return "持平" if places == 0 else f"{'上升' if places > 0 else '下降'} {abs(places)} 位"
