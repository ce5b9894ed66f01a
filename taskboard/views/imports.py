"""Task books from a page: send, look at what would happen, confirm."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from flask import Blueprint, current_app, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from taskboard import clock
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.exports import template
from taskboard.forms.import_file import ConfirmForm, UploadForm
from taskboard.imports import take_in as book
from taskboard.imports.task_book import Reading, read_task_book
from taskboard.models import Group, Unit
from taskboard.rules.access import Permission
from taskboard.views import frame
from taskboard.views.guard import may
from taskboard.views.once import once

bp = Blueprint("imports", __name__, url_prefix="/imports")
SHOWN = 200


@bp.get("/tasks")
@may(Permission.IMPORT_TASKS)
def tasks() -> ResponseReturnValue:
    """Where a task book is sent."""
    return render_template("imports/tasks.html", form=UploadForm())


@bp.post("/tasks")
@may(Permission.IMPORT_TASKS)
def preview() -> ResponseReturnValue:
    """What the file would do; nothing is written but the file itself, beside the database."""
    form = UploadForm()
    if not form.validate_on_submit():
        return render_template("imports/tasks.html", form=form), 422
    data, name = form.file.data.read(), (form.file.data.filename or "任务书.xlsx")[-200:]
    try:
        reading = _read(data, name)
    except Refused as refusal:
        form.file.errors = [*form.file.errors, str(refusal)]
        return render_template("imports/tasks.html", form=form), 422
    seen = book.preview(reading, frame.campaign())
    db.session.rollback()
    _folder().mkdir(parents=True, exist_ok=True)
    (_folder() / reading.sha256).write_bytes(data)
    confirm = ConfirmForm(formdata=None, sha256=reading.sha256, name=name)
    return render_template("imports/preview.html", seen=seen, reading=reading, name=name, form=confirm, shown=SHOWN)


@bp.post("/tasks/confirm")
@may(Permission.IMPORT_TASKS)
@once
def confirm() -> ResponseReturnValue:
    """Take the previewed file in, in one transaction."""
    form = ConfirmForm()
    if not form.validate_on_submit() or not (file := _folder() / (form.sha256.data or "")).is_file():
        raise Refused("预览已过期，请重新上传任务书")
    name = form.name.data or ""
    reading = _read(file.read_bytes(), name)
    done = book.take_in(reading, frame.campaign(), name, current_user.id, clock.now(), bool(form.skip_bad.data))
    db.session.commit()
    file.unlink(missing_ok=True)
    words = "已导入：新增 {created}、更新 {changed}、不变 {unchanged}、跳过 {skipped}".format(**done)
    flash(done["again"] or words, "success")
    return redirect(url_for("tasks.index"))


@bp.get("/tasks/template")
@may(Permission.IMPORT_TASKS)
def blank() -> ResponseReturnValue:
    """An empty task book with the district's unit names."""
    groups = [group.name for group in Group.listed(frame.campaign().id)]
    data = template.task_book([unit.name for unit in Unit.listed()], groups)
    return send_file(BytesIO(data), as_attachment=True, download_name="任务书模板.xlsx")


def _read(data: bytes, name: str) -> Reading:
    directory = book.directory()
    db.session.rollback()  # reading takes a while; no lock is held meanwhile
    return read_task_book(data, name, directory, clock.today())


def _folder() -> Path:
    folder: Path = current_app.config["TASKBOARD"].var / "imports"
    return folder
