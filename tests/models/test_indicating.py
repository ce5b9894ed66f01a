"""Changing an indicator: carried to its targets, refused where reported figures would change their meaning."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from taskboard.db import db
from taskboard.errors import Conflict, Refused
from taskboard.models import Event, Indicator, Tally, Target, facts
from taskboard.models.defining import TargetDraft, create_target, edit_target
from taskboard.models.indicating import Draft, edit
from taskboard.models.placing import bench
from taskboard.models.reporting import Filing, file_report
from tests.world import FRIDAY, MONDAY, NOON, World

SAME = Draft("规上工业增加值", "amount", "万元")


def draft(world: World, **more: object) -> TargetDraft:
    made = TargetDraft(
        group_id=world.group.id, unit_id=world.unit.id, title="项目开工", detail="", starts_on=date(2020, 4, 1),
        ends_on=date(2020, 6, 30), source="", measure="个", kind="milestone", target_value=Decimal(1),
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def test_a_definition_is_changed_with_an_event_of_words(world: World) -> None:
    indicator = world.target.indicator
    assert edit(indicator, replace(SAME, definition="规模以上", kind="growth"), 1, world.office.id, NOON)

    event = db.session.scalars(select(Event).where(Event.kind == "indicator_changed")).one()
    assert (event.payload["before"]["kind"], event.payload["after"]["kind"]) == ("累计总量", "增速")
    assert event.payload["after"]["definition"] == "规模以上"
    assert (indicator.version, world.target.rule_kind) == (2, "growth")
    assert not edit(indicator, replace(SAME, definition="规模以上", kind="growth"), 1, world.office.id, NOON)


def test_who_saves_second_is_told_both_texts(world: World) -> None:
    indicator = world.target.indicator
    edit(indicator, replace(SAME, source="区统计局"), 1, world.office.id, NOON)
    with pytest.raises(Conflict) as told:
        edit(indicator, replace(SAME, source="区财政局"), 1, world.lead.id, NOON)
    assert told.value.pairs == (("数据来源", "区统计局", "区财政局"),)


@pytest.mark.parametrize(("more", "words"), [({"kind": "growth"}, "指标类型"), ({"measure": "亿元"}, "计量单位")])
def test_what_reports_mean_is_not_changed_after_the_fact(world: World, more: dict[str, str], words: str) -> None:
    file_report(world.target, Filing(MONDAY, Decimal(50), "完成"), world.reporter.id, NOON)
    with pytest.raises(Refused, match=f"已有填报，不能修改{words}"):
        edit(world.target.indicator, replace(SAME, **more), 1, world.office.id, NOON)  # type: ignore[arg-type]


def test_direction_and_cadence_place_the_targets_anew(world: World) -> None:
    assert world.target.owed
    edit(world.target.indicator, replace(SAME, decimals=1, cadence="month", higher_is_better=False), 1, 1, NOON)

    assert (world.target.decimals, world.target.higher_is_better, world.target.owed) == (1, False, False)
    judging, found = bench(world.campaign, FRIDAY), facts.read_ids([world.target.id])[world.target.id]
    assert judging.verdict(found).light == world.target.light
    assert db.session.scalar(select(func.sum(Tally.count))) == 2


def test_a_kind_that_needs_a_way_is_refused_where_a_target_is_held(world: World) -> None:
    edit(world.target.indicator, replace(SAME, kind="growth"), 1, 1, NOON)
    world.target.target_value = Decimal(0)
    db.session.flush()
    with pytest.raises(Refused, match="起始值与目标值相同"):
        edit(world.target.indicator, SAME, 2, 1, NOON)


def test_a_milestone_is_done_when_its_value_is_reached_once(world: World) -> None:
    target = create_target(draft(world), world.office.id, NOON)
    assert (target.rule_kind, target.indicator.kind) == ("milestone", "milestone")

    file_report(target, Filing(MONDAY, Decimal(1), "已开工"), world.reporter.id, NOON)

    assert target.light == "green"


@pytest.mark.parametrize(
    ("kind", "rules"), [("count", "amount"), ("ratio", "growth"), ("points", "growth"), ("rank", "rank")]
)
def test_each_kind_is_judged_by_its_bands(world: World, kind: str, rules: str) -> None:
    target = create_target(draft(world, kind=kind, title=kind), world.office.id, NOON)
    assert (target.rule_kind, target.indicator.kind) == (rules, kind)


def test_a_kind_follows_the_only_target_and_is_refused_for_a_shared_indicator(world: World) -> None:
    target = create_target(draft(world), world.office.id, NOON)
    db.session.commit()
    assert edit_target(target, draft(world, kind="count"), 1, world.office.id, NOON)
    assert (target.indicator.kind, target.rule_kind) == ("count", "amount")
    db.session.commit()
    with pytest.raises(Refused, match="类型为“累计数量”"):
        create_target(draft(world, unit_id=world.other_unit.id, kind="rank"), world.office.id, NOON)
    db.session.rollback()
    assert len(list(db.session.scalars(select(Indicator).where(Indicator.name == "项目开工")))) == 1
    assert db.session.scalar(select(func.count()).select_from(Target)) == 2
