"""The timetable, on screen."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from taskboard import clock
from taskboard.boards import timetable
from taskboard.models import DeliveryState
from taskboard.rules.access import Permission
from taskboard.views.guard import may

bp = Blueprint("jobs", __name__)


@bp.get("/jobs")
@may(Permission.SEE_JOBS)
def index() -> ResponseReturnValue:
    """Each job: when, last run, next run, counts, error."""
    schedule = current_app.extensions["taskboard.timetable"]
    now = {True: clock.now(), False: clock.real_now()}
    rows = [(job, job.next(now[job.daily is not None])) for job in schedule]
    alive = timetable.is_alive(clock.real_now())
    runs, messages = timetable.last_runs(), timetable.message_counts()
    return render_template(
        "jobs/index.html", rows=rows, runs=runs, alive=alive, messages=messages, states=DeliveryState
    )
