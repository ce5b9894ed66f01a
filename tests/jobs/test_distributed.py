"""Workers on several machines: enqueued with the deed or not at all, and nothing is lost by a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

import config as configuration
from taskboard import clock
from taskboard.alerts import gathering
from taskboard.db import db
from taskboard.jobs import distributed, heartbeats, rescue, runner
from taskboard.jobs.timetable import TIMETABLE
from taskboard.models import Channel, Delivery, Heartbeat, JobRun, Kind, record, telling
from taskboard.models.channel import MAIL_ID
from tests.alerts.test_outbox import sink
from tests.conftest import make_app
from tests.databases import SECRET, PostgresMaker
from tests.world import NOON, World, build

__all__ = ["sink"]


@pytest.fixture
def queued(postgres_maker: PostgresMaker, tmp_path: Path, sink: Any) -> Iterator[tuple[Flask, dict[str, str], Any]]:
    """An application with a queue, its environment for processes, and the sink that mail goes to."""
    handler, port = sink
    with postgres_maker.fresh() as url:
        more = {"QUEUE": "procrastinate", "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "LOG": "json"}
        app = make_app(url, tmp_path, **more)
        distributed.apply_schema(app)
        environ = {**os.environ, "TASKBOARD_DATABASE_URL": url, "TASKBOARD_SECRET_KEY": SECRET}
        environ |= {"TASKBOARD_VAR": str(tmp_path), **{f"TASKBOARD_{name}": value for name, value in more.items()}}
        with app.app_context():
            yield app, environ, handler
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def cast(queued: Any) -> World:
    made = build()
    db.session.execute(text("DELETE FROM procrastinate_jobs"))
    db.session.commit()
    return made


def jobs(task: str, status: str = "todo") -> int:
    query = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = :task AND status::text = :status")
    found = db.session.execute(query, {"task": task, "status": status}).scalar_one()
    db.session.rollback()
    return int(found)


def letter(n: int = 0) -> Delivery:
    channel = db.session.get_one(Channel, MAIL_ID)
    made = gathering.write(channel, f"reader{n}@example.invalid", f"第 {n} 条", "正文", NOON)
    made.next_try_at = clock.real_now()
    return made


def start(environ: dict[str, str], *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "taskboard.cli", *command], env=environ, stderr=subprocess.DEVNULL)


def wait_for(what: Any, seconds: int = 60) -> None:
    ends = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < ends, "it took too long"
        time.sleep(0.3)


def states() -> Counter[str]:
    found = Counter(db.session.scalars(select(Delivery.state).where(Delivery.channel == "mail")))
    db.session.rollback()
    return found


def workers() -> int:
    found = db.session.scalar(select(func.count()).select_from(Heartbeat).where(Heartbeat.kind == "worker")) or 0
    db.session.rollback()
    return found


def test_what_is_rolled_back_leaves_no_job_and_what_is_committed_one_each(queued: Any, cast: World) -> None:
    letter()
    record(Kind.FEEDBACK_GIVEN, cast.task, cast.office.id, NOON)
    db.session.flush()
    db.session.rollback()
    db.session.commit()
    assert (jobs("deliver"), jobs("tell")) == (0, 0)

    letter()
    record(Kind.FEEDBACK_GIVEN, cast.task, cast.office.id, NOON)
    db.session.commit()
    record(Kind.FEEDBACK_GIVEN, cast.task, cast.office.id, NOON)
    db.session.commit()

    assert (jobs("deliver"), jobs("tell")) == (1, 1), "the second telling found one waiting"


def test_a_message_that_a_person_sends_again_is_queued_again(queued: Any, cast: World) -> None:
    one = letter()
    one.state = "failed"
    db.session.commit()
    db.session.execute(text("DELETE FROM procrastinate_jobs"))
    telling.resend(one, cast.office.id, NOON, clock.real_now())
    db.session.commit()

    assert jobs("deliver") == 1


def test_a_message_that_is_due_and_has_no_job_gets_one(queued: Any, cast: World) -> None:
    one = letter()
    one.next_try_at = clock.real_now() - rescue.SETTLED * 2
    db.session.commit()
    db.session.execute(text("DELETE FROM procrastinate_jobs"))
    db.session.commit()

    assert rescue.run()["requeued"] == 1
    assert rescue.run()["requeued"] == 0
    assert jobs("deliver") == 1


def test_three_workers_one_of_them_killed_send_each_message_once_or_say_so(queued: Any, cast: World) -> None:
    _, environ, handler = queued
    original = handler.handle_DATA

    async def slowly(server: Any, session: Any, envelope: Any) -> str:
        import asyncio

        await asyncio.sleep(0.2)
        return str(await original(server, session, envelope))

    handler.handle_DATA = slowly
    crew = [start(environ, "worker", "--concurrency", "2") for _ in range(3)]
    try:
        wait_for(lambda: workers() == 3)
        for n in range(60):
            letter(n)
        db.session.commit()
        wait_for(lambda: len(handler.mails) >= 10)
        os.kill(crew[0].pid, signal.SIGKILL)
        wait_for(lambda: rescue.run() and states()["sent"] + states()["sending"] == 60 and states()["sending"] <= 2, 90)
        time.sleep(1)
    finally:
        for process in crew:
            process.terminate()
        codes = [process.wait(timeout=40) for process in crew]

    assert codes[1:] == [0, 0]
    counts = states()
    numbers = Counter(mail["message-id"] for mail in handler.mails)
    assert max(numbers.values()) == 1, "nothing went out twice"
    assert counts["sent"] + counts["sending"] == 60
    assert len(numbers) >= counts["sent"]
    if counts["sending"]:
        past = "UPDATE delivery SET lease_until = lease_until - interval '1 hour' WHERE state = 'sending'"
        db.session.execute(text(past))
        db.session.commit()
        db.session.execute(text("UPDATE heartbeat SET at = at - interval '1 hour'"))
        db.session.commit()
        from taskboard.jobs import notify

        notify.run(NOON)
        marked = db.session.scalar(select(func.count()).where(Delivery.uncertain_at.is_not(None)))
        assert marked == counts["sending"], "what may have arrived is marked"


def test_a_job_of_a_dead_worker_goes_back_into_the_queue(queued: Any, cast: World) -> None:
    letter()
    db.session.commit()
    db.session.execute(text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL"))
    db.session.commit()

    assert rescue.run()["rescued"] == 1
    assert jobs("deliver") == 1


def test_a_daily_job_is_handed_to_a_worker_once_though_two_schedulers_wake(queued: Any, cast: World) -> None:
    _, environ, _ = queued
    crew = [start(environ, "worker")]
    try:
        wait_for(lambda: workers() == 1)
        crew += [start(environ, "jobs"), start(environ, "jobs")]
        daily = [job.name for job in TIMETABLE if job.daily]
        query = select(JobRun.job, JobRun.state, JobRun.tries).where(JobRun.job.in_(daily))

        def done() -> bool:
            rows = db.session.execute(query).all()
            db.session.rollback()
            return sorted(rows) == sorted((name, "done", 1) for name in daily)

        wait_for(done)
    finally:
        for process in reversed(crew):
            process.terminate()
        for process in crew:
            process.wait(timeout=40)

    owners = set(db.session.scalars(select(JobRun.owner).where(JobRun.job.in_(daily))))
    assert all(owner.startswith("worker@") for owner in owners)


def test_without_a_worker_the_jobs_process_does_all_by_itself(queued: Any, cast: World) -> None:
    _, _, handler = queued
    letter()
    db.session.commit()

    assert {"sweep", "notify"} <= set(runner.tick())
    assert len(handler.mails) == 1


def test_a_job_that_was_handed_over_and_not_taken_is_run_after_all(queued: Any, cast: World) -> None:
    heartbeats.begin("worker", "worker@elsewhere:1")
    assert "sweep" in runner.tick()
    row = db.session.scalars(select(JobRun).where(JobRun.job == "sweep")).one()
    assert row.state == "queued"
    assert "sweep" not in runner.tick()
    db.session.execute(text("DELETE FROM heartbeat WHERE kind = 'worker'"))
    db.session.commit()

    assert "sweep" in runner.tick()
    db.session.refresh(row)
    assert row.state == "done"


def test_a_queue_without_postgresql_is_refused_in_a_sentence() -> None:
    with pytest.raises(configuration.ConfigError, match="需要 PostgreSQL"):
        configuration.from_env({"TASKBOARD_QUEUE": "procrastinate", "TASKBOARD_SECRET_KEY": SECRET})


def test_the_queues_tables_are_its_own_and_no_drift_of_ours(queued: Any, cast: World) -> None:
    from flask_migrate import check

    check()
    assert not distributed.apply_schema(queued[0]), "there is nothing to do the second time"
