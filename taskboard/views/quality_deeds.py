"""复核, 核定, 解锁: the deeds on reported values, after a page that names what will happen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from taskboard import clock
from taskboard.boards import quality_values as board
from taskboard.boards.quality import PAGE
from taskboard.boards.quality_values import Value
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.forms.quality import UnlockForm
from taskboard.models import Report, figures
from taskboard.rules.access import Permission
from taskboard.views.guard import may
from taskboard.views.once import new_form_key, once
from taskboard.views.quality import scope

bp = Blueprint("quality_deeds", __name__)
Deed = Callable[[Report, int, datetime], None]
VERBS: dict[str, tuple[str, Deed]] = {"check": ("复核", figures.check), "confirm": ("核定", figures.confirm)}


@dataclass(frozen=True)
class Outcome:
    """What a bulk deed did, or would do, to one value."""

    row: Value
    words: str
    is_done: bool
    unchecked: bool


@bp.post("/quality/check")
@may(Permission.CHECK_VALUES)
def ask_check() -> ResponseReturnValue:
    """Name what would be checked, and what cannot be."""
    return _ask("check")


@bp.post("/quality/check/do")
@may(Permission.CHECK_VALUES)
@once
def do_check() -> ResponseReturnValue:
    """Check each; one that cannot be hinders no other."""
    return _do("check")


@bp.post("/quality/confirm")
@may(Permission.CONFIRM_VALUES)
def ask_confirm() -> ResponseReturnValue:
    """Name what would be confirmed and locked, and what cannot be."""
    return _ask("confirm")


@bp.post("/quality/confirm/do")
@may(Permission.CONFIRM_VALUES)
@once
def do_confirm() -> ResponseReturnValue:
    """Confirm and lock each; one that cannot be hinders no other."""
    return _do("confirm")


@bp.post("/quality/values/<int:id>/unlock")
@may(Permission.CONFIRM_VALUES)
@once
def unlock(id: int) -> ResponseReturnValue:
    """Open a confirmed value again, with the reason."""
    found = board.of_ids(scope(narrowed=False), [id], clock.today()) or abort(404)
    form = UnlockForm()
    if not form.validate_on_submit():
        flash(form.reason.errors[0] if form.reason.errors else "请填写解锁理由", "danger")
        return redirect(url_for("quality.value", id=id))
    figures.unlock(found[0].report, form.reason.data or "", current_user.id, clock.now())
    db.session.commit()
    flash("已解锁，单位可更正该周数值，更正后须重新复核、核定", "success")
    return redirect(url_for("quality.value", id=id))


def _ask(verb: str) -> ResponseReturnValue:
    rows, back = _chosen(), _back()
    if not rows:
        flash("请先勾选数值", "warning")
        return redirect(back)
    tried = _each(rows, verb)
    db.session.rollback()
    return render_template(
        "quality/bulk.html", verb=verb, word=VERBS[verb][0], outcomes=tried, back=back, key=new_form_key()
    )


def _do(verb: str) -> ResponseReturnValue:
    outcomes = _each(_chosen(), verb)
    db.session.commit()
    done, word = [one for one in outcomes if one.is_done], VERBS[verb][0]
    flash(f"已{word} {len(done)} 项" if done else f"没有可{word}的数值，未作改动", "success" if done else "warning")
    for one in [one for one in outcomes if not one.is_done][:10]:
        flash(one.words, "warning")
    return redirect(_back())


def _chosen() -> list[Value]:
    ids = [int(one) for one in request.form.getlist("item") if one.isascii() and one.isdigit() and len(one) < 10]
    return board.of_ids(scope(narrowed=False), list(dict.fromkeys(ids))[:PAGE], clock.today())


def _each(rows: Sequence[Value], verb: str) -> list[Outcome]:
    made = []
    for row in sorted(rows, key=lambda one: one.report.commitment_id):  # one order of locks for everybody
        unchecked = row.report.checked_at is None
        try:
            with db.session.begin_nested():
                VERBS[verb][1](row.report, int(current_user.id), clock.now())
            made.append(Outcome(row, "", True, unchecked))
        except Refused as refused:
            made.append(Outcome(row, f"{row.line.unit}：{refused}", False, unchecked))
    return made


def _back() -> str:
    """Where the list was; only ever an address of the list."""
    back, home = request.form.get("back", ""), url_for("quality.values")
    return back if back == home or back.startswith((f"{home}?", f"{home}/values/")) else home
