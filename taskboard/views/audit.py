"""All events, for the audit administrator, and whether the chain holds."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from taskboard.boards import timeline
from taskboard.boards.paging import page_of
from taskboard.models import Event, Kind, Person, chain
from taskboard.rules.access import Permission
from taskboard.views.guard import may

bp = Blueprint("audit", __name__)


@bp.get("/audit")
@may(Permission.SEE_AUDIT)
def index() -> ResponseReturnValue:
    """The events, newest first, by kind and person."""
    query = select(Event).options(joinedload(Event.actor)).order_by(Event.id.desc())
    kind, name = request.args.get("kind", ""), request.args.get("q", "").strip()[:50]
    if kind:
        query = query.where(Event.kind == kind)
    if name:
        query = query.join(Person, Person.id == Event.actor_id).where(
            Person.name.contains(name, autoescape=True) | Person.login.contains(name.casefold(), autoescape=True)
        )
    page = page_of(query, request.args.get("page", 1, type=int))
    kinds = [(each.key, each.words) for each in Kind]
    return render_template("audit/index.html", page=page, entries=timeline.entries(page.rows), kinds=kinds)


@bp.post("/audit/verify")
@may(Permission.SEE_AUDIT)
def verify() -> ResponseReturnValue:
    """Walk the chain and say what was found."""
    found = chain.verify()
    if found.is_intact:
        flash(f"已核验 {found.checked} 条留痕，前后衔接，未见改动", "success")
    else:
        flash(f"{found.why}，请立即报告安全管理员", "danger")
    return redirect(url_for("audit.index"))
