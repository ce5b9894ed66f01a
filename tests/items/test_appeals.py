"""An appeal is raised by the unit, decided by somebody else in time, and its answer is an event."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from taskboard.db import db
from taskboard.errors import NotAllowed, Refused, WrongState
from taskboard.models import Appeal, Event, Item
from taskboard.models.appealing import Plea, against_light, against_return, decide
from taskboard.models.reporting import Filing, file_report
from taskboard.rules.access import Seating, SeatKind
from taskboard.rules.lifecycle import Verb
from tests.items.cast import actor, do, new_item
from tests.world import MONDAY, NOON, World


def returned(world: World, by: str = "office") -> Item:
    item = new_item(world)
    do(world, item, Verb.SIGN, "reporter")
    do(world, item, Verb.SUBMIT, "reporter", figure="1")
    do(world, item, Verb.RETURN, by, "数据不符")
    return item


def test_an_upheld_appeal_takes_the_return_back(world: World) -> None:
    item = returned(world, "supervisor")
    appeal = against_return(item, Plea("台账以统计口径为准"), actor(world, "reporter"), NOON)
    assert appeal.decide_by_on == date(2020, 6, 12)
    decide(appeal, True, "口径属实", actor(world, "office"), NOON)

    assert (item.state, item.returned, appeal.state) == ("submitted", 0, "upheld")
    kinds = db.session.scalars(select(Event.kind).where(Event.kind.startswith("appeal")).order_by(Event.id)).all()
    assert kinds == ["appeal_raised", "appeal_upheld"]


def test_the_issuer_never_decides_neither_by_verb_nor_in_the_database(world: World) -> None:
    appeal = against_return(returned(world), Plea("不属实"), actor(world, "reporter"), NOON)
    with pytest.raises(NotAllowed, match="原作出人"):
        decide(appeal, False, "维持", actor(world, "office"), NOON)
    db.session.commit()
    for person in (world.office, world.reporter):
        with pytest.raises(IntegrityError):
            db.session.execute(update(Appeal).values(decided_by_id=person.id))
        db.session.rollback()
    decide(appeal, False, "维持原决定", actor(world, "leader"), NOON)

    assert (appeal.state, appeal.item.state, appeal.item.returned) == ("rejected", "returned", 1)


def test_only_the_unit_appeals_once_at_a_time_and_only_where_there_is_something(world: World) -> None:
    item = returned(world, "supervisor")
    with pytest.raises(NotAllowed):
        against_return(item, Plea("不属实"), actor(world, "other_reporter"), NOON)
    with pytest.raises(Refused, match="理由"):
        against_return(item, Plea("  "), actor(world, "reporter"), NOON)
    against_return(item, Plea("不属实"), actor(world, "reporter"), NOON)
    with pytest.raises(Refused, match="待答复"):
        against_return(item, Plea("不属实"), actor(world, "reporter"), NOON)
    with pytest.raises(WrongState):
        against_return(new_item(world), Plea("不属实"), actor(world, "reporter"), NOON)


def test_a_red_light_can_be_contested_and_a_green_one_not(world: World) -> None:
    seat = Seating(1, SeatKind.REPORTER, unit_id=world.unit.id)
    with pytest.raises(WrongState):
        against_light(world.target, "", Plea("口径不同"), seat, actor(world, "reporter"), NOON)
    file_report(world.target, Filing(week=MONDAY, value=Decimal(20), done="进展"), world.reporter.id, NOON)
    appeal = against_light(world.target, "差 50 个百分点", Plea("口径不同"), seat, actor(world, "reporter"), NOON)

    assert (appeal.issuer_id, appeal.commitment_id, appeal.unit_id) == (None, world.target.id, world.unit.id)
    assert "差 50 个百分点" in appeal.subject_words
