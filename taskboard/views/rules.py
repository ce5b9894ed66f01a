"""规则: by what everybody is judged, for everybody to read."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from taskboard import clock
from taskboard.boards import rules_page as board
from taskboard.rules.access import Permission
from taskboard.views import frame
from taskboard.views.guard import may

bp = Blueprint("rules", __name__)


@bp.get("/rules")
@may(Permission.USE)
def index() -> ResponseReturnValue:
    """The rule set in force."""
    return render_template("rules/index.html", board=board.rules_page(frame.campaign(), clock.today()))
