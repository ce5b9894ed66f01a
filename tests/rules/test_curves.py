"""The shapes of a schedule."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskboard.errors import Refused
from taskboard.rules.curves import (
    CURVES,
    BadCurve,
    Given,
    Span,
    Step,
    custom,
    draw,
    event_based,
    linear,
    seasonal,
    working_day,
)
from taskboard.rules.curves import due_days as days_of
from taskboard.rules.schedule import Schedule
from tests.rules.cast import Q2

SPAN = Span(*Q2, Decimal(0), Decimal(910))


def day(text):
    return date.fromisoformat(f"2020-{text}")


def test_weekly_points_fall_on_the_last_working_day_of_a_week():
    days = days_of(SPAN)

    # 1 May is a holiday, so that week's point falls on the Thursday
    assert days[4] == day("04-30")
    assert days[0] == day("04-03") and days[-1] == day("06-30")
    assert len(days) == 14


def test_linear_goes_by_calendar_days():
    points = dict(linear(SPAN, 0))

    assert points[day("05-29")] == 590 and points[day("06-30")] == 910


def test_working_days_make_no_way_on_holidays():
    points = dict(working_day(SPAN, 1))
    closed = dict(working_day(SPAN, 1, {day("04-01"): False}))

    # three of the quarter's 62 working days, or two of 61
    assert points[day("04-03")] == Decimal("44.0")
    assert closed[day("04-03")] == Decimal("29.8")
    with pytest.raises(BadCurve, match="没有工作日"):
        working_day(Span(day("05-02"), day("05-03"), Decimal(0), Decimal(1)), 0)


def test_seasons_weigh_the_months():
    points = dict(seasonal(SPAN, 0, {4: Decimal(0), 5: Decimal(310), 6: Decimal(600)}))

    assert points[day("04-30")] == 0
    assert points[day("05-29")] == 290


@pytest.mark.parametrize(
    ("weights", "words"),
    [({4: 1, 5: 1}, "缺少6月的权重"), ({4: 1, 5: -1, 6: 1}, "5月的权重为负数"), ({4: 0, 5: 0, 6: 0}, "全为 0")],
)
def test_weights_that_cannot_be_are_refused(weights, words):
    with pytest.raises(BadCurve, match=words):
        seasonal(SPAN, 0, {month: Decimal(weight) for month, weight in weights.items()})


def test_steps_come_on_their_days():
    steps = [Step(day("04-20"), Decimal(400), "甲项目投产"), Step(day("06-01"), Decimal(510))]

    assert event_based(SPAN, 0, steps, rest_linear=False) == [
        (day("04-20"), 400), (day("06-01"), 910), (day("06-30"), 910),
    ]  # fmt: skip
    mixed = dict(event_based(SPAN, 0, steps[:1]))
    assert mixed[day("04-17")] == round(Decimal(510) * 17 / 91)
    assert mixed[day("04-20")] == round(Decimal(510) * 20 / 91) + 400


@pytest.mark.parametrize(
    ("steps", "rest", "words"),
    [
        ([Step(day("07-01"), Decimal(1), "甲")], True, "2020年7月1日“甲”不在周期内"),
        ([Step(day("05-01"), Decimal(-1))], True, "与目标方向相反"),
        ([Step(day("05-01"), Decimal(911))], True, "超过目标增量 910"),
        ([Step(day("05-01"), Decimal(909))], False, "不等于目标增量 910"),
    ],
)
def test_steps_that_cannot_be_are_refused(steps, rest, words):
    with pytest.raises(BadCurve, match=words):
        event_based(SPAN, 0, steps, rest)


def test_own_points_are_taken_and_end_the_period():
    assert custom(SPAN, 0, [(day("05-01"), Decimal(400)), (day("06-20"), Decimal(910))])[-1] == (day("06-30"), 910)


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([], "没有节点"),
        ([("03-31", 1), ("06-30", 910)], "2020年3月31日不在周期内"),
        ([("05-02", 1), ("05-02", 2), ("06-30", 910)], "2020年5月2日不晚于前一节点"),
        ([("05-02", 5), ("05-03", 4), ("06-30", 910)], "2020年5月3日的 4 比前一节点的 5 离目标更远"),
        ([("05-02", -1), ("06-30", 910)], "比起点 0 离目标更远"),
        ([("05-02", 1), ("06-30", 900)], "最后节点2020年6月30日为 900，不等于目标 910"),
    ],
)
def test_own_points_that_cannot_be_are_refused(points, words):
    with pytest.raises(BadCurve, match=words) as refused:
        custom(SPAN, 0, [(day(text), Decimal(value)) for text, value in points])
    assert isinstance(refused.value, Refused) and isinstance(refused.value, ValueError)


def test_a_target_that_holds_its_start_takes_no_other_point():
    held = Span(*Q2, Decimal(5), Decimal(5))

    assert linear(held, 0)[0][1] == 5
    with pytest.raises(BadCurve, match="与目标 5 不同"):
        custom(held, 0, [(day("05-01"), Decimal(6)), (day("06-30"), Decimal(5))])
    with pytest.raises(BadCurve, match="超过目标增量"):
        event_based(held, 0, [Step(day("05-01"), Decimal(1))])


def test_a_curve_is_known_by_name():
    assert [curve.word for curve in CURVES.values()] == ["直线", "工作日", "季节", "节点", "自定"]
    with pytest.raises(BadCurve, match="可选：直线"):
        draw("zigzag", SPAN, Given())
    with pytest.raises(BadCurve, match="早于"):
        Span(Q2[1], Q2[0], Decimal(0), Decimal(1))


figures = st.decimals(-10_000, 10_000, places=3)
spans = st.builds(
    lambda first, length, start, target: Span(first, first + timedelta(days=length), start, target),
    st.dates(date(2018, 1, 1), date(2020, 12, 1)), st.integers(10, 400), figures, figures,
)  # fmt: skip


@settings(max_examples=60)
@given(spans, st.sampled_from(["linear", "working_day", "seasonal", "event_based"]), st.integers(0, 4),
       st.lists(st.decimals(1, 9, places=1), min_size=12, max_size=12))  # fmt: skip
def test_every_curve_goes_one_way_and_ends_exactly_at_the_target(span, name, decimals, weights):
    half = Step(span.starts_on + (span.ends_on - span.starts_on) / 2, span.way / 2)
    drawn = draw(name, span, Given(decimals, weights=dict(enumerate(weights, 1)), steps=[half]))

    assert drawn[-1] == (span.ends_on, span.target_value)
    sign = 1 if span.way >= 0 else -1
    for (earlier, before), (later, after) in pairwise([(span.starts_on - timedelta(days=1), span.start_value), *drawn]):
        assert earlier < later and (after - before) * sign >= 0
    schedule = Schedule(span.starts_on, span.ends_on, span.start_value, span.target_value, tuple(drawn))
    assert all(0 <= schedule.share(on) <= 1 for on, _ in drawn) and schedule.planned(span.ends_on) == span.target_value
    assert custom(span, decimals, drawn) == drawn
