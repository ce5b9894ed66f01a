"""Told once, together, and never lost silently: on both databases, with a real mail server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import func, select, update

from taskboard import clock
from taskboard.alerts import fate, gathering, outbox, telling
from taskboard.alerts.channels import Letter, Rejected, Retry, Sent, mail
from taskboard.alerts.condition import Condition
from taskboard.alerts.fate import Claim
from taskboard.db import db
from taskboard.jobs import notify, sweep
from taskboard.models import Attempt, Channel, Delivery, Notice, Person
from taskboard.models.channel import MAIL_ID
from taskboard.models.reporting import Filing, file_report, live_report, send_back
from tests.databases import configuration_for
from tests.world import FRIDAY, MONDAY, NOON, World, make_target


class Sink:
    """Keeps what it is sent; answers DATA with `answer`."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.answer

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address.startswith("gone"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.fixture
def sink() -> Iterator[tuple[Sink, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


def with_smtp(app: Flask, port: int) -> None:
    config = app.config["TASKBOARD"]
    app.config["TASKBOARD"] = configuration_for(
        config.database_url, config.var, SMTP_HOST="127.0.0.1", SMTP_PORT=str(port)
    )


def turn_red(world: World, *targets: Any) -> None:
    for target in targets or (world.target,):
        file_report(target, Filing(MONDAY, Decimal(42), "完成部分"), world.reporter.id, NOON)
    db.session.commit()
    sweep.run(FRIDAY, NOON)


def written() -> None:
    """What happened, told and made into messages; nothing sent."""
    telling.fan_out(NOON)
    gathering.gather(NOON + timedelta(hours=1))
    outbox.expire()
    due = update(Delivery).where(Delivery.state.in_(("pending", "retry")))
    db.session.execute(due.values(next_try_at=clock.real_now()))
    db.session.commit()


def claim(world: World) -> Claim:
    """One letter in the hands of a sender that then says nothing."""
    written()
    claimed = outbox._Sender(MAIL_ID, None).step(None, True)
    assert claimed is not None
    return claimed


def send_all() -> dict[str, int]:
    """A pass of the job at an hour when everything that was told at noon is due."""
    telling.fan_out(NOON)
    written()
    return notify.run(NOON + timedelta(hours=1))


def test_a_new_red_reaches_lead_and_office_by_mail_and_not_its_reporter(app: Flask, world: World, sink: Any) -> None:
    handler, port = sink
    with_smtp(app, port)
    turn_red(world)

    send_all()

    assert sorted(each["to"] for each in handler.mails) == ["lead@example.invalid", "office@example.invalid"]
    assert handler.mails[0]["subject"] == "1 项转为红灯"
    assert "差 30.5 个百分点，超过黄线 10 个百分点，故为红灯" in handler.mails[0].get_body(("plain",)).get_content()
    assert f"/targets/{world.target.id}" in handler.mails[0].get_body(("plain",)).get_content()


def test_what_falls_together_is_one_message_and_the_second_run_tells_nobody(world: World) -> None:
    turn_red(world, world.target, make_target(world.campaign, world.group, world.unit))

    first, second = telling.fan_out(NOON), telling.fan_out(NOON)

    assert (first["deliveries"], first["notices"], second["deliveries"]) == (2, 4, 0)
    inbox = db.session.scalars(select(Delivery).where(Delivery.channel == "inbox")).all()
    assert [each.subject for each in inbox] == ["2 项转为红灯"] * 2
    assert db.session.scalar(select(func.count()).select_from(Notice)) == 8


def test_a_return_to_green_and_a_returned_report_are_told(world: World) -> None:
    turn_red(world)
    telling.fan_out(NOON)
    report, _ = _corrected(world, 80)
    sweep.catch_up(FRIDAY, NOON)
    telling.fan_out(NOON)
    send_back(report, "口径不符", world.lead.id, NOON)
    db.session.commit()
    telling.fan_out(NOON)

    told = db.session.execute(
        select(Person.login, Delivery.subject).join(Delivery).where(Delivery.channel == "inbox").order_by(Delivery.id)
    ).all()
    assert set(told[2:]) == {("lead", "1 项恢复绿灯"), ("office", "1 项恢复绿灯"), ("reporter", "1 项填报被退回")}


def test_a_refused_address_fails_with_the_reason_and_a_busy_server_is_tried_again(
    app: Flask, world: World, sink: Any
) -> None:
    handler, port = sink
    with_smtp(app, port)
    handler.answer = "451 try later"
    world.office.email = "gone@example.invalid"
    turn_red(world)

    send_all()

    found = {d.address: d for d in db.session.scalars(select(Delivery).where(Delivery.channel == "mail"))}
    assert (found["gone@example.invalid"].state, found["lead@example.invalid"].state) == ("failed", "retry")
    assert "550" in found["gone@example.invalid"].error
    handler.answer = "250 OK"
    db.session.execute(update(Delivery).values(next_try_at=clock.real_now()))
    db.session.commit()
    assert send_all()["sent"] == 1
    assert len(handler.mails) == 1


def test_a_sender_that_died_while_sending_is_sent_once_more_and_marked(app: Flask, world: World, sink: Any) -> None:
    handler, port = sink
    with_smtp(app, port)
    turn_red(world)
    claimed = claim(world)

    send_all()
    assert len(handler.mails) == 1  # the lease still holds: nobody touches the claimed one
    db.session.execute(
        update(Delivery).where(Delivery.state == "sending").values(lease_until=clock.real_now() - timedelta(seconds=1))
    )
    db.session.commit()
    send_all()

    again = handler.mails[1]
    assert again["subject"].startswith("【重发】")
    assert again["message-id"] == claimed.letter.key


def test_the_late_answer_of_a_lost_claim_changes_nothing(world: World) -> None:
    turn_red(world)
    claimed = claim(world)
    mine = update(Delivery).where(Delivery.id == claimed.letter.id)
    db.session.execute(mine.values(token=claimed.token + 1, state="sent"))
    db.session.commit()

    channel = db.session.get_one(Channel, MAIL_ID)
    assert not fate.note(claimed, Rejected("late"), channel, clock.real_now())

    assert db.session.get_one(Delivery, claimed.letter.id).state == "sent"
    assert db.session.scalar(select(func.count()).select_from(Attempt)) == 0


def test_four_senders_at_once_send_each_letter_once(app: Flask, world: World) -> None:
    turn_red(world, world.target, *(make_target(world.campaign, world.group, world.unit) for _ in range(3)))
    written()
    sent: list[int] = []

    class Memory:
        def send(self, letter: Letter) -> Sent:
            sent.append(letter.id)
            return Sent()

        def close(self) -> None: ...

    def work() -> None:
        with app.app_context():
            outbox.deliver(MAIL_ID, Memory())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(sent) == len(set(sent)) == 2


def test_without_a_server_letters_are_files_and_a_repeat_is_the_same_file(tmp_path: Any) -> None:
    folder = mail.Folder(tmp_path, "taskboard@localhost")
    letter = Letter(7, "a@example.invalid", "一项\r\nBcc: x@example.invalid", "正文", "<7@taskboard>")

    folder.send(letter)
    folder.send(letter)

    (file,) = tmp_path.glob("*.eml")
    read = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert (read["subject"], read["bcc"]) == ("一项 Bcc: x@example.invalid", None)


def test_a_server_that_is_not_there_is_a_refusal_worth_trying_again(tmp_path: Any) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    channel = mail.Mail(configuration_for("sqlite://", tmp_path, SMTP_HOST="127.0.0.1", SMTP_PORT=str(port)))

    answer = channel.send(Letter(1, "a@example.invalid", "s", "b", "<1@taskboard>"))

    assert isinstance(answer, Retry)
    assert answer.pauses


def _corrected(world: World, value: int) -> Any:
    previous = live_report(world.target.id, MONDAY)
    assert previous is not None
    filing = Filing(MONDAY, Decimal(value), "已补齐", replaces=previous.id)
    made = file_report(world.target, filing, world.reporter.id, NOON)
    db.session.commit()
    return made


def test_an_answer_that_comes_while_another_holds_the_claim_changes_nothing(world: World) -> None:
    turn_red(world)
    claimed = claim(world)
    mine = update(Delivery).where(Delivery.id == claimed.letter.id)
    db.session.execute(mine.values(token=claimed.token + 1, state="sending"))  # taken over, and on the wire again
    db.session.commit()

    assert not fate.note(claimed, Sent("late"), Condition.of(MAIL_ID), clock.real_now())

    assert db.session.get_one(Delivery, claimed.letter.id, populate_existing=True).state == "sending"


def test_two_senders_that_saw_the_same_letters_take_each_once(world: World) -> None:
    turn_red(world)
    written()
    first, second = outbox._Sender(MAIL_ID, None), outbox._Sender(MAIL_ID, None)
    for sender in (first, second):
        sender.waiting.extend(sender._candidates(Condition.of(MAIL_ID), clock.real_now()))
    assert len(first.waiting) == len(second.waiting) == 2

    taken = [sender.step(None, True) for sender in (first, second, first, second)]

    letters = [each.letter.id for each in taken if each is not None]
    assert len(letters) == len(set(letters)) == 2
