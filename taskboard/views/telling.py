"""告知规则: when people may be disturbed, with a look at what changes before it does."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from taskboard import clock
from taskboard.boards import telling_rule as board
from taskboard.boards import timeline
from taskboard.db import db
from taskboard.forms.telling import TellingForm
from taskboard.models import Event, TellingRule
from taskboard.models.subscribing import change_rule
from taskboard.rules.access import Permission
from taskboard.views.guard import may
from taskboard.views.once import once

bp = Blueprint("telling", __name__)


@bp.get("/telling")
@may(Permission.ANNOUNCE)
def edit() -> ResponseReturnValue:
    """The rule as it is."""
    return _page(TellingForm(formdata=None, obj=TellingRule.get()))


@bp.post("/telling/preview")
@may(Permission.ANNOUNCE)
def preview() -> ResponseReturnValue:
    """What would change; writes nothing."""
    form = TellingForm()
    if not form.validate_on_submit():
        return _page(form), 422
    told = board.changes(TellingRule.get(), form.values(), clock.now())
    if not told:
        flash("没有变化", "success")
        return redirect(url_for("telling.edit"))
    return render_template("telling/preview.html", form=form, told=told)


@bp.post("/telling")
@may(Permission.ANNOUNCE)
@once
def save() -> ResponseReturnValue:
    """Let the previewed rule hold."""
    form = TellingForm()
    if not form.validate_on_submit():
        return _page(form), 422
    changed = change_rule(form.values(), form.number(), current_user.id, clock.now())
    db.session.commit()
    flash("已保存告知规则" if changed else "没有变化", "success")
    return redirect(url_for("telling.edit"))


def _page(form: TellingForm) -> str:
    events = timeline.entries(Event.of_subject("telling_rule", 1))
    return render_template("telling/edit.html", form=form, events=events, rule=TellingRule.get())
