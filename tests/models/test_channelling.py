"""Channels in the hands of the office, on both databases: what is kept, what is told, what is never told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, select, text

from taskboard.boards import channels as board
from taskboard.boards.timeline import LABELS, entries
from taskboard.db import db
from taskboard.errors import Conflict, Refused
from taskboard.models import (
    Channel,
    Event,
    Kind,
    Person,
    Subscription,
    TellingRule,
    channelling,
)
from taskboard.models.channel import MAIL_ID
from taskboard.models.channelling import Draft
from taskboard.models.reach import reach
from taskboard.rules.channels import ChannelKind
from tests.alerts.cast import CANARY, REAL, application, robot
from tests.databases import configuration_for
from tests.world import NOON, World


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
