"""Periods, the sums of their parts, and growth targets in amounts."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskboard.rules.cascade import BadCascade, derive, differences
from taskboard.rules.periods import BadPeriod, Level, Period, parse, period_of


def amounts(**given):
    return {key.lstrip("y"): Decimal(value) for key, value in given.items()}


@pytest.mark.parametrize(
    ("key", "first", "last", "word", "previous", "parents"),
    [
        ("2020", "2020-01-01", "2020-12-31", "2020年", "2019", ()),
        ("2020H1", "2020-01-01", "2020-06-30", "2020年上半年", "2019H2", ("2020",)),
        ("2020Q2", "2020-04-01", "2020-06-30", "2020年二季度", "2020Q1", ("2020H1", "2020")),
        ("2020M02", "2020-02-01", "2020-02-29", "2020年2月", "2020M01", ("2020Q1", "2020H1", "2020")),
        ("2020M12", "2020-12-01", "2020-12-31", "2020年12月", "2020M11", ("2020Q4", "2020H2", "2020")),
    ],
)
def test_a_period_knows_itself(key, first, last, word, previous, parents):
    period = parse(key)

    assert (period.key, period.word, period.previous.key) == (key, word, previous)
    assert (period.first_day, period.last_day) == (date.fromisoformat(first), date.fromisoformat(last))
    assert tuple(p.key for p in period.parents) == parents
    assert period.same_last_year.year == 2019 and period.same_last_year.number == period.number


def test_children_and_order():
    year = parse("2020")

    assert [p.key for p in year.children()] == ["2020H1", "2020H2"]
    assert [p.key for p in parse("2020H2").children()] == ["2020Q3", "2020Q4"]
    assert [p.key for p in parse("2020Q2").children()] == ["2020M04", "2020M05", "2020M06"]
    assert parse("2020M05").children() == () and parse("2020M05").months == (parse("2020M05"),)
    keys = ["2020M02", "2020Q1", "2020M01", "2020", "2020H1", "2019M12"]
    assert [p.key for p in sorted(map(parse, keys))] == ["2019M12", "2020", "2020H1", "2020Q1", "2020M01", "2020M02"]


@pytest.mark.parametrize("key", ["", "20", "2020Q5", "2020M13", "2020M0", "2020Y1", "2020-05", "２０２０", "2020H3"])
def test_what_is_no_period_is_refused(key):
    with pytest.raises(BadPeriod, match="没有“"):
        parse(key)


def test_months_short_of_their_quarter():
    (found,) = differences({"2020Q2": Decimal(100), "2020M04": Decimal(30), "2020M05": Decimal(30),
                            "2020M06": Decimal(35)})  # fmt: skip

    assert (found.sum, found.amount, found.difference) == (95, 100, -5)
    assert found.sentence("亿") == "4—6月合计 95 亿，比二季度 100 亿少 5 亿"


@pytest.mark.parametrize(
    ("given", "sentences"),
    [
        (amounts(y2020=400, y2020Q1=100, y2020Q2=100, y2020Q3=100, y2020Q4=120),
         ["一至四季度合计 420 亿，比全年 400 亿多 20 亿"]),
        (amounts(y2020=400, y2020H1=200, y2020H2=200, y2020Q1=90, y2020Q2=100),
         ["上下半年合计 400 亿，与全年一致", "一、二季度合计 190 亿，比上半年 200 亿少 10 亿"]),
        (amounts(y2020=400, y2020H1=200), []),
        (amounts(y2020H1=200, y2020H2=1), []),
        (amounts(y2020Q2=100, y2020M04=60, y2020M06=50), ["4、6月合计 110 亿，比二季度 100 亿多 10 亿"]),
        (amounts(y2020Q2=100, y2020M04=130), ["4月合计 130 亿，比二季度 100 亿多 30 亿"]),
        (amounts(y2020Q2=100, y2020M04=60, y2020M05="39.5"), []),
        # half a level of halves must not hide that the quarters are complete
        (amounts(y2020=400, y2020H1=150, y2020Q1=100, y2020Q2=50, y2020Q3=100, y2020Q4=100),
         ["一至四季度合计 350 亿，比全年 400 亿少 50 亿", "一、二季度合计 150 亿，与上半年一致"]),
    ],
)  # fmt: skip
def test_what_is_compared(given, sentences):
    assert [d.sentence("亿") for d in differences(given)] == sentences


BASE = {f"2019M{m:02}": Decimal(10) for m in range(1, 13)}


def test_a_growth_target_in_amounts():
    half = {f"2020M{m:02}": Decimal(9) for m in range(1, 7)}
    derived = derive(Decimal(8), BASE, half, "2020")

    assert (derived.amount, derived.done, derived.remaining) == (Decimal("129.6"), 54, Decimal("75.6"))
    assert derived.growth_needed == 26
    assert derived.sentence("亿") == ("增长 8 %即全年 129.6 亿，已完成 54.0 亿，7—12月还需 75.6 亿，同比需增长 26.0 %")


@pytest.mark.parametrize(
    ("growth", "actual", "period", "words"),
    [
        (-5, {"2020M04": 12, "2020M05": 12}, "2020Q2",
         "下降 5 %即二季度 28.5 亿，已完成 24.0 亿，6月还需 4.5 亿，同比降幅不超过 55.0 %即可"),
        (0, {"2020M04": 40}, "2020Q2", "增长 0 %即二季度 30.0 亿，已完成 40.0 亿，已达目标"),
        (10, {"2020M04": 9}, "2020M04", "增长 10 %即4月 11.0 亿，已完成 9.0 亿，差 2.0 亿"),
        (10, {}, "2021", "缺2021年的上年同期数，不能折算总量"),
    ],
)  # fmt: skip
def test_a_growth_target_in_words(growth, actual, period, words):
    actual = {key: Decimal(value) for key, value in actual.items()}
    assert derive(Decimal(growth), BASE, actual, period).sentence("亿") == words


def test_a_missing_or_impossible_base():
    assert derive(Decimal(5), {**BASE, "2019M05": Decimal(0)}, {}, "2020M05").amount is None
    short = {key: value for key, value in BASE.items() if key != "2019M05"}
    assert derive(Decimal(5), short, {"2020M04": Decimal(3)}, "2020Q2").growth_needed is None
    with pytest.raises(BadCascade, match="2019年5月的基数为负数"):
        derive(Decimal(5), {**BASE, "2019M05": Decimal(-1)}, {}, "2020")
    with pytest.raises(BadCascade, match="大于 -100"):
        derive(Decimal(-100), BASE, {}, "2020")


periods = st.builds(lambda day, level: period_of(day, level), st.dates(date(1900, 1, 1), date(2100, 1, 1)),
                    st.sampled_from(Level))  # fmt: skip


@given(periods)
def test_a_period_is_made_of_its_children_and_follows_its_previous(period):
    assert parse(period.key) == period
    assert period.previous.last_day + timedelta(days=1) == period.first_day
    for children in filter(None, (period.children(level) for level in Level)):
        assert (children[0].first_day, children[-1].last_day) == (period.first_day, period.last_day)
        assert all(period in child.parents and period < child for child in children)


@given(st.sampled_from(Level), st.lists(st.decimals(0, 1000, places=2), min_size=12, max_size=12))
def test_parts_that_add_up_never_differ(level, months):
    year = Period(2020)
    known = dict(zip(year.months, months, strict=True))
    given = {p.key: sum((known[m] for m in p.months), Decimal(0)) for p in (year, *year.children(level))}

    assert all(d.agrees and d.complete for d in differences(given))


@given(st.decimals(-50, 50, places=1), st.integers(1, 11))
def test_growing_as_needed_reaches_the_target_exactly(growth, months):
    done = {f"2020M{m:02}": Decimal(11) for m in range(1, months + 1)}
    d = derive(growth, BASE, done, "2020")

    assert d.done + Decimal(10) * (12 - months) * (1 + d.growth_needed / 100) == pytest.approx(d.amount)
