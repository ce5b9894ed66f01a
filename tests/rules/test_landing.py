"""Will we land: the figures, the what-ifs and the sentence."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskboard.rules import forecast
from taskboard.rules.landing import Course, Stage, Support, at_pace, confidence_word, late, outlook, working_weeks
from taskboard.rules.landing_words import confidence_sentence, deadline_sentence, sentence
from taskboard.rules.student import FACTORS_80, chance_below


def D(*texts):  # noqa: N802
    return tuple(Decimal(str(t)) for t in texts)


def course(value="60", target="100", increments=("2.9", "2.0", "1.8", "1.9", "2.7"), weeks="10", **more):
    value = None if value is None else Decimal(value)
    return Course(value, Decimal(target), D(*increments), Decimal(weeks), **more)


FALLING = course("80", "60", ("-2", "-1", "-1.4", "-1", "-1"), "10", higher_is_better=False)


def test_the_figures_of_an_outlook():
    o = outlook(course())

    assert (o.pace, o.best, o.needed, o.landing) == D("2.1", "2.9", 4, 81)
    assert o.landing_ratio == Decimal("0.81")
    assert o.low < o.landing < o.high < 100
    assert o.probability < Decimal("0.05") and o.word == "很难"
    assert o.last_credible is None


def test_the_range_is_the_textbook_prediction_interval():
    o = outlook(course("0", "20", (1, 2, 3), "3"))

    # s = 1, error = sqrt(3 + 9/3), two degrees of freedom
    assert o.high - o.landing == pytest.approx(Decimal("1.8856") * Decimal(6).sqrt())


@pytest.mark.parametrize("freedom", range(1, 12))
def test_the_tabulated_factors_are_those_of_the_distribution(freedom):
    assert chance_below(FACTORS_80[freedom - 1], freedom) == Decimal("0.9000")
    assert chance_below(Decimal(0), freedom) == Decimal("0.5")


@pytest.mark.parametrize(
    ("p", "word"),
    [("0.9", "很有把握"), ("0.89", "较有把握"), ("0.65", "较有把握"), ("0.5", "五五开"), ("0.35", "五五开"),
     ("0.34", "较难"), ("0.1", "较难"), ("0.09", "很难"), ("0", "很难")],
)  # fmt: skip
def test_the_words_of_confidence(p, word):
    assert confidence_word(Decimal(p)) == word


def test_the_last_credible_week():
    o = outlook(course("60", "85", (3, 2, 2, 2, 2), "10"))

    # 5 weeks at 2 and 5 weeks at 3 make the missing 25
    assert o.last_credible == 5
    assert deadline_sentence(o) == "现有节奏最多再走 5 周，此后须每周达到最好一周，否则到不了目标"
    assert outlook(course("60", "70", (2, 2, 2), "10")).last_credible == 10
    assert deadline_sentence(outlook(course())) == "即使以后每周都达到最好一周，也到不了目标"


@pytest.mark.parametrize(
    ("given_course", "words"),
    [
        (course("86.78", "122", ("2.9", "2.0", "1.8", "2.0", "2.6"), "11"),
         "需每周 3.2 亿，近四周平均 2.1 亿，最好一周 2.9 亿：按现有节奏落在 90 %"),
        (course(None), "尚无填报，暂不能推算"),
        (course(increments=()), "尚无逐周增量，暂不能推算：需每周 4.0 亿"),
        (course(increments=(2,)),
         "仅有一周增量，把握尚不能估计：需每周 4.0 亿，近一周平均 2.0 亿，按现有节奏落在 80 %"),
        (course(increments=(2, 3)),
         "仅有两周增量，把握尚不能估计：需每周 4.0 亿，近两周平均 2.5 亿，按现有节奏落在 85 %"),
        (course("103"), "已达目标（完成 103 %），按现有节奏落在 124 %"),
        (course("103", increments=()), "已达目标（完成 103 %）"),
        (course("103", increments=(-1, -1, -1)),
         "目前已达目标（完成 103 %），但近三周平均下降 1.0 亿：按现有节奏落在 93 %"),
        (course(increments=(1, -2, -3)), "需每周 4.0 亿，近三周平均下降 1.3 亿，与目标方向相反：按现有节奏落在 47 %"),
        (course(weeks="0"), "周期已结束，未达目标，完成 60 %"),
        (course("99.96", weeks="-1"), "周期已结束，未达目标，完成 99.96 %"),
        (course("120", weeks="0"), "周期已结束，已达目标，完成 120 %"),
        (FALLING,
         "需每周下降 2.0 亿，近四周平均下降 1.1 亿，最好一周下降 2.0 亿：按现有节奏期末为 69.0 亿，高于目标 15 %"),
        (replace(FALLING, weeks_left=Decimal(0)), "周期已结束，未达目标，实际为 80.0 亿，高于目标 33 %"),
        (replace(FALLING, value=Decimal(58)), "目前在目标以内，按现有节奏期末为 47.0 亿，低于目标 22 %"),
        (course("40", "50", (4, 4, 4), "5", higher_is_better=False),
         "目前在目标以内，但近三周平均上升 4.0 亿：按现有节奏期末为 60.0 亿，高于目标 20 %"),
        (course(increments=(2, 2, 2), supports=(Support("甲", Decimal(10), Decimal(3)),)),
         "需每周 3.0 亿，近三周平均 2.0 亿，最好一周 2.0 亿：按现有节奏并计入支撑项目 10.0 亿，落在 90 %"),
        (course("60", "100.04", (4, 4, 4), "10"),
         "需每周 4.004 亿，近三周平均 4.000 亿，最好一周 4.000 亿：按现有节奏落在 99.96 %"),
    ],
)  # fmt: skip
def test_the_sentence(given_course, words):
    assert sentence(outlook(given_course), "亿") == words


def test_the_sentence_of_the_range():
    o = outlook(course("60", "82", (2, 3, 1, 2, "2.2"), "10"))

    assert confidence_sentence(o, "亿") == f"五五开（{round(o.probability * 100)} %），八成可能落在 90 % 至 106 %"
    assert confidence_sentence(outlook(course(increments=(1,))), "亿") == ""


def test_what_if_a_contribution_is_late_or_the_pace_changes():
    planned = course(increments=(2, 2, 2), supports=(Support("甲", Decimal(10), Decimal(8)),))

    assert outlook(planned).landing == 90
    assert outlook(late(planned, "甲", Decimal(2))).landing == 90
    assert outlook(late(planned, "甲", Decimal("2.1"))).landing == 80
    assert outlook(at_pace(planned, Decimal("1.5"))).landing == 100
    assert "假定每周 3.0 亿" in sentence(outlook(at_pace(planned, Decimal("1.5"))), "亿")
    with pytest.raises(ValueError, match="没有名为"):
        late(planned, "乙", Decimal(1))
    with pytest.raises(ValueError, match="大于 0"):
        at_pace(planned, Decimal(0))


def test_weeks_by_date_count_working_days_alone():
    assert working_weeks(date(2020, 6, 19), date(2020, 6, 30)) == Decimal("1.2")  # 端午 and 补班 between
    assert Support.dated("甲", Decimal(1), date(2020, 6, 22), date(2020, 6, 19)).weeks == Decimal("0.2")


amounts = st.decimals(-10_000, 10_000, places=2, allow_nan=False)
courses = st.builds(
    Course,
    value=st.none() | amounts,
    target=amounts,
    increments=st.lists(amounts, max_size=15).map(tuple),
    weeks_left=st.decimals(-2, 60, places=1),
    higher_is_better=st.booleans(),
)


@given(courses)
def test_every_course_has_a_consistent_outlook_and_a_sentence(c):
    o = outlook(c)

    assert sentence(o, "万元") and "None" not in sentence(o, "万元") + confidence_sentence(o, "万元")
    assert (o.probability is None) == (o.low is None)
    if o.probability is not None:
        assert 0 <= o.probability <= 1 and o.low <= o.landing <= o.high
    if o.last_credible is not None:
        assert 0 <= o.last_credible <= o.weeks_left
    if len(c.increments) < 3 and c.weeks_left > 0:
        assert o.probability is None


@given(courses)
def test_pace_and_landing_agree_with_the_light(c):
    o, old = outlook(c), forecast.landing(c.value, c.target, c.increments, c.weeks_left)

    assert o.pace == old.pace and o.needed == old.needed
    if old.landing is not None:
        assert o.landing == pytest.approx(old.landing)


@given(courses, st.decimals(0, 1000, places=2))
def test_more_in_hand_never_makes_landing_less_likely(c, more):
    up = 1 if c.higher_is_better else -1
    before = outlook(c).probability
    after = outlook(replace(c, value=None if c.value is None else c.value + up * more)).probability

    assert (before is None) == (after is None)
    assert before is None or before <= after


@given(courses)
def test_up_and_down_are_mirrors(c):
    mirrored = Course(
        None if c.value is None else -c.value, -c.target, tuple(-x for x in c.increments), c.weeks_left,
        not c.higher_is_better,
    )  # fmt: skip
    a, b = outlook(c), outlook(mirrored)

    assert (a.stage, a.probability, a.last_credible) == (b.stage, b.probability, b.last_credible)


def test_stages_are_told_apart():
    assert outlook(FALLING).stage == Stage.RUNNING
    assert outlook(replace(FALLING, increments=D(1, 1, 1))).stage == Stage.BACKWARDS
