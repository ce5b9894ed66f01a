"""Messages in the hands of a person, on both databases: sent again, confirmed, given up, and never by two at once."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from taskboard import clock
from taskboard.alerts import gathering, outbox
from taskboard.alerts.channels import Letter
from taskboard.boards import channels as board
from taskboard.db import db
from taskboard.errors import Refused, WrongState
from taskboard.models import (
    Channel,
    Delivery,
    DeliveryState,
    Event,
    Kind,
    Occasion,
    channelling,
    posting,
    telling,
)
from taskboard.models.channel import INBOX_ID, MAIL_ID
from taskboard.models.telling import Deed
from tests.alerts.cast import REAL, Memory, application, message, robot
from tests.databases import configuration_for
from tests.world import NOON, World


def test_by_a_channel_that_is_off_trials_go_out_and_nothing_else(world: World) -> None:
    channel = robot(world)
    waiting = message(world, "pending", channel.id, person_id=None, address="", next_try_at=REAL)
    assert channel.id not in outbox.due_channels()
    trial = channelling.try_out(channel, "", world.office.id, "", NOON, REAL)
    db.session.commit()
    wire = Memory()

    assert channel.id in outbox.due_channels()
    outbox.deliver(channel.id, wire)
    outbox.deliver(channel.id, wire, only=waiting.id)

    assert [letter.id for letter in wire.letters] == [trial.id]
    db.session.expire_all()
    assert (trial.state, waiting.state) == ("sent", "pending")
    channel.is_on = True
    db.session.commit()
    outbox.deliver(channel.id, wire)
    assert [letter.id for letter in wire.letters] == [trial.id, waiting.id]


def test_a_message_to_a_channel_that_is_off_is_given_up_at_once(world: World) -> None:
    written = gathering.write(robot(world), "", "主题", "正文", NOON)

    assert (written.state, written.next_try_at is not None) == ("given_up", True)


def test_secrets_that_cannot_be_read_delay_a_message_and_lose_nothing(app: Flask, world: World) -> None:
    channel = robot(world)
    channel.is_on = True
    waiting = message(world, "pending", channel.id, person_id=None, address="", next_try_at=REAL)
    config = app.config["TASKBOARD"]
    app.config["TASKBOARD"] = configuration_for(config.database_url, config.var, CHANNEL_KEY="another-key-entirely")

    assert outbox.deliver(channel.id) == {"retry": 1}

    db.session.expire_all()
    assert waiting.state == "retry"
    assert "TASKBOARD_CHANNEL_KEY" in waiting.error


def test_the_queue_of_workers_hears_of_what_is_written_and_sent_again(app: Flask, world: World) -> None:
    heard: list[int] = []

    class Queue:
        def deliver(self, delivery_id: int, at: Any) -> None:
            heard.append(delivery_id)

    app.extensions["taskboard.queue"] = Queue()
    try:
        trial = channelling.try_out(robot(world), "", world.office.id, "", NOON, REAL)
        failed = message(world, "failed")
        telling.resend(failed, world.office.id, NOON, REAL)
    finally:
        del app.extensions["taskboard.queue"]

    assert heard == [trial.id, failed.id]


def test_retries_are_counted_from_the_machines_time_and_not_the_demonstrations(world: World) -> None:
    """A message of 2020 that fails today is not three days old."""
    from taskboard.alerts.channels import Retry

    class Busy(Memory):
        def send(self, letter: Letter) -> Any:
            return Retry("忙")

    written = posting.write(db.session.get_one(Channel, MAIL_ID), "a@example.invalid", "s", "b", NOON, clock.real_now())
    db.session.commit()
    for _ in range(2):
        due = update(Delivery).where(Delivery.id == written.id).values(next_try_at=clock.real_now())
        db.session.execute(due)
        db.session.commit()
        outbox.deliver(MAIL_ID, Busy())

    db.session.expire_all()
    assert (written.state, written.attempts) == ("retry", 2)


ALLOWED = {
    Deed.RESEND: {"failed", "uncertain", "given_up"},
    Deed.CONFIRM: {"failed", "uncertain"},
    Deed.GIVE_UP: {"pending", "retry", "failed", "uncertain"},
}
BECOMES = {Deed.RESEND: "retry", Deed.CONFIRM: "sent", Deed.GIVE_UP: "given_up"}


@pytest.mark.parametrize("deed", list(Deed))
@pytest.mark.parametrize("state", list(DeliveryState))
def test_each_deed_from_each_state(world: World, deed: Deed, state: DeliveryState) -> None:
    one = message(world, state, uncertain_at=REAL if state == "uncertain" else None)

    if state not in ALLOWED[deed]:
        with pytest.raises(WrongState):
            telling.do(one, deed, world.office.id, NOON, REAL)
        assert one.state == state
        return
    telling.do(one, deed, world.office.id, NOON, REAL)
    db.session.commit()

    assert one.state == BECOMES[deed]
    event = Event.of_subject("delivery", one.id)[0]
    assert event.payload["before"] == {"state": state.word}
    if deed is Deed.RESEND:
        doubtful = state == "uncertain"
        assert (one.uncertain_at is not None, one.attempts) == (doubtful, 3 if doubtful else 0)
        assert one.message_id == "<7.7@taskboard>"


def test_an_uncertain_message_is_sent_again_marked_and_a_failed_one_unmarked(world: World) -> None:
    for state, uncertain_at in (("uncertain", REAL), ("failed", None)):
        telling.resend(message(world, state, uncertain_at=uncertain_at), world.office.id, NOON, REAL)
    db.session.commit()
    wire = Memory()

    outbox.deliver(MAIL_ID, wire)

    assert sorted(letter.subject for letter in wire.letters) == ["1 项转为红灯", "【重发】1 项转为红灯"]
    assert {letter.key for letter in wire.letters} == {"<7.7@taskboard>"}


def test_a_sender_that_was_faster_wins_over_the_person(world: World) -> None:
    one = message(world, "retry")
    db.session.execute(
        update(Delivery)
        .where(Delivery.id == one.id)
        .values(state="sending", token=1)
        .execution_options(synchronize_session=False)
    )

    with pytest.raises(WrongState, match="刚刚变化"):
        telling.give_up(one, world.office.id, NOON)

    assert db.session.scalar(select(Delivery.state).where(Delivery.id == one.id)) == "sending"


def test_what_is_in_the_inbox_or_has_no_way_is_not_sent_again(world: World) -> None:
    world.office.email = ""
    off = application(world, is_on=False)

    for one, words in (
        (message(world, "failed", INBOX_ID), "站内消息"),
        (message(world, "failed", off.id), "先启用渠道"),
        (message(world, "failed", address=""), "没有收件地址"),
    ):
        with pytest.raises(Refused, match=words):
            telling.resend(one, world.office.id, NOON, REAL)


def test_a_trial_that_fails_alarms_nobody_else(world: World) -> None:
    from taskboard.alerts.channels import Rejected

    class Wrong(Memory):
        def send(self, letter: Letter) -> Any:
            return Rejected("令牌无效", "300001", breaks=True)

    channel = robot(world)
    trial = channelling.try_out(channel, "", world.office.id, "", NOON, REAL)
    db.session.commit()

    outbox.deliver(channel.id, Wrong())

    db.session.expire_all()
    assert (trial.state, trial.error, trial.occasion) == ("failed", "令牌无效", Occasion.TRIAL)
    assert not db.session.scalars(select(Event).where(Event.kind == Kind.DELIVERY_FAILED.key)).all()
    assert board.trial(trial, True, REAL).sentence == "对方没有接收"


def test_a_corrected_address_is_where_a_message_goes_the_second_time(world: World) -> None:
    refused = message(world, "failed")
    world.office.email = "corrected@example.invalid"
    db.session.commit()

    telling.resend(refused, world.office.id, NOON, REAL)

    assert refused.address == "corrected@example.invalid"
