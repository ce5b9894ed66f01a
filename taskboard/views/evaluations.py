"""外部评价: where the district stands in what others publish, on the page and as a workbook."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from taskboard import clock
from taskboard.boards import evaluation as board
from taskboard.exports import evaluations as exported
from taskboard.rules.access import Permission, permits
from taskboard.views import frame
from taskboard.views.guard import may, seating
from taskboard.views.workbook import workbook

bp = Blueprint("evaluations", __name__)


@bp.get("/evaluations")
@may(Permission.SEE_COMMITMENTS)
def index() -> ResponseReturnValue:
    """The series and period that the address asks for; without one, the newest."""
    may_import = permits(seating(), Permission.IMPORT_EVALUATIONS)
    return render_template("evaluations/index.html", board=_board(), on=clock.today(), may_import=may_import)


@bp.get("/evaluations.xlsx")
@may(Permission.SEE_COMMITMENTS)
def export() -> Response:
    """The same as a workbook."""
    return workbook("外部评价", list(exported.lines(_board())), exported.COLUMNS)


def _board() -> board.Board:
    series, result = (request.args.get(name, type=int) for name in ("series", "result"))
    return board.board(frame.campaign(), seating(), clock.today(), series, result)
