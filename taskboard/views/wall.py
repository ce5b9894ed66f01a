"""领导一分钟, on a page, on paper, and on the screen of a meeting room."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from taskboard import clock
from taskboard.boards import wall as board
from taskboard.rules.access import Permission
from taskboard.views import frame
from taskboard.views.guard import may

bp = Blueprint("wall", __name__)


@bp.get("/wall")
@may(Permission.SEE_WALL)
def show() -> ResponseReturnValue:
    """The leader's minute; `?screen=1` is the dark variant."""
    page = board.wall(frame.campaign(), clock.today())
    return render_template("wall/show.html", board=page, on=clock.today(), screen=request.args.get("screen") == "1")
