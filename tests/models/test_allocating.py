"""A row of allocations is written as a whole, with an event each, or not at all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from taskboard.db import db
from taskboard.errors import Conflict, Refused
from taskboard.models import Event, Report, ScheduleVersion, Tally, Target, WeeklyTarget
from taskboard.models.allocating import DISTRICT, RowRefused, Unequal, allocate, row_of
from taskboard.rules.allocation import Span
from tests.world import MONDAY, NOON, World

SPAN = Span(date(2020, 4, 1), date(2020, 6, 30))


def values(world: World, *amounts: int | None) -> dict[int, Decimal | None]:
    keys = (DISTRICT, world.unit.id, world.other_unit.id)
    return {key: None if one is None else Decimal(one) for key, one in zip(keys, amounts, strict=True)}


def seen(world: World) -> dict[int, int]:
    return {key: target.version for key, target in row_of(world.target.indicator, SPAN).items()}


def save(world: World, *amounts: int | None, reserve: int = 0, **more: Any) -> int:
    versions = more.pop("seen", None)
    count = allocate(
        world.target.indicator,
        SPAN,
        values(world, *amounts),
        Decimal(reserve),
        seen(world) if versions is None else versions,
        world.office.id,
        NOON,
        **more,
    )
    db.session.commit()
    return count


def stored(world: World) -> dict[int, Decimal]:
    db.session.expire_all()
    return {key: target.target_value for key, target in row_of(world.target.indicator, SPAN).items()}


def kinds() -> list[str]:
    return list(db.session.scalars(select(Event.kind).order_by(Event.id)))


def test_new_targets_are_set_up_and_changed_ones_leave_an_event_each(world: World) -> None:
    before = db.session.scalar(select(db.func.sum(Tally.count)))
    assert save(world, 260, 100, 150, reserve=10) == 2  # 上塘 has its 100 already
    assert stored(world) == {DISTRICT: 260, world.unit.id: 100, world.other_unit.id: 150}
    whole = row_of(world.target.indicator, SPAN)[DISTRICT]
    assert whole.is_district and whole.reserve == 10 and whole.unit_id == world.lead_unit.id
    assert kinds()[-2:] == ["target_created", "target_created"]
    assert (db.session.scalar(select(db.func.sum(Tally.count))) or 0) == (before or 0) + 2

    assert save(world, 260, 120, 140, reserve=0) == 3
    assert kinds()[-3:].count("allocated") == 3
    event = db.session.scalars(
        select(Event).where(Event.subject_id == world.target.id).order_by(Event.id.desc())
    ).first()
    assert event is not None and event.payload == {"after": {"target_value": "120"}, "before": {"target_value": "100"}}
    assert save(world, 260, 120, 140) == 0


def test_a_sum_that_does_not_come_out_must_be_agreed_to(world: World) -> None:
    with pytest.raises(Unequal, match="未分配 12 万元") as raised:
        save(world, 262, 100, 150)
    db.session.rollback()
    assert raised.value.difference == 12 and stored(world) == {world.unit.id: 100}
    with pytest.raises(Unequal):
        save(world, 262, 100, 150, agreed=Decimal(11))
    db.session.rollback()
    assert save(world, 262, 100, 150, agreed=Decimal(12)) == 2
    with pytest.raises(Unequal, match="超分配 8"):
        save(world, 262, 120, 150)


def test_who_was_slower_is_told_with_both_values(world: World) -> None:
    old = seen(world)
    save(world, None, 110, None)
    with pytest.raises(Conflict) as raised:
        save(world, None, 130, 40, seen=old)
    db.session.rollback()
    assert raised.value.pairs == (("上塘街道", "110", "130"),)
    assert stored(world) == {world.unit.id: 110}
    assert save(world, None, 110, 40, seen=old) == 1  # what both typed alike is no conflict


def test_a_frozen_schedule_refuses_the_whole_row(world: World) -> None:
    version = ScheduleVersion(
        target_id=world.target.id,
        no=1,
        curve="linear",
        reason="年初核定",
        target_value=Decimal(100),
        state="approved",
        asked_by_id=world.lead.id,
        asked_at=NOON,
        decided_by_id=world.office.id,
        decided_at=NOON,
    )
    db.session.add(version)
    db.session.commit()
    with pytest.raises(RowRefused, match=r"上塘街道的序时计划已核定.*新的序时计划") as raised:
        save(world, None, 120, 40)
    db.session.rollback()
    assert list(raised.value.cells) == [world.unit.id] and stored(world) == {world.unit.id: 100}
    assert save(world, None, 100, 40) == 1


def test_a_target_with_reports_is_not_emptied_and_one_without_is(world: World) -> None:
    save(world, None, 100, 40)
    assert save(world, None, 100, None) == 1
    assert stored(world) == {world.unit.id: 100} and kinds()[-1] == "allocated"
    db.session.add(Report(
        commitment_id=world.target.id, week=MONDAY, revision=1, live_key=f"{world.target.id}:{MONDAY}",
        value=Decimal(5), done="推进", reported_by_id=world.reporter.id, reported_at=NOON,
    ))  # fmt: skip
    db.session.commit()
    with pytest.raises(RowRefused, match="上塘街道已有填报"):
        save(world, None, None, 40)
    db.session.rollback()
    assert stored(world) == {world.unit.id: 100}


def test_a_target_equal_to_its_start_and_a_reserve_of_nothing_are_refused_at_their_box(world: World) -> None:
    with pytest.raises(RowRefused) as raised:
        save(world, None, 0, 40, reserve=3)
    db.session.rollback()
    assert set(raised.value.cells) == {world.unit.id, DISTRICT}
    assert isinstance(raised.value, Refused) and stored(world) == {world.unit.id: 100}


def test_weekly_targets_keep_their_pace(world: World) -> None:
    world.target.weekly_targets = [
        WeeklyTarget(due_on=date(2020, 5, 1), value=Decimal(30)),
        WeeklyTarget(due_on=date(2020, 6, 26), value=Decimal(100)),
    ]
    db.session.commit()
    save(world, None, 150, None)
    db.session.expire_all()
    target = db.session.get_one(Target, world.target.id)
    assert [point.value for point in target.weekly_targets] == [45, 150]
