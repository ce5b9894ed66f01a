"""A sender killed with -9 while a letter is on the wire: nothing is lost, and what may be a repeat says so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from taskboard import clock
from taskboard.db import db
from taskboard.jobs import sweep
from taskboard.models import Delivery
from taskboard.models.reporting import Filing, file_report
from tests.alerts.test_outbox import send_all, sink, with_smtp, written
from tests.world import FRIDAY, MONDAY, NOON, World

__all__ = ["sink"]


def test_a_killed_sender_loses_nothing_and_doubles_nothing_silently(
    app: Flask, world: World, sink: Any, database_url: str, monkeypatch: Any
) -> None:
    handler, port = sink
    with_smtp(app, port)
    file_report(world.target, Filing(MONDAY, Decimal(42), "完成部分"), world.reporter.id, NOON)
    db.session.commit()
    sweep.run(FRIDAY, NOON)
    written()
    arrived = threading.Event()

    async def slow(server: Any, session: Any, envelope: Any) -> str:
        import asyncio

        arrived.set()
        await asyncio.sleep(1.5)
        return "451 too late"

    monkeypatch.setattr(handler, "handle_DATA", slow)
    config = app.config["TASKBOARD"]
    environ = {**os.environ, "TASKBOARD_DATABASE_URL": database_url, "TASKBOARD_SECRET_KEY": config.secret_key}
    environ |= {"TASKBOARD_VAR": str(config.var), "TASKBOARD_SMTP_HOST": "127.0.0.1", "TASKBOARD_SMTP_PORT": str(port)}
    sender = subprocess.Popen([sys.executable, "-m", "taskboard.cli", "notify"], env=environ)
    assert arrived.wait(20)
    os.kill(sender.pid, signal.SIGKILL)
    sender.wait()

    query = select(Delivery.state).where(Delivery.channel == "mail")
    assert Counter(db.session.scalars(query)) == {"sending": 1, "pending": 1}

    monkeypatch.undo()
    time.sleep(1.6)
    past = clock.real_now() - timedelta(seconds=1)
    db.session.execute(update(Delivery).where(Delivery.state == "sending").values(lease_until=past))
    db.session.commit()
    send_all()

    assert Counter(db.session.scalars(query)) == {"sent": 2}
    assert sorted(mail["subject"].startswith("【重发】") for mail in handler.mails) == [False, True]
    assert len({mail["message-id"] for mail in handler.mails}) == 2
