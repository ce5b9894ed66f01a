"""Channels and messages in the hands of a person, on both databases: what is kept, what is told, what is never told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, select, text, update

from taskboard import clock
from taskboard.alerts import gathering, outbox
from taskboard.alerts.channels import Letter, Sent
from taskboard.boards import channels as board
from taskboard.boards import deliveries as ledger
from taskboard.boards import today as today_board
from taskboard.boards.timeline import LABELS, entries
from taskboard.db import db
from taskboard.errors import Conflict, Refused, WrongState
from taskboard.models import (
    Channel,
    Delivery,
    DeliveryState,
    Event,
    Kind,
    Occasion,
    Person,
    Subscription,
    TellingRule,
    channelling,
    posting,
    record,
    telling,
)
from taskboard.models.channel import INBOX_ID, MAIL_ID
from taskboard.models.channelling import Draft
from taskboard.models.reach import reach
from taskboard.models.telling import Deed
from taskboard.rules.access import Seating, SeatKind
from taskboard.rules.channels import ChannelKind
from tests.databases import configuration_for
from tests.world import FRIDAY, NOON, World

CANARY = "SEC-canary-7f3a"
REAL = clock.real_now()


def robot(world: World, name: str = "工业企业组钉钉群", **more: Any) -> Channel:
    values = {
        "name": name,
        "base_url": "https://oapi.dingtalk.com",
        "policy": "resend_urgent",
        "group_id": world.group.id,
        **more,
    }
    secrets = {"token": CANARY + "-token", "sign": CANARY + "-sign"}
    made = channelling.create(ChannelKind.DINGTALK, Draft(values, {}, secrets), world.office.id, NOON)
    db.session.commit()
    return made


def application(world: World, is_on: bool = True) -> Channel:
    values = {"name": "企业微信应用", "base_url": "https://qyapi.weixin.qq.com", "policy": "resend"}
    plain = {"corp_id": "ww01", "agent_id": "1000002"}
    made = channelling.create(ChannelKind.WECOM_APP, Draft(values, plain, {"secret": CANARY}), world.office.id, NOON)
    made.is_on = is_on
    db.session.commit()
    return made


def message(world: World, state: str, channel_id: int = MAIL_ID, **more: Any) -> Delivery:
    values: dict[str, Any] = {
        "person_id": world.office.id,
        "channel": db.session.get_one(Channel, channel_id).kind,
        "address": "office@example.invalid",
        "subject": "1 项转为红灯",
        "body": "正文",
        "created_at": NOON,
        "attempts": 3,
        "message_id": "<7.7@taskboard>",
        **more,
    }
    row = Delivery(state=state, queued_at=clock.real_now(), channel_id=channel_id, **values)
    db.session.add(row)
    db.session.commit()
    return row


def everything_stored() -> str:
    """All columns of all rows, as a thief of the database would read them."""
    names = inspect(db.session.connection()).get_table_names()
    rows = [str(db.session.execute(text(f'SELECT * FROM "{name}"')).all()) for name in names]
    return "\n".join(rows)


def test_a_secret_is_nowhere_in_the_database_nor_in_its_events(world: World, caplog: Any) -> None:
    channel = robot(world)
    channelling.change(
        channel, Draft({"name": "改名"}, {}, {"token": CANARY + "-new", "sign": ""}), 1, world.office.id, NOON
    )
    db.session.commit()

    assert channel.secrets() == {"token": CANARY + "-new", "sign": CANARY + "-sign"}
    stored = everything_stored()
    assert "oapi.dingtalk.com" in stored  # the dump does see the row
    assert CANARY not in stored
    assert CANARY not in caplog.text
    assert CANARY not in repr(channel)
    made, changed = Event.of_subject("channel", channel.id)[::-1]
    assert made.payload["after"]["secrets"] == {"访问令牌": "已设置", "加签密钥": "已设置"}
    assert changed.payload["after"] == {"name": "改名", "secrets": {"访问令牌": "已更换"}}


def test_every_word_of_a_channels_event_is_named(world: World) -> None:
    channel = robot(world)
    everything = {"per_minute": 3, "policy": "hold", "group_id": None, "base_url": "https://a.example", "name": "另名"}
    channelling.change(channel, Draft(everything, {}, {"token": "t", "sign": ""}), 1, world.office.id, NOON)
    channelling.switch(channel, True, world.office.id, NOON, REAL)
    channelling.try_out(channel, "", world.office.id, "", NOON, REAL)
    db.session.commit()

    events = Event.of_subject("channel", channel.id)
    keys = {key for event in events for side in ("before", "after") for key in event.payload.get(side) or {}}
    assert keys <= set(LABELS)
    said = " ".join(" ".join(row) for entry in entries(events) for row in entry.rows)
    assert "专班办公室" in said
    assert "不重发，由专班办公室决定" in said
    assert events[0].kind == "channel_tried"


def test_who_saved_second_is_told_and_nothing_is_lost(world: World) -> None:
    channel = robot(world)
    channelling.change(channel, Draft({"name": "甲"}, {}, {}), 1, world.office.id, NOON)
    db.session.commit()

    with pytest.raises(Conflict) as refused:
        channelling.change(channel, Draft({"name": "乙"}, {}, {"token": CANARY}), 1, world.office.id, NOON)

    assert refused.value.pairs == (("名称", "甲", "乙"),)
    assert (channel.name, channel.version) == ("甲", 2)


def test_a_lost_key_asks_for_every_secret_anew(app: Flask, world: World) -> None:
    channel = robot(world)
    config = app.config["TASKBOARD"]
    app.config["TASKBOARD"] = configuration_for(config.database_url, config.var, CHANNEL_KEY="another-key-entirely")

    with pytest.raises(Refused, match="TASKBOARD_CHANNEL_KEY"):
        channelling.change(channel, Draft({}, {}, {"token": "a", "sign": ""}), 1, world.office.id, NOON)
    assert board.line(channel, REAL).lacking
    channelling.change(channel, Draft({}, {}, {"token": "a", "sign": "b"}), 1, world.office.id, NOON)

    assert channel.secrets() == {"token": "a", "sign": "b"}


def test_what_lacks_something_is_neither_switched_on_nor_tried(world: World) -> None:
    values = {"name": "空", "base_url": "https://oapi.dingtalk.com", "policy": "hold"}
    channel = channelling.create(ChannelKind.DINGTALK, Draft(values, {}, {"token": "t"}), world.office.id, NOON)

    for deed in (
        lambda: channelling.switch(channel, True, world.office.id, NOON, REAL),
        lambda: channelling.try_out(channel, "", world.office.id, "", NOON, REAL),
    ):
        with pytest.raises(Refused, match="加签密钥"):
            deed()
    assert not channel.is_on


def test_a_pause_is_ended_by_hand(world: World) -> None:
    channel = robot(world)
    channel.failures, channel.open_until, channel.last_error = 5, REAL + timedelta(minutes=4), "超时"
    assert "暂停发送至" in board.state_words(channel, REAL)
    assert "连续失败 5 次" in board.state_words(channel, REAL)

    channelling.resume(channel, world.office.id, NOON)
    db.session.commit()

    assert (channel.failures, channel.open_until, channel.last_error) == (0, None, "")
    assert Event.of_subject("channel", channel.id)[0].kind == Kind.CHANNEL_RECOVERED.key


class Memory:
    """Remembers what it was given to send."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def send(self, letter: Letter) -> Sent:
        self.letters.append(letter)
        return Sent("9", "ok")

    def close(self) -> None: ...


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


@pytest.mark.parametrize("is_required", [False, True])
def test_the_page_counts_the_people_whom_the_sender_would_reach(world: World, is_required: bool) -> None:
    app_channel = application(world)
    hook = channelling.create(
        ChannelKind.WEBHOOK,
        Draft(
            {"name": "短信", "base_url": "https://sms.example", "policy": "resend", "is_required": is_required},
            secrets={"sign": "s"},
        ),
        world.office.id,
        NOON,
    )
    hook.is_on = True
    mail = db.session.get_one(Channel, MAIL_ID)
    mail.is_required = app_channel.is_required = is_required
    world.lead.email, world.office.phone, world.leader.phone = "", "13800000000", "13800000001"
    world.supervisor.active = False
    rows = (
        Subscription(person=world.reporter, channel=mail, is_on=False),
        Subscription(person=world.office, channel=app_channel, address="wx1"),
        Subscription(person=world.leader, channel=app_channel, address="wx2", is_on=False),
        Subscription(person=world.lead, channel=app_channel, address=""),
        Subscription(person=world.office, channel=hook),
    )
    db.session.add_all(rows)
    db.session.commit()

    active = list(db.session.scalars(select(Person).where(Person.active)))
    reached = reach(active, TellingRule.get())
    for channel in (mail, app_channel, hook):
        sends = sum(any(c.channel_id == channel.id for c in one.contacts) for one in reached.values())
        assert board.heard(channel) == sends, channel.name
        assert sends > 0


def test_the_ledger_shows_what_is_uncertain_first_and_counts_by_state(world: World) -> None:
    chat = robot(world)
    message(world, "uncertain", subject="旧的")
    message(world, "sent", subject="新的")
    message(world, "failed", chat.id, person_id=None, address="", subject="群里的")
    message(world, "sent", INBOX_ID, subject="站内的")

    page = ledger.ledger(ledger.Wanted())

    assert [one.subject for one in page.rows] == ["旧的", "群里的", "新的"]
    assert {state: count for state, _, count in page.tabs if count} == {"uncertain": 1, "failed": 1, "sent": 1}
    assert page.uncertain == (("电子邮件", "自动重发一次并注明", 1),)
    assert "不确定 1 条，请逐条确认" in page.sentence
    assert page.rows[1].to_words == "工业企业组钉钉群"
    assert [one.subject for one in ledger.ledger(ledger.Wanted(channel=INBOX_ID)).rows] == ["站内的"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"state": "sent"}, ["乙"]),
        ({"q": "甲"}, ["甲"]),
        ({"q": "%"}, []),
        ({"to": "office"}, ["甲", "乙"]),
        ({"to": "上塘"}, ["周报"]),
        ({"to": "钉钉"}, ["群报"]),
        ({"since": FRIDAY, "until": FRIDAY}, ["甲", "乙", "周报", "群报"]),
        ({"until": FRIDAY - timedelta(days=1)}, []),
    ],
)
def test_the_ledger_is_filtered(world: World, wanted: dict[str, Any], found: list[str]) -> None:
    chat = robot(world)
    message(world, "failed", subject="甲")
    message(world, "sent", subject="乙")
    message(world, "failed", person_id=None, unit_id=world.unit.id, address="u@example.invalid", subject="周报")
    message(world, "failed", chat.id, person_id=None, address="", subject="群报")

    page = ledger.ledger(ledger.Wanted(**wanted))

    assert sorted(one.subject for one in page.rows) == sorted(found)
    assert page.total == len(found)
    assert sorted(one.subject for one in ledger.all_rows(ledger.Wanted(**wanted))) == sorted(found)


def test_uncertain_ones_and_the_rest_are_paged_as_one_list(world: World) -> None:
    for n in range(60):
        message(world, "uncertain" if n < 55 else "sent", subject=f"{n}")

    first, second = ledger.ledger(ledger.Wanted()), ledger.ledger(ledger.Wanted(page=2))

    assert (len(first.rows), len(second.rows)) == (50, 10)
    assert {one.state for one in first.rows} == {"uncertain"}
    assert [one.state for one in second.rows] == ["uncertain"] * 5 + ["sent"] * 5
    assert len({one.id for one in (*first.rows, *second.rows)}) == 60


def test_todays_page_names_a_chat_and_a_unit_that_could_not_be_told(world: World) -> None:
    chat = robot(world)
    message(world, "failed", chat.id, person_id=None, address="")
    message(world, "uncertain", person_id=None, unit_id=world.unit.id)

    day = today_board.today(world.campaign, Seating(1, SeatKind.OFFICE), world.office.id, FRIDAY)

    assert [one.person for one in day.stuck] == ["上塘", "工业企业组钉钉群"]


def test_a_chat_is_proof_of_having_been_told(world: World) -> None:
    from taskboard.boards.proof import proofs
    from taskboard.models import Notice

    chat = robot(world)
    event = record(Kind.TURNED_RED, world.target, None, NOON, after={})
    db.session.flush()
    sent = message(world, "sent", chat.id, person_id=None, address="")
    db.session.add(
        Notice(event_id=event.id, recipient=f"channel:{chat.id}", channel_id=chat.id, due_at=NOON, delivery_id=sent.id)
    )
    db.session.commit()

    (proof,) = [one for _, _, one in proofs([event.id])]

    assert proof.words == "工业企业组钉钉群　钉钉群机器人　已送达渠道"
    assert ledger.file(sent).told[0].url == f"/targets/{world.target.id}"


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
