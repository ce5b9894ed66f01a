"""One, two and four worker processes side by side on PostgreSQL, taking mails from the queue."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bench.alerts import LETTERS, sink
from bench.faults.stage import people
from taskboard import clock, create_app
from taskboard.db import db, start_reading
from taskboard.models import Attempt, Channel, Delivery, DeliveryState, Heartbeat, posting
from taskboard.models.channel import MAIL_ID
from tests import databases

COUNTS = (1, 2, 4)


def measure(maker: Any, folder: Path) -> None:
    """1 000 mails due at once, handed over by so many workers."""
    print("\nworkers on PostgreSQL, 1 000 mails due at once, enqueued in one transaction")
    for count in COUNTS:
        with maker.fresh() as url, sink() as port:
            _one(url, folder, port, count)


def _one(url: str, folder: Path, port: int, count: int) -> None:
    more = {"QUEUE": "procrastinate", "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port)}
    app = create_app(databases.configuration_for(url, folder, **more))
    start_reading(False)
    from taskboard.jobs import distributed

    distributed.apply_schema(app)
    environ = {**os.environ, "TASKBOARD_DATABASE_URL": url, "TASKBOARD_SECRET_KEY": databases.SECRET}
    environ |= {"TASKBOARD_VAR": str(folder), **{f"TASKBOARD_{name}": value for name, value in more.items()}}
    command = [sys.executable, "-m", "taskboard.cli", "worker", "--concurrency", "4"]
    workers: list[subprocess.Popen[bytes]] = []
    with app.app_context():
        people(3)
        try:
            for _ in range(count):
                workers.append(subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL))
            _until(lambda: _count(select(func.count()).where(Heartbeat.kind == "worker")) >= count)
            _write()
            began = time.monotonic()
            _until(lambda: _count(select(func.count()).where(Delivery.state == DeliveryState.SENT)) >= LETTERS)
            _say(count, time.monotonic() - began)
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.wait(60)
            db.session.remove()
            db.engine.dispose()


def _write() -> None:
    channel, now = db.session.get_one(Channel, MAIL_ID), clock.real_now()
    drafts = [
        posting.draft(channel, f"b{n % 50}@example.invalid", "1 项转为红灯", "正文", now, person_id=1)
        for n in range(LETTERS)
    ]
    posting.keep(drafts, now)
    for one in drafts:
        one.next_try_at = now
    db.session.commit()


def _say(count: int, took: float) -> None:
    query = select(Delivery.queued_at, Attempt.finished_at).join(Attempt, Attempt.delivery_id == Delivery.id)
    waits = sorted((at - due).total_seconds() for due, at in db.session.execute(query))
    doubled = _count(select(func.count()).select_from(Attempt)) - LETTERS
    p99 = waits[int(len(waits) * 0.99) - 1]
    words = f"{took:5.1f} s, {LETTERS / took:5.0f} mails/s, p99 {p99:.1f} s, {doubled} attempts too many"
    print(f"  {f'{count} worker' + ('s' if count > 1 else ''):<34} {words}", flush=True)


def _count(query: Any) -> int:
    found = int(db.session.scalar(query) or 0)
    db.session.rollback()
    return found


def _until(holds: Any) -> None:
    ends = time.monotonic() + 180
    while not holds():
        if time.monotonic() > ends:
            raise RuntimeError("the workers did not get through")
        time.sleep(0.1)
