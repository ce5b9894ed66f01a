"""Whether parts and reserve make the whole, and what can be summed at all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from taskboard.rules.allocation import Span, adds_up, balance


@pytest.mark.parametrize(
    ("district", "parts", "reserve", "words"),
    [
        ("100", ["40", "48"], "0", "未分配 12"),
        ("100", ["40", "65"], "0", "超分配 5"),
        ("100", ["40", "50"], "10", "一致"),
        ("0.3", ["0.1", "0.2"], "0", "一致"),
        ("100", [None, None], "0", ""),
        (None, ["40"], "0", ""),
    ],
)
def test_the_balance_says_what_is_left(district: str | None, parts: list[str | None], reserve: str, words: str) -> None:
    found = balance(
        Decimal(district) if district else None, [Decimal(p) if p else None for p in parts], Decimal(reserve)
    )

    assert found.words == words
    assert found.is_short == words.startswith("未") and found.is_over == words.startswith("超")


def test_rates_ranks_and_percents_are_not_summed() -> None:
    assert adds_up("amount", {"万元"}) and adds_up("count", {"家"})
    assert not any(adds_up(kind, {"万元"}) for kind in ("growth", "points", "ratio", "rank", "milestone"))
    assert not adds_up("amount", {"%"}) and not adds_up("amount", {"万元", "亿元"})


def test_a_span_is_read_from_an_address() -> None:
    span = Span(date(2020, 4, 1), date(2020, 6, 30))

    assert Span.parse(span.key) == span and span.words == "2020年4月1日至2020年6月30日"
    assert not any(Span.parse(text) for text in ("", "x", "2020-06-30_2020-04-01", "1000-01-01_2020-01-01", "_"))
