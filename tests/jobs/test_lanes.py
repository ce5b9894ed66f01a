"""A channel that hangs holds up itself and nobody else."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from flask import Flask

from taskboard import clock
from taskboard.alerts import gathering
from taskboard.db import db
from taskboard.jobs import notify
from taskboard.models import Channel, Delivery
from tests.alerts.test_outbox import sink, with_smtp
from tests.world import NOON, World

__all__ = ["sink"]
HANGS = 6.0


def letter(channel_id: int, address: str) -> None:
    made = gathering.write(db.session.get_one(Channel, channel_id), address, "一条", "正文", NOON)
    made.next_try_at = clock.real_now()
    db.session.commit()


def test_a_hanging_channel_delays_no_other(app: Flask, world: World, sink: Any) -> None:
    handler, port = sink
    with_smtp(app, port)
    original = handler.handle_DATA

    async def hang(server: Any, session: Any, envelope: Any) -> str:
        if envelope.rcpt_tos == ["slow@example.invalid"]:
            await asyncio.sleep(HANGS)
        return str(await original(server, session, envelope))

    handler.handle_DATA = hang
    other = Channel(kind="mail", name="另一台邮件服务器", is_on=True, created_at=NOON)
    db.session.add(other)
    db.session.commit()
    quick = other.id
    began = time.monotonic()
    letter(2, "slow@example.invalid")
    letter(quick, "one@example.invalid")
    notify.run(NOON, patience=1)
    letter(quick, "two@example.invalid")
    notify.run(NOON, patience=1)
    took = time.monotonic() - began
    arrived = sorted(mail["to"] for mail in handler.mails)

    assert took < HANGS, "nobody waited for the slow one"
    assert arrived == ["one@example.invalid", "two@example.invalid"]
    assert notify.run(NOON)["sent"] >= 1, "the last one is waited for"
    assert len(handler.mails) == 3
    db.session.rollback()
    assert {row.state for row in db.session.query(Delivery).where(Delivery.channel_id.in_((2, quick)))} == {"sent"}
