"""The id of each request, and one line for it in the log: who did what, how it ended, how long it took."""

from __future__ import annotations

import logging
import time

from flask import Flask, Response, g, request
from flask_login import current_user

from taskboard import trace
from taskboard.views.guard import FRAMEWORK_ENDPOINTS, WATCHERS

HEADER = "X-Request-ID"

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Begin before everything else, end after it."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.began = time.perf_counter()
    trace.start(request.headers.get(HEADER))


def _end(response: Response) -> Response:
    """The header, and the line. What was asked for by name is told, never what was typed."""
    response.headers[HEADER] = trace.current()
    if request.endpoint in FRAMEWORK_ENDPOINTS or not log.isEnabledFor(logging.INFO):
        return response
    if request.endpoint in WATCHERS and response.status_code == 200:
        return response
    fields = {
        "method": request.method,
        "endpoint": request.endpoint or "",
        "status": response.status_code,
        "ms": round((time.perf_counter() - g.began) * 1000, 1) if "began" in g else None,
        "person": g._login_user.get_id() if "_login_user" in g and current_user.is_authenticated else None,
    }
    log.info("request", extra=fields)
    return response
