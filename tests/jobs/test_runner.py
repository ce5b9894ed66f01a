"""What is due is a row: run once whoever asks, caught up when missed, watched."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Flask, g
from sqlalchemy import func, select

from taskboard import clock
from taskboard.db import db
from taskboard.jobs import runner
from taskboard.jobs.timetable import TIMETABLE
from taskboard.models import Heartbeat, Installation, JobRun
from tests.world import World

SWEEP = next(job for job in TIMETABLE if job.name == "sweep")


def test_a_tick_runs_what_is_due_and_the_next_one_nothing_daily(world: World) -> None:
    first = runner.tick()
    second = runner.tick()

    assert {"sweep", "notify", "tidy"} <= set(first)
    assert "sweep" not in second
    row = db.session.scalars(select(JobRun).where(JobRun.job == "sweep")).one()
    assert (row.state, row.due_at) == ("done", clock.at(clock.today(), 7, 33))
    assert '"checked": 2' in row.counts
    assert db.session.get(Heartbeat, "jobs") is not None


def test_a_day_that_was_stepped_to_is_swept_and_missed_days_are_on_record(app: Flask, world: World) -> None:
    runner.tick()
    installation = db.session.get_one(Installation, 1)
    installation.step(7, clock.real_now())
    db.session.commit()
    g.pop("installation", None)

    assert "sweep" in runner.tick()

    states = db.session.scalars(select(JobRun.state).where(JobRun.job == "sweep").order_by(JobRun.due_at)).all()
    assert states == ["done", *["skipped"] * 6, "done"]


def test_two_at_once_run_it_once(world: World) -> None:
    due = SWEEP.due(clock.now())

    assert runner._claim(SWEEP, due)
    assert not runner._claim(SWEEP, due)


def test_idle_ticks_leave_one_row_and_an_error_stays_on_record(world: World) -> None:
    notify = next(job for job in TIMETABLE if job.name == "notify")
    now = clock.real_now()
    for n in range(3):
        runner._run_if_due(notify, now + timedelta(seconds=notify.every * n))

    assert db.session.scalar(select(func.count()).select_from(JobRun).where(JobRun.job == "notify")) == 1

    def broken(_at: datetime) -> dict[str, int]:
        raise RuntimeError("the world is out")

    failing = type(notify)(notify.name, notify.words, broken, every=notify.every)
    runner._run_if_due(failing, now + timedelta(seconds=notify.every * 5))

    row = db.session.scalars(select(JobRun).where(JobRun.state == "failed")).one()
    assert row.error == "RuntimeError: the world is out"
