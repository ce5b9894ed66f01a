"""That a process is alive, said by itself: a row a process, renewed by a thread that nothing else holds up."""

from __future__ import annotations

import socket
from datetime import timedelta

from sqlalchemy import delete, update

from taskboard import clock, trace
from taskboard.db import db
from taskboard.models import Heartbeat

BEAT_EVERY = 10
GONE_AFTER = timedelta(seconds=60)


def beat(kind: str, name: str = "") -> None:
    """Say that this process is alive, and commit."""
    name, now = name or trace.process_name(kind), clock.real_now()
    renewed = db.session.execute(update(Heartbeat).where(Heartbeat.process == name).values(at=now))
    if not renewed.rowcount:  # type: ignore[attr-defined]
        db.session.add(Heartbeat(process=name, kind=kind, host=socket.gethostname(), started_at=now, at=now))
    db.session.commit()


def begin(kind: str, name: str = "") -> None:
    """The first beat: a process that had the same name before is no longer meant."""
    name = name or trace.process_name(kind)
    db.session.execute(delete(Heartbeat).where(Heartbeat.process == name))
    beat(kind, name)


def end(kind: str) -> None:
    """Take leave: a process that was stopped on purpose is not missed. The jobs process is, so it never does."""
    db.session.execute(delete(Heartbeat).where(Heartbeat.process == trace.process_name(kind)))
    db.session.commit()
