"""Whether the program is well: a status without detail for machines, a page for people."""

from __future__ import annotations

import logging

from flask import Blueprint, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from taskboard import clock
from taskboard.boards import health
from taskboard.boards.findings import Limits, Line
from taskboard.db import db
from taskboard.models import DeliveryState
from taskboard.rules.access import Permission
from taskboard.views.guard import may, public

bp = Blueprint("health", __name__)

log = logging.getLogger(__name__)


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The whole program: 503 also when nothing sweeps or sends, though pages may still open."""
    try:
        is_up = health.is_up(_lines(), Limits.of(current_app.config["TASKBOARD"]), clock.now(), clock.real_now())
    except SQLAlchemyError:
        return _unavailable()
    return jsonify(status="ok") if is_up else (jsonify(status="unavailable"), 503)


@bp.get("/healthz/web")
@public
def web() -> ResponseReturnValue:
    """This web process alone, for a load balancer: a jobs process that is down must not take the pages away."""
    try:
        db.session.execute(select(1))
    except SQLAlchemyError:
        return _unavailable()
    return jsonify(status="ok")


@bp.get("/admin/health")
@may(Permission.SEE_JOBS)
def page() -> ResponseReturnValue:
    """What is not well and what to do, then what that rests on."""
    limits = Limits.of(current_app.config["TASKBOARD"])
    board = health.board(_lines(), limits, clock.now(), clock.real_now())
    return render_template("health/index.html", board=board, states=DeliveryState)


def _lines() -> list[Line]:
    """The lines of the timetable that this installation needs."""
    config = current_app.config["TASKBOARD"]
    return [
        job for job in current_app.extensions["taskboard.timetable"] if config.queue != "local" or not job.with_queue
    ]


def _unavailable() -> ResponseReturnValue:
    log.error("the database cannot be reached")
    db.session.rollback()
    return jsonify(status="unavailable"), 503
