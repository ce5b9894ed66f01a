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
CACHE = "private, no-cache"


@bp.get("/calendar/<any(person, unit):kind>/<int:id_>/<code>.ics")
@public
def show(kind: str, id_: int, code: str) -> ResponseReturnValue:
    """The deadlines of a person or a unit. A wrong address and an unknown one are the same 404.

    The tag is that of the deadlines, so that a program that asks again costs no file.
    """
    owner = feeding.find(kind, id_, code) or abort(404)
    campaign = frame.campaign()
    name = f"{owner.name if isinstance(owner, Person) else owner.short_name} 督办期限"
    found = board.entries(owner, campaign, clock.today())
    base_url = current_app.config["TASKBOARD"].base_url
    etag = hashlib.sha256(repr((file.PRODUCT, name, base_url, found)).encode()).hexdigest()[:32]
    if etag in request.if_none_match:
        return Response(status=304, headers={"ETag": f'"{etag}"', "Cache-Control": CACHE})
    response = Response(file.calendar(name, found, base_url), mimetype=file.MIMETYPE)
    response.headers["Content-Type"] = f"{file.MIMETYPE}; charset=utf-8"
    response.headers["Content-Disposition"] = 'inline; filename="taskboard.ics"'
    response.headers["Cache-Control"] = CACHE
    response.headers["Referrer-Policy"] = "no-referrer"
    response.set_etag(etag)
    return response
