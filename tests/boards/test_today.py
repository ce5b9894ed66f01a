"""A person's day: by seat what is owed, what was done, what is unread."""

from __future__ import annotations

from datetime import date, timedelta

from taskboard.boards.today import today
from taskboard.db import db
from taskboard.models import Delivery, Kind, Person, record
from taskboard.views.guard import as_value
from tests.world import FRIDAY, NOON, World


def _day(world: World, who: Person, on: date = FRIDAY):  # type: ignore[no-untyped-def]
    return today(world.campaign, as_value(who.seats[0]), who.id, on)


def test_a_reporter_sees_what_the_unit_owes(world: World) -> None:
    page = _day(world, world.reporter)
    assert page.sentence == "本周还有 2 项未填报"
    assert {line.id for line in page.parts[0].lines} == {world.target.id, world.task.id}
    assert _day(world, world.other_reporter).sentence == "本周应填报的事项已全部填报"


def test_the_next_due_is_this_weeks_and_then_the_next(world: World) -> None:
    assert _day(world, world.reporter).due == FRIDAY
    assert _day(world, world.reporter, FRIDAY + timedelta(days=1)).due == date(2020, 6, 12)


def test_the_office_sees_turns_since_the_last_working_day_and_stuck_messages(world: World) -> None:
    record(Kind.TURNED_RED, world.target, None, NOON, {}, {"light": "red"})
    record(Kind.TURNED_RED, world.task, None, NOON - timedelta(days=3), {}, {"light": "red"})
    db.session.add(
        Delivery(
            person_id=world.lead.id,
            channel="mail",
            channel_id=2,
            subject="转红",
            body="",
            created_at=NOON,
            state="uncertain",
        )
    )
    db.session.flush()
    page = _day(world, world.office)
    assert [turn.id for turn in page.turned] == [world.target.id]
    assert [(one.person, one.state) for one in page.stuck] == [(world.lead.name, "不确定")]


def test_ones_own_deeds_and_unread_messages_and_nobody_elses(world: World) -> None:
    record(Kind.TARGET_CHANGED, world.target, world.lead.id, NOON, {"title": "a"}, {"title": "b"})
    record(Kind.TARGET_CHANGED, world.target, world.other_lead.id, NOON, {"title": "b"}, {"title": "c"})
    record(Kind.LOGGED_IN, world.lead, world.lead.id, NOON)
    for person in (world.lead, world.reporter):
        db.session.add(
            Delivery(
                person_id=person.id,
                channel="inbox",
                channel_id=1,
                subject="转红",
                body="",
                created_at=NOON,
                state="sent",
            )
        )
    db.session.flush()
    page = _day(world, world.lead)
    assert [(deed.words, deed.id) for deed in page.deeds] == [("修改了目标", world.target.id)]
    assert len(page.unread) == 1


def test_before_there_is_a_campaign_the_page_still_opens(world: World) -> None:
    page = today(None, as_value(world.system_admin.seats[0]), world.system_admin.id, FRIDAY)
    assert page.parts == () and page.sentence == "今日没有待办事项"
