"""What is odd about a value that was just typed."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskboard.rules.change import Kind
from taskboard.rules.validity import Severity, Typed, findings, sum_check

ON = date(2020, 5, 29)


def history(*values, on=ON):
    """Weekly values, the last a week before `on`."""
    weeks = len(values)
    return tuple((on - timedelta(weeks=weeks - n), Decimal(str(v))) for n, v in enumerate(values))


def typed(value, *previous, **more):
    more = {"measure": "亿元", "target": Decimal(100), "start_value": Decimal(0), "ends_on": date(2020, 6, 30), **more}
    on = more.pop("on", ON)
    return Typed(Decimal(str(value)), on, previous=history(*previous, on=on), **more)


def codes(*args, **more):
    return [finding.code for finding in findings(typed(*args, **more))]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (findings(typed(-1)), "填报数 -1 亿元为负数，该指标不能为负，请改正"),
        (findings(typed(9, 5, 10)), "累计数 9 亿元低于5月22日的 10 亿元，请核对是否填成当期数；如系核减请说明原因"),
        (findings(typed(41, 10, 12, 14, 16)),
         "本次每周变动 25 亿元，是平时 2 亿元的 12.5 倍，请核对数值，无误请说明原因"),
        (findings(typed(160000, 10, 15)), "160000 亿元约为上次数的 1 万倍（上次数 15 亿元），请核对单位是万还是亿"),
        (findings(typed("0.0016", 10, 15)),
         "0.0016 亿元约为上次数的 1 万分之一（上次数 15 亿元），请核对单位是万还是亿"),
        (findings(typed(10**9)), None),
        (findings(typed(2 * 10**10)), "20000000000 亿元约为目标的 1 亿倍（目标 100 亿元），请核对单位是万还是亿"),
        (findings(typed(10, 10, 10)), "连续 3 次填报 10 亿元，请核对是否已更新，确无进展请说明原因"),
        (findings(typed(99, 60, on=date(2020, 6, 24))),
         "期末最后一周完成全程的 39 %，请准备佐证材料，说明集中入账的原因"),
        (findings(typed(0, kind=Kind.RANK)), "位次为 0，应为 1 或更大的整数，请改正"),
        (findings(typed("2.5", kind=Kind.RANK)), "位次为 2.5，应为整数，请改正"),
        (findings(typed(101, kind=Kind.RATIO)), "比率为 101 %，超过 100 %，请核对分子分母"),
        (findings(typed("NaN")), "填写的不是数，请重新填写"),
    ],
)  # fmt: skip
def test_each_finding_says_what_to_do(found, words):
    assert [finding.words for finding in found] == ([words] if words else [])


def test_what_is_allowed_is_not_asked_about():
    assert not codes(-1, may_be_negative=True)
    assert not codes("-2.5", kind=Kind.GROWTH)
    assert not codes(120, kind=Kind.RATIO, may_exceed_hundred=True)
    assert not codes(9, 5, 10, cumulative=False)
    assert not codes(70, 90, 80, target=Decimal(50), start_value=Decimal(100))
    assert not codes(100, 100, 100) and not codes(3, 3, 3, kind=Kind.RANK)
    assert not codes(5) and not codes(0, target=None)


def test_a_slip_is_told_once_and_the_worst_comes_first():
    assert codes("0.0016", 10, 12, 14, 16) == ["unit_slip"]
    assert codes(-90, 10, 12, 14, 16) == ["negative", "fall", "jump"]
    assert codes(12, 12, 12, 12, kind=Kind.RATIO) == ["same"]


def test_reports_far_apart_are_no_jump():
    monthly = tuple((date(2020, month, 28), Decimal(month * 30)) for month in (1, 2))
    typed_now = Typed(Decimal(90), date(2020, 3, 28), previous=monthly, target=Decimal(90), start_value=Decimal(0),
                      ends_on=date(2020, 3, 31))  # fmt: skip
    assert not findings(typed_now)
    missed = (*history(10, 12, 14, 16)[:3], (ON - timedelta(weeks=6), Decimal(16)))
    assert not findings(replace(typed(28), previous=tuple(sorted(missed))))


def test_severities_have_words():
    assert [s.word for s in Severity] == ["必有误", "很可疑", "请留意"]


def test_parts_and_whole():
    parts = {"甲": Decimal("1.1"), "乙": Decimal("2.2")}

    assert sum_check(parts, Decimal("3.3"), "亿元", 1) is None
    assert sum_check(parts, Decimal("3.45"), "亿元", 1) is None
    found = sum_check(parts, Decimal(4), "亿元", 1)
    assert found and found.words == "2 个分项合计 3.3 亿元，与总数 4 亿元相比少 0.7 亿元，请核对分项或总数"
    assert sum_check(parts, Decimal(4), tolerance=Decimal(1)) is None
    assert sum_check({}, Decimal(4)) is None and sum_check({"甲": Decimal("NaN")}, Decimal(4)) is None


anything = st.decimals() | st.decimals(-(10**6), 10**6, places=2)
days = st.dates(date(2020, 1, 1), date(2020, 12, 31))


@given(st.builds(
    Typed, value=anything, on=days, kind=st.sampled_from(Kind),
    previous=st.lists(st.tuples(days, anything), max_size=6).map(tuple),
    target=st.none() | anything, start_value=st.none() | anything, ends_on=st.none() | days,
    decimals=st.integers(0, 6), cumulative=st.booleans(), may_be_negative=st.booleans(),
))  # fmt: skip
def test_no_figure_whatever_raises(anyhow):
    found = findings(anyhow)

    assert all(finding.words and finding.code for finding in found)
    assert found == sorted(found, key=lambda finding: finding.severity.rank)


@given(st.dictionaries(st.text(max_size=3), anything, max_size=4), anything)
def test_no_sum_whatever_raises(parts, whole):
    sum_check(parts, whole)


@given(st.lists(st.decimals(2, 8, places=2), min_size=4, max_size=12))
def test_a_normal_history_raises_no_question(increments):
    """Each week adds something of its usual size on the way to a target at the end of the period."""
    values = [sum(increments[:n], Decimal(10)) for n in range(1, len(increments) + 1)]
    whole = Decimal(10) + 3 * sum(increments)
    for n in range(1, len(values)):
        now = Typed(values[n], ON, previous=history(*values[:n]), target=whole, start_value=Decimal(0),
                    ends_on=date(2020, 6, 30), measure="亿元")  # fmt: skip
        assert findings(now) == []
