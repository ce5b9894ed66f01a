"""查找: units, targets and tasks by text or number, among what the seat sees."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from taskboard import clock
from taskboard.boards.search import search
from taskboard.forms import listing as asked_form
from taskboard.rules.access import Permission
from taskboard.views import frame
from taskboard.views.guard import may, seating

bp = Blueprint("search", __name__)


@bp.get("/search")
@may(Permission.USE)
def show() -> ResponseReturnValue:
    """What the text in the top bar finds."""
    text = asked_form.read(request.args).q
    found = search(text, frame.campaign(), seating(), clock.today())
    return render_template("search/show.html", text=text, found=found, on=clock.today())
