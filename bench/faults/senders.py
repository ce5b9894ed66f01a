"""A sender killed with -9 at each named place and at random: what was in its hands is never lost or doubled unseen."""

from __future__ import annotations

import os
import random
import time
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from bench.faults import sink as sinks
from bench.faults.stage import START, Stage, by_day, letters, people, states
from bench.faults.table import Row
from taskboard.alerts import outbox
from taskboard.db import db
from taskboard.failpoint import VARIABLE
from taskboard.models import Delivery
from taskboard.models.channel import MAIL_ID

PLACES = ("outbox.before_claim", "outbox.after_claim", "after accept, before reply", "outbox.after_reply",
          "outbox.before_commit")  # fmt: skip
AT_MOST = 12  # letters a child may send, so that there are some left for the next
STEP = timedelta(minutes=3)  # longer than a lease, so that each child finds the last one's claims run out


def run(url: str, folder: Path, kills: int) -> Row:
    """Half the kills at the named places in turn, half after a random time."""
    row = Row(f"sender killed with -9 ({url.split(':')[0]})", runs=kills)
    with sinks.running(folder) as sink:
        stage = Stage(url, folder, **sink.settings())
        with stage.opened():
            people(3)
            letters(kills * AT_MOST)
        at, dice = START + STEP, random.Random(5)
        killed = 0
        for n in range(kills):
            killed += _one(stage, sink, at, PLACES[n // 2 % len(PLACES)] if n % 2 else "", dice)
            at = by_day(at + STEP)
        sink.behave("ok")
        for _ in range(3):
            child = stage.child(_drain_all, at)
            if not child.join(120):
                child.kill()
                row.broken.append("the last sender did not end")
            at = by_day(at + timedelta(hours=3))
        row.notes.append(f"{killed} ended by the kill")
        with stage.opened():
            ledger = {key: state for key, state in db.session.execute(select(Delivery.message_id, Delivery.state))}
            row.notes.append("ledger: " + ", ".join(f"{n} {state}" for state, n in sorted(states().items())))
            stuck = set(states()) & {"sending"}
        if stuck:
            row.broken.append("claims were left behind")
        sinks.account(row, sink.arrived(), ledger)
    return row


def _one(stage: Stage, sink: sinks.Sink, at: datetime, place: str, dice: random.Random) -> bool:
    """One kill; whether it found the sender at work."""
    sink.behave("kill" if place.startswith("after accept") else "ok", every=dice.randint(1, 3))
    if place.startswith("outbox."):
        os.environ[VARIABLE] = f"{place}:{1 if place == PLACES[0] else dice.randint(1, 3)}"
    child = stage.child(_drain, at)
    os.environ.pop(VARIABLE, None)
    sink.victim.value = child.pid
    if place:
        if not child.join(30):
            child.kill()
    else:
        time.sleep(dice.uniform(0.02, 0.2))
        child.kill()
    sink.victim.value = 0
    return child.process.exitcode == -9


def _drain(_app: Flask) -> None:
    """What one pass of the job does for the mail channel."""
    outbox.expire()
    outbox.deliver(MAIL_ID, limit=AT_MOST)
    db.session.remove()


def _drain_all(_app: Flask) -> None:
    outbox.expire()
    while outbox.deliver(MAIL_ID).get("sent"):
        pass
    db.session.remove()
