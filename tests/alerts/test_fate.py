"""What becomes of a delivery: the circuit, the limiter, the policy on what is uncertain, and giving up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from taskboard import clock
from taskboard.alerts import circuit, gathering, limiter, outbox
from taskboard.alerts.channels import Letter, Outcome, Rejected, Retry, Sent, Uncertain
from taskboard.db import db
from taskboard.models import Attempt, Channel, Delivery, Event, Installation, Kind
from taskboard.models.channel import MAIL_ID
from tests.world import NOON, World

TEN = datetime(2026, 11, 23, 2, 11, tzinfo=UTC)


class Wire:
    """A channel that answers as told: once each, then `then` for ever."""

    def __init__(self, *answers: Outcome, then: Outcome | None = None) -> None:
        self.answers, self.then = list(answers), then or Sent("ok", "taken")
        self.letters: list[Letter] = []

    def send(self, letter: Letter) -> Outcome:
        self.letters.append(letter)
        return self.answers.pop(0) if self.answers else self.then

    def close(self) -> None: ...


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


def post(world: World, count: int = 1, channel_id: int = MAIL_ID, urgent: bool = False) -> list[int]:
    channel = db.session.get_one(Channel, channel_id)
    made = [
        gathering.write(
            channel, "a@example.invalid", f"第 {n} 封", "正文", NOON, person_id=world.lead.id, is_urgent=urgent
        )
        for n in range(count)
    ]
    for each in made:
        each.next_try_at = clock.real_now()  # whatever the minute
    db.session.commit()
    return [each.id for each in made]


def robot(**more: object) -> int:
    made = Channel(kind="dingtalk", name="工业企业组群", is_on=True, policy="resend_urgent", created_at=NOON, **more)
    db.session.add(made)
    db.session.commit()
    return made.id


def state(id_: int) -> str:
    db.session.expire_all()
    return db.session.get_one(Delivery, id_).state


def kinds() -> Counter[str]:
    return Counter(db.session.scalars(select(Event.kind)))


def test_back_off_goes_on_for_72_hours_and_then_says_so(world: World, travel: time_machine.Coordinates) -> None:
    (letter,) = post(world)
    wire = Wire(then=Retry("451 稍后再试"))
    waits: list[timedelta] = []
    while state(letter) != "failed":
        outbox.deliver(MAIL_ID, wire)
        row = db.session.get_one(Delivery, letter)
        if row.next_try_at and row.state == "retry":
            waits.append(row.next_try_at - clock.real_now())
            travel.move_to(row.next_try_at)

    minutes = [wait.total_seconds() / 60 for wait in waits[:5]]
    for took, meant in zip(minutes, (0.5, 2, 5, 15, 30), strict=True):
        assert meant * 0.79 <= took <= meant * 1.21 + 3  # and off the full and half hour
    assert timedelta(hours=72) < clock.real_now() - TEN <= timedelta(hours=85)
    assert db.session.get_one(Delivery, letter).error == "451 稍后再试（已重试 72 小时）"
    assert kinds()[Kind.DELIVERY_FAILED.key] == 1
    assert len(wire.letters) == len(list(db.session.scalars(select(Attempt.id)))) > 30
    shanghai = [at.astimezone(clock.SHANGHAI) for at in db.session.scalars(select(Attempt.started_at))]
    assert all((7, 30) < (at.hour, at.minute) < (20, 0) and at.minute not in (0, 30) for at in shanghai)


def test_five_troubles_open_the_circuit_which_doubles_and_one_success_closes_it(
    world: World, travel: time_machine.Coordinates
) -> None:
    post(world, 12)
    down = Wire(then=Retry("连接不上", pauses=True))

    assert outbox.deliver(MAIL_ID, down) == {"retry": 5}
    assert outbox.due_channels() == []
    pauses = []
    for _ in range(7):
        row = db.session.get_one(Channel, MAIL_ID, populate_existing=True)
        assert row.open_until is not None
        pauses.append((row.open_until - clock.real_now()).total_seconds() / 60)
        travel.move_to(row.open_until + timedelta(minutes=31))
        assert outbox.deliver(MAIL_ID, down) == {"retry": 1}
    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    assert kinds()[Kind.CHANNEL_OPENED.key] == 1

    travel.shift(timedelta(hours=2))
    assert outbox.deliver(MAIL_ID, Wire())["sent"] == 12
    row = db.session.get_one(Channel, MAIL_ID, populate_existing=True)
    assert (row.failures, row.open_until) == (0, None)
    assert kinds()[Kind.CHANNEL_RECOVERED.key] == 1


def test_a_refused_address_is_not_the_channels_trouble(world: World) -> None:
    post(world, 8)

    assert outbox.deliver(MAIL_ID, Wire(then=Rejected("550 没有这个收件人", "550"))) == {"failed": 8}
    assert db.session.get_one(Channel, MAIL_ID).failures == 0


def test_a_muted_robot_is_left_alone_for_as_long_as_its_platform_says(
    world: World, travel: time_machine.Coordinates
) -> None:
    chat = robot()
    first, second = post(world, 2, chat)

    muted = Retry("发送过于频繁", "130101", after=timedelta(minutes=10), pauses=True)
    assert outbox.deliver(chat, Wire(muted)) == {"retry": 1}
    assert (state(first), state(second)) in {("retry", "pending"), ("pending", "retry")}
    travel.shift(timedelta(minutes=9))
    assert outbox.due_channels() == []
    travel.shift(timedelta(minutes=32))
    assert outbox.deliver(chat, Wire()) == {"sent": 2}


def test_a_robot_never_sends_more_than_three_quarters_of_its_limit_whatever_the_number_of_senders(
    world: World, travel: time_machine.Coordinates
) -> None:
    chat = db.session.get_one(Channel, robot())
    taken: list[datetime] = []
    while len(taken) < 60:
        now = clock.real_now()
        if limiter.wait(chat, now):
            travel.shift(timedelta(seconds=0.5))
        else:
            limiter.take(chat, now)
            taken.append(now)

    windows = [sum(start <= at < start + timedelta(minutes=1) for at in taken) for start in taken]
    assert max(windows) <= 18 < 20  # an even stream of 15 and a burst of three
    assert taken[-1] - taken[0] < timedelta(minutes=4)


def test_a_clock_set_back_stops_neither_limiter_nor_circuit(world: World, travel: time_machine.Coordinates) -> None:
    chat = db.session.get_one(Channel, robot())
    limiter.take(chat, clock.real_now())
    chat.open_until = clock.real_now() + timedelta(minutes=5)
    db.session.commit()
    travel.shift(-timedelta(hours=25))

    assert limiter.wait(chat, clock.real_now()) == timedelta()
    assert not circuit.is_open(chat, clock.real_now())


@pytest.mark.parametrize(
    ("channel", "urgent", "ends"),
    [("mail", False, "retry"), ("robot", False, "uncertain"), ("robot", True, "retry")],
)
def test_what_is_uncertain_follows_the_policy_and_a_repeat_is_marked(
    world: World, travel: time_machine.Coordinates, channel: str, urgent: bool, ends: str
) -> None:
    channel_id = MAIL_ID if channel == "mail" else robot()
    (letter,) = post(world, 1, channel_id, urgent)
    unknown = Wire(then=Uncertain("没有答复"))

    assert outbox.deliver(channel_id, unknown) == {"uncertain": 1}
    assert state(letter) == ends
    if ends == "retry":
        travel.shift(timedelta(minutes=35))
        outbox.deliver(channel_id, unknown)
        assert [each.subject for each in unknown.letters] == ["第 0 封", "【重发】第 0 封"]
        assert len({each.key for each in unknown.letters}) == 1
        assert state(letter) == "uncertain"  # twice unknown: a person decides


def test_where_the_platform_knows_a_repeat_it_is_sent_again_unchanged(
    world: World, travel: time_machine.Coordinates
) -> None:
    app = Channel(kind="wecom_app", name="企业微信", is_on=True, policy="resend", created_at=NOON)
    db.session.add(app)
    db.session.commit()
    (letter,) = post(world, 1, app.id)
    wire = Wire(Uncertain("没有答复"), Uncertain("没有答复"))
    for _ in range(3):
        outbox.deliver(app.id, wire)
        travel.shift(timedelta(minutes=1))

    assert [each.subject for each in wire.letters] == ["第 0 封"] * 3
    assert state(letter) == "sent"


def test_a_channel_set_up_wrongly_keeps_its_letters_until_it_is_mended(
    world: World, travel: time_machine.Coordinates
) -> None:
    chat = robot()
    (letter,) = post(world, 1, chat)

    outbox.deliver(chat, Wire(Rejected("加签密钥不对", "310000", breaks=True)))
    assert state(letter) == "retry"
    travel.shift(timedelta(minutes=35))
    outbox.deliver(chat, Wire())
    assert state(letter) == "sent"


def test_a_mistake_of_ours_on_the_way_is_uncertain_and_stops_nobody_else(world: World) -> None:
    class Broken(Wire):
        def send(self, letter: Letter) -> Outcome:
            if not self.letters:
                self.letters.append(letter)
                raise ZeroDivisionError
            return super().send(letter)

    post(world, 3)

    assert outbox.deliver(MAIL_ID, Broken()) == {"uncertain": 1, "sent": 2}


def answers(rows: Sequence[Attempt]) -> list[tuple[int, str, str]]:
    return [(row.no, row.outcome, row.answer) for row in rows]


def test_every_attempt_is_kept_with_its_answer(world: World, travel: time_machine.Coordinates) -> None:
    (letter,) = post(world)
    wire = Wire(Retry("451 忙", "451"), Sent("abc", "250 queued"))
    for _ in range(2):
        outbox.deliver(MAIL_ID, wire)
        travel.shift(timedelta(minutes=35))

    row = db.session.get_one(Delivery, letter, populate_existing=True)
    assert answers(row.tries) == [(1, "retry", "451 忙"), (2, "sent", "250 queued")]
    assert row.provider_id == "abc"
