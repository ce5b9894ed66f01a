"""Calendar feeds: read by programs that cannot log in, at an address that nobody can guess."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from taskboard import clock
from taskboard.boards import feed as board
from taskboard.exports import calendar as file
from taskboard.models import Person, feeding
from taskboard.views import frame
from taskboard.views.guard import public

bp = Blueprint("calendars", __name__)


@bp.get("/calendar/<any(person, unit):kind>/<int:id_>/<code>.ics")
@public
def show(kind: str, id_: int, code: str) -> ResponseReturnValue:
    """The deadlines of a person or a unit. A wrong address and an unknown one are the same 404."""
    owner = feeding.find(kind, id_, code) or abort(404)
    campaign = frame.campaign()
    name = f"{owner.name if isinstance(owner, Person) else owner.short_name} 督办期限"
    found = board.entries(owner, campaign, clock.today())
    data = file.calendar(name, found, current_app.config["TASKBOARD"].base_url)
    response = Response(data, mimetype=file.MIMETYPE)
    response.headers["Content-Type"] = f"{file.MIMETYPE}; charset=utf-8"
    response.headers["Content-Disposition"] = 'inline; filename="taskboard.ics"'
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.set_etag(hashlib.sha256(data).hexdigest()[:32])
    return response.make_conditional(request)
