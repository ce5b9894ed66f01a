"""Gaps between bands, bands that can never decide, and bands that contradict each other."""

import pytest

from taskboard.rules import check, ruleset
from taskboard.rules.light import judge
from tests.rules.cast import amount

HEAD = 'name = "own"\ntitle = "自拟"\nversion = 1\nvalid_from = 2020-04-01\n'


def warned(*bands):
    """The warnings of bands such as “amount red gap < -10”; each takes three lines from the fifth on."""
    text = HEAD
    for band in bands:
        kind, light, when = band.split(" ", 2)
        text += f'[[{kind}]]\nlight = "{light}"\nwhen = "{when}"\n'
    return check.warnings(ruleset.parse(text))


@pytest.mark.parametrize("rules", ruleset.presets(), ids=lambda r: r.name)
def test_the_shipped_rule_sets_raise_no_false_alarm(rules):
    assert check.warnings(rules) == []


@pytest.mark.parametrize(
    ("bands", "situation"),
    [
        (["amount grey not has_value", "amount red gap < 0", "amount green gap > 0"], "进度差 0 个百分点、已有填报数"),
        (["amount grey not has_value", "amount red gap < -10", "amount yellow -8 <= gap < 0", "amount green gap >= 0"],
         "进度差 -10 个百分点"),
        (["amount red gap < 0", "amount green gap >= 0"], "进度差未知"),
        (["milestone red days_late > 30", "milestone green done", "milestone grey days_late < 30"],
         "逾期 30 天、未完成"),
        (["item blue workdays_left <= 3", "item green workdays_left >= 5"], "距到期还有 4 个工作日"),
        (["task red missed_running >= 3", "task green missed_running <= 1"], "连续未完成 2 个周期"),
        (["growth grey not has_value", "growth red negative", "growth green value > 0"], "实际值 0"),
        (["rank grey not has_value", "rank red places_behind > 3", "rank green places_behind <= 2"], "落后位次 3 位"),
        (["item red returned >= 3", "item yellow returned == 1", "item green returned == 0"], "被退回 2 次"),
    ],
)  # fmt: skip
def test_a_gap_is_told_by_its_situation(bands, situation):
    (said,) = warned(*bands)

    assert said.startswith(f"第 5 行起 {bands[0].split()[0]}（")
    assert situation in said
    assert "没有一条成立" in said


@pytest.mark.parametrize(
    "bands",
    [
        ["item blue workdays_left <= 3", "item green workdays_left >= 4"],
        ["rank grey not has_value", "rank red places_behind >= 3", "rank green places_behind <= 2"],
        ["amount grey not has_value", "amount red gap < -10", "amount yellow gap < 0", "amount green gap >= 0"],
        ["growth red below_reference > 0 and below_second_reference > 0", "growth green always"],
        ["amount red scheduled >= 15 % and attainment < 0.7", "amount yellow attainment < 0.9", "amount green always"],
        ["amount red pace_ratio < 0.5", "amount yellow last_increment <= 0", "amount green always"],
        ["amount red value < 0.8 * target", "amount yellow value < target", "amount green always"],
        ["amount red missed_running >= 3 and red_running >= 5", "amount green always"],
        ["rank red places_lost >= 3", "rank green always"],
        [
            "amount red completion < 0.5 and linear >= 0.5",
            "amount yellow completion < 0.75 and linear >= 0.75",
            "amount green always",
        ],
        ["amount red target > 100", "amount green always"],
        ["task red months_late >= 6", "task yellow days_late > 30", "task green always"],
        ["item blue days_left <= 3", "item green always"],
    ],
)
def test_what_is_in_order_is_not_complained_of(bands):
    assert warned(*bands) == []


@pytest.mark.parametrize(
    ("bands", "hidden", "hider"),
    [
        (["amount red gap < 0", "amount yellow gap < -10", "amount green always"], "第 8 行 amount 第 2 条（黄灯）",
         "第 1 条（第 5 行，红灯）"),
        (["amount red gap < 0", "amount yellow always", "amount green gap > 0"], "第 11 行 amount 第 3 条（绿灯）",
         "第 2 条（第 8 行，黄灯）"),
        (["item grey suspended",
          "item red days_late > 0", "item yellow overdue and returned > 3", "item green always"],
         "第 11 行 item 第 3 条（黄灯）", "第 2 条（第 8 行，红灯）"),
        (["amount grey not has_value", "amount red gap < 0", "amount green gap >= 0", "amount yellow value < 3"],
         "第 14 行 amount 第 4 条（黄灯）", "第 2 条（第 8 行，红灯）"),
    ],
)  # fmt: skip
def test_a_band_that_never_has_its_turn_is_named_with_those_that_hide_it(bands, hidden, hider):
    (said,) = warned(*bands)

    assert said.startswith(f"{hidden}永远轮不到")
    assert hider in said


def test_a_band_that_contradicts_itself_is_named():
    (said,) = warned("amount red gap > 5 and gap < 3", "amount green always")
    assert said.startswith("第 5 行 amount 第 1 条（红灯）永远不会成立")


@pytest.mark.parametrize(
    ("first", "second", "where"),
    [
        ("red gap < -10", "yellow -12 <= gap < 0", "进度差在 -12 个百分点（含）至 -10 个百分点（不含）之间"),
        ("red gap <= -10", "yellow -10 <= gap < 0", "进度差为 -10 个百分点"),
        ("red started and gap < -10", "yellow started and -12 < gap < 0", "进度差在 -12 个百分点（不含）至 -10"),
        ("red attainment < 70 %", "yellow attainment > 60 %", "为应达的在 60 %（不含）至 70 %（不含）之间"),
        ("red -20 < gap < 3", "yellow gap > 1 or gap < -30", "进度差在 1 个百分点（不含）至 3 个百分点（不含）之间"),
        ("red days_late >= 5", "yellow 3 <= days_late <= 6", "逾期在 5 天（含）至 6 天（含）之间"),
        ("red gap < -10 and scheduled >= 15 %", "yellow -12 <= gap < 0 and scheduled >= 10 %", "进度差 -1"),
        ("red value < 0.8 * target", "yellow 0.75 * target <= value < target", "实际值 15、目标值 20"),
    ],
)  # fmt: skip
def test_bands_that_contradict_each_other_are_both_named(first, second, where):
    said = [one for one in warned(f"amount {first}", f"amount {second}", "amount green always") if "矛盾" in one]

    assert len(said) == 1
    assert said[0].startswith(f"第 5 行 amount 第 1 条（红灯）与第 8 行 amount 第 2 条（黄灯）互相矛盾：{where}")
    assert "以在前的第 1 条为准，亮红灯" in said[0]


def test_what_is_taken_over_is_not_looked_at_again():
    assert all("amount" in said for said in warned("amount red gap < 0"))


def test_many_gaps_are_not_all_listed():
    said = warned("item red red_by_hand and poor_quality and suspended and done")
    assert len(said) == 4
    assert "未逐一列出" in said[-1]


def test_a_situation_without_a_band_is_grey_and_says_so():
    holed = ruleset.parse(HEAD + '[[amount]]\nlight = "red"\nwhen = "gap < 0"\n')
    assert judge(amount("0.615"), holed).words == "规则集未对此情形作出规定，故为灰灯"
