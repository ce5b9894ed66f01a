"""规则集管理: all versions for everybody to read; the office writes, previews, puts in force and withdraws."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.utils import secure_filename

from taskboard import clock
from taskboard.boards import rule_sets as board
from taskboard.boards import words
from taskboard.boards.rule_preview import Preview, preview
from taskboard.db import db, reading
from taskboard.errors import Refused
from taskboard.forms.rule_set import EnactForm, RuleSetForm, WithdrawForm
from taskboard.models import Enactment, RuleSetRow, rule_set
from taskboard.rules.access import Permission, permits
from taskboard.views import frame, guard
from taskboard.views.guard import may
from taskboard.views.once import once

bp = Blueprint("rule_sets", __name__, url_prefix="/rules")


@bp.get("/versions")
@may(Permission.USE)
def versions() -> ResponseReturnValue:
    """Every version: in force, to come, past, shipped."""
    found = board.versions(frame.campaign(), clock.today())
    return render_template("rules/versions.html", versions=found, may_manage=_may_manage())


@bp.get("/versions/<int:id_>")
@may(Permission.USE)
def version(id_: int) -> ResponseReturnValue:
    """One version, read as the page 规则 is, with its difference to the one before."""
    row = db.session.get(RuleSetRow, id_) or abort(404)
    seen = board.version_page(frame.campaign(), row, clock.today())
    return render_template("rules/version.html", seen=seen, board=seen.page, may_manage=_may_manage())


@bp.get("/versions/<int:id_>/file")
@may(Permission.USE)
def file(id_: int) -> ResponseReturnValue:
    """The file itself."""
    row = db.session.get(RuleSetRow, id_) or abort(404)
    name = secure_filename(f"{row.name}-{row.version}") or f"rule-set-{row.id}"
    data = BytesIO(row.body.encode())
    return send_file(data, "text/plain; charset=utf-8", as_attachment=True, download_name=f"{name}.txt")


@bp.route("/new", methods=["GET", "POST"])
@may(Permission.MANAGE_RULES)
def new() -> ResponseReturnValue:
    """Write a rule set, beginning with one that is there; check it. Nothing is kept but on the page."""
    form = RuleSetForm()
    starts = board.starts(frame.campaign(), clock.today())
    form.start.choices = [(key, label) for key, label, _ in starts]
    deed = request.form.get("deed", "")
    if request.method == "GET" or deed == "start":
        chosen = request.values.get("start", "now")
        form.text.data = next((text for key, _, text in starts if key == chosen), starts[0][2])
        form.start.data = chosen
        return _editor(form)
    if deed == "load":
        return _editor(form, status=200 if form.load_file() else 422)
    if deed == "edit":
        return _editor(form)
    if not form.validate_on_submit() or form.rules is None:
        return _editor(form, status=422)
    if deed == "preview":
        return _preview_page(EnactForm(formdata=None, text=form.text.data), form)
    return _editor(form, checked=True)


@bp.post("/enact")
@may(Permission.MANAGE_RULES)
def enact() -> ResponseReturnValue:
    """Put the previewed rule set in force from a day on."""
    form = EnactForm()
    if not form.validate_on_submit() or form.rules is None:
        return _preview_page(form, form, 422) if form.rules else _editor(form, status=422)
    seen = _seen(form)
    try:
        return _enact(form, seen)
    except Refused as refusal:
        db.session.rollback()
        form.form_errors.append(str(refusal))
        return _preview_page(form, form, refusal.status, seen)


@once
def _enact(form: EnactForm, seen: Preview) -> ResponseReturnValue:
    campaign, day = frame.campaign(), form.valid_from.day or clock.today()
    made = rule_set.put_in_force(
        campaign,
        form.rules or abort(400),
        day,
        form.reason.data or "",
        current_user.id,
        clock.now(),
        on=clock.today(),
        words=seen.words,
        counts=seen.counts,
    )
    db.session.commit()
    flash(f"已定自 {words.day(day)}起启用“{rule_set.title(made.rule_set)}”，当日巡检起按新规则亮灯", "success")
    return redirect(url_for("rule_sets.version", id_=made.rule_set_id))


@bp.route("/enactments/<int:id_>/withdraw", methods=["GET", "POST"])
@may(Permission.MANAGE_RULES)
@once
def withdraw(id_: int) -> ResponseReturnValue:
    """Take back what is not in force yet."""
    found = db.session.get(Enactment, id_)
    if found is None or found.campaign_id != frame.campaign().id:
        abort(404)
    form = WithdrawForm()
    if not form.validate_on_submit():
        status = 422 if request.method == "POST" else 200
        return render_template(
            "rules/withdraw.html", form=form, found=found, title=rule_set.title(found.rule_set)
        ), status
    rule_set.withdraw(found, form.reason.data or "", current_user.id, clock.now(), clock.today())
    db.session.commit()
    flash(f"已撤回“{rule_set.title(found.rule_set)}”的启用", "success")
    return redirect(url_for("rule_sets.versions"))


def _may_manage() -> bool:
    return permits(guard.current_seating(), Permission.MANAGE_RULES)


def _editor(form: RuleSetForm, status: int = 200, checked: bool = False) -> ResponseReturnValue:
    form.start.choices = [(key, label) for key, label, _ in board.starts(frame.campaign(), clock.today())]
    notices = board.notices(form.rules) if checked and form.rules else []
    return render_template("rules/new.html", form=form, rules=form.rules, checked=checked, notices=notices), status


def _preview_page(
    form: EnactForm, read: RuleSetForm, status: int = 200, seen: Preview | None = None
) -> ResponseReturnValue:
    rules = read.rules or abort(400)
    seen = seen or _seen(read)
    campaign, today = frame.campaign(), clock.today()
    first = rule_set.earliest(campaign, today)
    if form.valid_from.data is None:
        form.valid_from.data = max(first, today + timedelta(days=1)).isoformat()
    return render_template(
        "rules/preview.html",
        form=form,
        rules=rules,
        seen=seen,
        first=first,
        differences=board.differences(rule_set.in_force(campaign, today), rules),
        notices=board.notices(rules),
        coming=rule_set.coming(campaign, today),
    ), status


def _seen(form: RuleSetForm) -> Preview:
    """What would change; it takes a while, so no lock is held meanwhile, and nothing is written."""
    db.session.rollback()
    with reading():
        found = preview(frame.campaign(), form.rules or abort(400), clock.today())
        db.session.rollback()
    return found
