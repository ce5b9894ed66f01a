"""Working days of mainland China, 调休 included.

The statutory arrangement comes from the `holidays` package; what the office enters in its own calendar wins
over it, because the arrangement of a coming year is published only in autumn.
"""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType

from holidays import country_holidays

NO_OVERRIDES: Mapping[date, bool] = MappingProxyType({})
_DAY = timedelta(days=1)
_NOTICE_FROM = 10  # the month in which a coming year is usually published
_FIRST_YEAR = 2004  # earlier arrangements are not in the package


@cache
def _calendar(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """The holidays of a year and the weekend days worked in it.

    The next year is read too: the New Year holiday is sometimes paid for by a Saturday in December.
    """
    china = country_holidays("CN", years=(year, year + 1))
    worked = frozenset(day for day in china.weekend_workdays if day.year == year)
    return frozenset(day for day in china if day.year == year), worked


@cache
def _workdays(year: int) -> tuple[date, ...]:
    off, worked = _calendar(year)
    days = (date(year, 1, 1) + _DAY * n for n in range(366))
    return tuple(day for day in days if day.year == year and (day in worked or (day.weekday() < 5 and day not in off)))


@cache
def _workday_set(year: int) -> frozenset[date]:
    return frozenset(_workdays(year))


def is_workday(day: date, overrides: Mapping[date, bool] = NO_OVERRIDES) -> bool:
    """Whether people work on this day; an override decides alone."""
    decided = overrides.get(day)
    return day in _workday_set(day.year) if decided is None else decided


def add_workdays(day: date, n: int, overrides: Mapping[date, bool] = NO_OVERRIDES) -> date:
    """The n-th working day after `day` (before it when n is negative); 0 is the day itself, worked or not."""
    step = _DAY if n > 0 else -_DAY
    left = abs(n)
    while left:
        day += step
        left -= is_workday(day, overrides)
    return day


def workdays_between(a: date, b: date, overrides: Mapping[date, bool] = NO_OVERRIDES) -> int:
    """Working days after `a` up to and including `b`; negative when `b` is earlier."""
    if b < a:
        return -workdays_between(b, a, overrides)
    count = sum(
        bisect_right(_workdays(year), b) - bisect_right(_workdays(year), a) for year in range(a.year, b.year + 1)
    )
    for day, worked in overrides.items():
        if a < day <= b:
            count += worked - (day in _workday_set(day.year))
    return count


def monday(day: date) -> date:
    """The Monday of the day's week: the identity of a reporting week."""
    return day - _DAY * day.weekday()


def report_due(week: date, overrides: Mapping[date, bool] = NO_OVERRIDES) -> date:
    """The day on which the report of a week (named by any of its days) is due.

    Friday as a rule; the last working day before it when Friday is off; a worked weekend day only when
    nobody works from Monday to Friday. In a week wholly off, the first working day after it.
    """
    first = monday(week)
    days = [first + _DAY * n for n in range(7)]
    for day in (*reversed(days[:5]), *reversed(days[5:])):
        if is_workday(day, overrides):
            return day
    return add_workdays(days[-1], 1, overrides)


def is_report_week(week: date, overrides: Mapping[date, bool] = NO_OVERRIDES) -> bool:
    """Whether anybody works in the week; a week wholly off owes no report of its own."""
    first = monday(week)
    return any(is_workday(first + _DAY * n, overrides) for n in range(7))


def weeks_between(starts_on: date, on: date) -> list[date]:
    """The Mondays of the weeks that overlap starts_on..on."""
    weeks = []
    week = monday(starts_on)
    while starts_on <= on and week <= on:
        weeks.append(week)
        week += _DAY * 7
    return weeks


@cache
def known_until() -> date:
    """The last day of the last year whose 调休 the package knows.

    A published year always works some weekend days; a year without one holds the statutory days only.
    """
    year = _FIRST_YEAR
    while _calendar(year + 1)[1]:
        year += 1
    return date(year, 12, 31)


def is_published(year: int, overrides: Mapping[date, bool] = NO_OVERRIDES) -> bool:
    """Whether the year's 调休 is known, from the package or because the office has entered days of it."""
    return year <= known_until().year or any(day.year == year for day in overrides)


def unpublished_notice(year: int, overrides: Mapping[date, bool] = NO_OVERRIDES) -> str | None:
    """The notice to show while a year's 调休 is missing, or None."""
    return None if is_published(year, overrides) else f"{year} 年调休安排尚未录入"


def coming_notice(on: date, overrides: Mapping[date, bool] = NO_OVERRIDES) -> str | None:
    """What the office must be told: this year's 调休 is missing, or from October on the next year's."""
    years = (on.year, on.year + 1) if on.month >= _NOTICE_FROM else (on.year,)
    found = [notice for year in years if (notice := unpublished_notice(year, overrides))]
    return f"{found[0]}，工作日暂按法定节假日计算" if found else None


def holiday_name(day: date) -> str:
    """The statutory holiday of a day, with the days off around it; empty on other days."""
    return str(_names(day.year).get(day, ""))


@cache
def _names(year: int) -> Mapping[date, str]:
    return country_holidays("CN", years=(year,), language="zh_CN")
