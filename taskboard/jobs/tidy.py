"""What may be forgotten? Old form keys, ended sessions, beats of processes long gone, and old job runs.

Twice is harmless: it deletes by age alone. Events, reports and deliveries are never deleted here.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from taskboard import clock
from taskboard.db import db
from taskboard.models import FormKey, Heartbeat, JobRun, WebSession

KEEP_FORM_KEYS = timedelta(days=7)
KEEP_SESSIONS = timedelta(days=1)
KEEP_RUNS = timedelta(days=180)
KEEP_HEARTBEATS = timedelta(days=1)


def run() -> dict[str, int]:
    """Delete and commit; returns how many rows of each."""
    now = clock.real_now()
    old = (
        ("form_keys", delete(FormKey).where(FormKey.created_at < now - KEEP_FORM_KEYS)),
        ("sessions", delete(WebSession).where(WebSession.seen_at < now - KEEP_SESSIONS)),
        ("heartbeats", delete(Heartbeat).where(Heartbeat.at < now - KEEP_HEARTBEATS)),
        ("job_runs", delete(JobRun).where(JobRun.started_at < now - KEEP_RUNS)),
    )
    counts = {name: db.session.execute(statement).rowcount for name, statement in old}  # type: ignore[attr-defined]
    db.session.commit()
    return counts
