"""The life of an item: every step leaves one event, the impossible says why, the closer is not the doer."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from taskboard.db import db
from taskboard.errors import Conflict, NotAllowed, Refused, WrongState
from taskboard.models import Closure, Event, Hold, Item, ItemTally, Seat, item_tally
from taskboard.models.item_deeds import Deed, act
from taskboard.rules.lifecycle import State, Verb
from tests.items.cast import actor, do, later, new_item, supported
from tests.world import NOON, World


def close(world: World, item: Item) -> None:
    """The whole loop, from signing to striking off."""
    do(world, item, Verb.SIGN, "reporter")
    do(world, item, Verb.HANDLE, "reporter", "已约谈施工方")
    do(world, item, Verb.SUBMIT, "reporter", "项目已复工", figure="复工 3 个标段")
    do(world, item, Verb.REQUEST_CLOSURE, "supervisor", "问题已解决")
    do(world, item, Verb.CLOSE, "office", "同意")


def test_the_loop_from_assignment_to_closure(world: World) -> None:
    item = new_item(world)
    assert (item.number, item.state, item.holder) == ("〔2020〕1号", "assigned", "unit")
    assert (item.sign_due_on, item.due_on) == (date(2020, 6, 8), date(2020, 6, 29))  # Sunday 28 June was worked

    close(world, item)

    assert (item.state, item.closed_on, item.holder, item.clock_due_on) == ("closed", date(2020, 6, 5), "nobody", None)
    kinds = db.session.scalars(select(Event.kind).where(Event.subject_type == "item").order_by(Event.id)).all()
    assert kinds == [
        f"item_{v}" for v in ("register", "assign", "sign", "handle", "submit", "request_closure", "close")
    ]
    holds = db.session.scalars(select(Hold).where(Hold.item_id == item.id).order_by(Hold.id)).all()
    assert [h.holder for h in holds] == ["office", "unit", "unit", "supervisor", "office"]
    assert all(h.to_at for h in holds)


def test_numbers_have_no_gap_and_the_tally_follows(world: World) -> None:
    items = [new_item(world) for _ in range(3)]
    close(world, items[1])

    assert [item.no for item in items] == [1, 2, 3]
    kept = {(t.state, t.band): t.count for t in db.session.scalars(select(ItemTally)) if t.count}
    item_tally.rebuild()
    assert kept == {(t.state, t.band): t.count for t in db.session.scalars(select(ItemTally)) if t.count}


def test_an_impossible_move_names_the_item_its_state_and_who_did_what_when(world: World) -> None:
    item = new_item(world)
    do(world, item, Verb.SIGN, "reporter")

    with pytest.raises(WrongState) as caught:
        do(world, item, Verb.SIGN, "reporter")

    assert str(caught.value) == (
        "〔2020〕1号“核查停工项目”现为“办理中”（reporter（示例）于 6月5日 12:00 签收），不能签收"
    )


def test_who_looked_before_another_acted_gets_both_texts(world: World) -> None:
    item = new_item(world)
    do(world, item, Verb.SIGN, "reporter")
    seen = item.version
    do(world, item, Verb.HANDLE, "reporter", "甲的说明", seen=seen)

    with pytest.raises(Conflict) as caught:
        do(world, item, Verb.HANDLE, "reporter", "乙的说明", seen=seen)

    assert caught.value.pairs == (("办理情况", "报告了办理情况：甲的说明", "乙的说明"),)


def test_clocks_stand_still_while_the_item_is_suspended(world: World) -> None:
    item = supported(world)
    do(world, item, Verb.SIGN, "reporter")
    do(world, item, Verb.SUSPEND, "office", "等待区级协调", at=later(3))
    do(world, item, Verb.RESUME, "office", "协调完成", at=later(10))

    assert (item.state, item.original_due_on) == ("handling", date(2020, 6, 29))
    assert (item.due_on, item.parts[0].due_on) == (date(2020, 7, 6), date(2020, 7, 6))  # five working days lost


def test_a_return_is_counted_and_gives_two_working_days(world: World) -> None:
    item = new_item(world, due_on=date(2020, 6, 8))
    do(world, item, Verb.SIGN, "reporter")
    do(world, item, Verb.SUBMIT, "reporter", figure="1")
    do(world, item, Verb.RETURN, "supervisor", "没有说明原因", at=later(3))

    assert (item.returned, item.state, item.clock_due_on) == (1, "returned", date(2020, 6, 10))
    with pytest.raises(Refused):
        do(world, item, Verb.RETURN, "supervisor", "  ", at=later(3))


def test_an_objection_must_come_within_a_working_day(world: World) -> None:
    item = new_item(world)
    with pytest.raises(Refused, match="1 个工作日内"):
        do(world, item, Verb.OBJECT, "reporter", at=later(4))

    do(world, item, Verb.OBJECT, "reporter", "不属本单位职责", at=later(3))
    with pytest.raises(NotAllowed):
        do(world, item, Verb.TRANSFER, "supervisor", unit_id=world.other_unit.id, at=later(3))
    do(world, item, Verb.TRANSFER, "office", "改由祥符街道承办", unit_id=world.other_unit.id, at=later(3))

    assert (item.unit_id, item.state, item.assigned_on) == (world.other_unit.id, "assigned", date(2020, 6, 8))


def test_the_lead_unit_answers_for_the_whole_and_each_part_has_its_verdict(world: World) -> None:
    item = supported(world)
    do(world, item, Verb.SIGN, "reporter")
    do(world, item, Verb.SUBMIT, "reporter", figure="复工 3 个标段")
    with pytest.raises(Refused, match="祥符街道尚未认定"):
        do(world, item, Verb.REQUEST_CLOSURE, "supervisor")

    do(world, item, Verb.SIGN_PART, "other_reporter")
    do(world, item, Verb.SUBMIT_PART, "other_reporter", "名单已报送")
    with pytest.raises(NotAllowed):
        do(world, item, Verb.ACCEPT_PART, "other_reporter")
    do(world, item, Verb.ACCEPT_PART, "reporter")
    do(world, item, Verb.REQUEST_CLOSURE, "supervisor")

    assert (item.parts[0].is_accepted, item.state) == (True, "closing")


def test_closure_needs_a_document_or_a_figure(world: World) -> None:
    item = new_item(world)
    do(world, item, Verb.SIGN, "reporter")
    do(world, item, Verb.SUBMIT, "reporter", "已完成")
    with pytest.raises(Refused, match="没有佐证"):
        do(world, item, Verb.REQUEST_CLOSURE, "supervisor")

    do(world, item, Verb.REQUEST_CLOSURE, "supervisor", figure="投资 1.2 亿元入统")
    assert item.state == "closing"


def test_nobody_judges_the_own_unit_in_whatever_seat(world: World) -> None:
    """The office's person also reports for the unit: neither the verb nor the database lets them close."""
    item = new_item(world)
    do(world, item, Verb.SIGN, "reporter")
    do(world, item, Verb.SUBMIT, "reporter", figure="1")
    do(world, item, Verb.REQUEST_CLOSURE, "supervisor")
    world.office.seats.append(Seat(kind="reporter", unit_id=world.unit.id, from_on=date(2020, 4, 1)))
    db.session.commit()

    with pytest.raises(NotAllowed, match="应由其他人办理"):
        do(world, item, Verb.CLOSE, "office")

    closure = db.session.scalars(select(Closure)).one()
    for person in (world.office, world.reporter):  # who sits in the unit; who did the work
        forged = update(Closure).where(Closure.id == closure.id)
        with pytest.raises(DBAPIError):
            db.session.execute(forged.values(decided_by_id=person.id, decided_at=NOON, decision="closed"))
        db.session.rollback()


def test_a_merged_item_ends_and_says_into_which(world: World) -> None:
    item, other = new_item(world), new_item(world)
    do(world, item, Verb.MERGE, "supervisor", "内容重复", into=other.id)

    assert (item.state, item.merged_into_id, other.state) == ("merged", other.id, "assigned")
    with pytest.raises(Refused, match="已并案"):
        do(world, other, Verb.MERGE, "supervisor", into=item.id)


def test_a_reopened_item_keeps_its_number_and_every_attempt_to_close_it(world: World) -> None:
    item = new_item(world)
    close(world, item)
    do(world, item, Verb.REOPEN, "supervisor", "回头看发现又停工", at=later(31))
    do(world, item, Verb.SUBMIT, "reporter", at=later(32))
    with pytest.raises(Refused, match="重新办理以来没有佐证"):
        do(world, item, Verb.REQUEST_CLOSURE, "supervisor", at=later(32))
    do(world, item, Verb.REQUEST_CLOSURE, "supervisor", at=later(32), figure="复工 6 家")
    do(world, item, Verb.REFUSE_CLOSURE, "office", "证据不足", at=later(32))

    attempts = db.session.execute(select(Closure.attempt, Closure.decision).order_by(Closure.attempt)).all()
    assert (item.number, item.reopened, item.returned) == ("〔2020〕1号", 1, 1)
    assert [tuple(row) for row in attempts] == [(1, "closed"), (2, "refused")]


def test_who_does_not_see_an_item_can_do_nothing_to_it(world: World) -> None:
    item = new_item(world)
    before = db.session.scalar(select(func.count()).select_from(Event))

    with pytest.raises(NotAllowed):
        act(item, Verb.SIGN, Deed(), actor(world, "other_reporter"), NOON)

    assert (State(item.state), db.session.scalar(select(func.count()).select_from(Event))) == (State.ASSIGNED, before)
