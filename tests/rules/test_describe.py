"""A rule set as the screen lists it."""

import re

import pytest

from taskboard.rules import ruleset
from taskboard.rules.describe import clause_lines, modifier_lines, parameter_lines

LINES = {(line.kind, line.id): line for line in clause_lines(ruleset.load("standard"))}


@pytest.mark.parametrize(
    ("clause", "words"),
    [
        (("amount", "behind"), "进度差不低于黄线 -10 个百分点，且进度差低于 0 个百分点"),
        (("amount", "low-attainment"), "应达进度不低于起算进度 15 %，且为应达的低于达成底线 70 %"),
        (("growth", "no-value"), "尚无填报数"),
        (("item", "in-hand"), "其余情形"),
    ],
)
def test_a_clause_reads_as_a_condition(clause, words):
    assert LINES[clause].condition == words


@pytest.mark.parametrize("rules", ruleset.presets(), ids=lambda r: r.name)
def test_no_english_reaches_the_screen(rules):
    for line in (*clause_lines(rules), *modifier_lines(rules)):
        assert not re.search("[a-z]{2}", line.condition + line.mark + line.about), line.id


def test_what_is_inherited_or_assumed_says_so():
    sanya = {(line.kind, line.id): line for line in clause_lines(ruleset.load("sanya"))}

    assert sanya["rank", "reached"].source == "沿用标准规则集"
    assert LINES["rank", "behind"].assumption
    assert {p.name for p in parameter_lines(ruleset.load("standard")) if p.assumption} >= {
        "attainment_line",
        "growth_line",
    }


def test_a_modifier_names_the_lights_it_may_change():
    silence = {line.id: line for line in modifier_lines(ruleset.load("standard"))}["silence"]
    assert silence.condition == "原为黄、蓝、绿、灰灯，逾期未填报不低于 2 个工作日，且未完成"
