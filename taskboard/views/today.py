"""今日: the first page of everybody but the leaders, whose first page is the wall."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from taskboard import clock
from taskboard.boards import today as board
from taskboard.rules.access import Permission, SeatKind, permits
from taskboard.views.guard import may, seating

bp = Blueprint("today", __name__)


@bp.get("/")
@may(Permission.USE)
def home() -> ResponseReturnValue:
    """Where a seat begins its day."""
    return redirect(url_for("wall.show" if seating().kind == SeatKind.LEADER else "today.show"))


@bp.get("/today")
@may(Permission.USE)
def show() -> ResponseReturnValue:
    """The person's day."""
    page = board.today(g.get("campaign"), seating(), current_user.id, clock.today())
    return render_template(
        "today/show.html",
        board=page,
        on=clock.today(),
        may_report=permits(seating(), Permission.REPORT),
        may_see_wall=permits(seating(), Permission.SEE_WALL),
        may_see_desk=permits(seating(), Permission.SEE_DESK),
    )
