"""What is late or silent is told once, by whoever notices, and nothing nags when all is well."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from taskboard import clock
from taskboard.boards import findings
from taskboard.boards.findings import Limits
from taskboard.db import db
from taskboard.jobs import heartbeats, runner, watch
from taskboard.jobs.timetable import TIMETABLE
from taskboard.models import Channel, Delivery, Event, Heartbeat, Installation, JobRun
from tests.alerts.test_outbox import sink, with_smtp
from tests.world import NOON, World

__all__ = ["sink"]
LIMITS = Limits(timedelta(hours=2), timedelta(seconds=90))
LATER = NOON + timedelta(hours=2)


def settled(ago: timedelta = timedelta(hours=1), beat: timedelta = timedelta()) -> None:
    """A jobs process that started a while ago and beat last so long ago; a day stepped to a while ago."""
    heartbeats.beat("jobs")
    now = clock.real_now()
    db.session.execute(update(Heartbeat).values(started_at=now - ago, at=now - beat))
    db.session.execute(update(Installation).values(stepped_at=now - ago))
    db.session.commit()


def keys(now: datetime = LATER) -> list[str]:
    found = [finding.key for finding in findings.all_of(TIMETABLE, LIMITS, now, clock.real_now())]
    db.session.rollback()
    return found


def alarms() -> list[Delivery]:
    found = list(db.session.scalars(select(Delivery).where(Delivery.occasion == "alarm").order_by(Delivery.id)))
    db.session.rollback()
    return found


def test_a_fresh_installation_is_well(world: World) -> None:
    assert keys() == []


def test_a_sweep_that_is_not_done_in_time_is_late_and_a_done_one_is_not(world: World) -> None:
    settled()
    assert {"late:sweep", "late:items"} <= set(keys())
    assert keys(clock.at(clock.day_of(NOON), 9, 30)) == ["late:tidy"], "two hours are not over yet"

    runner.tick()
    assert keys() == []


def test_a_process_that_has_just_started_has_time_to_catch_up(world: World) -> None:
    settled(timedelta(seconds=30))

    assert keys() == []


def test_silence_is_told_to_office_and_system_admins_once_and_again_at_the_next(world: World, sink: Any) -> None:
    handler, port = sink
    from flask import current_app

    with_smtp(current_app._get_current_object(), port)  # type: ignore[attr-defined]
    runner.tick()
    settled(beat=timedelta(seconds=100))

    for _ in range(3):
        watch.run(clock.now(), send_here=True)

    assert sorted(mail["to"] for mail in handler.mails) == ["office@example.invalid", "system_admin@example.invalid"]
    assert all("作业进程" in mail["subject"] for mail in handler.mails)
    kinds = list(db.session.scalars(select(Event.kind).where(Event.kind == "sweep_late")))
    assert len(kinds) == 1

    settled()
    assert watch.run(clock.now()) == {"alarms": 0}
    settled(beat=timedelta(seconds=200))
    assert watch.run(clock.now()) == {"alarms": 1}


def test_the_jobs_process_itself_tells_of_a_late_sweep(world: World) -> None:
    settled()
    daily = sum(job.daily is not None for job in TIMETABLE)
    assert watch.run(LATER) == {"alarms": daily}
    assert watch.run(LATER) == {"alarms": 0}

    letters = alarms()
    assert len(letters) == 2, "one to the office and one to the system administrator, of all that is late"
    assert all("“巡检”应于 6月5日 07:33 运行" in letter.body for letter in letters)
    assert f"另有 {daily - 1} 项" in letters[0].subject


def test_what_waits_too_long_counts_only_where_the_channel_is_open(world: World) -> None:
    runner.tick()
    settled()
    from taskboard.alerts import gathering

    channel = db.session.get_one(Channel, 2)
    letter = gathering.write(channel, "a@example.invalid", "一条", "正文", NOON)
    letter.next_try_at = clock.real_now() - timedelta(minutes=11)
    db.session.commit()
    assert keys() == ["oldest"]

    channel = db.session.get_one(Channel, 2)
    channel.open_until, channel.last_error = clock.real_now() + timedelta(minutes=5), "拒绝连接"
    db.session.commit()
    assert keys() == ["circuit"]

    letter = db.session.get_one(Delivery, letter.id)
    letter.state = "uncertain"
    db.session.commit()
    assert keys() == ["circuit", "uncertain"]


def test_alarms_are_no_runs_of_the_timetable(world: World) -> None:
    settled(beat=timedelta(seconds=100))
    watch.run(clock.now())

    assert all(row.state == "done" for row in db.session.scalars(select(JobRun).where(JobRun.job.like("alarm:%"))))


def test_when_the_jobs_process_is_killed_the_web_process_sends_the_mail(web_app: Flask, sink: Any) -> None:
    from tests.world import build

    handler, port = sink
    with web_app.app_context():
        build()
    config = web_app.config["TASKBOARD"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        at = probe.getsockname()[1]
    environ = {**os.environ, "TASKBOARD_DATABASE_URL": config.database_url, "TASKBOARD_VAR": str(config.var)}
    environ |= {"TASKBOARD_SECRET_KEY": config.secret_key, "TASKBOARD_SILENT_SECONDS": "12", "TASKBOARD_LOG": "json"}
    environ |= {"TASKBOARD_SMTP_HOST": "127.0.0.1", "TASKBOARD_SMTP_PORT": str(port)}
    command = [sys.executable, "-m", "taskboard.cli"]
    serve = [*command, "serve", "--workers", "1", "--port", str(at)]
    web = subprocess.Popen(serve, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    jobs = subprocess.Popen([*command, "jobs"], env=environ, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: status(at, "/healthz/web") == 200 and beaten(web_app) == {"web", "jobs"})
        os.kill(jobs.pid, signal.SIGKILL)
        wait_for(lambda: len(handler.mails) >= 2)
        wait_for(lambda: status(at, "/healthz") == 503)
        assert status(at, "/healthz/web") == 200
        time.sleep(7)
    finally:
        web.terminate()
        jobs.wait(timeout=20)
        web.wait(timeout=20)

    alarms = [mail for mail in handler.mails if "运行告警" in mail["subject"]]
    assert sorted(mail["to"] for mail in alarms) == ["office@example.invalid", "system_admin@example.invalid"]
    assert beaten(web_app) == {"jobs"}, "the web process took leave"


def beaten(app: Flask) -> set[str]:
    with app.app_context():
        return set(db.session.scalars(select(Heartbeat.kind)))


def status(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def wait_for(what: Any, seconds: int = 60) -> None:
    ends = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < ends, "it took too long"
        time.sleep(0.3)


def test_the_folder_of_the_program_is_looked_at(world: World, tmp_path: Path) -> None:
    assert findings.free_space(tmp_path) > 0
