"""What every fault needs: a database with people, letters in the ledger, and children that can be killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import time_machine
from flask import Flask
from sqlalchemy import func, select

from taskboard import clock, create_app
from taskboard.alerts import gathering
from taskboard.db import db, start_reading
from taskboard.models import Campaign, Channel, Delivery, Installation, Person, RuleSetRow, Seat
from taskboard.models.channel import MAIL_ID
from taskboard.rules import ruleset
from taskboard.rules.telling import Hours, next_allowed
from tests.databases import configuration_for

START = datetime(2026, 11, 23, 2, 11, tzinfo=UTC)  # a Monday, 10:11 in Shanghai
_fork = multiprocessing.get_context("fork")


class Stage:
    """One fresh database and the settings with which children open it."""

    def __init__(self, url: str, folder: Path, **settings: str) -> None:
        self.url, self.folder, self.settings = url, folder, settings

    def app(self) -> Flask:
        """An application of its own for the process that asks."""
        app = create_app(configuration_for(self.url, self.folder, **self.settings))
        app.config.update(WTF_CSRF_ENABLED=False)
        start_reading(False)
        return app

    @contextmanager
    def opened(self) -> Iterator[Flask]:
        """The application in a context, with all connections closed afterwards, so that children inherit none."""
        app = self.app()
        with app.app_context():
            try:
                yield app
            finally:
                db.session.remove()
                db.engine.dispose()

    def child(self, work: Callable[[Flask], Any], at: datetime | None = None) -> Child:
        """Run `work` in a process of its own, at a moment of its own where one is given."""
        return Child(self, work, at)


class Child:
    """A forked process; `kill` is kill -9."""

    def __init__(self, stage: Stage, work: Callable[[Flask], Any], at: datetime | None) -> None:
        self.process = _fork.Process(target=_run, args=(stage, work, at), daemon=True)
        self.process.start()

    @property
    def pid(self) -> int:
        return int(self.process.pid or 0)

    def kill(self) -> None:
        """End it as a power cut does. Nothing happens when it has ended."""
        if self.process.is_alive():
            os.kill(self.pid, signal.SIGKILL)
        self.process.join()

    def join(self, seconds: float) -> bool:
        """Wait for it; whether it has ended."""
        self.process.join(seconds)
        return not self.process.is_alive()


def _run(stage: Stage, work: Callable[[Flask], Any], at: datetime | None) -> None:
    try:
        if at is None:
            _in_app(stage, work)
        else:
            with time_machine.travel(at, tick=True):
                _in_app(stage, work)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def _in_app(stage: Stage, work: Callable[[Flask], Any]) -> None:
    app = stage.app()
    with app.app_context():
        work(app)


def people(count: int) -> None:
    """A production installation with a campaign and so many members of the office."""
    db.session.add(Installation(kind="production", created_at=START))
    db.session.add(RuleSetRow.from_value(ruleset.load("standard"), START))
    day = START.date()
    db.session.add(Campaign(name="攻坚行动", starts_on=day - timedelta(days=60), ends_on=day + timedelta(days=60)))
    for n in range(count):
        person = Person(
            login=f"p{n}", name=f"人员{n}（示例）", email=f"p{n}@example.invalid", must_change_password=False
        )
        db.session.add(person)
        db.session.flush()
        db.session.add(Seat(person_id=person.id, kind="office", from_on=day - timedelta(days=60)))
    db.session.commit()


def letters(count: int, channel_id: int = MAIL_ID, urgent: bool = False) -> None:
    """So many letters in the ledger, ready to be sent. Each names itself in its subject."""
    channel = db.session.get_one(Channel, channel_id)
    first = db.session.scalar(select(Person.id).order_by(Person.id).limit(1))
    for n in range(count):
        plain = f"1380013{n:04}"  # as good a phone number as an account
        address = "" if channel.form.is_robot else f"p{n}@example.invalid" if channel.kind == "mail" else plain
        person = None if channel.form.is_robot else first
        made = gathering.write(channel, address, f"第 {n} 封", "正文", START, person_id=person, is_urgent=urgent)
        made.next_try_at = made.queued_at = START
    db.session.commit()


def by_day(at: datetime) -> datetime:
    """The moment, or the next at which messages go out: what is tried at night would only be held until morning."""
    local = at.astimezone(clock.SHANGHAI)
    return next_allowed(local, Hours(quiet_from=time(18, 0), quiet_until=time(8, 0)))


def states() -> dict[str, int]:
    """How many deliveries are in which state."""
    query = select(Delivery.state, func.count()).where(Delivery.channel != "inbox").group_by(Delivery.state)
    found = {state: count for state, count in db.session.execute(query)}
    db.session.rollback()
    return found


def real() -> datetime:
    """The machine's time, whatever a child's clock says."""
    return clock.real_now()
