"""How values are written: the same on a page, in a workbook and in a message."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from taskboard.boards import words

FRIDAY = date(2020, 6, 5)
LATE = datetime(2020, 6, 4, 16, 30, tzinfo=UTC)  # already the fifth in Shanghai


@pytest.mark.parametrize(
    "write", [words.day, words.short_day, words.long_day, words.moment, words.pct, words.points, words.figure]
)
def test_nothing_is_a_dash(write):
    assert write(None) == "–"


def test_days():
    assert words.day(FRIDAY) == "2020年6月5日"
    assert words.short_day(FRIDAY) == "6月5日 周五"
    assert words.long_day(FRIDAY) == "2020年6月5日 星期五"


def test_a_moment_is_shown_in_shanghai():
    assert words.moment(LATE) == "6月5日 00:30"
    assert words.day(LATE) == "2020年6月5日"


@pytest.mark.parametrize(
    ("share", "text"),
    [(Decimal("0.42"), "42.0 %"), (Decimal("3.33763"), "333.8 %"), (0, "0.0 %"), (Decimal("-0.00001"), "0.0 %")],
)
def test_a_share_is_written_in_percent(share, text):
    assert words.pct(share) == text


def test_the_published_completion_keeps_its_two_decimals():
    assert words.pct(Decimal("1.1964"), 2) == "119.64 %"


@pytest.mark.parametrize(
    ("gap", "text"), [(Decimal("19.96"), "+20.0 个百分点"), (Decimal("-19.5"), "-19.5 个百分点"), (0, "0.0 个百分点")]
)
def test_a_gap_is_written_in_points(gap, text):
    assert words.points(gap) == text


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (Decimal("1001.29"), 2, "1,001.29"),
        (Decimal("5380.000000"), None, "5,380"),
        (Decimal("1E+3"), None, "1,000"),
        (1234567, 0, "1,234,567"),
        (Decimal("2.345"), 2, "2.35"),
        (Decimal("-0.004"), 2, "0.00"),
        (0.1, None, "0.1"),
    ],
)
def test_figures(value, decimals, text):
    assert words.figure(value, decimals) == text


def test_differences_spell_both_texts():
    pieces = words.differences("签约两家企业", "签约三家企业。")
    assert "".join(text for kind, text in pieces if kind != "new") == "签约两家企业"
    assert "".join(text for kind, text in pieces if kind != "gone") == "签约三家企业。"
    assert ("gone", "两") in pieces and ("new", "三") in pieces


def test_the_same_text_has_no_differences():
    assert words.differences("同一句话", "同一句话") == (("same", "同一句话"),)
    assert words.differences(None, None) == ()
