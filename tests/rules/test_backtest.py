"""The back-test of the forecast."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskboard.rules.backtest import BackTest, backtest, merged, sentence, weekly_increments


def series(*values):
    return [(week, Decimal(value)) for week, value in enumerate(values)]


def test_a_steady_course_is_forecast_without_error():
    test = backtest(series(*range(10, 22)), 4)

    # weeks 3 to 7 have three increments and a week four later
    assert (test.count, test.mean_error, test.bias, test.coverage) == (5, 0, 0, 1)


def test_a_course_that_slows_down_is_forecast_too_high():
    test = backtest(series(10, 20, 30, 40, 40, 40), 2)

    assert test.count == 1
    assert test.mean_error == test.bias == 50
    assert test.inside == 0


def test_missed_weeks_are_spread_and_weeks_without_an_actual_do_not_count():
    assert weekly_increments([(0, Decimal(0)), (2, Decimal(6))]) == (3,)
    assert backtest([(0, Decimal(1)), (1, Decimal(2)), (2, Decimal(3)), (3, Decimal(4)), (5, Decimal(6))], 1).count == 0


def test_the_sentence_and_the_sum_of_many():
    one = BackTest(4, 100, Decimal(500), Decimal(10), 80)
    both = merged((one, BackTest(4, 28, Decimal("280.8"), Decimal(5), 20)), 4)

    assert sentence(both) == "回测 128 次四周预测：平均误差 6.1 %，八成区间命中 78 %"
    assert sentence(BackTest(4)) == "历史填报不足，尚不能回测"
    with pytest.raises(ValueError, match="不能合并"):
        merged((one, BackTest(2)), 4)
    with pytest.raises(ValueError, match="不小于 1"):
        backtest([], 0)
    with pytest.raises(ValueError, match="同一周"):
        backtest([(1, Decimal(1)), (1, Decimal(2))], 1)


@given(st.lists(st.decimals(-1000, 1000, places=1), max_size=20), st.integers(1, 6))
def test_a_backtest_counts_what_it_may_and_stays_in_bounds(values, horizon):
    test = backtest(series(*values), horizon)

    assert test.count <= max(0, len(values) - 3 - horizon)
    assert 0 <= test.inside <= test.count
    assert abs(test.bias_sum) <= test.error_sum
