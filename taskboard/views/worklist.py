"""工作清单: what the seat must move, in the order in which it hurts; the same as a workbook."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from taskboard import clock
from taskboard.boards.listing import Scope, all_lines
from taskboard.boards.worklist import worklist
from taskboard.forms import listing as asked_form
from taskboard.rules.access import Permission, SeatKind, permits
from taskboard.views import frame
from taskboard.views.guard import may, seating
from taskboard.views.workbook import workbook

bp = Blueprint("worklist", __name__)

TITLES = {SeatKind.GROUP_LEAD: "本组工作清单", SeatKind.REPORTER: "本单位工作清单"}


@bp.get("/worklist")
@may(Permission.SEE_WORKLIST)
def show() -> ResponseReturnValue:
    """The seat's worklist."""
    asked = asked_form.worklist(request.args)
    return render_template(
        "worklist/show.html",
        board=worklist(_scope(), asked, clock.today()),
        asked=asked,
        title=TITLES.get(seating().kind, "工作清单"),
        is_reporter=seating().kind == SeatKind.REPORTER,
        may_report=permits(seating(), Permission.REPORT),
        on=clock.today(),
    )


@bp.get("/worklist.xlsx")
@may(Permission.EXPORT)
def export() -> ResponseReturnValue:
    """The same list as a workbook, all pages of it."""
    asked = asked_form.worklist(request.args)
    title = TITLES.get(seating().kind, "工作清单")
    return workbook(title, all_lines(_scope(), asked, clock.today()))


def _scope() -> Scope:
    return Scope(frame.campaign(), seating(), own=True)
