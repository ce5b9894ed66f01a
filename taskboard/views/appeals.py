"""申诉: raising one against a light or a return, and answering it."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import ColumnElement, or_, select, true

from taskboard import clock
from taskboard.boards import commitment as commitment_board
from taskboard.boards import item as item_board
from taskboard.boards.paging import page_of
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.forms.appeal import AnswerForm, AppealForm
from taskboard.models import Appeal, Attachment, Commitment, Item, appealing, attachments
from taskboard.models import facts as reader
from taskboard.models.appealing import Plea
from taskboard.models.placing import bench
from taskboard.rules.access import SEES_ALL, Permission, SeatKind, permits
from taskboard.views import frame
from taskboard.views.guard import acting, may, seating
from taskboard.views.once import new_form_key, once
from taskboard.views.reports import folder

bp = Blueprint("appeals", __name__)


@bp.get("/appeals")
@may(Permission.SEE_ITEMS)
def index() -> ResponseReturnValue:
    """The appeals that the seat sees, the unanswered first."""
    query = select(Appeal).where(_visible()).order_by(Appeal.state != "raised", Appeal.decide_by_on, Appeal.id.desc())
    page = page_of(query, request.args.get("page", 1, type=int))
    return render_template("appeals/index.html", page=page, on=clock.today())


@bp.get("/appeals/<int:id>")
@may(Permission.SEE_ITEMS)
def show(id: int) -> ResponseReturnValue:
    """One appeal, with its answer or the form to give one."""
    return _page(_seen(id), AnswerForm())


@bp.post("/appeals/<int:id>")
@may(Permission.DECIDE_APPEAL)
@once
def decide(id: int) -> ResponseReturnValue:
    """Answer an appeal."""
    appeal = _seen(id)
    form = AnswerForm()
    if not form.validate_on_submit():
        return _page(appeal, form), 422
    try:
        appealing.decide(appeal, form.decision.data == "upheld", form.answer.data or "", acting(), clock.now())
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        return _page(_seen(id), form, str(refused)), refused.status
    flash("已答复，申诉单位将收到消息", "success")
    return redirect(url_for("appeals.show", id=id))


@bp.get("/appeals/new/<any(light, return):against>/<int:id>")
@may(Permission.APPEAL)
def new(against: str, id: int) -> ResponseReturnValue:
    """The form of an appeal against a light (id of the target or task) or a return (id of the item)."""
    return _new_page(against, _about(against, id), AppealForm())


@bp.post("/appeals/new/<any(light, return):against>/<int:id>")
@may(Permission.APPEAL)
@once
def create(against: str, id: int) -> ResponseReturnValue:
    """Raise it."""
    subject, form = _about(against, id), AppealForm()
    if not form.validate_on_submit():
        return _new_page(against, subject, form), 422
    attachment = None
    try:
        attachment = _attachment(form)
        appeal = _raise(subject, Plea(form.reason.data or "", attachment))
        db.session.commit()
    except Refused as refused:
        name = attachment.stored_name if attachment else ""
        db.session.rollback()
        if name:
            (folder() / name).unlink(missing_ok=True)
        return _new_page(against, _about(against, id), form, str(refused)), refused.status
    flash("已提出申诉，答复后将告知您", "success")
    return redirect(url_for("appeals.show", id=appeal.id))


def _raise(subject: Item | Commitment, plea: Plea) -> Appeal:
    if isinstance(subject, Item):
        return appealing.against_return(subject, plea, acting(), clock.now())
    return appealing.against_light(subject, _light_words(subject), plea, seating(), acting(), clock.now())


def _light_words(commitment: Commitment) -> str:
    judging = bench(frame.campaign(), clock.today())
    return judging.verdict(reader.read_ids([commitment.id])[commitment.id]).words


def _about(against: str, id: int) -> Item | Commitment:
    """What the appeal is about, when the seat sees it and may appeal."""
    if against == "return":
        item = item_board.find(id, seating()) or abort(404)
        return item if item.unit_id == seating().unit_id else abort(404)
    found = commitment_board.find("target", id, seating()) or commitment_board.find("task", id, seating())
    return found if found is not None and found.reportable_by(seating()) else abort(404)


def _visible() -> ColumnElement[bool]:
    seat = seating()
    if seat.kind in SEES_ALL:
        return true()
    if seat.kind == SeatKind.GROUP_LEAD:
        commitments = select(Commitment.id).where(Commitment.group_id == seat.group_id)
        items = select(Item.id).where(Item.group_id == seat.group_id)
        return or_(Appeal.commitment_id.in_(commitments), Appeal.item_id.in_(items))
    return Appeal.unit_id == seat.unit_id


def _seen(id: int) -> Appeal:
    return db.session.scalars(select(Appeal).where(Appeal.id == id, _visible())).first() or abort(404)


def _attachment(form: AppealForm) -> Attachment | None:
    upload = form.attachment.data
    if not upload or not getattr(upload, "filename", ""):
        return None
    limit = current_app.config["TASKBOARD"].upload_mb
    return attachments.keep(upload.stream, upload.filename, folder(), limit, current_user.id, clock.now())


def _page(appeal: Appeal, form: AnswerForm, message: str = "") -> str:
    actor = acting()
    others = actor.person_id not in (appeal.issuer_id, appeal.raised_by_id) and appeal.unit_id not in actor.unit_ids
    return render_template(
        "appeals/show.html",
        appeal=appeal,
        form=form,
        key=new_form_key(),
        message=message,
        on=clock.today(),
        attachment=db.session.get(Attachment, appeal.attachment_id) if appeal.attachment_id else None,
        may_decide=appeal.state == "raised" and permits(seating(), Permission.DECIDE_APPEAL) and others,
        is_issuer=permits(seating(), Permission.DECIDE_APPEAL) and not others,
    )


def _new_page(against: str, subject: Item | Commitment, form: AppealForm, message: str = "") -> str:
    if isinstance(subject, Item):
        name, back = f"{subject.number} {subject.title}", url_for("items.show", id=subject.id)
    else:
        name, back = subject.title, url_for(f"{subject.kind}s.show", id=subject.id)
    return render_template(
        "appeals/new.html", against=against, name=name, back=back, form=form, key=new_form_key(), message=message,
        words=_light_words(subject) if isinstance(subject, Commitment) else subject.last_word,
    )  # fmt: skip
