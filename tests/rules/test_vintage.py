"""Which of several figures counts, and how good forecasts were."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskboard.rules.vintage import Reading, Vintage, bias, latest, latest_scoring

MAY, JUNE = date(2020, 5, 31), date(2020, 6, 30)


def reading(as_of, vintage, value, recorded=0):
    return Reading(as_of, Vintage(vintage), Decimal(value), recorded)


def test_vintages_have_words_and_an_order():
    assert [(v.word, v.rank, v.scores) for v in Vintage] == [
        ("预计", 0, False), ("初报", 1, False), ("核定", 2, True), ("官方", 3, True), ("修订", 4, True),
    ]  # fmt: skip


def test_the_latest_day_comes_before_the_rank_and_the_rank_before_the_newest():
    values = [
        reading(MAY, "official", 50, 9), reading(JUNE, "preliminary", 60, 1), reading(JUNE, "confirmed", 61, 2),
        reading(JUNE, "confirmed", 62, 3), reading(JUNE, "preliminary", 63, 4), reading(JUNE, "forecast", 70, 5),
    ]  # fmt: skip

    assert latest(values, JUNE).value == 62
    assert latest(values, date(2020, 6, 29)).value == 50
    assert latest(values, date(2020, 5, 30)) is None
    assert latest(values[:2], JUNE).value == 60 and latest_scoring(values[:2], JUNE).value == 50
    assert latest_scoring(values[1:2], JUNE) is None


@pytest.mark.parametrize(
    ("pairs", "higher", "mean", "words"),
    [
        ([(105, 100), (101.4, 100)], True, "3.2", "偏乐观 3.2 %"),
        ([(98.9, 100)], True, "-1.1", "偏保守 1.1 %"),
        ([(98.9, 100)], False, "-1.1", "偏乐观 1.1 %"),
        ([(101, 100), (99, 100)], True, "0", "基本准确"),
        ([(101, 100)], True, "1", "基本准确"),
        ([(101.01, 100)], True, "1.01", "偏乐观 1.01 %"),
        ([(-3, -4)], True, "25", "偏乐观 25.0 %"),
        ([(1, 0)], True, None, "尚无可比预计数"),
        ([], True, None, "尚无可比预计数"),
    ],
)
def test_the_bias_of_forecasts(pairs, higher, mean, words):
    found = bias([(JUNE, Decimal(str(a)), Decimal(str(b))) for a, b in pairs], higher)

    assert found.mean == (None if mean is None else Decimal(mean))
    assert found.words == words
    assert found.count == len([b for _, b in pairs if b])


readings = st.builds(Reading, st.dates(date(2020, 1, 1), date(2020, 3, 1)), st.sampled_from(Vintage),
                     st.decimals(0, 100, places=1), st.integers(0, 99))  # fmt: skip


@given(st.lists(readings, max_size=12), st.dates(date(2020, 1, 1), date(2020, 3, 1)))
def test_what_scores_counts_and_never_later_than_what_counts(values, on):
    counts, scores = latest(values, on), latest_scoring(values, on)

    if scores:
        assert scores.vintage.scores and counts and scores.as_of <= counts.as_of <= on
    assert latest(reversed(values), on) == counts or counts.recorded == latest(reversed(values), on).recorded
