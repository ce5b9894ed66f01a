"""What a change is called, and whether it is progress."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskboard.rules.change import Kind, change_words, is_progress


@pytest.mark.parametrize(
    ("kind", "previous", "now", "words"),
    [
        ("growth", "-5.3", "-2.1", "降幅收窄 3.2 个百分点"),
        ("growth", "-2.1", "-5.3", "降幅扩大 3.2 个百分点"),
        ("growth", "-1", "2", "由降转增，提高 3.0 个百分点"),
        ("growth", "2", "-1", "由增转降，回落 3.0 个百分点"),
        ("growth", "-1", "0", "由降转平，提高 1.0 个百分点"),
        ("growth", "0", "-1", "由平转降，回落 1.0 个百分点"),
        ("growth", "0", "1", "由平转增，提高 1.0 个百分点"),
        ("growth", "1", "0", "由增转平，回落 1.0 个百分点"),
        ("growth", "5", "3", "增速回落 2.0 个百分点"),
        ("growth", "3", "5", "增速加快 2.0 个百分点"),
        ("growth", "3", "3.02", "增速加快 0.02 个百分点"),
        ("growth", "3", "3.0", "持平"),
        ("rank", "5", "3", "上升 2 位"),
        ("rank", "3", "4", "下降 1 位"),
        ("rank", "3", "3", "持平"),
        ("amount", "1", "2.5", "增加 1.5 亿元"),
        ("amount", "2.5", "1", "减少 1.5 亿元"),
        ("points", "2.5", "1", "下降 1.5 个百分点"),
        ("ratio", "80", "81.5", "提高 1.5 个百分点"),
    ],
)
def test_the_words_of_a_change(kind, previous, now, words):
    assert change_words(kind, Decimal(previous), Decimal(now), "亿元") == words


def test_decimals_and_unit_are_the_callers():
    assert change_words("growth", Decimal(5), Decimal(3), decimals=0) == "增速回落 2 个百分点"
    assert change_words("amount", Decimal(5), Decimal(3), decimals=0) == "减少 2"
    with pytest.raises(ValueError):
        change_words("colour", Decimal(1), Decimal(2))


def test_progress_knows_its_direction():
    assert is_progress("growth", Decimal("-5.3"), Decimal("-2.1"))
    assert not is_progress("growth", Decimal("-5.3"), Decimal("-2.1"), higher_is_better=False)
    assert is_progress("rank", Decimal(5), Decimal(3)) and not is_progress("rank", Decimal(3), Decimal(5))
    assert is_progress("amount", Decimal(5), Decimal(3), higher_is_better=False)


figures = st.decimals(-1000, 1000, places=2)


@given(st.sampled_from(Kind), figures, figures, st.booleans())
def test_there_and_back_is_never_progress_twice(kind, a, b, higher):
    assert is_progress(kind, a, b, higher) + is_progress(kind, b, a, higher) == (a != b)
    assert (change_words(kind, a, b) == change_words(kind, b, a)) == (a == b)
    assert "-" not in change_words(kind, a, b)
