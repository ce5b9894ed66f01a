"""Past one machine: worker processes take their work from Procrastinate, a job queue inside PostgreSQL.

What is to be done is enqueued in the transaction that makes it necessary, on the session's own connection: after a
rollback no job exists, after a commit it does. A job carries an id and nothing else; the functions it calls are those
of the jobs process, so a job that runs twice finds nothing to do. A group chat's robot is served by one worker at a
time (`lock`); a job for later carries no lock, because it would hold up those that are due before it.

Imported only where TASKBOARD_QUEUE says so, since the package is an optional one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import procrastinate
import psycopg
from flask import Flask, current_app, has_app_context
from procrastinate.jobs import Job as QueuedJob
from sqlalchemy import event, func, select, text, update
from sqlalchemy.orm import Session

from taskboard import clock, trace
from taskboard.alerts import gathering, outbox, telling
from taskboard.db import db
from taskboard.jobs import claims, runner, vigil
from taskboard.jobs.heartbeats import GONE_AFTER
from taskboard.jobs.timetable import TIMETABLE
from taskboard.models import Channel, Delivery, DeliveryState, Heartbeat, JobRun, Occasion
from taskboard.rules.channels import ChannelKind

READY = (DeliveryState.PENDING, DeliveryState.RETRY)
SOON = timedelta(seconds=2)
AT_ONCE = 1000
TOGETHER = 50
_TOLD, _WRITTEN = "taskboard.events", "taskboard.deliveries"

_worker: Flask | None = None


class Queue:
    """What the application knows of the queue; an extension of it under `taskboard.queue`."""

    def deliver(self, delivery_id: int, at: datetime) -> None:
        """Let a worker send this message at that time, if the running transaction commits."""
        db.session.info.setdefault(_WRITTEN, {})[delivery_id] = at

    def has_workers(self) -> bool:
        """Whether any worker process is alive."""
        alive = select(Heartbeat.process).where(Heartbeat.kind == "worker")
        found = db.session.scalar(alive.where(Heartbeat.at > clock.real_now() - GONE_AFTER).limit(1))
        db.session.rollback()
        return found is not None

    def hand_over(self, run: claims.Run) -> bool:
        """Let a worker run what we have claimed, unless none is there or one has failed at it already."""
        if run.tries > 1 or not self.has_workers():
            return False
        mine = update(JobRun).where(JobRun.id == run.id, JobRun.owner == run.owner, JobRun.tries == run.tries)
        held = db.session.execute(mine.where(JobRun.state == "running").values(state="queued", owner=""))
        if held.rowcount:  # type: ignore[attr-defined]
            _defer(
                [app.tasks["run_job"].configure().make_new_job(name=run.job, due_at=run.due.isoformat())], db.session
            )
        db.session.commit()
        return True


def deliver(delivery_id: int) -> None:
    """Send one message, if it is still due, and others of its channel over the same connection.

    The jobs of those others then find nothing to do.
    """
    with _context(f"job:deliver:{delivery_id}"):
        row = db.session.get(Delivery, delivery_id)
        channel = db.session.get(Channel, row.channel_id) if row else None
        if row is None or channel is None or row.state not in READY:
            return
        if not channel.may_send(row.occasion == Occasion.TRIAL):
            return
        channel_id = channel.id
        db.session.rollback()
        outbox.deliver(channel_id, limit=TOGETHER)
        outbox.deliver(channel_id, only=delivery_id)


def tell() -> None:
    """Turn what has happened into notices, and into the messages whose hour has come."""
    with _context("job:tell"):
        telling.fan_out(clock.now())
        gathering.gather(clock.now())


def run_job(name: str, due_at: str) -> None:
    """Run a daily job that the scheduler has claimed and handed over."""
    with _context(f"job:{name}"):
        due, now, owner = datetime.fromisoformat(due_at), clock.real_now(), trace.process_name("worker")
        job = next(job for job in TIMETABLE if job.name == name)
        waiting = update(JobRun).where(JobRun.job == name, JobRun.due_at == due, JobRun.state == "queued")
        taken = db.session.execute(waiting.values(state="running", owner=owner, started_at=now))
        db.session.commit()
        if not taken.rowcount:  # type: ignore[attr-defined]
            return
        row = db.session.execute(select(JobRun.id, JobRun.tries).where(JobRun.job == name, JobRun.due_at == due)).one()
        db.session.rollback()
        runner.perform(job, claims.own(claims.Run(row.id, name, due, owner, row.tries, now)))


def make(connector: Any) -> procrastinate.App:
    """The queue with its three tasks, on a connection."""
    made = procrastinate.App(connector=connector)
    for task in (deliver, tell, run_job):
        made.task(name=task.__name__)(task)
    return made


app = make(procrastinate.SyncPsycopgConnector())  # enqueues on the session's connection, so it is never opened


def conninfo(flask_app: Flask) -> str:
    """The database as the driver itself takes it."""
    return str(flask_app.config["TASKBOARD"].database_url).replace("postgresql+psycopg", "postgresql", 1)


def apply_schema(flask_app: Flask) -> bool:
    """Make the queue's own tables where they are missing; False when they are there."""
    with psycopg.connect(conninfo(flask_app)) as connection:
        if connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone() != (None,):
            return False
        connection.execute(procrastinate.schema.SchemaManager.get_schema())
    return True


def has_schema() -> bool:
    """Whether the queue's tables are there."""
    return db.session.scalar(select(func.to_regclass("procrastinate_jobs"))) is not None


def work(flask_app: Flask, concurrency: int) -> None:
    """Be a worker process until told to stop; what runs is let finish."""
    global _worker
    _worker = flask_app
    watching = vigil.start(flask_app, "worker")
    try:
        make(procrastinate.PsycopgConnector(conninfo=conninfo(flask_app), max_size=4)).run_worker(
            concurrency=concurrency,
            name=trace.process_name("worker"),
            delete_jobs="successful",
            fetch_job_polling_interval=2,
            shutdown_graceful_timeout=30,
        )
    finally:
        watching.end()


@contextmanager
def _context(name: str) -> Iterator[None]:
    """The application around a task, which runs in a thread of the worker."""
    if _worker is None:
        raise RuntimeError("a task runs in a worker process only")
    with _worker.app_context(), trace.working(name):
        try:
            yield
        finally:
            db.session.remove()


def _defer(jobs: list[QueuedJob], session: Any) -> None:
    """Enqueue in the session's transaction."""
    connection = session.connection().connection.driver_connection
    for start in range(0, len(jobs), AT_ONCE):
        app.job_manager.batch_defer_jobs(jobs[start : start + AT_ONCE], connection=connection)


def enqueue_deliveries(due: dict[int, datetime], session: Any) -> None:
    """A job for each of these messages; the caller commits."""
    kinds: dict[int, tuple[int, str]] = {}
    ids = list(due)
    for start in range(0, len(ids), AT_ONCE):
        query = select(Delivery.id, Delivery.channel_id, Delivery.channel)
        for id_, channel_id, kind in session.execute(query.where(Delivery.id.in_(ids[start : start + AT_ONCE]))):
            kinds[id_] = channel_id, kind
    soon, jobs = clock.real_now() + SOON, []
    for id_, (channel_id, kind) in kinds.items():
        is_now = due[id_] <= soon
        lock = f"channel:{channel_id}" if is_now and ChannelKind(kind).form.is_robot else None
        options = app.tasks["deliver"].configure(lock=lock, schedule_at=None if is_now else due[id_])
        jobs.append(options.make_new_job(delivery_id=id_))
    _defer(jobs, session)


def _enqueue_telling(session: Session) -> None:
    """One waiting job tells of all; it is held back until we commit, so that it sees what we add.

    Locking it makes workers skip it for so long; one that is being taken already is not seen, and a new one is made.
    """
    held = "SELECT id FROM procrastinate_jobs WHERE task_name = 'tell' AND status = 'todo'"
    if session.execute(text(f"{held} ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED")).first() is None:
        _defer([app.tasks["tell"].configure().make_new_job()], session)


def _is_on() -> bool:
    return has_app_context() and isinstance(current_app.extensions.get("taskboard.queue"), Queue)


@event.listens_for(Session, "after_flush")
def _note(session: Session, _context: Any) -> None:
    """Remember what is ready to be sent, whoever wrote it: a job, or a person who resends."""
    if not _is_on():
        return
    for row in (*session.new, *session.dirty):
        if isinstance(row, Delivery) and row.state in READY:
            session.info.setdefault(_WRITTEN, {})[row.id] = row.next_try_at or clock.real_now()


@event.listens_for(Session, "before_commit")
def _enqueue(session: Session) -> None:
    if not _is_on():
        return
    session.flush()
    written, told = session.info.pop(_WRITTEN, None), session.info.pop(_TOLD, False)
    if written:
        enqueue_deliveries(written, session)
    if told:
        _enqueue_telling(session)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, _previous: Any) -> None:
    session.info.pop(_WRITTEN, None)
    session.info.pop(_TOLD, None)
