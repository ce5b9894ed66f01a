"""The clock of a target's reporting: what is missing is never called fresh."""

from dataclasses import replace
from datetime import date

import pytest

from taskboard.rules.freshness import Freshness, Reported, clock, last_due_week

MONDAY, FRIDAY = date(2020, 6, 1), date(2020, 6, 5)
WEEKLY = Reported(
    cadence="week",
    release_day=18,
    owed_from=date(2020, 4, 27),
    ends_on=date(2020, 6, 30),
    reported_week=MONDAY,
    value_as_of=FRIDAY,
    returned=False,
    late=False,
    missed=0,
    missed_workdays=0,
)


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, Freshness.FRESH),
        ({"late": True}, Freshness.LATE),
        ({"returned": True}, Freshness.RETURNED),
        ({"missed": 1, "missed_workdays": 2, "returned": True}, Freshness.MISSING),
        ({"value_as_of": date(2020, 5, 21)}, Freshness.STALE),
        ({"reported_week": date(2020, 5, 25), "value_as_of": date(2020, 5, 31)}, Freshness.DUE),
        ({"reported_week": None, "value_as_of": None, "owed_from": date(2020, 6, 8)}, Freshness.DUE),
    ],
)
def test_the_worst_that_is_true_is_said(changed, state):
    assert clock(replace(WEEKLY, **changed), FRIDAY).state == state


def test_a_weekly_value_is_due_on_the_friday_of_the_next_open_week():
    assert clock(WEEKLY, FRIDAY).next_due == date(2020, 6, 12)
    late = replace(WEEKLY, reported_week=date(2020, 5, 11), missed=2, missed_workdays=9)
    assert clock(late, FRIDAY).next_due == FRIDAY
    assert clock(late, FRIDAY).words == "缺报 2 次，已迟 9 个工作日"


def test_the_week_of_the_dragon_boat_festival_is_due_before_it():
    week = replace(WEEKLY, reported_week=date(2020, 6, 15))
    assert clock(week, date(2020, 6, 22)).next_due == date(2020, 6, 24)


def test_a_monthly_value_is_due_on_its_release_day():
    april = replace(WEEKLY, cadence="month", value_as_of=date(2020, 4, 30), reported_week=date(2020, 5, 18))
    assert clock(april, FRIDAY).next_due == date(2020, 6, 18)
    assert clock(april, FRIDAY).state == Freshness.FRESH
    assert clock(replace(april, value_as_of=date(2020, 6, 30)), date(2020, 7, 20)).next_due is None


def test_after_the_last_week_nothing_more_is_due():
    assert clock(replace(WEEKLY, reported_week=date(2020, 6, 29)), date(2020, 7, 3)).next_due is None


@pytest.mark.parametrize(
    ("on", "week"),
    [(FRIDAY, MONDAY), (date(2020, 6, 4), date(2020, 5, 25)), (date(2020, 6, 8), MONDAY)],
)
def test_the_last_week_that_is_due(on, week):
    assert last_due_week(on) == week
