"""A preview writes nothing, and the sweep then does what it said."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event as sa_event
from sqlalchemy import func, select

from taskboard.boards import rule_preview, rule_sets
from taskboard.boards.rule_preview import preview
from taskboard.db import db
from taskboard.jobs import items as items_job
from taskboard.jobs import sweep
from taskboard.models import Commitment, Event, Flag, Item, rule_set
from taskboard.models.reporting import Filing, file_report
from taskboard.rules import ruleset
from tests.items.cast import new_item
from tests.world import FRIDAY, MONDAY, NOON, World, make_target

NEXT_DAY = FRIDAY + timedelta(days=3)
OTHERS = ("sanya", "ouhai", "clearpoint", "engagedly", "suqian")


def many(world: World, number: int, dice: random.Random) -> None:
    """Targets all over the scale, most with a report."""
    for n in range(number):
        group = dice.choice([world.group, world.other_group])
        kind = dice.choice(["amount", "amount", "growth", "rank"])
        target = make_target(world.campaign, group, world.unit, title=f"目标{n}", rule_kind=kind)
        if dice.random() < 0.8:
            filing = Filing(
                MONDAY, Decimal(dice.choice([dice.randrange(120), dice.randrange(60, 95)])), "完成部分", replaces=None
            )
            file_report(target, filing, world.reporter.id, NOON)
    db.session.commit()


def stored() -> tuple[Any, ...]:
    lights = db.session.execute(select(Commitment.id, Commitment.light, Commitment.swept_light)).all()
    items = db.session.execute(select(Item.id, Item.light)).all()
    counts = [db.session.scalar(select(func.count()).select_from(table)) for table in (Event, Flag)]
    return tuple(map(tuple, lights)), tuple(map(tuple, items)), tuple(counts)


@pytest.mark.parametrize("name", OTHERS)
def test_the_sweep_gives_exactly_the_previewed_lights(world: World, name: str) -> None:
    many(world, 25, random.Random(name))
    new_item(world)
    new_item(world, due_on=date(2020, 6, 9))
    db.session.commit()
    sweep.run(FRIDAY, NOON)
    rules, before = ruleset.load(name), stored()

    seen = preview(world.campaign, rules, NEXT_DAY)
    db.session.rollback()
    assert stored() == before

    rule_set.put_in_force(world.campaign, rules, NEXT_DAY, "试行", world.office.id, NOON, on=FRIDAY, words=seen.words)
    db.session.commit()
    swept = sweep.run(NEXT_DAY, NOON)
    items_job.run(NEXT_DAY, NOON)
    told = Counter({light.value: 0 for (_, light) in seen.commitments})
    for (_, new), n in seen.commitments.items():
        told[new.value] += n
    assert all(swept[light] == n for light, n in told.items())
    assert sum(told.values()) == swept["checked"]
    lights = {id_: light for id_, light in db.session.execute(select(Commitment.id, Commitment.light))}
    changes = [change for _, found in seen.groups for change in found]
    assert len(changes) == seen.changed and all(lights[one.id] == one.new for one in changes)
    item_lights = {id_: light for id_, light in db.session.execute(select(Item.id, Item.light))}
    assert all(item_lights[one.id] == one.new for one in seen.item_changes)


def test_the_worst_come_first_within_each_group(world: World) -> None:
    many(world, 40, random.Random(1))

    seen = preview(world.campaign, ruleset.load("clearpoint"), FRIDAY)

    assert [name for name, _ in seen.groups] == ["工业企业组", "批零消费外贸组"]
    for _, found in seen.groups:
        severities = [one.new.severity for one in found]
        assert severities == sorted(severities, reverse=True)
        assert all(one.words and one.old is not one.new for one in found)


def test_only_so_many_are_listed_but_all_are_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    many(world, 30, random.Random(2))
    monkeypatch.setattr(rule_preview, "SHOWN", 3)

    seen = preview(world.campaign, ruleset.load("clearpoint"), FRIDAY)

    assert sum(len(found) for _, found in seen.groups) == 3 < seen.changed
    assert seen.commitments.total() == 32


def test_the_sentence_says_how_many_turn(world: World) -> None:
    same = preview(world.campaign, ruleset.load("standard"), FRIDAY)

    assert same.words == "启用后 2 项亮灯均不变"
    assert (same.changed, same.groups, same.item_changes) == (0, (), ())


def statements(world: World, number: int) -> int:
    many(world, number, random.Random(3))
    counted: list[str] = []

    def count(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        counted.append(statement)

    rules = ruleset.load("engagedly")
    sa_event.listen(db.engine, "before_cursor_execute", count)
    try:
        preview(world.campaign, rules, FRIDAY)
    finally:
        sa_event.remove(db.engine, "before_cursor_execute", count)
    return len(counted)


def test_more_rows_take_no_more_statements(world: World) -> None:
    assert statements(world, 20) == statements(world, 80) <= 9


def test_a_difference_names_what_changed() -> None:
    old, new = ruleset.load("standard"), ruleset.load("clearpoint")
    found = rule_sets.differences(old, new)

    assert ("名称", old.title, new.title) in found
    assert any(label.startswith("总量或数量指标 第") for label, _, _ in found)
    assert rule_sets.differences(old, old) == ()
