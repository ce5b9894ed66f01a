"""Channels and messages for tests, and a wire that remembers what went over it."""

from __future__ import annotations

from typing import Any

from taskboard import clock
from taskboard.alerts.channels import Letter, Sent
from taskboard.db import db
from taskboard.models import (
    Channel,
    Delivery,
    channelling,
)
from taskboard.models.channel import MAIL_ID
from taskboard.models.channelling import Draft
from taskboard.rules.channels import ChannelKind
from tests.world import NOON, World

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


class Memory:
    """Remembers what it was given to send."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def send(self, letter: Letter) -> Sent:
        self.letters.append(letter)
        return Sent("9", "ok")

    def close(self) -> None: ...
