"""The jobs process. APScheduler is the alarm clock; what is due is a row, `job_run(job, due_at)`.

A tick asks of each job for its newest due moment and claims it by inserting the row; whoever comes second
meets the unique key and goes on. A run that was missed while nothing ran is caught up with the first
tick, however late within a day; an older one is recorded as skipped. The rows of a short cycle are
replaced by the next that found nothing, so that the table tells what happened and not every idle tick.
"""

from __future__ import annotations

import json
import logging
import signal
import threading
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from taskboard import clock
from taskboard.db import db
from taskboard.jobs.timetable import TIMETABLE, Job
from taskboard.models import Heartbeat, JobRun

CATCH_UP = timedelta(hours=24)
TICK = 3
BEAT = "jobs"

log = logging.getLogger(__name__)


def serve(app: Flask) -> None:
    """Tick until told to stop by SIGTERM or SIGINT."""
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler = BackgroundScheduler(timezone="Asia/Shanghai", job_defaults=defaults)
    scheduler.add_job(_tick_in, "interval", seconds=TICK, args=[app], next_run_time=datetime.now(clock.SHANGHAI))
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler.start()
    stop.wait()
    scheduler.shutdown(wait=True)


def _tick_in(app: Flask) -> None:
    """A tick in an application context of its own; trouble with the database is waited out."""
    try:
        with app.app_context():
            tick()
    except SQLAlchemyError:
        log.exception("the database could not be used; trying again in %s seconds", TICK)


def tick() -> list[str]:
    """Run what is due and has no row yet; returns the names of the jobs that ran."""
    _beat()
    ran = []
    for job in TIMETABLE:
        now = clock.now() if job.daily else clock.real_now()
        if _run_if_due(job, now):
            ran.append(job.name)
    return ran


def _run_if_due(job: Job, now: datetime) -> bool:
    due = job.due(now)
    if now - due > CATCH_UP or not _claim(job, due):
        return False
    try:
        counts, error = job.run(clock.now()), ""
    except Exception as failure:
        db.session.rollback()
        log.exception("job %s failed", job.name)
        counts, error = {}, f"{type(failure).__name__}: {failure}"
    _finish(job, due, counts, error)
    return True


def _claim(job: Job, due: datetime) -> bool:
    """Insert the row of this run; False when it is there. Records the daily runs that nobody can catch up."""
    newest = db.session.scalars(
        select(JobRun.due_at).where(JobRun.job == job.name).order_by(JobRun.due_at.desc()).limit(1)
    ).first()
    if newest is not None and newest >= due:
        db.session.rollback()
        return False
    now = clock.real_now()
    if job.daily and newest is not None:
        missed = newest + timedelta(days=1)
        while missed < due:
            db.session.add(JobRun(job=job.name, due_at=missed, state="skipped", started_at=now, finished_at=now))
            missed += timedelta(days=1)
    db.session.add(JobRun(job=job.name, due_at=due, started_at=now))
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return False
    return True


def _finish(job: Job, due: datetime, counts: dict[str, Any], error: str) -> None:
    row = db.session.scalars(select(JobRun).where(JobRun.job == job.name, JobRun.due_at == due)).one()
    row.state = "failed" if error else "done"
    row.finished_at, row.counts, row.error = clock.real_now(), json.dumps(counts, ensure_ascii=False), error
    if job.every and not error:
        idle = delete(JobRun).where(JobRun.job == job.name, JobRun.due_at < due, JobRun.state != "failed")
        db.session.execute(idle)
    db.session.commit()


def _beat() -> None:
    row = db.session.get(Heartbeat, BEAT)
    if row is None:
        db.session.add(Heartbeat(process=BEAT, at=clock.real_now()))
    elif clock.real_now() - row.at > timedelta(seconds=15):
        row.at = clock.real_now()
    db.session.commit()
