"""The guard in front of every endpoint: each declares its permission, or it is refused.

`@may(Permission.X)` lets in whoever holds X; `@public` everybody. An endpoint with neither answers
403, so that a forgotten check is a closed door. What a seat may not see is 404, in the finders.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user

from taskboard import clock
from taskboard.db import db
from taskboard.models import Person, Seat
from taskboard.rules.access import Permission, Seating, SeatKind, permits
from taskboard.rules.lifecycle import Actor

View = TypeVar("View", bound=Callable[..., Any])

login_manager = LoginManager()
FRAMEWORK_ENDPOINTS = frozenset({"static", "bootstrap.static"})
WATCHERS = frozenset({"health.healthz", "health.web"})  # asked by machines, also when the database is gone


def may(permission: Permission) -> Callable[[View], View]:
    """Declare the permission of an endpoint."""

    def mark(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Declare that an endpoint needs no login."""
    view.permission = None  # type: ignore[attr-defined]
    return view


def seating() -> Seating:
    """The seat in which the current person acts; 403 when there is none."""
    found = current_seating()
    if found is None:
        abort(403)
    return found


def current_seating() -> Seating | None:
    """The current seat: the one chosen, else the first that is held today."""
    if "seating" not in g:
        g.seating = _find_seating() if current_user.is_authenticated else None
    found: Seating | None = g.seating
    return found


def acting() -> Actor:
    """The current person in the current seat, with the units of all their seats: what the life of an item asks."""
    seat = seating()
    units = frozenset(held.unit_id for held in held_seats() if held.unit_id)
    return Actor(int(current_user.id), seat.kind, seat.unit_id, seat.group_id, units)


def held_seats() -> list[Seat]:
    """The seats that the current person holds today."""
    today = clock.today()
    return [seat for seat in current_user.seats if seat.holds_on(today)]


def as_value(seat: Seat) -> Seating:
    """A seat as the value that the rules take."""
    kind = SeatKind(seat.kind)
    place = seat.group.short_name if seat.group else seat.unit.short_name if seat.unit else ""
    words = f"{place} · {kind.word}" if place else kind.word
    return Seating(seat.id, kind, seat.group_id, seat.unit_id, words)


def prepare(app: Flask) -> None:
    """Let the application know who is there."""
    login_manager.init_app(app)
    login_manager.session_protection = None  # the token is bound to a server-side row


def init_app(app: Flask) -> None:
    """Put the guard in front of the views, behind the frame, which knows the day."""
    app.before_request(_guard)


def _find_seating() -> Seating | None:
    held = held_seats()
    chosen = [seat for seat in held if seat.id == session.get("seat_id")]
    return as_value((chosen or held)[0]) if held else None


@login_manager.user_loader
def _load(person_id: str) -> Person | None:
    """The person, already read with the session; a disabled one is nobody."""
    person = db.session.get(Person, int(person_id))
    return person if person and person.active else None


def _guard() -> ResponseReturnValue | None:
    if request.endpoint is None or request.endpoint in FRAMEWORK_ENDPOINTS:
        return None
    view = current_app.view_functions[request.endpoint]
    if not hasattr(view, "permission"):
        abort(403)
    permission: Permission | None = view.permission
    if permission is None:
        return None
    if not current_user.is_authenticated:
        return _to_login()
    if current_user.must_change_password and request.endpoint not in ("auth.password", "auth.logout"):
        return redirect(url_for("auth.password", next=_wanted()))
    if not permits(current_seating(), permission):
        abort(403)
    return None


def _to_login() -> ResponseReturnValue:
    if session.pop("expired", None):
        flash("登录已超时，请重新登录", "warning")
    return redirect(url_for("auth.login", next=_wanted()))


def _wanted() -> str | None:
    """The page that was asked for; what a form would have done is not repeated."""
    return request.full_path.rstrip("?") if request.method == "GET" else None
