"""目标、周目标、官方数 from workbooks: send, see what would happen, confirm; and the page that lists all imports."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from taskboard import clock
from taskboard.db import db, reading
from taskboard.errors import Refused
from taskboard.exports import target_books as exported
from taskboard.forms.target_books import BookConfirmForm, BookUploadForm
from taskboard.imports import target_books as books
from taskboard.imports.target_books import BOOKS, Book
from taskboard.rules.access import Permission, permits
from taskboard.views import frame
from taskboard.views.guard import may, seating
from taskboard.views.once import once
from taskboard.views.progress import progress

bp = Blueprint("target_imports", __name__, url_prefix="/imports")
KIND = "/<any(targets, weekly, values):kind>"
SHOWN = 200
HINTS = {
    "targets": "一行一项目标：责任单位、指标、目标值、开始日期、完成期限等；已有的更新，没有的新增",
    "weekly": "一行一项目标，一列一周：截至各周最后一个工作日的累计应达数",
    "values": "一行一个官方数：数据截止日、官方数、发布日期、来源；再次导入不同的数按修订处理，原数保留",
}
OTHERS = (
    (
        "任务书",
        "本区原有任务书表格：项目、工作内容、牵头和责任单位、完成时限",
        "imports.tasks",
        Permission.IMPORT_TASKS,
    ),
    ("外部评价", "省、市公布的综合评价：评级、位次和分指标", "evaluation_imports.new", Permission.IMPORT_EVALUATIONS),
)


@bp.get("")
@may(Permission.IMPORT_TARGETS)
def index() -> ResponseReturnValue:
    """What can be taken in from workbooks."""
    kinds = [(book.noun, HINTS[book.kind], url_for("target_imports.new", kind=book.kind)) for book in BOOKS.values()]
    kinds += [(noun, hint, url_for(there)) for noun, hint, there, need in OTHERS if permits(seating(), need)]
    return render_template("imports/index.html", kinds=kinds)


@bp.get(KIND)
@may(Permission.IMPORT_TARGETS)
def new(kind: str) -> ResponseReturnValue:
    """Where a workbook is sent."""
    return _page(BOOKS[kind], BookUploadForm())


@bp.post(KIND)
@may(Permission.IMPORT_TARGETS)
def preview(kind: str) -> ResponseReturnValue:
    """What the file would do; nothing is written but the file itself, beside the database."""
    book, form = BOOKS[kind], BookUploadForm()
    if not form.validate_on_submit():
        return _page(book, form), 422
    data, name = form.file.data.read(), (form.file.data.filename or f"{book.noun}.xlsx")[-200:]
    campaign = frame.campaign()
    db.session.rollback()  # opening the file takes a while; no lock is held meanwhile
    try:
        with progress() as say, reading():
            file = books.sent(data, name)
            seen = books.preview(book, file, campaign, clock.today(), lambda done, total: say(done))
    except Refused as refusal:
        form.file.errors = [*form.file.errors, str(refusal)]
        return _page(book, form), 422
    _folder().mkdir(parents=True, exist_ok=True)
    (_folder() / file.sha256).write_bytes(data)
    confirm = BookConfirmForm(formdata=None, sha256=file.sha256, name=name)
    return render_template(
        "imports/book_preview.html", book=book, seen=seen, said=seen.reading, name=name, form=confirm, shown=SHOWN
    )


@bp.post(f"{KIND}/confirm")
@may(Permission.IMPORT_TARGETS)
@once
def confirm(kind: str) -> ResponseReturnValue:
    """Take the previewed file in, in one transaction."""
    book, form = BOOKS[kind], BookConfirmForm()
    if not form.validate_on_submit() or not (path := _folder() / (form.sha256.data or "")).is_file():
        raise Refused("预览已过期，请重新上传表格")
    name, by = form.name.data or "", int(current_user.id)
    with progress() as say:
        file = books.sent(path.read_bytes(), name)
        campaign = frame.campaign()
        done = books.take_in(book, file, campaign, name, by, clock.now(), lambda at, total: say(at))
    db.session.commit()
    path.unlink(missing_ok=True)
    words = f"已导入{book.noun}：新增 {{created}}、{book.changed_word} {{changed}}、不变 {{unchanged}}"
    flash(done["again"] or words.format(**done), "success")
    return redirect(url_for("targets.index"))


@bp.get(f"{KIND}/template")
@may(Permission.IMPORT_TARGETS)
def blank(kind: str) -> ResponseReturnValue:
    """The workbook with the district's own rows; with ?previous=1 carried over from the period before."""
    previous = bool(request.args.get("previous"))
    data = exported.book(kind, frame.campaign(), clock.today(), previous)
    name = f"{BOOKS[kind].noun}{'（按上期）' if previous else '模板'}.xlsx"
    return send_file(BytesIO(data), as_attachment=True, download_name=name)


def _page(book: Book, form: BookUploadForm) -> str:
    return render_template("imports/book.html", book=book, form=form, hint=HINTS[book.kind])


def _folder() -> Path:
    folder: Path = current_app.config["TASKBOARD"].var / "imports"
    return folder
