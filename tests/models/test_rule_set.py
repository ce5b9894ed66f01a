"""Which rule set judges on which day: what was decided for the future never changes the past."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from taskboard.db import db
from taskboard.errors import Refused, WrongState
from taskboard.jobs import sweep
from taskboard.models import Enactment, Event, RuleSetRow, rule_set
from taskboard.models.chain import verify
from taskboard.rules import ruleset
from taskboard.rules.ruleset import RuleSet
from tests.world import FRIDAY, NOON, World

DAY = timedelta(days=1)


def another_version(version: str, more: str = "") -> RuleSet:
    """The standard rule set under another version."""
    text = re.sub(r"(?m)^(version\s*[:=]\s*).*$", rf'\g<1>"{version}"', ruleset.load("standard").text, count=1)
    return ruleset.parse(text + more)


def enact(world: World, rules: RuleSet, day: date, on: date = FRIDAY) -> Enactment:
    made = rule_set.put_in_force(
        world.campaign, rules, day, "按区政府通知", world.office.id, NOON, on=on, words="启用后不变"
    )
    db.session.commit()
    return made


def judged_by(world: World, on: date) -> tuple[str, str, date]:
    found = rule_set.in_force(world.campaign, on)
    return found.name, found.version, found.valid_from


def test_a_rule_set_of_another_name_judges_from_its_day_on_and_not_before(world: World) -> None:
    enact(world, ruleset.load("sanya"), FRIDAY + 7 * DAY)
    enact(world, another_version("2"), FRIDAY + 14 * DAY)

    first = date(2020, 1, 1)
    assert judged_by(world, first) == judged_by(world, FRIDAY + 6 * DAY) == ("standard", "1", first)
    assert judged_by(world, FRIDAY + 7 * DAY) == judged_by(world, FRIDAY + 13 * DAY) == ("sanya", "1", FRIDAY + 7 * DAY)
    assert judged_by(world, FRIDAY + 14 * DAY) == ("standard", "2", FRIDAY + 14 * DAY)


def test_an_earlier_version_can_come_back_and_is_not_stored_twice(world: World) -> None:
    enact(world, ruleset.load("sanya"), FRIDAY + DAY)
    enact(world, ruleset.load("standard"), FRIDAY + 2 * DAY)

    assert judged_by(world, FRIDAY + 2 * DAY)[:2] == ("standard", "1")
    assert db.session.scalars(select(RuleSetRow.name).order_by(RuleSetRow.id)).all() == ["standard", "sanya"]


def test_it_leaves_an_event_with_reason_and_what_it_replaces(world: World) -> None:
    made = enact(world, ruleset.load("sanya"), FRIDAY + DAY)

    event = Event.of_subject("rule_set", made.rule_set_id)[0]
    assert (event.kind, event.actor_id, event.payload["words"]) == ("rule_set_added", world.office.id, "启用后不变")
    assert event.payload["before"] == {"rule_set": "标准规则集 第 1 版"}
    assert event.payload["after"]["reason"] == "按区政府通知"
    assert verify().is_intact


def test_a_day_in_the_past_or_already_lit_is_refused(world: World) -> None:
    with pytest.raises(Refused, match="不能早于今日"):
        enact(world, ruleset.load("sanya"), FRIDAY - DAY)
    assert rule_set.earliest(world.campaign, FRIDAY) == FRIDAY
    sweep.run(FRIDAY, NOON)
    with pytest.raises(Refused, match="已经巡检亮灯，请填 2020-06-06"):
        enact(world, ruleset.load("sanya"), FRIDAY)
    enact(world, ruleset.load("sanya"), FRIDAY + DAY)


def test_the_same_version_with_another_text_is_refused_by_name(world: World) -> None:
    with pytest.raises(Refused, match="“standard”第 1 版已有"):
        enact(world, another_version("1", "\n# 改动\n"), FRIDAY + DAY)


def test_what_is_in_force_already_need_not_be_put_in_force(world: World) -> None:
    with pytest.raises(Refused, match="已在施行"):
        enact(world, ruleset.load("standard"), FRIDAY + DAY)


def test_one_day_has_one_choice(world: World) -> None:
    enact(world, ruleset.load("sanya"), FRIDAY + DAY)

    with pytest.raises(Refused, match="请先撤回"):
        enact(world, ruleset.load("ouhai"), FRIDAY + DAY)


def test_what_is_withdrawn_never_judges_and_stays_on_record(world: World) -> None:
    made = enact(world, another_version("2"), FRIDAY + DAY)
    rule_set.withdraw(made, "条件有误", world.office.id, NOON, FRIDAY)
    db.session.commit()

    assert judged_by(world, FRIDAY + DAY)[1] == "1"
    assert (made.valid_from, made.live_on, made.withdraw_reason) == (FRIDAY + DAY, None, "条件有误")
    kinds = [event.kind for event in Event.of_subject("rule_set", made.rule_set_id)]
    assert kinds == ["rule_set_withdrawn", "rule_set_added"]
    with pytest.raises(WrongState, match="已经撤回"):
        rule_set.withdraw(made, "再撤", world.office.id, NOON, FRIDAY)
    enact(world, ruleset.load("sanya"), FRIDAY + DAY)


def test_what_judges_already_cannot_be_withdrawn(world: World) -> None:
    made = enact(world, ruleset.load("sanya"), FRIDAY)

    with pytest.raises(WrongState, match="不能撤回"):
        rule_set.withdraw(made, "后悔", world.office.id, NOON, FRIDAY)
