"""管理: units, groups and the campaign."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from taskboard import clock
from taskboard.boards import timeline
from taskboard.db import db
from taskboard.forms.admin import CampaignForm, GroupForm, UnitForm
from taskboard.models import CalendarOverride, Event, Group, Kind, Responsibility, Unit, managing
from taskboard.rules.access import Permission
from taskboard.rules.workdays import coming_notice
from taskboard.views import frame
from taskboard.views.guard import may
from taskboard.views.once import once

bp = Blueprint("admin", __name__, url_prefix="/admin")


@bp.get("/")
@may(Permission.MANAGE_STRUCTURE)
def index() -> ResponseReturnValue:
    """Units and groups on one page; working days have their own."""
    units = db.session.scalars(select(Unit).options(selectinload(Unit.aliases)).order_by(Unit.position, Unit.id)).all()
    query = select(Group).where(Group.campaign_id == frame.campaign().id).order_by(Group.no)
    led = query.options(selectinload(Group.responsibilities).selectinload(Responsibility.unit))
    notice = coming_notice(clock.today(), CalendarOverride.all())
    groups = db.session.scalars(led).all()
    return render_template("admin/index.html", units=units, groups=groups, notice=notice)


@bp.route("/units/new", methods=["GET", "POST"])
@may(Permission.MANAGE_STRUCTURE)
@once
def new_unit() -> ResponseReturnValue:
    """Add a unit."""
    return _unit_page(None)


@bp.route("/units/<int:id_>", methods=["GET", "POST"])
@may(Permission.MANAGE_STRUCTURE)
@once
def unit(id_: int) -> ResponseReturnValue:
    """Change a unit."""
    return _unit_page(db.session.get(Unit, id_) or abort(404))


@bp.route("/campaign", methods=["GET", "POST"])
@may(Permission.MANAGE_STRUCTURE)
@once
def campaign() -> ResponseReturnValue:
    """Change the campaign's name, goal, period and office."""
    found = frame.campaign()
    form = CampaignForm(obj=found)
    if not form.validate_on_submit():
        events = timeline.entries(Event.of_subject("campaign", found.id))
        status = 422 if request.method == "POST" else 200
        return render_template("admin/edit.html", form=form, title="攻坚行动", events=events), status
    managing.change(found, form.values(), Kind.CAMPAIGN_CHANGED, current_user.id, clock.now())
    db.session.commit()
    flash("已保存攻坚行动", "success")
    return redirect(url_for("admin.index"))


@bp.route("/groups/new", methods=["GET", "POST"])
@may(Permission.MANAGE_STRUCTURE)
@once
def new_group() -> ResponseReturnValue:
    """Add a group with its lead unit."""
    form = GroupForm()
    form.lead_id.choices = [(each.id, each.name) for each in Unit.listed()]
    if not form.validate_on_submit():
        status = 422 if request.method == "POST" else 200
        return render_template("admin/edit.html", form=form, title="新增专项组", events=[]), status
    lead_id = form.lead_id.data
    made = managing.create_group(frame.campaign().id, form.values(), lead_id, current_user.id, clock.now())
    db.session.commit()
    flash(f"已新增“{made.name}”", "success")
    return redirect(url_for("admin.index"))


@bp.route("/groups/<int:id_>", methods=["GET", "POST"])
@may(Permission.MANAGE_STRUCTURE)
@once
def group(id_: int) -> ResponseReturnValue:
    """Change a group and its lead unit."""
    found = db.session.get(Group, id_) or abort(404)
    form = GroupForm(obj=found)
    form.lead_id.choices = [(each.id, each.name) for each in Unit.listed()]
    if request.method == "GET" and found.lead_unit:
        form.lead_id.data = found.lead_unit.id
    if not form.validate_on_submit():
        events = timeline.entries(Event.of_subject("group", found.id))
        status = 422 if request.method == "POST" else 200
        return render_template("admin/edit.html", form=form, title=found.name, events=events), status
    managing.save_group(found, form.values(), form.lead_id.data, current_user.id, clock.now())
    db.session.commit()
    flash(f"已保存“{found.name}”", "success")
    return redirect(url_for("admin.index"))


def _unit_page(found: Unit | None) -> ResponseReturnValue:
    form = UnitForm(obj=found)
    if request.method == "GET" and found is not None:
        form.alias_lines.data = "\n".join(alias.name for alias in found.aliases)
    if not form.validate_on_submit():
        events = timeline.entries(Event.of_subject("unit", found.id)) if found else []
        title = found.name if found else "新增单位"
        status = 422 if request.method == "POST" else 200
        return render_template("admin/edit.html", form=form, title=title, events=events), status
    saved = managing.save_unit(found, form.values(), form.aliases(), current_user.id, clock.now())
    db.session.commit()
    flash(f"已保存“{saved.name}”", "success")
    return redirect(url_for("admin.index"))
