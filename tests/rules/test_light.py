"""The lights of the standard rule set: every example and every boundary."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskboard.rules import ruleset
from taskboard.rules.light import Light, colour, judge, worst
from taskboard.rules.schedule import Schedule
from taskboard.rules.standing import KINDS
from tests.rules.cast import LAST_OF_MAY, Q2, amount, bare, growth, rank, task

STANDARD = ruleset.load("standard")
SHARES = st.decimals(0, 1, places=4)
COMPLETIONS = st.decimals("-0.5", "1.5", places=4)
MAY_SHARE = Schedule(*Q2, Decimal(0), Decimal(100)).share(LAST_OF_MAY)


def light(standing):
    return judge(standing, STANDARD).light


@pytest.mark.parametrize(("completion", "gap"), [("0.87", "20.0"), ("0.70", "3.0")])
def test_what_the_press_printed_is_ahead_of_schedule(completion, gap):
    verdict = judge(amount(completion, MAY_SHARE), STANDARD)

    assert verdict.light is Light.GREEN
    assert round(verdict.figures["gap"], 1) == Decimal(gap)


@pytest.mark.parametrize(
    ("completion", "scheduled", "expected"),
    [
        ("0.615", "0.615", Light.GREEN),
        ("0.6149", "0.615", Light.YELLOW),
        ("0.515", "0.615", Light.YELLOW),
        ("0.5149", "0.615", Light.RED),
        ("0.105", "0.15", Light.YELLOW),  # attainment is exactly 0.7
        ("0.1049", "0.15", Light.RED),
        ("0.05", "0.1499", Light.YELLOW),  # too early for attainment to count
        ("0", "0", Light.GREEN),
        (None, "0.5", Light.GREY),
        ("1.1964", "0.42", Light.GREEN),
    ],
)
def test_an_amount(completion, scheduled, expected):
    assert light(amount(completion, scheduled)) is expected


def test_the_last_digit_of_a_division_does_not_trip_a_line():
    for s in range(1, 91):
        share = Decimal(s) / Decimal(91)
        assert light(amount(Decimal(s * 7) / Decimal(91 * 7), share)) is Light.GREEN
        tenth_less = Decimal(s * 10 - 91) / Decimal(910)
        if tenth_less / share >= Decimal("0.7") or share < Decimal("0.15"):
            assert light(amount(tenth_less, share)) is Light.YELLOW


def test_before_it_begins_nothing_is_judged():
    assert light(amount("0.1", "0", on=date(2020, 3, 1))) is Light.GREY


@pytest.mark.parametrize(
    ("value", "target", "expected"),
    [("5", "5", Light.GREEN), ("4.9", "5", Light.YELLOW), ("3", "5", Light.YELLOW), ("2.99", "5", Light.RED),
     ("-0.1", "0.5", Light.RED), ("-3", "-4", Light.GREEN), ("-5", "-4", Light.YELLOW), (None, "5", Light.GREY)],
)  # fmt: skip
def test_a_growth_rate(value, target, expected):
    assert light(growth(value, target)) is expected


def test_growth_below_the_average_is_yellow_though_the_target_is_reached():
    assert light(growth("6", reference=Decimal("6.5"))) is Light.YELLOW
    assert light(growth("6", reference=Decimal("6"))) is Light.GREEN
    assert light(growth("2", reference=Decimal("1"))) is Light.RED


@pytest.mark.parametrize(("place", "expected"), [(1, Light.GREEN), (3, Light.GREEN), (4, Light.YELLOW),
                                                 (5, Light.YELLOW), (6, Light.RED)])  # fmt: skip
def test_a_rank(place, expected):
    assert light(rank(place)) is expected


@pytest.mark.parametrize(
    ("late", "done", "expected"),
    [((0, 0), False, Light.GREY), ((0, 0), True, Light.GREEN), ((1, 1), False, Light.YELLOW),
     ((31, 1), True, Light.YELLOW), ((32, 2), False, Light.RED)],
)  # fmt: skip
def test_a_milestone(late, done, expected):
    assert light(bare("milestone", days_late=late[0], months_late=late[1], done=done)) is expected


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (task("0.7"), Light.GREEN),
        (task("0.6"), Light.YELLOW),
        (task("0.4"), Light.RED),
        (task(None), Light.GREY),
        (task("0.7", days_late=3, months_late=1), Light.YELLOW),
        (task("0.7", days_late=40, months_late=2), Light.RED),
        (task("0.4", days_late=3, months_late=1), Light.RED),
        (task(None, days_late=3, months_late=1), Light.YELLOW),
        (task(None, days_late=40, months_late=2), Light.RED),
        (task("1", "1", days_late=3, months_late=1), Light.GREEN),
        (task("0.9", "1", done=True, days_late=3, months_late=1), Light.GREEN),
    ],
)
def test_a_task_takes_the_worse_of_progress_and_lateness(standing, expected):
    assert light(standing) is expected


@given(st.none() | st.decimals(0, "0.9999", places=4), st.integers(1, 400))
def test_an_overdue_unfinished_task_is_never_green(completion, late):
    standing = replace(task(None, "1", days_late=late, months_late=late // 31 + 1), completion=completion)
    assert light(replace(standing, missed_workdays=late)) is not Light.GREEN


@pytest.mark.parametrize(
    ("more", "expected"),
    [({}, Light.GREEN), ({"workdays_left": 4}, Light.GREEN), ({"workdays_left": 3}, Light.BLUE),
     ({"returned": 1}, Light.GREEN), ({"returned": 2, "workdays_left": 0}, Light.YELLOW),
     ({"days_late": 1, "returned": 2}, Light.RED), ({"red_by_hand": True}, Light.RED),
     ({"days_late": 9, "suspended": True}, Light.GREY), ({"days_late": 9, "done": True}, Light.GREEN)],
)  # fmt: skip
def test_an_item(more, expected):
    assert light(bare("item", **more)) is expected


def test_two_yellow_periods_without_narrowing_are_red():
    assert light(amount("0.6", yellow_weeks=0)) is Light.YELLOW
    assert light(amount("0.6", yellow_weeks=1)) is Light.RED
    assert light(amount("0.6", yellow_weeks=1, narrowing=True)) is Light.YELLOW


def test_red_turns_yellow_only_when_the_earlier_shortfall_is_made_good():
    assert light(amount("0.6", was_red=True)) is Light.RED
    made_good = judge(amount("0.6", was_red=True, made_good=True), STANDARD)
    assert made_good.light is Light.YELLOW
    assert made_good.marks == ("补齐",)
    assert light(amount("0.62", was_red=True)) is Light.GREEN


@pytest.mark.parametrize(("completion", "expected"), [("0.7", Light.GREY), ("0.6", Light.GREY), ("0.4", Light.RED)])
def test_silence_greys_what_is_not_red(completion, expected):
    assert light(amount(completion, missed_workdays=1)) is not Light.GREY
    silent = judge(amount(completion, missed_workdays=2), STANDARD)

    assert silent.light is expected
    assert silent.marks == ("逾期未填报",)
    assert silent.beneath is light(amount(completion))


def test_marks_change_no_light():
    slow = amount("0.62", increments=(Decimal(2),) * 4, weeks_left=4, low_confidence=True, missed_reports=3)
    verdict = judge(slow, STANDARD)

    assert verdict.light is Light.GREEN
    assert verdict.marks == ("三次未填报", "落点预警", "信心背离")
    assert judge(replace(slow, increments=(Decimal(7),)), STANDARD).marks == ("三次未填报", "信心背离")


@given(SHARES, COMPLETIONS, st.decimals(0, 1, places=4), st.sampled_from(["amount", "task"]))
def test_more_value_never_worsens(scheduled, completion, more, kind):
    less = amount(completion, scheduled, kind=kind)
    assert light(amount(completion + more, scheduled, kind=kind)).severity <= light(less).severity


@given(COMPLETIONS, st.integers(0, 120), st.integers(0, 60))
def test_a_later_date_without_a_report_never_improves(completion, days, more):
    order = [Light.GREEN, Light.YELLOW, Light.GREY, Light.RED]  # silence hides a yellow but never a red

    def on(day):
        date_ = Q2[0] + timedelta(days=day)
        share = Schedule(*Q2, Decimal(0), Decimal(100)).share(date_)
        return light(amount(completion, share, on=date_, missed_workdays=max(0, day - 5)))

    assert order.index(on(days)) <= order.index(on(days + more))


@given(
    st.sampled_from(ruleset.presets()), st.sampled_from(KINDS), st.none() | COMPLETIONS, SHARES,
    st.booleans(), st.booleans(), st.booleans(), st.integers(0, 3), st.integers(0, 50), st.sampled_from([-40, 0, 40]),
)  # fmt: skip
def test_the_colour_alone_is_the_colour_of_the_verdict(rules, kind, completion, s, done, red, narrow, n, late, shift):
    standing = amount(
        completion, s, kind=kind, on=LAST_OF_MAY + timedelta(days=shift), done=done, was_red=red, narrowing=narrow,
        yellow_weeks=n, missed_workdays=n, missed_periods=n, days_late=late, months_late=late // 31, workdays_left=n,
    )  # fmt: skip
    verdict = judge(standing, rules)

    assert colour(standing, rules) is verdict.light
    assert verdict.words.endswith(f"，故为{verdict.light.word}灯")
    assert "无数据" not in verdict.words


def test_a_light_is_word_and_shape_and_weight():
    assert [(x.word, x.shape) for x in Light] == [("红", "■"), ("黄", "▲"), ("绿", "●"), ("蓝", "◆"), ("灰", "○")]
    assert worst([Light.GREY, Light.GREEN, Light.YELLOW]) is Light.YELLOW
    assert worst([]) is Light.GREY
