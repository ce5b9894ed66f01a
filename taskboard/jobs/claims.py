"""Whose is a run? `job_run(job, due_at)` is unique; the row names its owner, and only the owner writes its end.

A run is abandoned when its owner's heartbeat is old or gone, when the owner began anew after the run did, or when
it is ours and we do not run it. Whoever sees it first takes it over by a conditional update, at most three times;
it stays takeable for a day. The owner that wakes up later finds that its end is refused.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from taskboard import clock, trace
from taskboard.db import db
from taskboard.jobs.heartbeats import GONE_AFTER
from taskboard.jobs.timetable import Job
from taskboard.models import Heartbeat, JobRun

CATCH_UP = timedelta(hours=24)
TRIES = 3
TRY_AGAIN_AFTER = timedelta(minutes=5)
STUCK_AFTER = timedelta(minutes=30)
OVERRUN = timedelta(minutes=1)

_SEEN = (
    *(JobRun.id, JobRun.job, JobRun.due_at, JobRun.owner, JobRun.tries),
    *(JobRun.state, JobRun.started_at, JobRun.finished_at),
)
_running: set[int] = set()
_lock = threading.Lock()


@dataclass(frozen=True)
class Run:
    """A run that is ours, until it is taken over."""

    id: int
    job: str
    due: datetime
    owner: str
    tries: int
    started_at: datetime


def claim(job: Job, due: datetime, owner: str = "") -> Run | None:
    """Take an abandoned run of the job, or insert the row of this one; None when there is nothing to do."""
    owner = owner or trace.process_name("jobs")
    taken, is_busy = _abandoned(job, owner)
    if taken is None and not is_busy:
        taken = _fresh(job, due, owner)
    return own(taken) if taken is not None else None


def own(run: Run) -> Run:
    """Note that this process runs it."""
    with _lock:
        _running.add(run.id)
    return run


def finish(run: Run, job: Job, counts: dict[str, Any], error: str) -> bool:
    """Write the end of a run, if it is still ours; removes the idle rows of a short cycle. Commits."""
    now = clock.real_now()
    late = bool(job.every) and now - run.started_at > max(OVERRUN, timedelta(seconds=job.every))
    values = {
        "state": "failed" if error else "overran" if late else "done",
        "finished_at": now,
        "counts": json.dumps(counts, ensure_ascii=False),
        "error": error,
    }
    mine = update(JobRun).where(JobRun.id == run.id, JobRun.owner == run.owner, JobRun.tries == run.tries)
    held = db.session.execute(mine.where(JobRun.state == "running").values(**values))
    if job.every and not error and held.rowcount:  # type: ignore[attr-defined]
        others = delete(JobRun).where(JobRun.job == job.name, JobRun.id != run.id, JobRun.state == "done")
        db.session.execute(others)
    db.session.commit()
    return bool(held.rowcount)  # type: ignore[attr-defined]


def forget(run: Run) -> None:
    """That this process does not run it any more, however it ended."""
    with _lock:
        _running.discard(run.id)


def _abandoned(job: Job, owner: str) -> tuple[Run | None, bool]:
    """A run of the job whose owner is gone, now ours; and whether a living owner still runs one."""
    now, is_busy = clock.real_now(), False
    query = select(*_SEEN, Heartbeat.at.label("beat_at"), Heartbeat.started_at.label("born_at"))
    query = query.outerjoin(Heartbeat, Heartbeat.process == JobRun.owner).where(JobRun.job == job.name)
    again = (JobRun.state == "failed") & (JobRun.tries < TRIES) & (JobRun.started_at > now - CATCH_UP)
    unfinished = JobRun.state.in_(("running", "queued"))
    query = query.where(unfinished | again if job.daily else unfinished)
    for row in db.session.execute(query.order_by(JobRun.due_at.desc())).all():
        if row.state == "failed":
            if now - (row.finished_at or row.started_at) < TRY_AGAIN_AFTER:
                continue
        elif _is_alive(row, owner, now):
            is_busy = is_busy or now - row.started_at < STUCK_AFTER
            continue
        taken = _take(row, owner, now)
        if taken is not None:
            return taken, is_busy
    db.session.rollback()
    return None, is_busy


def _is_alive(row: Any, owner: str, now: datetime) -> bool:
    if row.state == "queued":
        queue = current_app.extensions.get("taskboard.queue")
        return now - row.started_at < STUCK_AFTER and queue is not None and bool(queue.has_workers())
    if row.owner == owner:
        return row.id in _running
    if row.beat_at is None or abs(now - row.beat_at) > GONE_AFTER:
        return False
    return row.born_at is None or bool(row.born_at <= row.started_at)


def _take(row: Any, owner: str, now: datetime) -> Run | None:
    """Take a run over by a conditional update; after three tries, or a day, it has failed and says so. Commits."""
    seen = update(JobRun).where(
        JobRun.id == row.id, JobRun.owner == row.owner, JobRun.tries == row.tries, JobRun.state == row.state
    )
    if row.tries >= TRIES or now - row.started_at > CATCH_UP:
        last = row.owner or "未知进程"
        why = f"运行 {row.tries} 次均被中断，不再重试；最后一次由 {last} 运行"
        db.session.execute(seen.values(state="failed", tries=TRIES, finished_at=now, error=why))
        db.session.commit()
        return None
    run = Run(row.id, row.job, row.due_at, owner, row.tries + 1, now)
    values = {"state": "running", "owner": owner, "tries": run.tries, "started_at": now, "finished_at": None}
    taken = db.session.execute(seen.values(**values, error=""))
    db.session.commit()
    return run if taken.rowcount else None  # type: ignore[attr-defined]


def _fresh(job: Job, due: datetime, owner: str) -> Run | None:
    """Insert the row of this run; None when it is there. Records the daily runs that nobody can catch up."""
    newest = db.session.scalars(
        select(JobRun.due_at).where(JobRun.job == job.name).order_by(JobRun.due_at.desc()).limit(1)
    ).first()
    if newest is not None and _covers(newest, due, job):
        db.session.rollback()
        return None
    now = clock.real_now()
    if job.daily and newest is not None:
        missed = newest + timedelta(days=1)
        while missed < due:
            db.session.add(JobRun(job=job.name, due_at=missed, state="skipped", started_at=now, finished_at=now))
            missed += timedelta(days=1)
    row = JobRun(job=job.name, due_at=due, owner=owner, started_at=now)
    db.session.add(row)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return None
    run = Run(row.id, job.name, due, owner, 1, now)
    db.session.rollback()
    return run


def _covers(newest: datetime, due: datetime, job: Job) -> bool:
    """Whether the newest run stands for this one too. One far ahead is a clock set back."""
    if newest < due:
        return False
    return bool(job.daily) or newest - due <= timedelta(seconds=job.every * 2)
