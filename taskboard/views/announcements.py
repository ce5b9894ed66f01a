"""通知: the office says something to many at once, and sees before whom it reaches and when."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from taskboard import clock
from taskboard.boards import announcements as board
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.forms.announcement import AnnouncementForm
from taskboard.models import Announcement, Group, Unit, UnitKind
from taskboard.models.announcing import announce
from taskboard.rules.access import Permission, permits
from taskboard.views import frame
from taskboard.views.guard import may, seating
from taskboard.views.once import once

bp = Blueprint("announcements", __name__, url_prefix="/announcements")


@bp.get("/")
@may(Permission.ANNOUNCE)
def index() -> ResponseReturnValue:
    """What was announced, and what came of it."""
    return render_template("announcements/index.html", past=board.past())


@bp.get("/new")
@may(Permission.ANNOUNCE)
def new() -> ResponseReturnValue:
    """Where one is written."""
    return _page(_form())


@bp.post("/preview")
@may(Permission.ANNOUNCE)
def preview() -> ResponseReturnValue:
    """Whom it would reach, by channel, and when; writes nothing. `back` returns to the form as typed."""
    form = _form()
    if request.form.get("back") or not form.validate_on_submit():
        return _page(form), 200 if request.form.get("back") else 422
    return _preview(form)


@bp.post("/")
@may(Permission.ANNOUNCE)
@once
def send() -> ResponseReturnValue:
    """Say it. Where the number of people has changed meanwhile, the preview is shown again."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        made = announce(form.draft(), form.counted(), current_user.id, clock.now(), clock.today())
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        return _preview(form, str(refused)), refused.status
    flash(f"已发出通知“{made.title}”，{made.people} 人将收到", "success")
    return redirect(url_for("announcements.index"))


@bp.get("/<int:id_>")
@may(Permission.USE)
def show(id_: int) -> ResponseReturnValue:
    """One announcement, for whoever was told of it, and for the office with what came of it."""
    row = db.session.get(Announcement, id_) or abort(404)
    may_count = permits(seating(), Permission.ANNOUNCE)
    if not may_count and not board.was_told(row.id, current_user.id):
        abort(404)
    return render_template("announcements/show.html", row=row, past=board.one(row) if may_count else None)


def _form() -> AnnouncementForm:
    form = AnnouncementForm()
    form.units.choices = [(unit.id, unit.short_name) for unit in Unit.listed() if unit.kind != UnitKind.DISTRICT]
    form.groups.choices = [(group.id, group.short_name) for group in Group.listed(frame.campaign().id)]
    return form


def _page(form: AnnouncementForm) -> str:
    return render_template("announcements/new.html", form=form)


def _preview(form: AnnouncementForm, refusal: str = "") -> str:
    draft = form.draft()
    seen = board.preview(draft, current_user.id, clock.now(), clock.today())
    form.people.data = str(seen.people)
    return render_template("announcements/preview.html", form=form, draft=draft, seen=seen, refusal=refusal)
