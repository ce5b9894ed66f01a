"""Jobs processes killed, doubled, and living through jumps of the clock: each slot has one row, and it is done."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from bench.faults import sink as sinks
from bench.faults.stage import START, Stage, people
from bench.faults.table import Row
from taskboard import clock
from taskboard.db import db
from taskboard.jobs import alarm_clock, heartbeats, runner
from taskboard.jobs.timetable import TIMETABLE
from taskboard.models import Delivery, Event, JobRun, Kind, Notice, Person, record

DAILY = [job for job in TIMETABLE if job.daily]


def killed(url: str, folder: Path, kills: int) -> Row:
    """A jobs process killed after a random time, the next one three hours later: so many kills in as many days / 8."""
    row = Row(f"jobs process killed with -9 ({url.split(':')[0]})", runs=kills)
    with sinks.running(folder) as sink:
        stage = Stage(url, folder, **sink.settings())
        with stage.opened():
            people(3)
        at, dice, ended = START, random.Random(11), 0
        for _ in range(kills):
            with stage.opened():
                _happen(at)
            child = stage.child(alarm_clock.serve, at)
            time.sleep(dice.uniform(0.3, 1.1))
            child.kill()
            ended += child.process.exitcode == -9
            at += timedelta(hours=3, minutes=7)
        row.notes.append(f"{ended} ended by the kill")
        at = _settle(stage, at)
        with stage.opened():
            _account(row, sink, START, at)
    return row


def doubled(url: str, folder: Path, seconds: int) -> Row:
    """Two, then four schedulers that know nothing of each other, on one database."""
    row = Row(f"two and four schedulers at once ({url.split(':')[0]})", runs=2)
    with sinks.running(folder) as sink:
        stage = Stage(url, folder, **sink.settings())
        with stage.opened():
            people(3)
        at = START
        for count in (2, 4):
            for _ in range(2):  # a day each
                with stage.opened():
                    for _ in range(5):
                        _happen(at)
                children = [stage.child(alarm_clock.serve, at) for _ in range(count)]
                time.sleep(seconds)
                for child in children:
                    child.process.terminate()
                for child in children:
                    if not child.join(40):
                        child.kill()
                        row.broken.append("a scheduler did not stop when asked to")
                at += timedelta(days=1)
        last = _settle(stage, at - timedelta(hours=20))
        with stage.opened():
            _account(row, sink, START, last)
    return row


JUMPS: tuple[tuple[str, datetime], ...] = tuple(
    (words, clock.at(datetime(*day).date(), hour, minute) + timedelta(seconds=30))
    for words, day, hour, minute in (
        ("a Monday morning", (2026, 11, 23), 7, 30),
        ("an hour back", (2026, 11, 23), 6, 30),
        ("a day ahead", (2026, 11, 24), 7, 45),
        ("25 hours back", (2026, 11, 23), 6, 45),
        ("two days ahead", (2026, 11, 25), 9, 0),
        ("before midnight", (2026, 11, 25), 23, 59),
        ("after midnight", (2026, 11, 26), 0, 0),
        ("back over midnight", (2026, 11, 25), 23, 58),
        ("month's end", (2026, 11, 30), 23, 59),
        ("the first", (2026, 12, 1), 8, 30),
        ("year's end", (2026, 12, 31), 23, 59),
        ("the New Year", (2027, 1, 1), 8, 30),
        ("a leap day", (2028, 2, 29), 8, 30),
    )
)


def jumped(url: str, folder: Path, rounds: int) -> Row:
    """The machine's clock set forward and back between and around slots, with a scheduler running after each jump."""
    row = Row(f"clock jumps, midnight, month's and year's end ({url.split(':')[0]})", runs=len(JUMPS))
    with sinks.running(folder) as sink:
        stage = Stage(url, folder, **sink.settings())
        with stage.opened():
            people(3)
        for _words, at in JUMPS:
            with stage.opened():
                _happen(at)
            for _ in range(max(1, rounds)):
                stage.child(_ticks, at).process.join()
        last = _settle(stage, JUMPS[-1][1] + timedelta(hours=1))
        with stage.opened():
            _account(row, sink, None, last)
    return row


def _ticks(_app: Flask) -> None:
    for _ in range(3):
        runner.tick()


def _happen(at: datetime) -> None:
    """Something that one person does and the others are told of."""
    doer = db.session.scalars(select(Person).order_by(Person.id).limit(1)).one()
    record(Kind.FEEDBACK_GIVEN, "feedback", doer.id, at, after={"text": f"意见 {at.isoformat()}"})
    db.session.commit()


def _settle(stage: Stage, at: datetime) -> datetime:
    """Let a process that nobody kills do what is left: at once, and at the hours at which messages may go out."""
    for hours in (0, 14, 10, 24, 24, 24):
        at += timedelta(hours=hours)
        stage.child(_until_quiet, at).process.join()
        at += timedelta(minutes=10)
        stage.child(_until_quiet, at).process.join()
    return at


def _until_quiet(_app: Flask) -> None:
    heartbeats.begin("jobs")
    for _ in range(8):
        if not runner.tick():
            return
        time.sleep(0.05)


def _account(row: Row, sink: sinks.Sink, since: datetime | None, until: datetime) -> None:
    """Each slot once and done; each event told to each other person once; no mail twice unmarked."""
    _slots(row, since, until)
    told: Counter[tuple[int, str, int]] = Counter()
    query = select(Notice.event_id, Notice.recipient, Notice.channel_id, Delivery.state)
    events = list(db.session.scalars(select(Event.id).where(Event.kind == Kind.FEEDBACK_GIVEN.key)))
    carried = query.join(Delivery, Delivery.id == Notice.delivery_id).where(Notice.event_id.in_(events))
    states = {}
    for event_id, recipient, channel_id, state in db.session.execute(carried):
        told[event_id, recipient, channel_id] += 1
        states[event_id, recipient, channel_id] = state
    row.due = len(events) * 2 * 2  # two others, by inbox and by mail
    row.arrived = sum(state == "sent" for state in states.values())
    row.lost = row.due - len(states)
    row.uncertain = sum(state == "uncertain" for state in states.values())
    unmarked = [each["id"] for each in sink.arrived() if not each["subject"].startswith(sinks.RESENT)]
    row.doubled += len(unmarked) - len(set(unmarked)) + sum(count > 1 for count in told.values())
    row.marked += len(sink.arrived()) - len(unmarked)
    db.session.rollback()


def _slots(row: Row, since: datetime | None, until: datetime) -> None:
    runs: dict[str, Counter[datetime]] = {job.name: Counter() for job in DAILY}
    ends: Counter[str] = Counter()
    for job, due_at, state in db.session.execute(select(JobRun.job, JobRun.due_at, JobRun.state)):
        if job in runs:
            runs[job][due_at] += 1
            ends[state] += 1
    row.notes.append("daily runs: " + ", ".join(f"{n} {state}" for state, n in sorted(ends.items())))
    errors = Counter(
        db.session.scalars(select(JobRun.error).where(JobRun.state == "failed", JobRun.job.in_(list(runs))))
    )
    row.notes += [f"{n} × {error.partition('；')[0]}" for error, n in errors.items()]
    if ends["running"] or ends["queued"]:
        row.broken.append("runs were left behind")
    if any(count > 1 for slots in runs.values() for count in slots.values()):
        row.broken.append("a slot has two rows")
    if since is not None:
        missed = sum(_missed(job, runs[job.name], since, until) for job in DAILY)
        if missed:
            row.broken.append(f"{missed} slots have no row")


def _missed(job: object, slots: Counter[datetime], since: datetime, until: datetime) -> int:
    due: Callable[[datetime], datetime] = job.due  # type: ignore[attr-defined]
    at, missed = due(until), 0
    while at >= since:
        missed += at not in slots
        at -= timedelta(days=1)
    return missed
