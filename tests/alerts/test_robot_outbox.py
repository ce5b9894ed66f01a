"""From an event to a chat: ledger, circuit and a platform that speaks as the real one, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from taskboard import clock
from taskboard.alerts import outbox
from taskboard.alerts.channels import outbound
from taskboard.db import db
from taskboard.models import Attempt, Channel, Delivery
from tests.alerts.test_outbox import turn_red, written
from tests.databases import configuration_for
from tests.platforms import Platform
from tests.world import World, make_target


@pytest.fixture(params=["dingtalk", "wecom", "feishu"])
def platform(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    monkeypatch.setattr(outbound, "TIMEOUT", (1.0, 0.6))
    with Platform(request.param) as running:
        yield running


def robot(app: Flask, platform: Platform) -> int:
    """The office's robot on this platform, switched on."""
    config = app.config["TASKBOARD"]
    app.config["TASKBOARD"] = configuration_for(config.database_url, config.var, CHANNEL_HOSTS=platform.host)
    made = Channel(
        kind=platform.kind,
        name="专班群",
        is_on=True,
        base_url=platform.base_url,
        created_at=clock.real_now(),
        policy="hold",
    )
    made.seal(platform.secret)
    db.session.add(made)
    db.session.commit()
    return made.id


def sent_by(channel_id: int) -> Delivery:
    db.session.expire_all()
    return db.session.scalars(select(Delivery).where(Delivery.channel_id == channel_id)).one()


def test_what_turned_red_reaches_the_chat_as_one_message(app: Flask, world: World, platform: Platform) -> None:
    channel_id = robot(app, platform)
    turn_red(world, world.target, make_target(world.campaign, world.group, world.unit))
    written()

    assert outbox.deliver(channel_id) == {"sent": 1}

    (message,) = platform.accepted
    assert "2 项转为红灯" in message.text
    assert f"/targets/{world.target.id}" in message.text
    assert sent_by(channel_id).state == "sent"
    assert outbox.deliver(channel_id) == {}


def test_a_platform_that_took_it_and_fell_silent_leaves_it_to_the_office(
    app: Flask, world: World, platform: Platform
) -> None:
    channel_id = robot(app, platform)
    turn_red(world)
    written()
    platform.misbehave("hang", times=1)

    assert outbox.deliver(channel_id) == {"uncertain": 1}

    outbox.deliver(channel_id)
    assert len(platform.accepted) == 1
    found = sent_by(channel_id)
    assert found.state == "uncertain"
    assert "是否送达不确定" in found.error


def test_an_exceeded_limit_closes_the_channel_for_as_long_as_the_platform_says(
    app: Flask, world: World, platform: Platform
) -> None:
    channel_id = robot(app, platform)
    turn_red(world)
    written()
    platform.limits = ((0, 60.0),)

    outbox.deliver(channel_id)

    channel = db.session.get_one(Channel, channel_id)
    assert channel.open_until is not None
    pause = channel.open_until - clock.real_now()
    longest = timedelta(minutes=10 if platform.kind == "dingtalk" else 1)
    assert longest - timedelta(seconds=30) < pause <= longest
    assert channel_id not in outbox.due_channels()
    attempt = db.session.scalars(select(Attempt)).one()
    assert (attempt.outcome, sent_by(channel_id).state) == ("retry", "retry")
    assert attempt.code in ("130101", "45009", "11232")
