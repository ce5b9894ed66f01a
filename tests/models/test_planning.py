"""A unit's year is planned in one go, with one event, and nobody overwrites what they did not see."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from taskboard.boards.plans import cascade, index
from taskboard.db import db
from taskboard.errors import Conflict
from taskboard.models import Event, Indicator
from taskboard.models.planning import Cell, periods_of, plan, plans_of
from taskboard.rules.access import Seating, SeatKind
from tests.world import NOON, World

OFFICE = Seating(1, SeatKind.OFFICE)


def save(world: World, unit_id: int | None = None, seen: dict[str, int] | None = None, **amounts: int) -> int:
    indicator = world.target.indicator
    versions = {key: row.version for key, row in plans_of(indicator.id, 2020, unit_id).items()}
    cells = {f"2020{key if key != 'Y' else ''}": Cell(Decimal(amount)) for key, amount in amounts.items()}
    count = plan(indicator, unit_id, cells, versions if seen is None else seen, world.office.id, NOON)
    db.session.commit()
    return count


def test_a_year_has_nineteen_periods_each_before_its_parts() -> None:
    keys = [period.key for period in periods_of(2020)]
    assert len(keys) == 19 and keys[:4] == ["2020", "2020H1", "2020Q1", "2020M01"]


def test_a_change_is_one_event_in_words(world: World) -> None:
    assert save(world, Q2=100, M04=30) == 2
    assert save(world, Q2=100, M04=35) == 1
    event = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert event is not None and (event.kind, event.subject_type) == ("plan_changed", "indicator")
    assert event.payload == {
        "before": {"unit": "全区", "2020年4月计划": "30"},
        "after": {"unit": "全区", "2020年4月计划": "35"},
    }
    assert save(world, Q2=100, M04=35) == 0


def test_who_was_slower_is_told_with_both(world: World) -> None:
    save(world, world.unit.id, Q2=100)
    with pytest.raises(Conflict) as raised:
        save(world, world.unit.id, {}, Q2=120, M04=30)
    db.session.rollback()
    assert raised.value.pairs == (("二季度计划", "100", "120"),)
    assert list(plans_of(world.target.indicator_id, 2020, world.unit.id)) == ["2020Q2"]


def test_months_that_do_not_make_their_quarter_are_said(world: World) -> None:
    save(world, Q2=100, M04=30, M05=30, M06=35)
    save(world, world.unit.id, Y=100, H1=40, H2=60)
    page = cascade(world.target.indicator, OFFICE, 2020)
    assert page.sentence == "全区4—6月合计 95 万元，比二季度 100 万元少 5 万元"
    assert [(column.name, cell.gap) for column, cell in page.wrong] == [("全区", -5)]
    assert [column.name for column in page.columns] == ["全区", "发改经信局", "上塘", "祥符"]
    (part,) = index(world.campaign, OFFICE, 2020)
    assert [(entry.planned, entry.words) for entry in part.entries] == [(2, "差 1 处")]
    save(world, M06=40)
    assert cascade(world.target.indicator, OFFICE, 2020).sentence == "月、季、半年、全年计划相符"


def test_a_growth_rate_is_told_in_amounts(world: World) -> None:
    rate = Indicator(group_id=world.group.id, name="规上工业增加值增速", kind="growth", measure="%")
    db.session.add(rate)
    db.session.flush()
    base = {
        f"2020M{month:02}": Cell(base=Decimal(10), actual=Decimal(9) if month < 6 else None) for month in range(1, 13)
    }
    plan(rate, None, {"2020": Cell(Decimal(5)), **base}, {}, world.office.id, NOON)
    db.session.commit()
    page = cascade(rate, OFFICE, 2020)
    assert page.sentence == "增长 5 %即全年 126.0 万元，已完成 45.0 万元，6—12月还需 81.0 万元，同比需增长 15.7 %"
    assert not page.wrong


def test_a_reporter_sees_the_own_column(world: World) -> None:
    save(world, Q2=100)
    save(world, world.unit.id, Q2=40)
    own = cascade(world.target.indicator, Seating(1, SeatKind.REPORTER, unit_id=world.unit.id), 2020)
    assert [column.name for column in own.columns] == ["上塘"]
    other = Seating(1, SeatKind.REPORTER, unit_id=world.other_unit.id)
    assert index(world.campaign, other, 2020) == ()
