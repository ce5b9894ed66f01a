"""The geometry of charts and the words of values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from taskboard.boards import chart, scale

START, END, TODAY = date(2020, 4, 1), date(2020, 6, 30), date(2020, 6, 5)
PLAN = [(START, Decimal(0)), (END, Decimal(90))]


def drawn(
    readings: Sequence[chart.Reading] = (),
    flags: Sequence[chart.Spell] = (),
    plan: Sequence[tuple[date, Decimal]] = PLAN,
    today: date = TODAY,
    landing: tuple[Decimal, ...] = (),
) -> chart.Chart:
    made = chart.schedule_chart(plan, readings, flags, today=today, measure="亿元", decimals=1, landing=landing)
    assert made is not None
    return made


def line(values: Sequence[Decimal | None]) -> chart.Sparkline:
    made = chart.sparkline(values)
    assert made is not None
    return made


def reading(month: int, day: int, value: str) -> chart.Reading:
    return chart.Reading(date(2020, month, day), Decimal(value), "一行话", "/reports/1", "red")


def test_without_a_schedule_there_is_no_chart():
    assert chart.schedule_chart([], [], today=TODAY, measure="亿元") is None


def test_the_plan_runs_from_corner_to_corner_of_the_plot():
    picture = drawn().wide
    assert picture.plan.split()[0] == f"{picture.left},{picture.bottom:.1f}"
    assert picture.plan.split()[-1].startswith(f"{picture.right}")


def test_today_stands_where_its_day_is():
    picture = drawn().wide
    share = (TODAY - START).days / (END - START).days
    assert picture.today == pytest.approx(picture.left + share * (picture.right - picture.left), abs=0.1)


def test_today_outside_the_period_is_not_drawn():
    assert drawn(today=date(2020, 8, 1)).wide.today is None


def test_a_value_holds_until_the_next_and_the_last_until_today():
    picture = drawn([reading(4, 10, "9"), reading(5, 10, "30")]).wide
    first, second = picture.dots
    assert picture.actual == f"M{first.x} {first.y}H{second.x}V{second.y}H{picture.today}"


def test_more_is_higher():
    low, high = drawn([reading(4, 10, "9"), reading(5, 10, "30")]).wide.dots
    assert high.y < low.y


def test_readings_are_drawn_in_the_order_of_their_days():
    dots = drawn([reading(5, 10, "30"), reading(4, 10, "9")]).narrow.dots
    assert [dot.x for dot in dots] == sorted(dot.x for dot in dots)


def test_each_dot_keeps_its_words_its_address_and_its_light():
    (dot,) = drawn([reading(4, 10, "9")]).wide.dots
    assert (dot.words, dot.url, dot.light) == ("一行话", "/reports/1", "red")


def test_a_value_above_the_plan_stays_on_the_paper():
    picture = drawn([reading(5, 10, "300.4")]).wide
    assert picture.top <= picture.dots[0].y <= picture.bottom


def test_a_negative_growth_is_drawn_above_the_bottom():
    plan = [(START, Decimal("-3")), (END, Decimal(5))]
    picture = drawn([reading(5, 10, "-4.2")], plan=plan).wide
    assert picture.top < picture.dots[0].y < picture.bottom


def test_a_flag_still_up_reaches_today_and_red_is_told_from_yellow_by_height():
    red = chart.Spell(date(2020, 5, 22), None, "red")
    yellow = chart.Spell(date(2020, 5, 1), date(2020, 5, 22), "yellow")
    picture = drawn(flags=[yellow, red]).wide
    low, high = picture.strips
    assert high.x + high.width == pytest.approx(picture.today, abs=0.2)
    assert low.height < high.height


def test_a_flag_of_one_day_can_be_seen():
    (strip,) = drawn(flags=[chart.Spell(TODAY, TODAY, "yellow")]).wide.strips
    assert strip.width >= 6


def test_the_landing_runs_from_the_last_reading_to_the_end():
    picture = drawn([reading(5, 10, "30")], landing=(Decimal(70), Decimal(60), Decimal(80))).wide
    start, end = picture.landing.split()
    assert start == f"{picture.dots[0].x},{picture.dots[0].y}"
    assert end.startswith(f"{picture.right}")
    low, high = picture.band.split()[1:]
    assert low.split(",")[0] == high.split(",")[0] == end.split(",")[0] and low != high


def test_a_former_schedule_is_drawn_named_and_told_in_the_table():
    former = chart.Former("第 1 版（至 6月5日）", ((START, Decimal(0)), (END, Decimal(120))))
    made = chart.schedule_chart(PLAN, [], today=TODAY, measure="亿元", decimals=1, formers=[former])
    assert made is not None
    assert made.formers == ("第 1 版（至 6月5日）",)
    (line,) = made.wide.formers
    assert float(line.split(",")[-1]) < float(made.wide.plan.split(",")[-1])  # 120 stands above 90, on the paper
    assert [row.formers for row in made.rows] == [("0.0",), ("120.0",)]
    assert made.words.endswith("虚线为第 1 版（至 6月5日）。")


def test_the_rows_say_what_the_picture_shows():
    rows = drawn([reading(5, 1, "20")]).rows
    assert [(row.on, row.planned, row.actual) for row in rows] == [
        (START, "0.0", "–"),
        (date(2020, 5, 1), "30.0", "20.0"),
        (END, "90.0", "–"),
    ]


def test_the_summary_is_a_sentence():
    assert drawn([reading(5, 1, "20")]).words == (
        "计划至 6月30日 周二 达到 90.0 亿元，6月5日 周五 应达 65.0 亿元；5月1日 周五 实际 20.0 亿元。"
    )


def test_the_schedule_between_two_weekly_targets_runs_straight():
    plan = [(date(2020, 6, 1), Decimal(10)), (date(2020, 6, 8), Decimal(24)), (date(2020, 6, 15), Decimal(24))]
    assert chart.planned_on(plan, date(2020, 6, 3)) == 14
    assert chart.planned_on(plan, date(2020, 6, 10)) == 24
    assert chart.planned_on(plan, date(2020, 6, 16)) is None


@pytest.mark.parametrize("values", [[], [Decimal(1)], [None, Decimal(1), None]])
def test_a_line_needs_two_values(values):
    assert chart.sparkline(values) is None


def test_a_sparkline_ends_in_its_latest_value_and_leaves_gaps_out():
    made = line([Decimal(1), None, Decimal(3)])
    assert made.points.split()[-1] == f"{made.x},{made.y}"
    assert len(made.points.split()) == 2


def test_a_flat_sparkline_runs_through_the_middle():
    assert line([Decimal(5), Decimal(5)]).y == 12


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([0, 5380], ["0", "2,000", "4,000", "6,000"]),
        ([-3.2, 5], ["-5", "-2.5", "0", "2.5", "5"]),
        ([0, 0], ["0", "0.25", "0.5", "0.75", "1"]),
        ([98, 100], ["98", "98.5", "99", "99.5", "100"]),
    ],
)
def test_an_axis_is_named_in_round_numbers(values, labels):
    assert [tick.label for tick in scale.value_axis(values, 4)[1]] == labels


@pytest.mark.parametrize("last", [date(2020, 4, 1), date(2020, 4, 20), END, date(2021, 12, 31), date(2030, 1, 1)])
@pytest.mark.parametrize("labels", [4, 13])
def test_days_never_crowd_and_stay_on_the_paper(last, labels):
    _, ticks = scale.date_axis(START, last, 30, 330, labels)
    assert 1 <= len(ticks) <= labels
    assert all(30 <= tick.at <= 330 for tick in ticks)
