"""督查台: overdue and red over all groups, on the page and as a workbook."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from taskboard import clock
from taskboard.boards import desk as board
from taskboard.boards.listing import Asked
from taskboard.exports.desk import COLUMNS
from taskboard.forms import listing as asked_form
from taskboard.rules.access import Permission
from taskboard.views import frame
from taskboard.views.guard import may
from taskboard.views.workbook import workbook

bp = Blueprint("desk", __name__)


@bp.get("/desk")
@may(Permission.SEE_DESK)
def show() -> ResponseReturnValue:
    """The desk."""
    asked = _asked()
    page = board.desk(frame.campaign(), asked, clock.today())
    return render_template("desk/show.html", board=page, asked=asked, on=clock.today())


@bp.get("/desk.xlsx")
@may(Permission.SEE_DESK)
def export() -> ResponseReturnValue:
    """The same list as a workbook, all pages of it."""
    return workbook("督查台", board.desk_rows(frame.campaign(), _asked(), clock.today()), COLUMNS)


def _asked() -> Asked:
    view = request.args.get("view", "")
    return replace(asked_form.read(request.args), view=view if view in dict(board.VIEWS) else "")
