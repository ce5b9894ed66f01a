"""投递: the ledger of messages, one message's file, and what a person does with those that did not arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from taskboard import clock
from taskboard.boards import deliveries as board
from taskboard.boards import timetable
from taskboard.boards.paging import PAGE
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.exports.deliveries import COLUMNS
from taskboard.forms import deliveries as asked_form
from taskboard.models import Delivery, DeliveryState, Occasion, telling
from taskboard.models.telling import Deed
from taskboard.rules.access import Permission, permits
from taskboard.views.guard import may, seating
from taskboard.views.once import new_form_key, once
from taskboard.views.workbook import workbook

bp = Blueprint("deliveries", __name__)


@dataclass(frozen=True)
class Outcome:
    """What a deed did, or would do, to one message."""

    delivery: Delivery
    words: str
    is_done: bool


@bp.get("/deliveries")
@may(Permission.SEE_JOBS)
def index() -> ResponseReturnValue:
    """Every message that left or is to leave the house; the inbox when it is asked for."""
    wanted = asked_form.read(request.args)
    return render_template(
        "deliveries/index.html",
        board=board.ledger(wanted),
        wanted=wanted,
        states=DeliveryState,
        occasions=Occasion,
        manages=permits(seating(), Permission.MANAGE_DELIVERIES),
        alive=timetable.is_alive(clock.real_now()),
    )


@bp.get("/deliveries.xlsx")
@may(Permission.SEE_JOBS)
def export() -> Response:
    """The ledger as filtered, all pages of it."""
    return workbook("投递台账", board.all_rows(asked_form.read(request.args)), COLUMNS)


@bp.get("/deliveries/<int:id_>")
@may(Permission.SEE_JOBS)
def show(id_: int) -> ResponseReturnValue:
    """One message: its text, every attempt, what it tells of. Who does not see the work does not see the text."""
    delivery = board.find(id_) or abort(404)
    return render_template(
        "deliveries/show.html",
        file=board.file(delivery),
        delivery=delivery,
        states=DeliveryState,
        occasion=Occasion(delivery.occasion).word,
        manages=permits(seating(), Permission.MANAGE_DELIVERIES),
        may_read=permits(seating(), Permission.SEE_COMMITMENTS) or delivery.occasion == Occasion.TRIAL,
        may_see_channel=permits(seating(), Permission.MANAGE_CHANNELS),
    )


@bp.post("/deliveries/<int:id_>/<any(resend, confirm, give_up):deed>")
@may(Permission.MANAGE_DELIVERIES)
@once
def settle(id_: int, deed: str) -> ResponseReturnValue:
    """One deed on one message."""
    delivery = db.session.get(Delivery, id_) or abort(404)
    telling.do(delivery, Deed(deed), current_user.id, clock.now(), clock.real_now())
    db.session.commit()
    flash(_done_words(Deed(deed), 1), "success")
    return redirect(url_for("deliveries.show", id_=id_))


@bp.post("/deliveries/bulk")
@may(Permission.MANAGE_DELIVERIES)
def confirm() -> ResponseReturnValue:
    """Name what will happen before it does; what cannot be done is said here already."""
    deed, back = _deed(), _back()
    chosen = _chosen()
    if not chosen:
        flash("请先勾选消息", "warning")
        return redirect(back)
    tried = _each(chosen, deed)
    db.session.rollback()
    return render_template(
        "deliveries/bulk.html", deed=deed, outcomes=tried, back=back, states=DeliveryState, key=new_form_key()
    )


@bp.post("/deliveries/bulk/do")
@may(Permission.MANAGE_DELIVERIES)
@once
def do() -> ResponseReturnValue:
    """Do it to each; one that cannot be done hinders no other, and is named."""
    deed = _deed()
    outcomes = _each(_chosen(), deed)
    db.session.commit()
    done = sum(one.is_done for one in outcomes)
    flash(_done_words(deed, done) if done else "没有可办理的消息，未作改动", "success" if done else "warning")
    for one in [one for one in outcomes if not one.is_done][:10]:
        flash(one.words, "warning")
    return redirect(_back())


def _done_words(deed: Deed, count: int) -> str:
    told = {
        Deed.RESEND: f"已安排重发 {count} 条，一般在 20 秒内发出",
        Deed.CONFIRM: f"已将 {count} 条记为送达",
        Deed.GIVE_UP: f"已放弃 {count} 条，不再发送",
    }
    return told[deed]


def _deed() -> Deed:
    text = request.form.get("deed", "")
    return Deed(text) if text in set(Deed) else abort(404)


def _chosen() -> list[Delivery]:
    ids = [int(one) for one in request.form.getlist("item") if one.isascii() and one.isdigit() and len(one) < 10]
    return list(db.session.scalars(select(Delivery).where(Delivery.id.in_(ids[:PAGE])).order_by(Delivery.id)))


def _each(deliveries: Sequence[Delivery], deed: Deed) -> list[Outcome]:
    made = []
    for delivery in deliveries:
        try:
            with db.session.begin_nested():
                telling.do(delivery, deed, current_user.id, clock.now(), clock.real_now())
            made.append(Outcome(delivery, deed.word, True))
        except Refused as refused:
            made.append(Outcome(delivery, str(refused), False))
    return made


def _back() -> str:
    """Where the list was; only ever an address of the list."""
    back, home = request.form.get("back", ""), url_for("deliveries.index")
    return back if back.startswith(home) and "//" not in back and "\\" not in back else home
