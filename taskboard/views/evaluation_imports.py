"""外部评价表 from a page: send, look at what would happen, confirm."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from flask import Blueprint, current_app, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from taskboard import clock
from taskboard.boards import evaluation as board
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.exports import evaluations as exported
from taskboard.forms.evaluation import EvaluationConfirmForm, EvaluationUploadForm
from taskboard.imports import evaluations_take_in as book
from taskboard.imports.evaluations import Reading, read_evaluations
from taskboard.rules.access import Permission
from taskboard.views import frame
from taskboard.views.guard import may
from taskboard.views.once import once

bp = Blueprint("evaluation_imports", __name__, url_prefix="/imports/evaluations")
SHOWN = 200


@bp.get("")
@may(Permission.IMPORT_EVALUATIONS)
def new() -> ResponseReturnValue:
    """Where an evaluation's workbook is sent."""
    return render_template("evaluations/import.html", form=EvaluationUploadForm())


@bp.post("")
@may(Permission.IMPORT_EVALUATIONS)
def preview() -> ResponseReturnValue:
    """What the file would do; nothing is written but the file itself, beside the database."""
    form = EvaluationUploadForm()
    if not form.validate_on_submit():
        return render_template("evaluations/import.html", form=form), 422
    data, name = form.file.data.read(), (form.file.data.filename or "外部评价表.xlsx")[-200:]
    try:
        reading = _read(data, name)
    except Refused as refusal:
        form.file.errors = [*form.file.errors, str(refusal)]
        return render_template("evaluations/import.html", form=form), 422
    seen = book.preview(reading, frame.campaign())
    db.session.rollback()
    _folder().mkdir(parents=True, exist_ok=True)
    (_folder() / reading.sha256).write_bytes(data)
    confirm = EvaluationConfirmForm(formdata=None, sha256=reading.sha256, name=name)
    return render_template("evaluations/preview.html", seen=seen, reading=reading, name=name, form=confirm, shown=SHOWN)


@bp.post("/confirm")
@may(Permission.IMPORT_EVALUATIONS)
@once
def confirm() -> ResponseReturnValue:
    """Take the previewed file in, in one transaction."""
    form = EvaluationConfirmForm()
    if not form.validate_on_submit() or not (file := _folder() / (form.sha256.data or "")).is_file():
        raise Refused("预览已过期，请重新上传外部评价表")
    name = form.name.data or ""
    reading = _read(file.read_bytes(), name)
    done = book.take_in(reading, frame.campaign(), name, current_user.id, clock.now())
    db.session.commit()
    file.unlink(missing_ok=True)
    flash(done["again"] or "已导入：新增 {created}、修订 {changed}、不变 {unchanged}".format(**done), "success")
    return redirect(url_for("evaluations.index"))


@bp.get("/template")
@may(Permission.IMPORT_EVALUATIONS)
def blank() -> ResponseReturnValue:
    """The empty table, with the indicators of the last publication and our own to choose from."""
    data = exported.blank(*board.last_indicators(frame.campaign()))
    return send_file(BytesIO(data), as_attachment=True, download_name="外部评价表模板.xlsx")


def _read(data: bytes, name: str) -> Reading:
    known = book.known(frame.campaign())
    db.session.rollback()  # reading takes a while; no lock is held meanwhile
    return read_evaluations(data, name, known, clock.today())


def _folder() -> Path:
    folder: Path = current_app.config["TASKBOARD"].var / "imports"
    return folder
