"""任务分解: a row of the matrix in one form, saved as a whole or not at all."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from taskboard import clock
from taskboard.boards.matrix import territories
from taskboard.db import db
from taskboard.errors import Conflict, Refused
from taskboard.forms.allocation import AllocationForm
from taskboard.models import Indicator
from taskboard.models.allocating import RowRefused, Unequal, allocate, row_of
from taskboard.rules.access import Permission, reaches
from taskboard.rules.allocation import Span, adds_up
from taskboard.views import frame
from taskboard.views.guard import may, seating
from taskboard.views.once import new_form_key, once

bp = Blueprint("allocations", __name__)


@bp.get("/matrix/<int:id>/edit")
@may(Permission.MANAGE_TARGETS)
def edit(id: int) -> ResponseReturnValue:
    """The row as it stands."""
    indicator = managed(id)
    return _page(indicator, _span(), _form(indicator, _span()))


@bp.post("/matrix/<int:id>/edit")
@may(Permission.MANAGE_TARGETS)
@once
def update(id: int) -> ResponseReturnValue:
    """Save the row, unless a box is wrong, somebody else was faster, or the sum was not agreed to."""
    indicator, span = managed(id), _span()
    form = _form(indicator, span)
    if not form.read(request.form):
        form.message = "有填写错误，本次没有保存"
        return _page(indicator, span, form), 422
    reserve = form.reserve.value or Decimal(0)
    try:
        by, at = int(current_user.id), clock.now()
        count = allocate(indicator, span, form.values, reserve, form.seen, by, at, agreed=form.agreed)
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        return _refused(id, span, form, refused), refused.status
    flash(f"已保存，调整 {count} 项目标" if count else "内容没有变化", "success")
    return redirect(url_for("matrix.index", period=span.key if span != _usual() else None, show="目标"))


def managed(id: int) -> Indicator:
    """The indicator, when the seat may set its targets; 404 otherwise."""
    indicator = db.session.get(Indicator, id) or abort(404)
    own = indicator.group.campaign_id == frame.campaign().id and reaches(seating(), indicator.group_id, ())
    return indicator if own else abort(404)


def _form(indicator: Indicator, span: Span) -> AllocationForm:
    return AllocationForm.of(territories(), row_of(indicator, span), indicator.may_be_negative)


def _refused(id: int, span: Span, form: AllocationForm, refused: Refused) -> str:
    """The form again with what was typed; after a conflict it has seen what is stored now."""
    indicator = managed(id)
    form.message = str(refused)
    if isinstance(refused, RowRefused):
        form.refuse(refused.cells)
    if isinstance(refused, Unequal):
        form.asks = True
    if isinstance(refused, Conflict):
        form.pairs = list(refused.pairs)
        stored = _form(indicator, span).seen
        for box in form.boxes:
            box.version = stored.get(box.key, 0)
    return _page(indicator, span, form)


def _page(indicator: Indicator, span: Span, form: AllocationForm) -> str:
    row = row_of(indicator, span)
    measures = {target.measure for target in row.values()} | {indicator.measure}
    return render_template(
        "matrix/edit.html",
        indicator=indicator,
        span=span,
        form=form,
        row=row,
        adds_up=adds_up(indicator.kind, measures),
        key=new_form_key(),
    )


def _usual() -> Span:
    return Span(frame.campaign().starts_on, frame.campaign().ends_on)


def _span() -> Span:
    asked = request.args.get("period", "")
    return _usual() if not asked else Span.parse(asked) or abort(404)
