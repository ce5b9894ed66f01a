"""工作日: the year that holds, and the office's own days where the published calendar is missing or differs."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from taskboard import clock
from taskboard.boards import timeline
from taskboard.boards import workdays as board
from taskboard.db import db
from taskboard.forms.admin import ArrangementForm, WorkdayForm
from taskboard.models import Event, managing, working_days
from taskboard.models.event import Kind
from taskboard.rules.access import Permission
from taskboard.views.guard import may
from taskboard.views.once import once

bp = Blueprint("workdays", __name__, url_prefix="/admin/workdays")


@bp.get("/")
@may(Permission.MANAGE_STRUCTURE)
def index() -> ResponseReturnValue:
    """A year, month by month."""
    return _page(WorkdayForm(formdata=None), ArrangementForm(formdata=None))


@bp.post("/")
@may(Permission.MANAGE_STRUCTURE)
@once
def save() -> ResponseReturnValue:
    """Say that a day is worked or not."""
    form = WorkdayForm()
    if not form.validate_on_submit():
        return _page(form, ArrangementForm(formdata=None)), 422
    day = form.day.data or clock.today()
    managing.set_workday(day, form.is_workday.data == "1", form.name.data or "", current_user.id, clock.now())
    db.session.commit()
    return _saved("已保存，下次巡检起按新的工作日计算", day.year)


@bp.post("/preview")
@may(Permission.MANAGE_STRUCTURE)
def preview() -> ResponseReturnValue:
    """What a pasted arrangement would do; writes nothing."""
    form = ArrangementForm()
    if not form.validate_on_submit():
        return _page(WorkdayForm(formdata=None), form), 422
    fates, wrong = board.preview(form.lines.data or "")
    return render_template("workdays/preview.html", form=form, fates=fates, wrong=wrong), 422 if wrong else 200


@bp.post("/enter")
@may(Permission.MANAGE_STRUCTURE)
@once
def enter() -> ResponseReturnValue:
    """Enter the previewed arrangement; all lines or none."""
    form = ArrangementForm()
    if not form.validate_on_submit():
        return _page(WorkdayForm(formdata=None), form), 422
    fates, wrong = board.preview(form.lines.data or "")
    if wrong or not fates:
        return render_template("workdays/preview.html", form=form, fates=fates, wrong=wrong), 422
    count = working_days.enter([fate.one for fate in fates], current_user.id, clock.now())
    db.session.commit()
    words = f"已录入 {count} 天，下次巡检起按新的工作日计算" if count else "没有变化"
    return _saved(words, fates[-1].one.day.year)


@bp.post("/<day>/drop")
@may(Permission.MANAGE_STRUCTURE)
def drop(day: str) -> ResponseReturnValue:
    """Take an entry back."""
    try:
        on = date.fromisoformat(day)
    except ValueError:
        abort(404)
    working_days.take_back(on, current_user.id, clock.now())
    db.session.commit()
    return _saved("已删除，该日恢复为内置安排", on.year)


def _saved(words: str, year: int) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for("workdays.index", year=year))


def _page(day_form: WorkdayForm, form: ArrangementForm) -> str:
    asked = request.args.get("year", clock.today().year, type=int)
    number = min(max(asked, board.FIRST), board.LAST)
    events = timeline.entries(Event.newest(Kind.CALENDAR_CHANGED.key, 20))
    seen = board.year(number, clock.today())
    return render_template("workdays/index.html", board=seen, day_form=day_form, form=form, events=events)
