"""The jobs process. APScheduler is an alarm clock and nothing more: it keeps no jobs and remembers no times.

Each line of the timetable wakes on a thread of its own, so that sending never holds up a sweep, and the heartbeat on
another, so that work never makes the process look dead. Every line wakes at least every 15 seconds; when the machine's
clock jumps, all wake at once, because APScheduler computes its next alarm from the clock that jumped.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from taskboard import clock
from taskboard.db import db
from taskboard.jobs import heartbeats, lanes, runner
from taskboard.jobs.timetable import Job

LONGEST_NAP = 15
JUMP = 2.0

log = logging.getLogger(__name__)


def serve(app: Flask) -> None:
    """Wake the timetable until told to stop by SIGTERM or SIGINT; what runs is let finish."""
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    _in_context(app, lambda: heartbeats.begin("jobs"))
    scheduler = _scheduler(app)
    scheduler.start()
    log.info("jobs process started")
    _watch_the_clock(scheduler, stop)
    log.info("jobs process stopping")
    lanes.stopping.set()
    scheduler.shutdown(wait=True)
    lanes.close()


def _scheduler(app: Flask) -> BackgroundScheduler:
    jobs = runner.active(app)
    scheduler = BackgroundScheduler(
        timezone="Asia/Shanghai",
        executors={"default": ThreadPoolExecutor(len(jobs)), "beat": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    now = datetime.now(clock.SHANGHAI)
    for job in jobs:
        nap = min(job.every or LONGEST_NAP, LONGEST_NAP)
        scheduler.add_job(_lane(app, job), "interval", seconds=nap, next_run_time=now, id=job.name)
    beat: Callable[[], None] = lambda: _in_context(app, lambda: heartbeats.beat("jobs"))  # noqa: E731
    scheduler.add_job(beat, "interval", seconds=heartbeats.BEAT_EVERY, executor="beat", id="beat")
    return scheduler


def _lane(app: Flask, job: Job) -> Callable[[], None]:
    return lambda: _in_context(app, lambda: runner.wake(job))


def _in_context(app: Flask, work: Callable[[], object]) -> None:
    """Work in an application context of its own; trouble with the database is waited out."""
    try:
        with app.app_context():
            try:
                work()
            finally:
                db.session.remove()
    except SQLAlchemyError as error:
        log.error("the database could not be used, trying again: %s", type(error).__name__)
    except Exception:
        log.exception("a lane stumbled and goes on")


def _watch_the_clock(scheduler: BackgroundScheduler, stop: threading.Event) -> None:
    """Sleep until stopped; when the wall's clock and the monotonic one disagree, wake every line."""
    wall, steady = time.time(), time.monotonic()
    while not stop.wait(5):
        jump = (time.time() - wall) - (time.monotonic() - steady)
        wall, steady = time.time(), time.monotonic()
        if abs(jump) > JUMP:
            log.warning("the machine's clock jumped by %.0f seconds", jump)
            for job in scheduler.get_jobs():
                job.modify(next_run_time=datetime.now(clock.SHANGHAI))
