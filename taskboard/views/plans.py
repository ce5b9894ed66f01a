"""计划分解: the index, the grid of an indicator, and the form of one unit's year."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from taskboard import clock
from taskboard.boards import plans as board
from taskboard.db import db
from taskboard.errors import Conflict, Refused
from taskboard.forms.plan import PlanForm
from taskboard.models import Indicator, Unit
from taskboard.models.planning import plan, plans_of
from taskboard.rules.access import Permission, permits, reaches
from taskboard.views import frame
from taskboard.views.allocations import managed
from taskboard.views.guard import may, seating
from taskboard.views.once import new_form_key, once

bp = Blueprint("plans", __name__)


@bp.get("/plans")
@may(Permission.SEE_COMMITMENTS)
def index() -> ResponseReturnValue:
    """Every indicator with whether its plans come out."""
    parts = board.index(frame.campaign(), seating(), _year())
    return render_template("plans/index.html", parts=parts, year=_year())


@bp.get("/plans/<int:id>")
@may(Permission.SEE_COMMITMENTS)
def show(id: int) -> ResponseReturnValue:
    """The grid."""
    indicator = board.find(id, frame.campaign(), seating()) or abort(404)
    manages = permits(seating(), Permission.MANAGE_TARGETS) and reaches(seating(), indicator.group_id, ())
    found = board.cascade(indicator, seating(), _year())
    return render_template("plans/show.html", board=found, indicator=indicator, may_manage=manages)


@bp.get("/plans/<int:id>/edit")
@may(Permission.MANAGE_TARGETS)
def edit(id: int) -> ResponseReturnValue:
    """The year of one unit as it stands."""
    indicator = managed(id)
    unit = _unit(indicator)
    return _page(indicator, unit, _form(indicator, unit))


@bp.post("/plans/<int:id>/edit")
@may(Permission.MANAGE_TARGETS)
@once
def update(id: int) -> ResponseReturnValue:
    """Save all periods, or none."""
    indicator = managed(id)
    unit = _unit(indicator)
    form = _form(indicator, unit)
    if not form.read(request.form):
        form.message = "有填写错误，本次没有保存"
        return _page(indicator, unit, form), 422
    try:
        count = plan(indicator, unit.id if unit else None, form.cells, form.seen, int(current_user.id), clock.now())
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        form.message = str(refused)
        indicator = managed(id)
        if isinstance(refused, Conflict):
            form.pairs = list(refused.pairs)
            stored = _form(indicator, unit).seen
            for line in form.lines:
                line.version = stored[line.period.key]
        return _page(indicator, unit, form), refused.status
    flash(f"已保存，调整 {count} 个期间" if count else "内容没有变化", "success")
    return redirect(url_for("plans.show", id=id, year=_year()))


def _form(indicator: Indicator, unit: Unit | None) -> PlanForm:
    stored = plans_of(indicator.id, _year(), unit.id if unit else None)
    return PlanForm.of(_year(), stored, indicator.sort.rule_kind == "growth", indicator.may_be_negative)


def _page(indicator: Indicator, unit: Unit | None, form: PlanForm) -> str:
    measure = board.amount_measure(indicator) if form.is_growth else indicator.measure
    return render_template(
        "plans/edit.html",
        indicator=indicator,
        unit=unit,
        form=form,
        measure=measure,
        year=_year(),
        key=new_form_key(),
    )


def _unit(indicator: Indicator) -> Unit | None:
    """The unit that the address names; None for the whole district."""
    asked = request.args.get("unit", default=0, type=int)
    if asked == board.DISTRICT:
        return None
    found = db.session.get(Unit, asked) if 0 < asked < 2**31 else None
    lead = indicator.group.lead_unit
    if found is None or not (found.is_territory or (lead and lead.id == found.id)):
        abort(404)
    return found


def _year() -> int:
    year = request.args.get("year", type=int) or frame.campaign().ends_on.year
    return year if 2000 <= year <= 2099 else abort(404)
