"""DOOR ONE: people. A blueprint per noun: find, form, verb, commit, redirect."""

from __future__ import annotations

from importlib import import_module

from flask import Flask, Response
from werkzeug.routing import IntegerConverter, Map

from taskboard.boards import words
from taskboard.views import errors, frame, guard, request_log
from taskboard.views.once import new_form_key
from taskboard.views.web_session import ServerSessions

BLUEPRINTS = (
    "auth",
    "health",
    "worklist",
    "tasks",
    "targets",
    "outlook",
    "matrix",
    "allocations",
    "plans",
    "schedules",
    "indicators",
    "search",
    "reports",
    "attachments",
    "today",
    "wall",
    "desk",
    "items",
    "measures",
    "items_bulk",
    "appeals",
    "slips",
    "groups",
    "rules",
    "rule_sets",
    "inbox",
    "subscriptions",
    "telling",
    "announcements",
    "calendars",
    "feedback",
    "clock",
    "audit",
    "jobs",
    "channels",
    "deliveries",
    "admin",
    "workdays",
    "people",
    "imports",
    "quality",
    "quality_deeds",
    "evaluations",
    "evaluation_imports",
    "target_imports",
    "progress",
)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class RowNumber(IntegerConverter):
    """The ids in addresses: a number that no database holds is not found, rather than an error."""

    def __init__(self, map_: Map, max: int = 2**31 - 1) -> None:
        super().__init__(map_, max=max)


def init_app(app: Flask) -> None:
    """Hang the doors: sessions, guard, frame, pages, errors, headers, filters."""
    app.url_map.converters["int"] = RowNumber
    app.session_interface = ServerSessions()
    request_log.init_app(app)
    guard.prepare(app)
    errors.init_app(app)
    frame.init_app(app)
    guard.init_app(app)
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(f"taskboard.views.{name}").bp)
    for name, filter_ in words.FILTERS.items():
        app.add_template_filter(filter_, name)
    app.add_template_global(new_form_key)
    app.after_request(_headers)


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
