"""督办质效: the measures of items by unit and period, on the page and as a workbook."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from taskboard import clock
from taskboard.boards import item_measures as board
from taskboard.exports.items import MEASURE_COLUMNS
from taskboard.forms.figures import day
from taskboard.rules.access import Permission
from taskboard.views import frame
from taskboard.views.guard import may
from taskboard.views.workbook import workbook

bp = Blueprint("measures", __name__)


@bp.get("/items/measures")
@may(Permission.SEE_MEASURES)
def show() -> ResponseReturnValue:
    """The table of the period that the address asks for; without one, of the campaign until today."""
    return render_template("items/measures.html", board=_measures())


@bp.get("/items/measures.xlsx")
@may(Permission.SEE_MEASURES)
def export() -> Response:
    """The same as a workbook."""
    return workbook("督办质效", _measures().rows, MEASURE_COLUMNS)


def _measures() -> board.Measures:
    on = clock.today()
    first = _day(request.args.get("from", ""), frame.campaign().starts_on)
    last = _day(request.args.get("to", ""), on)
    return board.measures(frame.campaign(), min(first, last), max(first, last), on)


def _day(text: str, otherwise: date) -> date:
    try:
        return day(text)
    except ValueError:
        return otherwise
