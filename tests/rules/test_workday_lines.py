"""A pasted arrangement: every way of writing a day that offices use, and a reason for each line that is none."""

from __future__ import annotations

from datetime import date

import pytest

from taskboard.rules.workday_lines import read
from taskboard.rules.workdays import coming_notice


@pytest.mark.parametrize(
    ("line", "first", "last", "is_workday", "name"),
    [
        ("2027-02-05 至 2027-02-11 放假 春节", date(2027, 2, 5), date(2027, 2, 11), False, "春节"),
        ("2027年2月14日（周日）上班", date(2027, 2, 14), date(2027, 2, 14), True, ""),
        ("2027/5/1至5日放假 劳动节", date(2027, 5, 1), date(2027, 5, 5), False, "劳动节"),
        ("2027.10.1-10.7 放假，国庆节", date(2027, 10, 1), date(2027, 10, 7), False, "国庆节"),
        ("2027-12-31 至 2028-01-02 放假 元旦", date(2027, 12, 31), date(2028, 1, 2), False, "元旦"),
        ("2027-02-21 补班", date(2027, 2, 21), date(2027, 2, 21), True, ""),
    ],
)
def test_a_line_is_read_however_it_is_written(line: str, first: date, last: date, is_workday: bool, name: str) -> None:
    days, wrong = read(line)

    assert not wrong
    assert (days[0].day, days[-1].day, len(days)) == (first, last, (last - first).days + 1)
    assert {(one.is_workday, one.name) for one in days} == {(is_workday, name)}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2月5日 放假", "行首不是完整的日期"),
        ("2027-02-30 放假", "没有这一天"),
        ("2027-02-05", "没有写明放假还是上班"),
        ("2027-02-05 至 2027-02-01 放假", "结束日期早于开始日期"),
        ("2027-02-05 至 2027-04-01 放假", "一段超过 31 天"),
    ],
)
def test_a_wrong_line_is_named_with_its_number_and_reason(line: str, reason: str) -> None:
    days, wrong = read(f"2027-01-01 放假\n\n{line}")

    assert [one.day for one in days] == [date(2027, 1, 1)]
    assert [(one.line, one.text, one.reason) for one in wrong] == [(3, line, reason)]
    assert all(one.remedy for one in wrong)


def test_a_day_is_said_once() -> None:
    days, wrong = read("2027-02-05 至 2027-02-11 放假\n2027-02-07 上班")

    assert len(days) == 7
    assert wrong[0].reason == "2027-02-07 在第 1 行已有安排"


def test_the_next_year_is_missed_from_october_on_until_it_is_entered() -> None:
    entered = {date(2027, 2, 5): False}

    assert coming_notice(date(2026, 9, 30)) is None
    assert coming_notice(date(2026, 10, 1)) == "2027 年调休安排尚未录入，工作日暂按法定节假日计算"
    assert coming_notice(date(2027, 3, 1)) is not None
    assert coming_notice(date(2026, 12, 1), entered) is None
