"""One wake of the timetable: whatever is due and nobody's is claimed, run, and its end written.

What is due is a row (see jobs/claims.py), so it does not matter who wakes, how often, or how many of us there are. A
run that was missed while nothing ran is caught up with the first wake, however late within a day; an older one is
recorded as skipped. The rows of a short cycle are replaced by the next, except those that failed or overran.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from taskboard import clock, trace
from taskboard.db import db
from taskboard.failpoint import failpoint
from taskboard.jobs import claims, heartbeats
from taskboard.jobs.timetable import TIMETABLE, Job

log = logging.getLogger(__name__)


def tick() -> list[str]:
    """Beat, and run one after another what is due; returns the names of the jobs that ran."""
    heartbeats.beat("jobs")
    return [job.name for job in active(current_app._get_current_object()) if wake(job)]  # type: ignore[attr-defined]


def active(app: Flask) -> list[Job]:
    """The lines of the timetable that this installation needs."""
    has_queue = app.config["TASKBOARD"].queue != "local"
    return [job for job in TIMETABLE if has_queue or not job.with_queue]


def wake(job: Job) -> bool:
    """Run a job if it is due and nobody has it."""
    return run_if_due(job, clock.now() if job.daily else clock.real_now())


def run_if_due(job: Job, now: datetime) -> bool:
    """Claim the newest due moment, or one that was abandoned, and run it. False when there was nothing to do."""
    due = job.due(now)
    if now - due > claims.CATCH_UP:
        return False
    run = claims.claim(job, due)
    if run is None:
        return False
    queue = current_app.extensions.get("taskboard.queue")
    if job.daily and queue is not None and queue.hand_over(run):
        claims.forget(run)
        return True
    perform(job, run)
    return True


def perform(job: Job, run: claims.Run) -> None:
    """Run what is ours and write its end."""
    with trace.working(f"job:{job.name}:{run.due:%Y%m%dT%H%M%S}"):
        started = time.monotonic()
        try:
            counts, error = _work(job)
            failpoint("runner.before_finish")
            held = claims.finish(run, job, counts, error)
        finally:
            db.session.rollback()
            claims.forget(run)
        if not held:
            log.warning("run was taken over by another process, its end is not written", extra={"job": job.name})
        elif error or any(counts.values()):
            took = round((time.monotonic() - started) * 1000)
            log.info("job done", extra={"job": job.name, "ms": took, "counts": counts, "tries": run.tries})


def _work(job: Job) -> tuple[dict[str, object], str]:
    try:
        failpoint(f"job.{job.name}")
        return job.run(clock.now()), ""
    except Exception as failure:
        db.session.rollback()
        log.exception("job %s failed", job.name)
        if isinstance(failure, SQLAlchemyError) and job.every:
            return {}, f"数据库暂时无法使用：{type(failure).__name__}"
        return {}, f"{type(failure).__name__}: {failure}"
