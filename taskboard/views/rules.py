"""规则: by what everybody is judged, for everybody to read."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from taskboard import clock
from taskboard.boards import rules_page as board
from taskboard.models import rule_set
from taskboard.rules.access import Permission, permits
from taskboard.views import frame, guard
from taskboard.views.guard import may

bp = Blueprint("rules", __name__)


@bp.get("/rules")
@may(Permission.USE)
def index() -> ResponseReturnValue:
    """The rule set in force, and what is to come."""
    campaign, today = frame.campaign(), clock.today()
    coming = rule_set.coming(campaign, today)
    may_manage = permits(guard.current_seating(), Permission.MANAGE_RULES)
    page = board.rules_page(campaign, today)
    return render_template("rules/index.html", board=page, coming=coming, may_manage=may_manage)
