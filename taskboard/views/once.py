"""One click, one effect: a form's key is claimed in the transaction of its deed.

A double click, a reload or a retry carries the same key and gets the first one's answer. Two at the
same moment meet at the primary key: the second waits for the first to commit, then follows it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, make_response, redirect, request, url_for
from flask_login import current_user
from sqlalchemy.exc import IntegrityError

from taskboard import clock
from taskboard.db import db
from taskboard.models import FormKey

View = TypeVar("View", bound=Callable[..., Any])
LONGEST = 100


def new_form_key() -> str:
    """A key for the hidden field `form_key` of a form that is being shown."""
    return secrets.token_urlsafe(16)


def once(view: View) -> View:
    """Let a POST with a `form_key` take effect once. An answer of 400 or more gives the key back."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        key = request.form.get("form_key", "")[:LONGEST]
        if request.method != "POST" or not key:
            return view(*args, **kwargs)
        person_id = int(current_user.id)
        if not _claim(person_id, key):
            return _first_answer(person_id, key)
        response = make_response(view(*args, **kwargs))
        if response.status_code >= 400:
            db.session.rollback()
        else:
            _remember(person_id, key, response)
        return response

    return cast(View, guarded)


def _claim(person_id: int, key: str) -> bool:
    if db.session.get(FormKey, (person_id, key)) is not None:
        return False
    db.session.add(FormKey(person_id=person_id, key=key, location="", created_at=clock.real_now()))
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        return False
    return True


def _remember(person_id: int, key: str, response: Response) -> None:
    row = db.session.get(FormKey, (person_id, key))
    if row is not None:
        row.location = response.location or request.path
        db.session.commit()


def _first_answer(person_id: int, key: str) -> Response:
    row = db.session.get(FormKey, (person_id, key))
    return cast(Response, redirect(row.location if row and row.location else url_for("today.show")))
