"""Health for machines, without detail, and for people, with what to do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from taskboard import clock
from taskboard.boards import health
from taskboard.db import db
from taskboard.jobs import heartbeats, runner
from taskboard.models import Attempt, Delivery, Heartbeat, Installation
from tests.conftest import make_app
from tests.world import Web


def lived(web: Web, beat: timedelta = timedelta(), done: bool = True) -> None:
    """A jobs process that has done its work, started an hour ago, and beat last so long ago."""
    with web.app.app_context():
        if done:
            runner.tick()
        heartbeats.beat("jobs")
        now = clock.real_now()
        db.session.execute(update(Heartbeat).values(started_at=now - timedelta(hours=1), at=now - beat))
        db.session.execute(update(Installation).values(stepped_at=now - timedelta(hours=3)))
        db.session.commit()


def codes(web: Web) -> tuple[int, int]:
    visitor = web.visitor()
    return visitor.get("/healthz").status_code, visitor.get("/healthz/web").status_code


def test_a_fresh_installation_is_well(web: Web) -> None:
    assert codes(web) == (200, 200)


def test_all_is_well_while_the_jobs_process_beats_and_sweeps(web: Web) -> None:
    lived(web)

    assert codes(web) == (200, 200)
    text = web.as_("office").get("/admin/health").text
    assert "一切正常" in text
    assert "作业进程" in text


def test_a_silent_jobs_process_is_down_for_a_watchdog_and_not_for_a_load_balancer(web: Web) -> None:
    lived(web, timedelta(seconds=110))
    assert codes(web) == (200, 200), "told to people first"
    lived(web, timedelta(seconds=130))
    assert codes(web) == (503, 200)

    answer = web.visitor().get("/healthz")
    assert answer.json == {"status": "unavailable"}
    text = web.as_("system_admin").get("/admin/health").text
    assert "1 项需要处理" in text
    assert "重新启动作业进程" in text


def test_a_late_sweep_is_down(web: Web) -> None:
    lived(web, done=False)

    assert codes(web) == (503, 200)


def test_messages_that_wait_for_half_an_hour_are_down(web: Web) -> None:
    lived(web)
    with web.app.app_context():
        old = clock.real_now() - timedelta(minutes=31)
        values = {"channel": "mail", "channel_id": 2, "subject": "一条", "body": "正文", "created_at": old}
        values["queued_at"] = old
        db.session.add(Delivery(**values, address="a@example.invalid", next_try_at=old))
        db.session.commit()

    assert codes(web) == (503, 200)


def test_a_database_that_is_gone_is_a_503_and_no_error_page(tmp_path: Any) -> None:
    app: Flask = make_app("postgresql://nobody@127.0.0.1:9/nothing", tmp_path)
    for path in ("/healthz", "/healthz/web"):
        answer = app.test_client().get(path)
        assert (answer.status_code, answer.json) == (503, {"status": "unavailable"})


def test_the_pace_of_today_is_measured_from_due_to_handed_over(web: Web) -> None:
    with web.app.app_context():
        now = clock.real_now()
        values = {"channel": "mail", "channel_id": 2, "subject": "一条", "body": "正文", "created_at": now}
        for seconds in (1, 2, 30, 4):
            row = Delivery(**values, state="sent", sent_at=now, queued_at=now - timedelta(seconds=seconds))
            db.session.add(row)
            db.session.flush()
            db.session.add(Attempt(delivery_id=row.id, no=1, started_at=now, finished_at=now, outcome="sent"))
        db.session.commit()
        pace = health.pace(now)

    assert (pace.count, pace.within_ten, pace.p99_seconds) == (4, 0.75, 30.0)
    assert "75%" in pace.words


@pytest.mark.parametrize("who", ["reporter", "lead", "leader"])
def test_the_page_is_for_those_who_see_the_jobs(web: Web, who: str) -> None:
    assert web.as_(who).get("/admin/health").status_code == 403
