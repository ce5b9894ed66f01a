"""Alerts: from events to notices, from the ledger to the server, and how long a message waits when many are due."""

from __future__ import annotations

import asyncio
import multiprocessing
import smtplib
import socket
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP
from flask import Flask
from sqlalchemy import delete, func, insert, select, text

from bench.fill import MONDAY, fill
from bench.measure import counted, say, timed
from taskboard import clock, create_app
from taskboard.alerts import gathering, outbox, telling
from taskboard.alerts.channels import Letter, mail
from taskboard.db import db, start_reading
from taskboard.models import Attempt, Channel, Delivery, Event, Group, Kind, Notice, Person, Seat, Unit, chain
from taskboard.models.channel import MAIL_ID
from tests import databases

EVENTS, LETTERS, TARGETS = 10_000, 1_000, 1_000


def measure(kind: str, maker: Any, folder: Path) -> None:
    """Fan-out and hand-over on one database."""
    print(f"\nalerts, {kind}")
    with maker.fresh() as url, sink() as port:
        app = create_app(databases.configuration_for(url, folder, SMTP_HOST="127.0.0.1", SMTP_PORT=str(port)))
        start_reading(False)
        with app.app_context():
            fill(TARGETS)
            _district()
            _fan_out(app)
            _hand_over(port)
            db.session.remove()
            db.engine.dispose()


def _district() -> None:
    """Two leads for each group, two reporters for each unit, all with an address."""
    groups, units = list(db.session.scalars(select(Group))), list(db.session.scalars(select(Unit)))
    places = [("group_lead", "group_id", each.id) for each in groups] + [("reporter", "unit_id", u.id) for u in units]
    for n, (kind, column, place) in enumerate(places * 2):
        person = Person(login=f"b{n}", name=f"人员{n}", email=f"b{n}@example.invalid")
        person.seats.append(Seat(kind=kind, from_on=MONDAY - timedelta(days=90), **{column: place}))
        db.session.add(person)
    db.session.commit()


def _fan_out(app: Flask) -> None:
    telling.fan_out(clock.now())
    rows = [
        {
            "at": clock.now(),
            "kind": (Kind.TURNED_RED if n % 2 else Kind.REPORT_RETURNED).key,
            "actor_id": None,
            "subject_type": "commitment",
            "subject_id": n % TARGETS + 1,
            "data": '{"after":{"light":"red"},"words":"差 30.5 个百分点"}',
        }
        for n in range(EVENTS)
    ]
    db.session.connection().execute(insert(Event), chain.seal(rows))
    db.session.commit()
    now = clock.now()
    with counted(app) as count:
        took = timed(lambda: telling.fan_out(now), 1)
        told = count[0]
        gathered = timed(lambda: gathering.gather(now + timedelta(days=4)), 1)
    notices = db.session.scalar(select(func.count()).select_from(Notice)) or 1
    kept = [dict(row) for row in db.session.execute(select(Notice.__table__)).mappings()]
    db.session.execute(delete(Notice))

    def bare() -> None:
        db.session.execute(insert(Notice.__table__), kept)  # type: ignore[arg-type]
        db.session.commit()

    note = f"{notices} notices, {told} statements; floor: INSERT of the same notices"
    say("fan-out of 10 000 events", took, timed(bare, 1), 3, note)
    mails = db.session.scalar(select(func.count()).where(Delivery.channel_id == MAIL_ID)) or 0
    print(f"  {'gathering into messages':<34} {gathered * 1000:8.1f} ms, {mails} mails, {count[0] - told} statements")


def _hand_over(port: int) -> None:
    db.session.execute(text("UPDATE delivery SET state = 'given_up' WHERE state = 'pending'"))
    channel = db.session.get_one(Channel, MAIL_ID)
    for n in range(LETTERS):
        made = gathering.write(channel, f"b{n % 50}@example.invalid", "1 项转为红灯", "正文", clock.now(), person_id=1)
        made.next_try_at = made.queued_at = clock.real_now()
    db.session.commit()
    letters = [Letter(n, "a@example.invalid", "1 项转为红灯", "正文", f"<{n}@bench>") for n in range(LETTERS)]

    def bare() -> None:
        with smtplib.SMTP("127.0.0.1", port) as server:
            for letter in letters:
                server.send_message(mail.as_email(letter, "taskboard@localhost"))

    began = clock.real_now()

    def ours() -> None:
        while outbox.deliver(MAIL_ID):
            pass

    say(
        "hand-over of 1 000 mails",
        timed(ours, 1),
        timed(bare, 1),
        3,
        "claims and outcomes included; floor: bare smtplib",
    )
    _waits(began)


def _waits(began: datetime) -> None:
    """How long the letters waited that were all due at once."""
    query = select(Attempt.finished_at).where(Attempt.outcome == "sent").order_by(Attempt.id.desc()).limit(LETTERS)
    waits = sorted((at - began).total_seconds() for at in db.session.scalars(query))
    p99 = waits[int(len(waits) * 0.99) - 1]
    quick = sum(wait <= 10 for wait in waits) / len(waits)
    words = f"p50 {statistics.median(waits):.2f} s, p99 {p99:.2f} s (60 s) {'within' if p99 <= 60 else 'OVER'}"
    print(f"  {'from due to handed over, 1 000 due':<34} {words}, {quick:.0%} within 10 s", flush=True)


@contextmanager
def sink() -> Iterator[int]:
    """A mail server in a process of its own that takes everything."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(port,), daemon=True)
    process.start()
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        process.join(0.05)
    try:
        yield port
    finally:
        process.kill()
        process.join()


class _Takes:
    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        return "250 OK"


def _serve(port: int) -> None:
    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(lambda: SMTP(_Takes()), "127.0.0.1", port)
        await server.serve_forever()

    asyncio.run(main())
