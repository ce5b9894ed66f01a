"""What is due is a row: run once whoever asks, caught up when missed, watched."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import datetime, timedelta

from flask import Flask, g
from sqlalchemy import func, select

from taskboard import clock, trace
from taskboard.db import db
from taskboard.jobs import claims, heartbeats, runner
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
    assert db.session.get(Heartbeat, trace.process_name("jobs")) is not None


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

    assert claims.claim(SWEEP, due)
    assert not claims.claim(SWEEP, due)


def test_idle_ticks_leave_one_row_and_an_error_stays_on_record(world: World) -> None:
    notify = next(job for job in TIMETABLE if job.name == "notify")
    now = clock.real_now()
    for n in range(3):
        runner.run_if_due(notify, now + timedelta(seconds=notify.every * n))

    assert db.session.scalar(select(func.count()).select_from(JobRun).where(JobRun.job == "notify")) == 1

    def broken(_at: datetime) -> dict[str, int]:
        raise RuntimeError("the world is out")

    failing = type(notify)(notify.name, notify.words, broken, every=notify.every)
    runner.run_if_due(failing, now + timedelta(seconds=notify.every * 5))

    row = db.session.scalars(select(JobRun).where(JobRun.state == "failed")).one()
    assert row.error == "RuntimeError: the world is out"


def test_a_run_whose_owner_is_gone_is_taken_over_and_its_late_end_is_refused(world: World) -> None:
    due = SWEEP.due(clock.now())
    heartbeats.begin("jobs", "jobs@elsewhere:1")
    dead = claims.claim(SWEEP, due, "jobs@elsewhere:1")
    assert dead is not None

    assert "sweep" not in runner.tick(), "its owner is alive"
    silence("jobs@elsewhere:1", 61)
    assert "sweep" in runner.tick()

    row = db.session.scalars(select(JobRun).where(JobRun.job == "sweep")).one()
    assert (row.state, row.tries, row.owner) == ("done", 2, trace.process_name("jobs"))
    assert not claims.finish(dead, SWEEP, {"checked": -1}, "")
    db.session.refresh(row)
    assert '"checked": 2' in row.counts


def test_a_process_that_began_anew_under_the_same_name_does_not_hold_the_run_of_the_old_one(world: World) -> None:
    heartbeats.begin("jobs", "jobs@box:1")
    assert claims.claim(SWEEP, SWEEP.due(clock.now()), "jobs@box:1")
    heartbeats.begin("jobs", "jobs@box:1")

    assert "sweep" in runner.tick()


def test_a_run_that_is_interrupted_three_times_has_failed_and_says_so(world: World) -> None:
    for _ in range(claims.TRIES):
        run = claims.claim(SWEEP, SWEEP.due(clock.now()), "jobs@gone:9")
        assert run is not None
        claims.forget(run)

    assert "sweep" not in runner.tick()

    row = db.session.scalars(select(JobRun).where(JobRun.job == "sweep")).one()
    assert row.state == "failed"
    assert "3 次" in row.error


def test_a_daily_job_that_failed_is_tried_again_after_a_while(world: World) -> None:
    def broken(_at: datetime) -> dict[str, int]:
        raise RuntimeError("the world is out")

    failing = type(SWEEP)(SWEEP.name, SWEEP.words, broken, daily=SWEEP.daily)
    assert runner.wake(failing)
    assert not runner.wake(SWEEP)
    row = db.session.scalars(select(JobRun).where(JobRun.job == "sweep")).one()
    row.finished_at = clock.real_now() - claims.TRY_AGAIN_AFTER
    db.session.commit()

    assert runner.wake(SWEEP)
    db.session.refresh(row)
    assert (row.state, row.tries, row.error) == ("done", 2, "")


def test_a_clock_that_was_set_back_does_not_stop_the_short_cycles(world: World) -> None:
    notify = next(job for job in TIMETABLE if job.name == "notify")
    now = clock.real_now()
    assert runner.run_if_due(notify, now + timedelta(hours=1))

    assert runner.run_if_due(notify, now)
    assert not runner.run_if_due(notify, now)


def test_nothing_daily_is_due_when_everybody_else_sends() -> None:
    assert all(job.daily.minute not in (0, 30) for job in TIMETABLE if job.daily)


def test_four_schedulers_run_each_slot_once(world: World, app: Flask) -> None:
    config = app.config["TASKBOARD"]
    environ = {**os.environ, "TASKBOARD_DATABASE_URL": config.database_url, "TASKBOARD_VAR": str(config.var)}
    environ |= {"TASKBOARD_SECRET_KEY": config.secret_key}
    command = [sys.executable, "-m", "taskboard.cli", "jobs"]
    clocks = [subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) for _ in range(4)]
    try:
        ends = time.monotonic() + 40
        while time.monotonic() < ends and not ended() >= {"sweep", "items", "tidy"}:
            time.sleep(0.5)
        clocks[0].kill()
        time.sleep(3)
    finally:
        for process in clocks:
            process.terminate()
        codes = [process.wait(timeout=20) for process in clocks]

    daily = [job.name for job in TIMETABLE if job.daily]
    rows = db.session.execute(select(JobRun.job, JobRun.state, JobRun.tries).where(JobRun.job.in_(daily))).all()
    assert sorted(rows) == sorted((name, "done", 1) for name in daily)
    assert codes[1:] == [0, 0, 0]


def ended() -> set[str]:
    found = set(db.session.scalars(select(JobRun.job).where(JobRun.state == "done")))
    db.session.rollback()
    return found


def silence(process: str, seconds: int) -> None:
    """Let a process have beaten last so long ago."""
    row = db.session.get_one(Heartbeat, process)
    row.at = row.started_at = clock.real_now() - timedelta(seconds=seconds)
    db.session.commit()
