"""An announcement reaches exactly whom its preview counted, once, and never its author: on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from taskboard import clock
from taskboard.alerts import gathering, telling
from taskboard.boards import announcements as board
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.models import Channel, Delivery, Event, Notice, Seat, Subscription
from taskboard.models.announcing import Audience, Draft, announce, chats, hearers
from taskboard.models.channel import MAIL_ID
from tests.world import FRIDAY, NOON, World

LETTER = Draft("关于报送进展的通知", "各单位：\n\n请于周五前报送。\n联系人：某某", audience=Audience(everybody=True))


def say(world: World, draft: Draft, at: datetime = NOON) -> int:
    seen = board.preview(draft, world.office.id, at, FRIDAY)
    made = announce(draft, seen.people, world.office.id, at, FRIDAY)
    db.session.commit()
    telling.fan_out(at)
    return made.id


def told(channel_id: int) -> dict[int | None, datetime]:
    query = select(Notice.person_id, Notice.due_at).where(Notice.channel_id == channel_id)
    return {person_id: due_at for person_id, due_at in db.session.execute(query)}


@pytest.mark.parametrize(
    ("meant", "who"),
    [
        (Audience(seats=("group_lead", "leader")), {"lead", "other_lead", "leader"}),
        (Audience(seats=("supervisor",)), {"supervisor"}),
        (Audience(seats=("reporter",)), {"reporter", "other_reporter"}),
    ],
)
def test_seats_hear(world: World, meant: Audience, who: set[str]) -> None:
    assert {person.login for person in hearers(meant, world.office.id, FRIDAY)} == who


def test_units_and_groups_add_up_and_a_seat_that_has_ended_does_not_count(world: World) -> None:
    meant = Audience(units=(world.other_unit.id,), groups=(world.group.id,))
    assert {p.login for p in hearers(meant, world.office.id, FRIDAY)} == {"lead", "other_reporter"}

    world.lead.seats[0].to_on = FRIDAY - timedelta(days=1)
    world.other_reporter.active = False
    db.session.flush()

    assert hearers(meant, world.office.id, FRIDAY) == []


def test_the_fan_out_tells_whom_the_preview_counted_and_never_the_author(world: World) -> None:
    world.leader.email = ""
    db.session.add(Subscription(person_id=world.supervisor.id, channel_id=MAIL_ID, is_on=False))
    db.session.commit()
    seen = board.preview(LETTER, world.office.id, NOON, FRIDAY)

    id_ = say(world, LETTER)

    inbox, mail = seen.lines
    assert (inbox.count, mail.count, mail.missing, mail.unchosen) == (9, 7, ("leader（示例）",), 1)
    assert (len(told(1)), len(told(MAIL_ID))) == (9, 7)
    assert world.office.id not in told(1)
    letter = db.session.scalars(select(Delivery).where(Delivery.person_id == world.reporter.id)).one()
    assert letter.subject == "通知：关于报送进展的通知"
    block = f"通知\n· 关于报送进展的通知\n  各单位：\n  请于周五前报送。\n  联系人：某某\n  http://127.0.0.1:8000/announcements/{id_}"
    assert letter.body == block


def test_the_urgent_one_goes_at_once_and_the_other_with_the_digest(world: World) -> None:
    say(world, LETTER)
    monday = told(MAIL_ID)[world.lead.id].astimezone(clock.SHANGHAI)
    db.session.query(Notice).delete()

    say(world, Draft("急", "请即办理", is_urgent=True, audience=Audience(seats=("group_lead",))))
    now = told(MAIL_ID)[world.lead.id]

    assert (monday.date().isoformat(), monday.hour) == ("2020-06-08", 8)
    assert now - NOON < timedelta(minutes=30)


def test_at_night_the_preview_says_when_and_the_message_waits_until_then(world: World) -> None:
    night = clock.at(FRIDAY, 21)
    draft = Draft("急", "请即办理", is_urgent=True, audience=Audience(seats=("leader",)))

    seen = board.preview(draft, world.office.id, night, FRIDAY)
    say(world, draft, night)

    assert "静默时段" in seen.quiet
    due = told(MAIL_ID)[world.leader.id].astimezone(clock.SHANGHAI)
    assert seen.lines[1].when == f"6月8日 {due:%H:%M}"
    assert (due.date().isoformat(), due.hour, due.minute >= 33) == ("2020-06-08", 7, True)
    gathering.gather(night + timedelta(hours=1))
    assert db.session.scalar(select(Delivery.id).where(Delivery.channel == "mail")) is None


def test_chats_hear_when_they_are_meant(world: World) -> None:
    for group in (world.group, world.other_group, None):
        name = group.short_name if group else "办公室"
        db.session.add(
            Channel(kind="dingtalk", name=name, group_id=group.id if group else None, is_on=True, created_at=NOON)
        )
    db.session.commit()
    channels = Channel.listed()

    of_group = chats(Audience(groups=(world.group.id,), robots=True), channels)
    of_all = Audience(everybody=True, robots=True)

    assert [c.name for c in of_group] == ["工业企业"]
    assert chats(Audience(everybody=True), channels) == []
    say(world, Draft("开会", "周五下午", audience=of_all))
    robots = {c.id for c in channels if c.form.is_robot}
    assert {c for c in db.session.scalars(select(Notice.channel_id)) if c in robots} == robots


def test_what_came_of_it_is_counted(world: World) -> None:
    id_ = say(world, LETTER)
    mine = select(Delivery).where(Delivery.person_id == world.lead.id, Delivery.channel == "inbox")
    db.session.scalars(mine).one().read_at = NOON
    gathering.gather(clock.at(FRIDAY + timedelta(days=3), 9))
    mail = db.session.scalars(select(Delivery).where(Delivery.channel == "mail").order_by(Delivery.id)).all()
    assert {letter.occasion for letter in mail} == {"announcement"}
    mail[0].state, mail[1].state = "sent", "failed"
    db.session.commit()

    (past,) = board.past()

    assert (past.row.id, past.told, past.read, past.sent, past.failed, past.waiting) == (id_, 9, 1, 1, 1, 7)


def test_it_is_refused_when_the_number_has_changed_or_nobody_hears(world: World) -> None:
    world.people["lead"].seats.append(Seat(kind="leader", from_on=FRIDAY))
    db.session.flush()
    draft = Draft("题", "文", audience=Audience(seats=("leader",)))

    with pytest.raises(Refused, match="由 1 人变为 2 人"):
        announce(draft, 1, world.office.id, NOON, FRIDAY)
    with pytest.raises(Refused, match="没有人会收到"):
        announce(Draft("题", "文", audience=Audience(units=(world.lead_unit.id,))), 0, world.office.id, NOON, FRIDAY)
    assert db.session.scalar(select(Event.id).where(Event.kind == "announced")) is None
