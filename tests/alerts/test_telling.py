"""Who is told when: together, in their hours, at the address of now, and once; on both databases."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import func, select

from taskboard import clock
from taskboard.alerts import gathering, telling
from taskboard.db import db
from taskboard.models import (
    CalendarOverride,
    Channel,
    Delivery,
    Kind,
    Notice,
    Person,
    Seat,
    Subscription,
    TellingRule,
    record,
)
from taskboard.models.channel import INBOX_ID, MAIL_ID
from tests.world import NOON, World, make_target

FRIDAY_EVENING = clock.at(date(2020, 6, 5), 21)
MONDAY_MORNING = clock.at(date(2020, 6, 8), 7, 58)
LATE = clock.at(date(2020, 6, 8), 12)


def turned(world: World, kind: Kind = Kind.TURNED_RED, at: datetime = NOON, by: int | None = None, **more: Any) -> None:
    """An event on the world's target, committed."""
    target = more.pop("target", world.target)
    before = {"light": "red"} if kind is Kind.TURNED_GREEN else None
    record(kind, target, by, at, before=before, after={}, words="差 30 个百分点", **more)
    db.session.commit()


def told(at: datetime = NOON) -> None:
    telling.fan_out(at)


def due(login: str, channel_id: int = MAIL_ID) -> list[datetime]:
    """When what waits for a person is due, in local time."""
    query = select(Notice.due_at).join(Person, Person.id == Notice.person_id).where(Person.login == login)
    found = db.session.scalars(query.where(Notice.channel_id == channel_id).order_by(Notice.event_id))
    return [moment.astimezone(clock.SHANGHAI) for moment in found]


def mails(channel_id: int = MAIL_ID) -> list[Delivery]:
    query = select(Delivery).where(Delivery.channel_id == channel_id).order_by(Delivery.id)
    return list(db.session.scalars(query))


def gathered(at: datetime) -> list[Delivery]:
    gathering.gather(at)
    return mails()


def add_channel(kind: str, name: str, **more: Any) -> Channel:
    made = Channel(**{"kind": kind, "name": name, "is_on": True, "created_at": NOON, **more})
    db.session.add(made)
    db.session.commit()
    return made


def test_what_falls_together_is_one_message_a_person_and_channel(world: World) -> None:
    zwdd = add_channel("zwdd", "专有钉钉")
    db.session.add(Subscription(person_id=world.lead.id, channel_id=zwdd.id, address="GE_7"))
    db.session.commit()
    other = make_target(world.campaign, world.group, world.unit)
    turned(world)
    turned(world, target=other)
    turned(world, Kind.TURNED_GREEN, target=other)
    turned(world, Kind.VALUE_CHECKED)
    told()

    gathering.gather(LATE)

    by_lead = [d for d in mails() + mails(zwdd.id) if d.person_id == world.lead.id]
    assert [(d.channel, d.address) for d in by_lead] == [("mail", "lead@example.invalid"), ("zwdd", "GE_7")]
    assert by_lead[0].subject == by_lead[1].subject == "1 项转为红灯，1 项恢复绿灯，1 项数值复核"
    assert gathering.gather(LATE) == {"messages": 0}


def test_a_red_that_is_green_again_is_one_entry_with_both(world: World) -> None:
    turned(world)
    turned(world, Kind.TURNED_GREEN)
    told()
    gathering.gather(LATE)

    (body,) = {d.body for d in mails() if d.person_id == world.office.id}
    assert "恢复绿灯（1 项）" in body
    assert "转为红灯（" not in body
    assert body.count("· ") == 1
    assert "  转为红灯：差 30 个百分点\n  恢复绿灯：差 30 个百分点" in body


def test_nobody_hears_of_the_own_deed(world: World) -> None:
    turned(world, Kind.VALUE_CONFIRMED, by=world.lead.id)
    turned(world, reporter=world.reporter.id)
    told()

    heard = {
        (login, kind)
        for login, kind in db.session.execute(
            select(Person.login, telling.Event.kind)
            .join(Notice, Notice.person_id == Person.id)
            .join(telling.Event, telling.Event.id == Notice.event_id)
        )
    }
    assert ("reporter", "value_confirmed") in heard
    assert ("lead", "value_confirmed") not in heard
    assert ("reporter", "turned_red") not in heard
    assert ("lead", "turned_red") in heard


def test_what_is_urgent_at_night_waits_for_the_morning_of_the_next_working_day(world: World) -> None:
    turned(world, at=FRIDAY_EVENING)
    told(FRIDAY_EVENING)

    (moment,) = due("lead")
    assert (moment.date(), moment.hour) == (date(2020, 6, 8), 7)
    assert 33 <= moment.minute <= 57
    assert gathered(clock.at(date(2020, 6, 6), 12)) == []
    assert len(gathered(MONDAY_MORNING)) == 3
    assert due("lead", INBOX_ID) == [FRIDAY_EVENING.astimezone(clock.SHANGHAI)]


def test_an_override_makes_saturday_a_day_on_which_people_are_told(world: World) -> None:
    db.session.add(CalendarOverride(day=date(2020, 6, 6), is_workday=True))
    turned(world, at=FRIDAY_EVENING)
    told(FRIDAY_EVENING)

    assert due("lead")[0].date() == date(2020, 6, 6)


def test_what_is_not_urgent_waits_for_the_digest_in_the_hour_of_the_reader(world: World) -> None:
    world.lead.digest_hour = 15
    world.reporter.digest_hour = 3  # before what the office allows
    turned(world, Kind.VALUE_CHECKED, at=NOON)
    told()

    assert [(m.date(), m.hour) for m in due("lead")] == [(date(2020, 6, 5), 15)]
    assert [(m.date(), m.hour) for m in due("reporter")] == [(date(2020, 6, 8), 8)]
    db.session.get_one(Person, world.lead.id)
    (digest,) = gathered(clock.at(date(2020, 6, 5), 16))
    assert (digest.person_id, digest.occasion, digest.is_urgent) == (world.lead.id, "digest", False)
    assert digest.body.startswith("工业企业：")
    assert "项未填报" in digest.body.splitlines()[0]


def test_what_was_due_while_nothing_ran_still_keeps_out_of_the_night(world: World) -> None:
    turned(world)
    told()

    assert gathered(FRIDAY_EVENING) == []
    assert len(gathered(MONDAY_MORNING)) == 3


def test_who_switched_mail_off_is_told_in_the_inbox_alone(world: World) -> None:
    db.session.add(Subscription(person_id=world.lead.id, channel_id=MAIL_ID, is_on=False))
    world.office.email = ""
    turned(world)
    told()

    assert {d.person_id for d in gathered(LATE)} == {world.reporter.id}
    assert {d.person_id for d in mails(INBOX_ID)} == {world.lead.id, world.office.id, world.reporter.id}


def test_a_required_channel_cannot_be_switched_off(world: World) -> None:
    db.session.get_one(Channel, MAIL_ID).is_required = True
    db.session.add(Subscription(person_id=world.lead.id, channel_id=MAIL_ID, is_on=False))
    turned(world)
    told()

    assert world.lead.id in {d.person_id for d in gathered(LATE)}


def test_the_address_is_that_of_now_not_of_when_it_happened(world: World) -> None:
    turned(world)
    told()
    world.lead.email = "new@example.invalid"
    db.session.commit()

    assert "new@example.invalid" in {d.address for d in gathered(LATE)}


def test_a_way_that_is_gone_meanwhile_is_given_up_with_the_reason(world: World) -> None:
    turned(world)
    told()
    db.session.get_one(Channel, MAIL_ID).is_on = False
    db.session.commit()

    found = gathered(LATE)
    assert {(d.state, d.error) for d in found} == {("given_up", "渠道已停用，或收件人已离任、已不再使用此渠道")}
    assert len(found) == 3


def test_two_processes_gathering_at_once_write_each_message_once(app: Flask, world: World) -> None:
    turned(world)
    told()
    barrier = threading.Barrier(4)
    counts: list[int] = []

    def work() -> None:
        with app.app_context():
            barrier.wait()
            counts.append(telling.fan_out(NOON)["events"] + gathering.gather(LATE)["messages"])
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(counts) == 3
    assert len(mails()) == 3
    assert db.session.scalar(select(func.count()).select_from(Notice).where(Notice.delivery_id.is_(None))) == 0


def test_a_chat_hears_of_forty_reds_in_one_message_that_names_the_units_first(world: World) -> None:
    robot = add_channel("dingtalk", "工业企业组群", group_id=world.group.id)
    elsewhere = add_channel("feishu", "批零消费组群", group_id=world.other_group.id)
    whole = add_channel("wecom", "专班群")
    start = clock.at(date(2020, 6, 5), 10, 1)
    for n in range(40):
        at = start + timedelta(seconds=30 * n)
        turned(world, at=at)
        telling.fan_out(at)

    gathering.gather(LATE)

    (message,) = mails(robot.id)
    assert message.body.startswith("涉及 1 个单位：上塘街道 1 项。")
    assert message.address == ""
    assert mails(elsewhere.id) == []
    assert len(mails(whole.id)) == 1
    slots = set(db.session.scalars(select(Notice.due_at).where(Notice.channel_id == robot.id)))
    assert len(slots) == 1


def test_a_robot_hears_of_what_is_not_urgent_with_the_digest(world: World) -> None:
    robot = add_channel("dingtalk", "工业企业组群", group_id=world.group.id)
    turned(world, Kind.TURNED_GREEN)
    turned(world, Kind.VALUE_CHECKED)  # nothing for a chat
    told()

    moments = list(db.session.scalars(select(Notice.due_at).where(Notice.channel_id == robot.id)))
    assert [clock.day_of(moment) for moment in moments] == [date(2020, 6, 8)]


def test_the_offices_hours_hold(world: World) -> None:
    rule = TellingRule.get()
    rule.quiet_from, rule.quiet_until = time(18), time(9, 0)
    turned(world, at=clock.at(date(2020, 6, 4), 18, 5))
    told(clock.at(date(2020, 6, 4), 18, 5))

    (moment,) = due("office")
    assert (moment.date(), moment.hour) == (date(2020, 6, 5), 9)


def count_statements(work: Any) -> int:
    statements: list[str] = []

    def count(*args: Any) -> None:
        if "INSERT INTO delivery" not in args[2]:  # SQLite cannot give back the ids of many rows at once
            statements.append(args[2])

    sqlalchemy_event.listen(db.engine, "before_cursor_execute", count)
    try:
        work()
    finally:
        sqlalchemy_event.remove(db.engine, "before_cursor_execute", count)
    return len(statements)


@pytest.mark.parametrize("many", [3, 60])
def test_telling_takes_the_same_statements_however_many_events_and_people(world: World, many: int) -> None:
    targets: Sequence[Any] = [make_target(world.campaign, world.group, world.unit) for _ in range(many)]
    people = [Person(login=f"p{n}", name=f"第{n}人", email=f"p{n}@example.invalid") for n in range(many)]
    for person in people:
        person.seats.append(Seat(kind="group_lead", group_id=world.group.id, from_on=date(2020, 4, 1)))
    db.session.add_all(people)
    for target in targets:
        record(Kind.TURNED_RED, target, None, NOON, words="差")
    db.session.commit()

    assert count_statements(lambda: telling.tell(NOON)) <= 25
    db.session.commit()
    assert count_statements(lambda: gathering.collect(LATE)) <= 25
    assert len(mails()) == many + 3
