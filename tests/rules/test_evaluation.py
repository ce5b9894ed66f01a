"""Periods as people write them, and ranks that move."""

from __future__ import annotations

from datetime import date

import pytest

from taskboard.rules.evaluation import Period, movement, movement_words

APRIL, HALF = Period.of_months(2020, 4, 4), Period.of_months(2020, 1, 6)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2020年4月", "2020年4月"),
        ("2020年04月份", "2020年4月"),
        ("2020-04", "2020年4月"),
        ("2020.12", "2020年12月"),
        ("2020年1-4月", "2020年1—4月"),
        ("2020年1—4月", "2020年1—4月"),
        ("2020年1月至4月", "2020年1—4月"),
        ("2020年第一季度", "2020年一季度"),
        ("2020年1-6月", "2020年上半年"),
        ("2020年上半年", "2020年上半年"),
        ("2020年", "2020年全年"),
        ("2020", "2020年全年"),
    ],
)
def test_a_period_is_read_and_said(text: str, words: str) -> None:
    period = Period.read(text)

    assert period is not None
    assert (period.words, Period.read(period.words)) == (words, period)


@pytest.mark.parametrize(
    "text", ["", "4月", "上半年", "2020年13月", "2020年6-4月", "2020年4月5日", "20年4月", "2020年春", "2020-"]
)
def test_anything_else_is_no_period(text: str) -> None:
    assert Period.read(text) is None


def test_a_period_ends_on_the_last_day_of_its_last_month() -> None:
    assert Period.read("2020年2月") == Period(date(2020, 2, 29), date(2020, 2, 1))
    assert (HALF.starts_on, HALF.ends_on, HALF.months) == (date(2020, 1, 1), date(2020, 6, 30), 6)


@pytest.mark.parametrize(
    ("later", "earlier", "follows"),
    [
        ("2020年4月", "2020年3月", True),
        ("2020年1月", "2019年12月", True),
        ("2020年3月", "2020年4月", False),
        ("2020年4月", "2020年4月", False),
        ("2020年上半年", "2020年4月", False),
        ("2020年上半年", "2020年1—4月", True),
        ("2020年上半年", "2019年下半年", True),
        ("2020年1—2月", "2020年1月", False),
    ],
)
def test_only_periods_of_one_kind_are_compared(later: str, earlier: str, follows: bool) -> None:
    one, other = Period.read(later), Period.read(earlier)

    assert one is not None and other is not None
    assert one.follows(other) is follows


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [(7, 5, "上升 2 位"), (3, 4, "下降 1 位"), (3, 3, "持平"), (None, 3, "–"), (3, None, "–")],
)
def test_a_smaller_number_is_a_rise(before: int | None, now: int | None, words: str) -> None:
    assert movement_words(movement(before, now)) == words
