"""一办九组: the organisation chart, and one group."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue

from taskboard import clock
from taskboard.boards import organisation as board
from taskboard.rules.access import SEES_ALL, Permission, SeatKind
from taskboard.views import frame
from taskboard.views.guard import may, seating

bp = Blueprint("groups", __name__)


@bp.get("/groups")
@may(Permission.SEE_GROUPS)
def index() -> ResponseReturnValue:
    """Office, groups and units."""
    return render_template("groups/index.html", board=board.organisation(frame.campaign(), clock.today()))


@bp.get("/groups/<int(max=2147483647):id>")
@may(Permission.SEE_GROUPS)
def show(id: int) -> ResponseReturnValue:
    """One group."""
    page = board.group_page(frame.campaign(), id, clock.today()) or abort(404)
    return render_template("groups/show.html", board=page, worklist=_worklist(id), is_wide=seating().kind in SEES_ALL)


def _worklist(group_id: int) -> str:
    """Where the seat finds this group's worklist; nothing when it has none to see."""
    here = seating()
    if here.kind in SEES_ALL or here.kind == SeatKind.REPORTER:
        return url_for("worklist.show", group=group_id)
    own = here.kind == SeatKind.GROUP_LEAD and here.group_id == group_id
    return url_for("worklist.show") if own else ""
