"""Job runs 作业: what was due, when it ran, what came of it. (job, due_at) is unique."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from taskboard.db import Base, LongText


class JobRun(Base):
    """One due run. `state` is running, done, failed or skipped (too old to catch up)."""

    __tablename__ = "job_run"
    __table_args__ = (UniqueConstraint("job", "due_at"), Index("ix_job_run_started", "job", "started_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="running")
    started_at: Mapped[datetime]
    owner: Mapped[str] = mapped_column(default="")
    tries: Mapped[int] = mapped_column(default=1)
    finished_at: Mapped[datetime | None]
    counts: Mapped[str] = mapped_column(LongText, default="{}")
    error: Mapped[str] = mapped_column(LongText, default="")


class Heartbeat(Base):
    """When a process last said that it is alive. `process` is unique to it: kind, host and number."""

    __tablename__ = "heartbeat"

    process: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(default="jobs")  # web, jobs, worker
    host: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime | None]
    at: Mapped[datetime]
