"""指标: what is measured and how, the targets that use it, and changing it."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from taskboard import clock
from taskboard.boards import indicators as board
from taskboard.boards import timeline
from taskboard.db import db
from taskboard.errors import Conflict, Refused
from taskboard.forms.indicator import IndicatorForm
from taskboard.models import Event, Indicator, indicating
from taskboard.rules.access import Permission, permits, reaches
from taskboard.views import frame
from taskboard.views.guard import may, seating
from taskboard.views.once import new_form_key, once

bp = Blueprint("indicators", __name__)


@bp.get("/indicators")
@may(Permission.SEE_COMMITMENTS)
def index() -> ResponseReturnValue:
    """The indicators that the seat sees, by group."""
    return render_template("indicators/index.html", groups=board.by_group(frame.campaign(), seating(), clock.today()))


@bp.get("/indicators/<int:id>")
@may(Permission.SEE_COMMITMENTS)
def show(id: int) -> ResponseReturnValue:
    """One indicator with all that is said of it, and its targets."""
    indicator = _seen(id)
    return render_template(
        "indicators/show.html",
        board=board.page(indicator, frame.campaign(), seating(), clock.today()),
        item=indicator,
        cadence=board.cadence_words(indicator),
        entries=timeline.entries(Event.of_subject("indicator", id)),
        on=clock.today(),
        may_edit=_manages(indicator),
    )


@bp.get("/indicators/<int:id>/edit")
@may(Permission.MANAGE_TARGETS)
def edit(id: int) -> ResponseReturnValue:
    """The filled form."""
    indicator, form = _managed(id), IndicatorForm()
    form.fill(indicator)
    return _page(indicator, form)


@bp.post("/indicators/<int:id>/edit")
@may(Permission.MANAGE_TARGETS)
@once
def update(id: int) -> ResponseReturnValue:
    """Change it, unless somebody else did since the form was opened."""
    indicator, form = _managed(id), IndicatorForm()
    if not form.validate_on_submit():
        return _page(indicator, form), 422
    try:
        changed = indicating.edit(indicator, form.draft(), form.seen_version(), current_user.id, clock.now())
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        indicator = _managed(id)
        if isinstance(refused, Conflict):
            form.version.data = str(indicator.version)
        return _page(indicator, form, refused), refused.status
    flash("已保存，所属目标已重新判灯" if changed else "内容没有变化", "success")
    return redirect(url_for("indicators.show", id=id))


def _seen(id: int) -> Indicator:
    return board.find(id, seating()) or abort(404)


def _managed(id: int) -> Indicator:
    indicator = _seen(id)
    return indicator if _manages(indicator) else abort(404)


def _manages(indicator: Indicator) -> bool:
    return permits(seating(), Permission.MANAGE_TARGETS) and reaches(seating(), indicator.group_id, ())


def _page(indicator: Indicator, form: IndicatorForm, refused: Refused | None = None) -> str:
    return render_template(
        "indicators/edit.html",
        item=indicator,
        form=form,
        key=new_form_key(),
        message=str(refused) if refused else "",
        pairs=refused.pairs if isinstance(refused, Conflict) else (),
    )
