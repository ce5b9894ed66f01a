"""What somebody who wants to lose, double or misdirect a message would try: on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from taskboard import clock
from taskboard.alerts import gathering, outbox, telling
from taskboard.alerts.channels import Letter, Sent, Uncertain
from taskboard.db import db
from taskboard.models import Channel, Delivery, Installation, Notice, Occasion, Person, Seat
from taskboard.models.channel import MAIL_ID
from tests.alerts.test_fate import Wire, post, robot, state
from tests.alerts.test_outbox import turn_red
from tests.world import NOON, World

TEN = datetime(2026, 11, 23, 2, 11, tzinfo=UTC)  # a Monday, eleven past ten in Shanghai
NIGHT = datetime(2026, 11, 23, 13, 40, tzinfo=UTC)


@pytest.fixture
def travel() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(TEN, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def production(world: World) -> World:
    """The machine's clock is the business's."""
    db.session.execute(update(Installation).values(kind="production", demo_day=None, stepped_at=None))
    db.session.commit()
    return world


def test_a_repeat_after_the_platform_has_forgotten_is_marked(world: World, travel: time_machine.Coordinates) -> None:
    app = Channel(kind="wecom_app", name="企业微信", is_on=True, policy="resend", created_at=NOON)
    db.session.add(app)
    db.session.commit()
    (letter,) = post(world, 1, app.id)
    assert outbox._Sender(app.id, None).step(None, True) is not None  # and the machine is switched off
    travel.shift(timedelta(hours=2))
    outbox.expire()
    travel.shift(timedelta(minutes=5))
    wire = Wire()

    outbox.deliver(app.id, wire)

    assert [each.subject for each in wire.letters] == ["【重发】第 0 封"]
    assert state(letter) == "sent"


@pytest.mark.parametrize("how", ["left", "seat ended"])
def test_who_left_before_the_digest_is_not_written_to(world: World, travel: time_machine.Coordinates, how: str) -> None:
    turn_red(world)
    telling.fan_out(NOON)
    if how == "left":
        db.session.execute(update(Person).where(Person.id == world.lead.id).values(active=False))
    else:
        ended = clock.day_of(NOON) - timedelta(days=1)
        db.session.execute(update(Seat).where(Seat.person_id == world.lead.id).values(to_on=ended))
    db.session.commit()

    gathering.gather(NOON + timedelta(hours=1))

    mails = select(Delivery.person_id, Delivery.state).where(Delivery.channel_id == MAIL_ID)
    told = {person_id: state for person_id, state in db.session.execute(mails)}
    assert told == {world.lead.id: "given_up", world.office.id: "pending"}
    assert not db.session.scalars(select(Notice).where(Notice.delivery_id.is_(None))).all()


def test_what_was_held_up_until_the_evening_waits_for_the_morning(
    world: World, travel: time_machine.Coordinates
) -> None:
    (letter,) = post(world)
    travel.move_to(NIGHT)
    wire = Wire()

    outbox.deliver(MAIL_ID, wire)
    assert (len(wire.letters), state(letter), outbox.due_channels()) == (0, "pending", [])
    travel.move_to(NIGHT + timedelta(hours=10, minutes=10))
    assert outbox.due_channels() == [MAIL_ID]
    outbox.deliver(MAIL_ID, wire)

    assert (len(wire.letters), state(letter)) == (1, "sent")


def test_at_night_alarms_trials_and_what_a_person_resends_go_out(
    world: World, travel: time_machine.Coordinates
) -> None:
    travel.move_to(NIGHT)
    letters = post(world, 3)
    for id_, occasion in zip(letters, (Occasion.ALARM, Occasion.TRIAL, Occasion.DIGEST), strict=True):
        db.session.execute(update(Delivery).where(Delivery.id == id_).values(occasion=occasion))
    db.session.commit()
    wire = Wire()

    outbox.deliver(MAIL_ID, wire)

    assert len(wire.letters) == 3


def test_a_pause_from_a_clock_set_back_holds_up_nothing(world: World, travel: time_machine.Coordinates) -> None:
    post(world)
    open_until = clock.real_now() + timedelta(days=300)
    db.session.execute(update(Channel).where(Channel.id == MAIL_ID).values(open_until=open_until, failures=5))
    db.session.commit()

    assert outbox.due_channels() == [MAIL_ID]


def test_a_claim_from_a_clock_set_back_is_given_back(world: World, travel: time_machine.Coordinates) -> None:
    (letter,) = post(world)
    travel.shift(timedelta(days=301))
    assert outbox._Sender(MAIL_ID, None).step(None, True) is not None
    travel.shift(-timedelta(days=301) + timedelta(minutes=5))

    assert outbox.expire() == 1
    assert state(letter) == "retry"


def test_a_channel_switched_off_during_a_pass_stops_at_once(world: World, travel: time_machine.Coordinates) -> None:
    chat = robot(per_minute=6000)
    post(world, 2, chat)

    class Off(Wire):
        def send(self, letter: Letter) -> Sent:
            db.session.execute(update(Channel).where(Channel.id == chat).values(is_on=False))
            db.session.commit()
            return super().send(letter)  # type: ignore[return-value]

    wire = Off()
    outbox.deliver(chat, wire)

    assert len(wire.letters) == 1


def test_an_uncertain_time_is_that_of_the_attempt(world: World, travel: time_machine.Coordinates) -> None:
    (letter,) = post(world)
    outbox.deliver(MAIL_ID, Wire(Uncertain("没有答复")))

    assert db.session.get_one(Delivery, letter).uncertain_at == TEN
