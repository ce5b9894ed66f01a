"""Stepping the demonstration's clock forward."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from taskboard import clock
from taskboard.boards.words import day as day_words
from taskboard.db import db
from taskboard.models import Installation, Kind, record
from taskboard.rules.access import Permission
from taskboard.views.guard import may

bp = Blueprint("clock", __name__)


@bp.post("/clock")
@may(Permission.STEP_CLOCK)
def step() -> ResponseReturnValue:
    """One day or one week forward; the jobs process sees the new day and sweeps."""
    installation = Installation.get()
    days = request.form.get("days", type=int)
    if installation is None or not installation.is_demonstration or days not in (1, 7):
        abort(404)
    before, at = installation.demo_day, clock.now()
    after = installation.step(days, clock.real_now())
    record(Kind.CLOCK_STEPPED, installation, current_user.id, at, before={"day": before}, after={"day": after})
    db.session.commit()
    flash(f"演示日期已前进到{day_words(after)}，亮灯将在几秒内更新", "success")
    return redirect(url_for("today.show"))
