"""A person's messages."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from taskboard import clock
from taskboard.boards.paging import page_of
from taskboard.db import db
from taskboard.models import Delivery, telling
from taskboard.models.delivery import INBOX
from taskboard.rules.access import Permission
from taskboard.views.guard import may

bp = Blueprint("inbox", __name__)


@bp.get("/inbox")
@may(Permission.USE)
def index() -> ResponseReturnValue:
    """The messages, unread first."""
    query = select(Delivery).where(Delivery.person_id == current_user.id, Delivery.channel == INBOX)
    query = query.order_by(Delivery.read_at.is_not(None), Delivery.id.desc())
    return render_template("inbox/index.html", page=page_of(query, request.args.get("page", 1, type=int), 20))


@bp.post("/inbox/read")
@may(Permission.USE)
def read_all() -> ResponseReturnValue:
    """Mark all read."""
    telling.read_all(current_user.id, clock.now())
    db.session.commit()
    flash("已全部标为已读", "success")
    return redirect(url_for("inbox.index"))


@bp.post("/inbox/<int:id_>/read")
@may(Permission.USE)
def read(id_: int) -> ResponseReturnValue:
    """Mark one read; another person's message does not exist."""
    query = select(Delivery).where(Delivery.id == id_, Delivery.person_id == current_user.id)
    found = db.session.scalars(query.where(Delivery.channel == INBOX)).first() or abort(404)
    found.read_at = found.read_at or clock.now()
    db.session.commit()
    return redirect(url_for("inbox.index"))
