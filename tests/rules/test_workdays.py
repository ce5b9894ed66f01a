"""Working days, held against the published arrangement of 2020."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskboard.rules.workdays import (
    add_workdays,
    is_published,
    is_report_week,
    is_workday,
    known_until,
    monday,
    report_due,
    unpublished_notice,
    weeks_between,
    workdays_between,
)

DAYS = st.dates(date(2019, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize("day", ["2020-04-26", "2020-05-06", "2020-05-09", "2020-06-24", "2020-06-28", "2020-10-10"])
def test_people_work_on(day):
    assert is_workday(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2020-05-01", "2020-05-05", "2020-06-06", "2020-06-25", "2020-06-26", "2020-06-27"])
def test_people_rest_on(day):
    assert not is_workday(date.fromisoformat(day))


def test_a_december_saturday_pays_for_the_new_year():
    assert is_workday(date(2011, 12, 31))


def test_what_the_office_enters_wins_over_the_package():
    friday, saturday = date(2020, 6, 5), date(2020, 6, 6)
    overrides = {friday: False, saturday: True}

    assert not is_workday(friday, overrides)
    assert add_workdays(date(2020, 6, 4), 1, overrides) == saturday
    assert workdays_between(date(2020, 6, 4), date(2020, 6, 7), overrides) == 1


def test_the_dragon_boat_week_is_stepped_over():
    wednesday = date(2020, 6, 24)

    assert add_workdays(wednesday, 1) == date(2020, 6, 28)
    assert add_workdays(date(2020, 6, 28), -1) == wednesday
    assert add_workdays(date(2020, 6, 27), 0) == date(2020, 6, 27)


@given(DAYS, DAYS)
def test_counting_is_adding_up_single_days(a, b):
    a, b = min(a, b), min(max(a, b), min(a, b) + timedelta(days=60))
    days = [a + timedelta(days=n + 1) for n in range((b - a).days)]

    assert workdays_between(a, b) == sum(is_workday(day) for day in days) == -workdays_between(b, a)


@given(DAYS, st.integers(-40, 40).filter(bool))
def test_the_nth_working_day_is_n_working_days_away(day, n):
    other = add_workdays(day, n)

    assert is_workday(other)
    assert workdays_between(min(day, other), max(day, other)) in (abs(n), abs(n) - 1 + is_workday(day))


@pytest.mark.parametrize(
    ("week", "due"),
    [
        ("2020-06-01", "2020-06-05"),  # an ordinary Friday
        ("2020-06-22", "2020-06-24"),  # 端午 from Thursday on, though Sunday is worked
        ("2020-04-20", "2020-04-24"),  # Sunday 26 April is worked, the report is still due on Friday
        ("2020-10-05", "2020-10-09"),
        ("2020-01-27", "2020-02-03"),  # 春节, extended: nobody works, so the next working day
    ],
)
def test_a_report_is_due_on_the_last_working_day(week, due):
    closed = {date(2020, 1, 31): False, date(2020, 2, 1): False, date(2020, 2, 2): False}
    overrides = closed if week == "2020-01-27" else {}

    assert report_due(date.fromisoformat(week), overrides) == date.fromisoformat(due)


def test_a_worked_weekend_counts_only_when_the_whole_week_is_off():
    week = [date(2020, 6, 1) + timedelta(days=n) for n in range(7)]
    overrides = dict.fromkeys(week[:5], False) | {week[6]: True}

    assert report_due(week[0], overrides) == week[6]
    assert is_report_week(week[0], overrides)
    assert not is_report_week(week[0], dict.fromkeys(week, False))


def test_weeks_are_named_by_their_mondays():
    assert monday(date(2020, 6, 7)) == monday(date(2020, 6, 1)) == date(2020, 6, 1)
    assert weeks_between(date(2020, 5, 27), date(2020, 6, 8)) == [date(2020, 5, 25), date(2020, 6, 1), date(2020, 6, 8)]
    assert weeks_between(date(2020, 6, 8), date(2020, 6, 7)) == []


def test_a_year_without_an_arrangement_is_told():
    assert known_until() >= date(2026, 12, 31)
    unknown = known_until().year + 1

    assert is_published(2020)
    assert unpublished_notice(2020) is None
    assert unpublished_notice(unknown) == f"{unknown} 年调休安排尚未录入"
    assert unpublished_notice(unknown, {date(unknown, 2, 6): True}) is None
