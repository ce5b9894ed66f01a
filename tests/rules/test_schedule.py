"""How far a commitment should be, and how far it is."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskboard.rules.forecast import landing
from taskboard.rules.schedule import (
    Schedule,
    completion,
    days_late,
    longest_overdue,
    milestone_share,
    milestones_done,
    months_late,
)
from tests.rules.cast import LAST_OF_MAY, Q2

LINEAR = Schedule(*Q2, Decimal(0), Decimal(100))
WEEKLY = Schedule(*Q2, Decimal(10), Decimal(30), ((date(2020, 5, 8), Decimal(20)), (date(2020, 4, 10), Decimal(12))))


def test_the_last_of_may_is_61_of_91_days():
    assert LINEAR.share(LAST_OF_MAY) == Decimal(61) / Decimal(91)
    assert round(LINEAR.planned(LAST_OF_MAY), 1) == Decimal("67.0")


def test_nothing_is_due_before_and_all_at_the_end():
    assert LINEAR.share(date(2020, 3, 31)) == 0
    assert LINEAR.share(Q2[1]) == LINEAR.share(date(2021, 1, 1)) == 1


@pytest.mark.parametrize(
    ("on", "share", "planned"),
    [("2020-04-09", "0", 10), ("2020-04-10", "0.1", 12), ("2020-05-07", "0.1", 12), ("2020-05-08", "0.5", 20),
     ("2020-06-30", "0.5", 20), ("2020-07-01", "1", 30)],
)  # fmt: skip
def test_weekly_targets_are_steps(on, share, planned):
    assert WEEKLY.share(date.fromisoformat(on)) == Decimal(share)
    assert WEEKLY.planned(date.fromisoformat(on)) == planned


def test_a_schedule_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="早于"):
        Schedule(Q2[1], Q2[0], Decimal(0), Decimal(1))


@given(st.integers(-10, 110), st.integers(0, 40))
def test_a_schedule_never_goes_back(days, more):
    on = Q2[0] + timedelta(days=days)
    for schedule in (LINEAR, WEEKLY):
        assert 0 <= schedule.share(on) <= schedule.share(on + timedelta(days=more)) <= 1


def test_the_completion_that_the_press_printed_comes_out():
    target = Decimal("5.38") / Decimal("1.1964")

    assert round(completion(Decimal(0), target, Decimal("5.38")) * 100, 2) == Decimal("119.64")
    assert round(completion(Decimal(0), Decimal("300.015"), Decimal("1001.29")) * 100, 1) == Decimal("333.7")


def test_lower_is_better_counts_downwards():
    assert completion(Decimal(100), Decimal(60), Decimal(80)) == Decimal("0.5")
    assert completion(Decimal(100), Decimal(60), Decimal(110)) < 0


@pytest.mark.parametrize(("value", "higher", "lower"), [(3, 0, 1), (5, 1, 1), (7, 1, 0)])
def test_a_value_to_hold_is_held_or_not(value, higher, lower):
    held = Decimal(5)
    assert completion(held, held, Decimal(value)) == higher
    assert completion(held, held, Decimal(value), higher_is_better=False) == lower


MILESTONES = [
    (date(2020, 5, 10), Decimal(30), date(2020, 5, 9)),
    (date(2020, 5, 20), Decimal(50), None),
    (date(2020, 6, 20), Decimal(20), None),
]


@pytest.mark.parametrize(("on", "share"), [("2020-05-10", "0"), ("2020-05-11", "0.3"), ("2020-05-21", "0.8"),
                                           ("2020-06-20", "0.8"), ("2020-06-21", "1")])  # fmt: skip
def test_a_milestone_counts_from_the_day_after_it_is_due(on, share):
    assert milestone_share(MILESTONES, date.fromisoformat(on)) == Decimal(share)


def test_milestones_done_and_overdue():
    assert milestones_done(MILESTONES, date(2020, 5, 8)) == 0
    assert milestones_done(MILESTONES, LAST_OF_MAY) == Decimal("0.3")
    assert milestones_done([], LAST_OF_MAY) == 0
    assert longest_overdue(MILESTONES, date(2020, 5, 20)) is None
    assert longest_overdue(MILESTONES, LAST_OF_MAY) == MILESTONES[1]


def test_milestones_without_weights_count_alike():
    plain = [(due, Decimal(0), done) for due, _, done in MILESTONES]
    assert round(milestone_share(plain, date(2020, 5, 11)), 4) == Decimal("0.3333")


def test_without_milestones_a_task_is_due_evenly():
    assert milestone_share([], LAST_OF_MAY, *Q2) == LINEAR.share(LAST_OF_MAY)
    with pytest.raises(ValueError, match="完成时限"):
        milestone_share([], LAST_OF_MAY)


@pytest.mark.parametrize(
    ("due", "on", "days", "months"),
    [
        ("2020-05-05", "2020-05-05", 0, 0),
        ("2020-05-05", "2020-05-06", 1, 1),
        ("2020-05-05", "2020-06-05", 31, 1),
        ("2020-05-05", "2020-06-06", 32, 2),
        ("2020-01-31", "2020-02-29", 29, 1),
        ("2020-01-31", "2020-03-01", 30, 2),
        ("2019-12-31", "2020-01-01", 1, 1),
    ],
)
def test_lateness_counts_days_and_begun_months(due, on, days, months):
    due, on = date.fromisoformat(due), date.fromisoformat(on)
    assert (days_late(due, on), months_late(due, on)) == (days, months)
    assert (days_late(due, date(2021, 1, 1), on), months_late(due, date(2021, 1, 1), on)) == (days, months)


def test_the_landing_rests_on_the_last_four_reported_weeks():
    forecast = landing(Decimal(40), Decimal(100), [Decimal(n) for n in (90, 2, 4, 6, 8)], 6)

    assert (forecast.pace, forecast.needed, forecast.landing) == (5, 10, 70)


def test_a_forecast_says_nothing_without_reports_or_weeks():
    assert landing(Decimal(40), Decimal(100), [], 6).landing is None
    assert landing(None, Decimal(100), [Decimal(1)], 6).landing is None
    over = landing(Decimal(40), Decimal(100), [Decimal(3)], 0)
    assert (over.needed, over.landing) == (None, 40)
