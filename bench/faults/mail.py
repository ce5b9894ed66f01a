"""A mail server that refuses, is slow, drops, or answers 4xx and 5xx: each letter ends where the ledger says."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from bench.faults import sink as sinks
from bench.faults.stage import START, Stage, by_day, letters, people, states
from bench.faults.table import Row
from taskboard.alerts import outbox
from taskboard.db import db
from taskboard.models import Delivery
from taskboard.models.channel import MAIL_ID

# what the server does, at every n-th letter, and what must have failed for good in the end
BEHAVIOURS = (
    ("451", 2, False),
    ("451_rcpt", 2, False),
    ("554", 3, True),
    ("550_rcpt", 3, True),
    ("slow", 1, False),
    ("drop_before_data", 2, False),
    ("drop_after_data", 4, False),
    ("silent", 10, False),
)
PASSES = 14


def run(url: str, folder: Path, count: int) -> Row:
    """So many letters for each behaviour: first while the server misbehaves, then with a server that is well again."""
    row = Row(f"mail server: refusing, slow, dropping, 4xx, 5xx ({url.split(':')[0]})")
    with sinks.running(folder) as sink:
        stage = Stage(url, folder, **sink.settings())
        with stage.opened():
            people(3)
        at = START
        for mode, every, _ in (("refusing", 1, False), *BEHAVIOURS):
            with stage.opened():
                letters(count)
            sink.stop() if mode == "refusing" else sink.behave(mode, every)
            for n in range(PASSES):
                if n == 2:
                    sink.start() if mode == "refusing" else sink.behave("ok")
                stage.child(_pass, at).process.join()
                at += timedelta(minutes=37)
            at = by_day(at + timedelta(hours=12))  # each on a day of its own
            row.runs += 1
        for _ in range(4):  # retries keep the quiet hours, so the last wait for a morning
            at = by_day(at + timedelta(hours=13))
            stage.child(_pass, at).process.join()
        with stage.opened():
            ledger = {key: state for key, state in db.session.execute(select(Delivery.message_id, Delivery.state))}
            row.notes.append("ledger: " + ", ".join(f"{n} {state}" for state, n in sorted(states().items())))
        sinks.account(row, sink.arrived(), ledger)
        if set(ledger.values()) - {"sent", "failed", "uncertain"}:
            row.broken.append("letters were still waiting half a day later")
    return row


def _pass(_app: Flask) -> None:
    outbox.expire()
    if MAIL_ID in outbox.due_channels():
        outbox.deliver(MAIL_ID)
    db.session.remove()
