"""Rule sets as data: the shipped ones, other governments' ones, and wrong ones."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from taskboard.rules import check, ruleset
from taskboard.rules.light import Light, judge
from taskboard.rules.ruleset import RuleSetError
from tests.rules.cast import amount, bare, growth, task

JULY = date(2020, 7, 1)
OWN = """
name = "own"
title = "自拟规则集"
version = 2
valid_from = 2020-04-01
extends = "standard"

[parameters]
line = { value = 5, title = "红线", assumption = true }

[[amount]]
id = "low"
light = "red"
when = "gap < -line"

[[amount]]
light = "黄"
when = "gap < 0"

[[amount]]
light = "green"
when = "always"
words = "完成 {completion}"
"""


@pytest.mark.parametrize("rules", ruleset.presets(), ids=lambda r: r.name)
def test_every_shipped_rule_set_reads_and_has_no_hole(rules):
    assert check.warnings(rules) == []
    assert rules.title
    assert rules.source
    assert ruleset.parse(rules.text) == rules
    assert hash(ruleset.parse(rules.text)) == hash(rules)


@pytest.mark.parametrize(
    ("name", "standing", "expected"),
    [
        ("sanya", amount("0.6"), Light.YELLOW),
        ("sanya", amount("0.30", "0.6"), Light.YELLOW),
        ("sanya", amount("0.29", "0.6"), Light.RED),
        ("sanya", amount("0.6", "0.6"), Light.GREEN),
        ("sanya", task("1", "1", on=JULY), Light.GREEN),
        ("sanya", task("0.9", "1", on=JULY), Light.YELLOW),
        ("sanya", task("0.9", "1", on=JULY, missed_periods=1), Light.RED),
        ("sanya", task("0.2"), Light.GREY),
        ("ouhai", bare("milestone", done=True), Light.GREEN),
        ("ouhai", bare("milestone", done=True, days_late=3, months_late=1), Light.YELLOW),
        ("ouhai", bare("milestone", days_late=3, months_late=1), Light.RED),
        ("ouhai", bare("milestone"), Light.GREY),
        ("suqian", bare("item", workdays_left=2), Light.BLUE),
        ("suqian", bare("item", poor_quality=True), Light.YELLOW),
        ("suqian", replace(task("0.5"), kind="item"), Light.YELLOW),
        ("suqian", bare("item", days_late=1), Light.RED),
        ("suqian", bare("item", workdays_left=9), Light.GREY),
        ("clearpoint", amount("1", "1"), Light.GREEN),
        ("clearpoint", amount("0.9", "1"), Light.YELLOW),
        ("clearpoint", amount("0.899", "1"), Light.RED),
        ("clearpoint", replace(amount("1.1", "1"), higher_is_better=False), Light.YELLOW),
        ("clearpoint", replace(amount("1.2", "1"), higher_is_better=False), Light.RED),
        ("engagedly", amount("0.9", "0"), Light.GREEN),
        ("engagedly", amount("0.6", "0"), Light.GREEN),
        ("engagedly", amount("0.4", "0"), Light.YELLOW),
        ("engagedly", amount("0.3", "0"), Light.RED),
    ],
)
def test_the_shipped_rule_sets_judge_as_published(name, standing, expected):
    verdict = judge(standing, ruleset.load(name))
    assert verdict.light is expected
    assert verdict.words.endswith(f"故为{expected.word}灯")


@pytest.mark.parametrize(("late", "expected"), [("16.4", Light.GREEN), ("16.5", Light.YELLOW), ("33", Light.YELLOW),
                                                ("33.1", Light.RED)])  # fmt: skip
def test_engagedly_at_its_lines(late, expected):
    behind = 1 - Decimal(late) / 100
    assert judge(amount(behind, "1", on=JULY), ruleset.load("engagedly")).light is expected


def test_what_a_source_does_not_speak_of_follows_the_standard():
    sanya = ruleset.load("sanya")
    assert sanya.kinds["rank"].inherited_from == "standard"
    assert judge(growth("2.9"), sanya).rule == "far-below"


def test_a_rule_set_of_ones_own_needs_no_code():
    own = ruleset.parse(OWN)

    assert judge(amount("0.56"), own).words == (
        "进度 56.0 %，应达 61.5 %，差 5.5 个百分点，超过红线 5 个百分点，故为红灯"
    )
    assert judge(amount("0.565"), own).rule == "amount-2"
    assert judge(amount("0.7"), own).words == "完成 70.0 %，故为绿灯"
    assert own.parameters[0].assumption


@pytest.mark.parametrize(
    ("when", "standing", "holds"),
    [
        ("below_reference > 0 and below_second_reference > 0", {"reference": 50, "second_reference": 45}, True),
        ("below_reference > 0 and below_second_reference > 0", {"reference": 50, "second_reference": 40}, False),
        ("missed_running >= 3", {"missed_periods": 3}, True),
        ("slips >= 2 or red_running >= 3", {"slips": 2}, True),
        ("slips >= 2 or red_running >= 3", {"red_weeks": 2}, True),
        ("value < 0.5 * target", {}, True),
        ("value < target - 60", {}, False),
        ("50 % > completion ≥ 40％", {}, True),
        ("not (done)", {}, True),
        ("gap >= -20 and not narrowing", {"narrowing": True}, False),
        ("attainment < 70 %", {"scheduled": Decimal(0)}, False),
    ],
)
def test_the_clause_language_says_what_governments_publish(when, standing, holds):
    figures = {k: Decimal(v) if k.endswith("reference") else v for k, v in standing.items()}
    own = ruleset.parse(OWN.replace("gap < -line", when))
    verdict = judge(replace(amount("0.42"), **figures), own)

    assert (verdict.rule == "low") is holds


def test_all_and_any_may_be_written_as_lists():
    lists = 'all = [\n  "scheduled >= 15 %",\n  { any = ["gap < -line", "not started"] },\n]'
    assert judge(amount("0.5"), ruleset.parse(OWN.replace('when = "gap < -line"', lists))).rule == "low"


def test_kinds_that_are_not_listed_follow_the_standard():
    own = ruleset.parse(OWN.replace('extends = "standard"', ""))

    assert own.kinds["rank"].inherited_from == "standard"
    assert own.kinds["amount"].inherited_from == ""
    assert ruleset.parse(OWN.replace('"standard"', '"ouhai"')).kinds["milestone"].clauses[0].id == "missed"


def test_a_rule_set_cannot_follow_itself():
    with pytest.raises(RuleSetError, match="不能沿用自己"):
        ruleset.parse(OWN.replace('name = "own"', 'name = "standard"'))
    with pytest.raises(RuleSetError, match="缺少增速指标"):
        ruleset.parse(OWN.replace('name = "own"', 'name = "standard"').replace('extends = "standard"', ""))


def test_numbers_are_read_exactly_as_written():
    own = ruleset.parse(OWN.replace("version = 2", "version = 1.10").replace("value = 5", "value = 0.1"))
    assert (own.version, own.parameters[0].const.value) == ("1.10", Decimal("0.1"))


def test_a_modifier_switched_off_does_nothing():
    text = ruleset.load("standard").text
    off = ruleset.parse(text.replace('id = "stuck-yellow"', 'id = "stuck-yellow"\nenabled = false'))
    assert judge(amount("0.6", yellow_weeks=5), off).light is Light.YELLOW


def test_a_rule_set_is_loaded_by_name_or_from_a_file(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(OWN, encoding="utf-8-sig")
    assert ruleset.load(file).name == "own"

    file.write_bytes("name: 规则".encode("gb18030"))
    with pytest.raises(RuleSetError, match="UTF-8"):
        ruleset.load(file)
    with pytest.raises(RuleSetError, match="是否为“sanya”"):
        ruleset.load("sanyaa")


def test_last_quarter_is_read_by_the_rules_of_last_quarter():
    old = ruleset.parse(OWN)
    new = ruleset.parse(OWN.replace("2020-04-01", "2020-07-01").replace("version = 2", "version = 3"))
    mended = ruleset.parse(OWN.replace("2020-04-01", "2020-07-01").replace("version = 2", "version = 4"))

    assert ruleset.in_force([new, old], date(2020, 6, 30)) is old
    assert ruleset.in_force([old, new], JULY) is new
    assert ruleset.in_force([old, new, mended], JULY) is mended
    with pytest.raises(RuleSetError, match="没有已生效"):
        ruleset.in_force([old], date(2020, 1, 1))
