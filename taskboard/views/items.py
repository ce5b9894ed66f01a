"""督查事项: desks, ledger, registration, and every deed on an item, driven by the table of moves."""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from taskboard import clock
from taskboard.boards import item as board
from taskboard.boards import items as desk_board
from taskboard.boards.items import KINDS, SOURCES
from taskboard.db import db
from taskboard.errors import Conflict, NotAllowed, Refused
from taskboard.exports.items import COLUMNS
from taskboard.forms import items as asked_form
from taskboard.forms.item import CONFIRMED, DANGEROUS, DeedForm, ItemForm
from taskboard.models import Attachment, Group, Item, SavedView, Slip, Unit, attachments
from taskboard.models.item_deeds import Deed, Thing, act, check, name_of
from taskboard.models.item_opening import register
from taskboard.rules.access import SEES_ALL, Permission, SeatKind, permits
from taskboard.rules.lifecycle import State, Verb
from taskboard.rules.terms import Source
from taskboard.views import frame
from taskboard.views.guard import acting, may, seating
from taskboard.views.once import new_form_key, once
from taskboard.views.reports import folder
from taskboard.views.workbook import workbook

bp = Blueprint("items", __name__)
ID = "<int(max=2147483647):id>"
NUMBER = re.compile(r"^(?:督查)?(?:〔(?P<year>20\d\d)〕)?(?P<no>\d{1,6})号?$")
BULK = (SeatKind.OFFICE, SeatKind.SUPERVISOR)


@bp.get("/items")
@may(Permission.SEE_ITEMS)
def index() -> ResponseReturnValue:
    """The desk of the seat."""
    wanted = asked_form.read(request.args)
    page = desk_board.desk(frame.campaign(), seating(), wanted, clock.today(), acting())
    saved = db.session.scalars(select(SavedView).where(SavedView.person_id == current_user.id).order_by(SavedView.id))
    return render_template(
        "items/index.html",
        board=page,
        wanted=wanted,
        on=clock.today(),
        saved=list(saved),
        kinds=KINDS,
        sources=SOURCES,
        seat=seating(),
        may_register=permits(seating(), Permission.REGISTER_ITEM),
        is_bulk=seating().kind in BULK,
        key=new_form_key(),
    )


@bp.get("/items.xlsx")
@may(Permission.SEE_ITEMS)
def export() -> Response:
    """台账: the list as asked as a workbook, all pages of it."""
    lines = desk_board.ledger(frame.campaign(), seating(), asked_form.read(request.args), clock.today())
    return workbook("督查事项台账", lines, COLUMNS)


@bp.get("/items/new")
@may(Permission.REGISTER_ITEM)
def new() -> ResponseReturnValue:
    """The empty form."""
    return _new_page(_offered(ItemForm()))


@bp.post("/items/new")
@may(Permission.REGISTER_ITEM)
@once
def create() -> ResponseReturnValue:
    """Register an item and assign it where a unit is chosen."""
    form = _offered(ItemForm())
    if not form.validate_on_submit():
        return _new_page(form), 422
    try:
        item = register(frame.campaign(), form.draft(), acting(), clock.now())
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        return _new_page(_offered(form), str(refused)), refused.status
    flash(f"{item.number}已{'交办' if item.unit_id else '登记，等待交办'}", "success")
    return redirect(url_for("items.show", id=item.id))


@bp.get(f"/items/{ID}")
@may(Permission.SEE_ITEMS)
def show(id: int) -> ResponseReturnValue:
    """One item, read like a file."""
    item = board.find(id, seating()) or abort(404)
    everything = request.args.get("events") == "all"
    found = board.file(frame.campaign(), item, acting(), clock.today(), everything)
    return render_template(
        "items/show.html",
        board=found,
        item=item,
        on=clock.today(),
        key=new_form_key(),
        is_our_own=permits(seating(), Permission.APPEAL) and seating().unit_id == item.unit_id,
    )


@bp.get(f"/items/{ID}/<verb>", defaults={"thing_id": None})
@bp.get(f"/items/{ID}/<verb>/<int:thing_id>")
@may(Permission.ACT_ON_ITEM)
def edit(id: int, verb: str, thing_id: int | None) -> ResponseReturnValue:
    """The form of a deed."""
    item, deed, thing = _about(id, verb, thing_id)
    check(item, deed, acting(), thing)
    return _deed_page(item, deed, thing, _shaped(DeedForm(), deed, item, fresh=True))


@bp.post(f"/items/{ID}/<verb>", defaults={"thing_id": None})
@bp.post(f"/items/{ID}/<verb>/<int:thing_id>")
@may(Permission.ACT_ON_ITEM)
@once
def do(id: int, verb: str, thing_id: int | None) -> ResponseReturnValue:
    """Do it; what was typed is kept when it cannot be done."""
    item, deed, thing = _about(id, verb, thing_id)
    form = _shaped(DeedForm(), deed, item)
    if not form.validate_on_submit():
        return _deed_page(item, deed, thing, form), 422
    attachment = None
    try:
        attachment = _attachment(form)
        act(item, deed, _typed(form, attachment), acting(), clock.now(), thing)
        db.session.commit()
    except NotAllowed:
        _undo(attachment)
        raise
    except Refused as refused:
        _undo(attachment)
        return _refused(id, deed, thing_id, form, refused)
    except Exception:
        _undo(attachment)
        raise
    said = f"{item.number}：{deed.word}已办理，现为“{State(item.state).word}”"
    if request.args.get("part"):
        row = desk_board.line(frame.campaign(), item, clock.today(), acting())
        is_bulk = seating().kind in BULK
        return render_template("items/row.html", row=row, on=clock.today(), is_bulk=is_bulk, said=said)
    flash(said, "success")
    return redirect(url_for("items.show", id=id))


def _about(id: int, verb: str, thing_id: int | None) -> tuple[Item, Verb, Thing | None]:
    """The item, the verb and the thing it is about; 404 for what does not exist or may not be seen."""
    item = board.find(id, seating()) or abort(404)
    if verb not in set(Verb):
        abort(404)
    deed = Verb(verb)
    thing = board.thing(item, deed, thing_id)
    if (thing is None) != (board.model_of(deed) is None):
        abort(404)
    if isinstance(thing, Slip) and not thing.number and seating().kind not in SEES_ALL:
        abort(404)
    return item, deed, thing


def _shaped(form: DeedForm, verb: Verb, item: Item, fresh: bool = False) -> DeedForm:
    form.shape(verb, item, Unit.listed())
    if fresh:
        form.version.data = str(item.version)
        if verb is Verb.REQUEST_CLOSURE and item.recovered_words and "figure" in form:
            form.figure.data = item.recovered_words[:500]
    return form


def _typed(form: DeedForm, attachment: Attachment | None) -> Deed:
    supporting = form._fields.get("supporting")
    return Deed(
        text=form.value("text"),
        seen=form.seen(),
        attachment=attachment,
        figure=form.value("figure"),
        unit_id=form.number("unit") or None,
        due_on=form.day(),
        progress=form.value("progress"),
        parts=tuple((unit_id, form.value("duty"), None) for unit_id in (supporting.data or ()))
        if supporting is not None
        else (),
        into=_numbered(form.value("into")),
        level=form.number("level"),
        nodes=form.steps,
        done_nodes=tuple(form._fields["done_nodes"].data or ()) if "done_nodes" in form else (),
    )


def _numbered(text: str) -> int | None:
    """The item with a register number as people write it: 〔2020〕3号, 3号, 3."""
    found = NUMBER.match(text.replace(" ", "").replace("[", "〔").replace("]", "〕"))
    if not found:
        return None
    query = select(Item.id).where(Item.no == int(found["no"]), Item.visible_to(seating()))
    query = query.where(Item.year == int(found["year"])) if found["year"] else query.order_by(Item.year.desc())
    return db.session.scalars(query).first()


def _attachment(form: DeedForm) -> Attachment | None:
    upload = form._fields["attachment"].data if "attachment" in form else None
    if not upload or not getattr(upload, "filename", ""):
        return None
    limit = current_app.config["TASKBOARD"].upload_mb
    return attachments.keep(upload.stream, upload.filename, folder(), limit, current_user.id, clock.now())


def _undo(attachment: Attachment | None) -> None:
    name = attachment.stored_name if attachment else ""
    db.session.rollback()
    if name:
        (folder() / name).unlink(missing_ok=True)


def _refused(id: int, verb: Verb, thing_id: int | None, form: DeedForm, refused: Refused) -> ResponseReturnValue:
    """The form again with the reason; after a conflict with both texts, and the next click then goes through."""
    item = board.find(id, seating()) or abort(404)
    thing = board.thing(item, verb, thing_id)
    form.shape(verb, item, Unit.listed())
    if isinstance(refused, Conflict):
        form.version.data = str(item.version)
    return _deed_page(item, verb, thing, form, refused), refused.status


def _deed_page(item: Item, verb: Verb, thing: Thing | None, form: DeedForm, refused: Refused | None = None) -> str:
    on, part = clock.today(), bool(request.args.get("part"))
    return render_template(
        "items/part.html" if part else "items/deed.html",
        part=part,
        item=item,
        verb=verb,
        thing=thing,
        about=name_of(item, thing or item),
        line=desk_board.line(frame.campaign(), item, on),
        form=form,
        key=new_form_key(),
        message=str(refused) if refused else "",
        pairs=refused.pairs if isinstance(refused, Conflict) else (),
        word="撤销红灯" if verb is Verb.REDDEN and item.red_reason else verb.word,
        confirm=CONFIRMED.get(verb),
        is_dangerous=verb in DANGEROUS,
        types=attachments.WORDS,
        limit_mb=current_app.config["TASKBOARD"].upload_mb,
    )


def _offered(form: ItemForm) -> ItemForm:
    form.offer(Group.listed(frame.campaign().id), Unit.listed())
    if seating().kind == SeatKind.LEADER:
        form.source.choices = [(Source.INSTRUCTION.value, Source.INSTRUCTION.word)]
        form.unit.choices = [(0, "由专班办公室交办")]
    return form


def _new_page(form: ItemForm, message: str = "") -> str:
    return render_template(
        "items/new.html",
        form=form,
        key=new_form_key(),
        message=message,
        is_leader=seating().kind == SeatKind.LEADER,
    )
