"""A trace is read by people: what was kept as data is written as on every page."""

import pytest

from taskboard.boards.timeline import said


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ("2026-11-21T18:00:58.709199+00:00", "11月22日 02:00"),
        ("2020-06-05", "2020年6月5日"),
        ("2020-06-05 起", "2020-06-05 起"),
        (True, "是"),
        (None, ""),
    ],
)
def test_a_value_is_said_as_people_write_it(kept: object, words: str) -> None:
    assert said(kept) == words


def test_what_only_looks_like_a_date_is_shown_as_it_was_typed() -> None:
    assert said("2020-13-01") == "2020-13-01"
    assert said("2020-06-05T25:99:00+00:00") == "2020-06-05T25:99:00+00:00"
