"""序时计划: the versions of a target's schedule, asking for another, and deciding it."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from taskboard import clock
from taskboard.boards import commitment as commitment_board
from taskboard.boards import schedule as board
from taskboard.boards.chart import Chart
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.forms.schedule import AnswerForm, ScheduleForm
from taskboard.models import ScheduleVersion, Target, scheduling
from taskboard.rules.access import Permission, permits, reaches
from taskboard.rules.curves import BadCurve
from taskboard.views.guard import acting, may, seating
from taskboard.views.once import new_form_key, once

bp = Blueprint("schedules", __name__)


@bp.get("/schedules")
@may(Permission.SEE_COMMITMENTS)
def index() -> ResponseReturnValue:
    """The requests that the seat sees, those that wait first."""
    shows_all = request.args.get("view") == "all"
    page = board.requests(seating(), request.args.get("page", 1, type=int), not shows_all)
    return render_template("schedules/index.html", page=page, waiting=board.waiting(seating()), shows_all=shows_all)


@bp.get("/schedules/<int:id>")
@may(Permission.SEE_COMMITMENTS)
def answer(id: int) -> ResponseReturnValue:
    """One version, with its answer or the form to give one."""
    return _answer_page(_seen(id), AnswerForm())


@bp.post("/schedules/<int:id>")
@may(Permission.DECIDE_SCHEDULE)
@once
def decide(id: int) -> ResponseReturnValue:
    """Approve a version or refuse it."""
    version, form = _seen(id), AnswerForm()
    if not form.validate_on_submit():
        return _answer_page(version, form), 422
    approved = form.decision.data == "approve"
    try:
        scheduling.decide(version, approved, form.answer.data or "", form.from_on.day, acting(), clock.now())
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        return _answer_page(_seen(id), form, str(refused)), refused.status
    flash("已核定，目标按新计划亮灯" if approved else "已答复：不同意", "success")
    return redirect(url_for("schedules.answer", id=id))


@bp.get("/targets/<int:id>/schedule")
@may(Permission.SEE_COMMITMENTS)
def show(id: int) -> ResponseReturnValue:
    """A target's schedule with all its versions, and the form to ask for another."""
    target = _target(id)
    return _page(target, _form(target))


@bp.post("/targets/<int:id>/schedule/preview")
@may(Permission.MANAGE_TARGETS)
def preview(id: int) -> ResponseReturnValue:
    """The curve as typed beside the present one; nothing is written."""
    target = _managed(id)
    form = _form(target)
    if not form.validate_on_submit():
        return _page(target, form), 422
    try:
        draft = form.draft()
        points = scheduling.draw(target, draft)
    except Refused as refused:
        return _refused(target, form, refused)
    on = clock.today()
    other = (draft.target_value, points)
    drawn = board.compared(target, other, commitment_board.readings_of(target, on), on, "拟定计划")
    return _page(target, form, drawn=drawn)


@bp.post("/targets/<int:id>/schedule")
@may(Permission.MANAGE_TARGETS)
@once
def ask(id: int) -> ResponseReturnValue:
    """Ask for another schedule."""
    target = _managed(id)
    form = _form(target)
    if not form.validate_on_submit():
        return _page(target, form), 422
    try:
        version = scheduling.ask(target, form.draft(), acting(), clock.now())
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        return _refused(_managed(id), form, refused)
    flash(f"已提出第 {version.no} 版，待专班办公室核定", "success")
    return redirect(url_for("schedules.show", id=id))


def _target(id: int) -> Target:
    return cast(Target, commitment_board.find("target", id, seating()) or abort(404))


def _managed(id: int) -> Target:
    target = _target(id)
    return target if reaches(seating(), target.group_id, ()) else abort(404)


def _seen(id: int) -> ScheduleVersion:
    return board.find(id, seating()) or abort(404)


def _form(target: Target) -> ScheduleForm:
    form = ScheduleForm()
    form.offer(target, ScheduleVersion.newest(target.id, "approved") is None)
    return form


def _refused(target: Target, form: ScheduleForm, refused: Refused) -> ResponseReturnValue:
    if isinstance(refused, BadCurve):
        form.blame(str(refused))
        return _page(target, form), refused.status
    return _page(target, form, message=str(refused)), refused.status


def _page(target: Target, form: ScheduleForm, message: str = "", **more: Any) -> str:
    versions = board.versions(target)
    may_ask = permits(seating(), Permission.MANAGE_TARGETS) and reaches(seating(), target.group_id, ())
    return render_template(
        "schedules/show.html",
        target=target,
        form=form,
        key=new_form_key(),
        message=message,
        versions=versions,
        waiting=next((version.row for version in versions if version.row.state == "asked"), None),
        present=next((version for version in versions if version.is_present), None),
        chart=board.drawn(target, commitment_board.readings_of(target, clock.today()), clock.today()),
        may_ask=may_ask,
        **more,
    )


def _drawn(version: ScheduleVersion) -> Chart | None:
    target, on = version.target, clock.today()
    readings = commitment_board.readings_of(target, on)
    if version.state == "approved":
        return board.drawn(target, readings, on)
    other = (version.target_value, version.curve_points)
    return board.compared(target, other, readings, on, f"第 {version.no} 版")


def _answer_page(version: ScheduleVersion, form: AnswerForm, message: str = "") -> str:
    target, by_oneself = version.target, version.asked_by_id == acting().person_id
    may_decide = version.state == "asked" and permits(seating(), Permission.DECIDE_SCHEDULE)
    return render_template(
        "schedules/answer.html",
        version=version,
        target=target,
        form=form,
        key=new_form_key(),
        message=message,
        today=clock.today(),
        drawn=_drawn(version),
        may_decide=may_decide and not by_oneself,
        by_oneself=may_decide and by_oneself,
    )
