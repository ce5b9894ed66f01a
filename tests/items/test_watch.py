"""What time does: red opens an item and keeps it open, reminders, the ladder, silence that goes up."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from taskboard import clock
from taskboard.db import db
from taskboard.errors import NotAllowed, Refused
from taskboard.jobs import items as items_job
from taskboard.jobs import sweep as sweep_job
from taskboard.models import Event, Extension, Item, Slip
from taskboard.models.reporting import Filing, file_report, live_report
from taskboard.rules.ladder import Rung, propose
from taskboard.rules.lifecycle import Verb
from taskboard.rules.terms import Ask, extension_level, extension_refusal, reminder
from taskboard.rules.workdays import monday
from tests.items.cast import do, later, new_item
from tests.world import FRIDAY, NOON, World


def day(days: int) -> date:
    return FRIDAY + timedelta(days=days)


def report(world: World, value: int, at: datetime) -> None:
    week = monday(clock.day_of(at))
    live = live_report(world.target.id, week)
    filing = Filing(week=week, value=Decimal(value), done="进展", replaces=live.id if live else None)
    file_report(world.target, filing, world.reporter.id, at)
    db.session.commit()


def pass_day(days: int) -> dict[str, object]:
    """The sweep and the watch of a day, as the timetable runs them."""
    at = later(days, 7)
    sweep_job.run(day(days), at)
    return items_job.run(day(days), at)


def red_item(world: World) -> Item:
    """The target stays red for two reporting weeks, and the sweep opens an item."""
    report(world, 20, NOON)
    assert pass_day(0)["opened"] == 0
    report(world, 25, later(7))
    assert pass_day(7)["opened"] == 1
    return db.session.scalars(select(Item)).one()


def test_what_stays_red_opens_one_item_and_never_two(world: World) -> None:
    item = red_item(world)

    assert (item.unit_id, item.state, item.commitment_id) == (world.unit.id, "assigned", world.target.id)
    assert "连续" in item.source_words
    assert [pass_day(days)["opened"] for days in (8, 9, 10)] == [0, 0, 0]
    assert len(db.session.scalars(select(Item)).all()) == 1


def to_closing(world: World, item: Item, at: datetime) -> None:
    do(world, item, Verb.SIGN, "reporter", at=at)
    do(world, item, Verb.SUBMIT, "reporter", figure="补报 3 家", at=at)
    do(world, item, Verb.REQUEST_CLOSURE, "supervisor", at=at)


def test_it_cannot_close_while_red_unless_a_leader_waives(world: World) -> None:
    item = red_item(world)
    to_closing(world, item, later(7, 15))
    with pytest.raises(Refused, match="仍为红灯"):
        do(world, item, Verb.CLOSE, "office", at=later(7, 16))
    with pytest.raises(NotAllowed):
        do(world, item, Verb.WAIVE, "office", at=later(7, 16))

    do(world, item, Verb.WAIVE, "leader", "受不可抗力影响", at=later(7, 16))
    do(world, item, Verb.CLOSE, "office", at=later(7, 17))

    assert (item.state, item.waive_reason, item.waived_by_id) == ("closed", "受不可抗力影响", world.leader.id)


def test_recovery_proposes_closure_with_the_figures_and_recurrence_raises_the_level(world: World) -> None:
    item = red_item(world)
    report(world, 95, later(8))
    pass_day(8)
    db.session.refresh(item)
    assert item.recovered_on == day(8)
    assert "95" in item.recovered_words

    report(world, 30, later(14))
    pass_day(14)
    db.session.refresh(item)
    assert (item.recovered_on, item.recurred, item.start_level) == (None, 1, 2)

    report(world, 96, later(15))
    pass_day(15)
    to_closing(world, item, later(15, 15))
    do(world, item, Verb.CLOSE, "office", at=later(15, 16))
    report(world, 31, later(21))
    pass_day(21)
    report(world, 32, later(28))
    opened = pass_day(28)["opened"]
    again = db.session.scalars(select(Item).order_by(Item.id.desc())).first()
    assert (opened, again.recurred, again.kind) == (1, 2, "urgent")
    assert again.start_level > item.start_level
    assert "再次发生" in again.source_words


def test_reminders_come_on_their_days_and_once(world: World) -> None:
    due = date(2020, 6, 19)

    said = {on: reminder(on, due, 15) for on in (day(n) for n in range(26))}
    assert [on for on, words in said.items() if words and on <= due] == [
        date(2020, 6, 10), date(2020, 6, 16), date(2020, 6, 18), due,
    ]  # fmt: skip
    assert "7 个" in said[date(2020, 6, 10)]
    assert not reminder(date(2020, 6, 10), due, 5)

    new_item(world, due_on=date(2020, 6, 8))
    db.session.commit()
    assert [pass_day(4)["reminded"] for _ in range(2)] == [1, 0]
    event = db.session.scalars(select(Event).where(Event.kind == "item_reminded")).one()
    assert event.payload["copied"] == 1


def test_the_ladder_proposes_a_person_signs_and_each_step_is_numbered(world: World) -> None:
    item = new_item(world, due_on=date(2020, 6, 8))
    do(world, item, Verb.SIGN, "reporter")
    db.session.commit()
    assert pass_day(4)["slips_proposed"] == 1
    assert pass_day(4)["slips_proposed"] == 0
    slip = db.session.scalars(select(Slip)).one()
    assert (slip.level, slip.number, slip.reason) == (2, "", "办理逾期 1 个工作日")

    with pytest.raises(NotAllowed):
        do(world, item, Verb.SIGN_SLIP, "supervisor", at=later(4))
    do(world, item, Verb.SIGN_SLIP, "office", "", at=later(4))
    assert (slip.number, slip.due_on, item.level) == ("〔2020〕1号", date(2020, 6, 11), 2)

    db.session.commit()
    pass_day(7)
    levels = db.session.scalars(select(Slip.level).order_by(Slip.id)).all()
    assert levels == [2, 3]
    assert db.session.scalars(select(Event.kind).where(Event.kind == "item_slip_overdue")).all() == [
        "item_slip_overdue"
    ]


def test_a_talk_is_proposed_after_two_slips_and_only_a_leader_signs_it() -> None:
    assert propose(Rung(level=3, slips=2, quiet_workdays=5)).level == 4  # type: ignore[union-attr]
    assert propose(Rung(level=3, slips=1, quiet_workdays=4)) is None
    assert propose(Rung(level=0, near_due=True, start_level=2)).level == 2  # type: ignore[union-attr]
    assert propose(Rung(level=2, workdays_overdue=3)) is None


def test_an_extension_goes_to_who_may_grant_it_and_the_original_date_stays(world: World) -> None:
    item = new_item(world)
    do(world, item, Verb.SIGN, "reporter")
    ask = {"progress": "七成", "figure": "1.4 公里"}
    with pytest.raises(Refused, match="佐证"):
        do(world, item, Verb.EXTEND, "reporter", due_on=date(2020, 7, 3), progress="七成")
    do(world, item, Verb.EXTEND, "reporter", due_on=date(2020, 7, 3), **ask)
    with pytest.raises(NotAllowed, match="专班办公室"):
        do(world, item, Verb.GRANT_EXTENSION, "leader")
    do(world, item, Verb.GRANT_EXTENSION, "office")
    assert (item.original_due_on, item.due_on, item.extended) == (date(2020, 6, 29), date(2020, 7, 3), 1)

    do(world, item, Verb.EXTEND, "reporter", due_on=date(2020, 7, 6), **ask)
    assert db.session.scalars(select(Extension.level).order_by(Extension.id)).all() == ["office", "leader"]


def test_silence_on_an_extension_goes_a_level_up_and_never_approves(world: World) -> None:
    item = new_item(world)
    do(world, item, Verb.SIGN, "reporter")
    do(world, item, Verb.EXTEND, "reporter", due_on=date(2020, 7, 3), progress="七成", figure="1")
    db.session.commit()
    pass_day(4)
    asked = db.session.scalars(select(Extension)).one()
    assert asked.level == "office"
    pass_day(5)
    db.session.refresh(asked)
    assert (asked.level, asked.state, asked.escalated_on) == ("leader", "extension_asked", day(5))


def test_when_an_extension_can_be_asked_for() -> None:
    due, start = date(2020, 6, 19), date(2020, 6, 5)

    def ask(on: date, new: date, extended: int = 0) -> Ask:
        return Ask(on, due, due, start, new, extended)

    assert extension_refusal(ask(date(2020, 6, 18), date(2020, 6, 23))) == ""
    assert "至少 1 个工作日" in extension_refusal(ask(due, date(2020, 6, 23)))
    assert "已过" in extension_refusal(ask(date(2020, 6, 22), date(2020, 6, 23)))
    assert "不得超过" in extension_refusal(ask(date(2020, 6, 10), date(2020, 7, 20)))
    assert extension_level(ask(start, date(2020, 6, 26))) == "office"
    assert extension_level(ask(start, date(2020, 6, 29))) == "leader"
    assert extension_level(ask(start, date(2020, 6, 23), extended=1)) == "leader"


def test_a_closed_item_that_was_drawn_comes_up_again_once(world: World) -> None:
    item = new_item(world)
    do(world, item, Verb.SIGN, "reporter")
    do(world, item, Verb.SUBMIT, "reporter", figure="1")
    do(world, item, Verb.REQUEST_CLOSURE, "supervisor")
    do(world, item, Verb.CLOSE, "office")
    item.look_back_on = day(30)
    db.session.commit()

    found = [pass_day(days).get("look_backs") for days in (29, 30, 31)]
    assert found == [0, 1, 0]
    do(world, item, Verb.LOOK_BACK, "supervisor", "未反弹", at=later(31))
    assert item.look_back_on is None


def test_an_item_behind_its_own_plan_is_yellow_until_it_catches_up(world: World) -> None:
    item = new_item(world, nodes=((day(3), "完成摸底"), (day(7), "拿出方案")))
    do(world, item, Verb.SIGN, "reporter")
    db.session.commit()
    pass_day(4)
    db.session.refresh(item)
    assert item.light == "yellow"

    do(world, item, Verb.HANDLE, "reporter", done_nodes=(item.nodes[0].id,), at=later(4, 15))
    assert (item.light, item.nodes[0].done_on) == ("green", day(4))
    with pytest.raises(Refused, match="晚于办理期限"):
        new_item(world, nodes=((date(2020, 9, 1), "太晚"),))


def test_merging_does_not_talk_a_red_light_away(world: World) -> None:
    item, other = red_item(world), new_item(world, later(7))
    do(world, item, Verb.MERGE, "supervisor", "内容重复", into=other.id, at=later(7, 14))
    assert (other.open_key, item.open_key) == (world.target.id, None)
    to_closing(world, other, later(7, 15))

    with pytest.raises(Refused, match="仍为红灯"):
        do(world, other, Verb.CLOSE, "office", at=later(7, 16))
    db.session.commit()
    assert pass_day(8)["opened"] == 0
