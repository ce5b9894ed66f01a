"""指标矩阵: the page and its workbook."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from taskboard.boards import matrix as board
from taskboard.boards.matrix_row import SHOWS
from taskboard.exports import matrix as exported
from taskboard.forms import listing as asked_form
from taskboard.rules.access import Permission, permits
from taskboard.views import frame
from taskboard.views.guard import may, seating
from taskboard.views.workbook import workbook

bp = Blueprint("matrix", __name__)


@bp.get("/matrix")
@may(Permission.SEE_COMMITMENTS)
def index() -> ResponseReturnValue:
    """Indicators against units."""
    may_manage = permits(seating(), Permission.MANAGE_TARGETS)
    return render_template("matrix/index.html", board=_board(), shows=SHOWS, may_manage=may_manage)


@bp.get("/matrix.xlsx")
@may(Permission.EXPORT)
def export() -> Response:
    """The same as a workbook."""
    page = _board()
    return workbook("指标矩阵", exported.lines(page), exported.columns(page))


def _board() -> board.Matrix:
    read = asked_form.read(request.args)
    show, period = request.args.get("show", ""), request.args.get("period", "")
    asked = board.Asked(show if show in SHOWS else SHOWS[0], read.group, read.light, period)
    return board.matrix(frame.campaign(), seating(), asked)
