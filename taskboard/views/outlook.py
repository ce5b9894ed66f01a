"""落点: whether a target will land, what supports it, and what if."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from taskboard import clock
from taskboard.boards import outlook as board
from taskboard.boards.commitment import find
from taskboard.boards.outlook import LATEST, PACES, Question
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.forms.support import SupportForm
from taskboard.models import Support, Target
from taskboard.models.supporting import drop, happen, put_support
from taskboard.rules.access import Permission, SeatKind
from taskboard.views.guard import may, seating
from taskboard.views.once import new_form_key, once

bp = Blueprint("outlook", __name__)
ID = "<int(max=2147483647):id>"


@bp.get(f"/targets/{ID}/outlook")
@may(Permission.SEE_COMMITMENTS)
def show(id: int) -> ResponseReturnValue:
    """The outlook, with the answer to a what-if that the address asks."""
    return _page(_target(id), SupportForm(formdata=None))


@bp.post(f"/targets/{ID}/supports")
@bp.post(f"/targets/{ID}/supports/<int(max=2147483647):support_id>")
@may(Permission.REPORT)
@once
def save(id: int, support_id: int | None = None) -> ResponseReturnValue:
    """Add a support or change one."""
    target = _managed(id)
    support = _support(target, support_id) if support_id else None
    form = SupportForm()
    if not form.validate_on_submit():
        return _page(target, form), 422
    try:
        put_support(target, form.draft(), support, current_user.id, clock.now())
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        return _page(_managed(id), form, str(refused)), refused.status
    flash(f"已保存支撑项目“{form.name.data}”", "success")
    return redirect(url_for("outlook.show", id=id))


@bp.post(f"/targets/{ID}/supports/<int(max=2147483647):support_id>/<any(happen, drop):deed>")
@may(Permission.REPORT)
def settle(id: int, support_id: int, deed: str) -> ResponseReturnValue:
    """Note that a support has happened, or take it away."""
    support = _support(_managed(id), support_id)
    (happen if deed == "happen" else drop)(support, current_user.id, clock.now())
    db.session.commit()
    flash("已更新支撑项目", "success")
    return redirect(url_for("outlook.show", id=id))


def _target(id: int) -> Target:
    found = find("target", id, seating())
    return found if isinstance(found, Target) else abort(404)


def _managed(id: int) -> Target:
    """A target that the seat reports on or whose group it leads."""
    target = _target(id)
    return target if target.reportable_by(seating()) else abort(404)


def _support(target: Target, id: int) -> Support:
    found = db.session.get(Support, id)
    return found if found is not None and found.target_id == target.id else abort(404)


def _question() -> Question:
    weeks = request.args.get("weeks", 0, type=int) or 0
    pace = request.args.get("pace", "")
    chosen = next((one for one in PACES if str(one) == pace), Decimal(1))
    support_id = request.args.get("support", type=int)
    return Question(support_id, min(max(weeks, 0), LATEST), chosen)


def _page(target: Target, form: SupportForm, message: str = "") -> str:
    question = _question()
    try:
        landing = board.landing_of(target, clock.today(), question)
    except ValueError as error:
        message, landing = message or str(error), board.landing_of(target, clock.today())
    if landing is None:
        abort(404)
    return render_template(
        "targets/outlook.html",
        item=target,
        landing=landing,
        question=question,
        paces=PACES,
        form=form,
        message=message,
        key=new_form_key(),
        may_manage=target.reportable_by(seating()) and seating().kind != SeatKind.LEADER,
    )
