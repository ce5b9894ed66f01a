"""Sessions on the server: the cookie is a random token, the database holds its hash and the data.

Logging out, disabling an account or changing a password deletes rows, so it takes effect on the
next request. The id changes at login and at a change of seat.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import timedelta
from typing import Any, cast

from flask import Flask, Request, Response, request
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import delete
from sqlalchemy.exc import DBAPIError
from werkzeug.datastructures import CallbackDict

from taskboard import clock
from taskboard.db import db, start_reading
from taskboard.models import WebSession

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
TOUCH_AFTER = timedelta(seconds=60)


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """A dictionary that knows whether it changed, and whether its token must change."""

    def __init__(self, data: dict[str, Any], row_hash: str | None, seen_late: bool = False) -> None:
        super().__init__(data, self._changed)
        self.modified = False
        self.row_hash = row_hash
        self.seen_late = seen_late
        self.rotate = False
        self.row: WebSession | None = None
        self.unreadable: DBAPIError | None = None

    @staticmethod
    def _changed(session: ServerSession) -> None:
        session.modified = True


class ServerSessions(SessionInterface):
    """Opens and saves sessions; idle and absolute limits come from the configuration."""

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        start_reading(request.method in SAFE_METHODS)
        token = request.cookies.get(self.get_cookie_name(app), "")
        try:
            row = WebSession.find(_hash(token)) if token else None
        except DBAPIError as error:  # raised again by the first hook, where an answer can be given
            unreadable = ServerSession({}, None)
            unreadable.unreadable = error
            return unreadable
        if row is None:
            return ServerSession({}, None)
        config, now = app.config["TASKBOARD"], clock.real_now()
        idle = now - row.seen_at > timedelta(minutes=config.idle_minutes)
        old = now - row.created_at > timedelta(hours=config.session_hours)
        if idle or old:
            ended = ServerSession({"expired": True} if row.person_id else {}, row.token_hash)
            ended.rotate = True
            return ended
        opened = ServerSession(json.loads(row.data), row.token_hash, now - row.seen_at > TOUCH_AFTER)
        opened.row = row  # held, so that the person read with it is still there when asked for
        return opened

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        session = cast(ServerSession, session)
        response.vary.add("Cookie")
        if session.unreadable or not (session.modified or session.rotate or session.seen_late):
            return
        db.session.rollback()
        start_reading(False)
        now = clock.real_now()
        row = db.session.get(WebSession, session.row_hash) if session.row_hash else None
        if row is None or session.rotate:
            token = self._renew(session, row, now)
            response.set_cookie(self.get_cookie_name(app), token, **self._cookie(app))
        else:
            row.data, row.seen_at = json.dumps(dict(session)), now
            row.person_id = _person_id(session)
        try:
            db.session.commit()
        except DBAPIError:
            db.session.rollback()
            if row is None or session.rotate or request.method not in SAFE_METHODS:
                raise
            # a full disk keeps nobody from reading: a message that was shown is shown once more

    def _renew(self, session: ServerSession, row: WebSession | None, now: Any) -> str:
        token = secrets.token_urlsafe(32)
        if row is not None:
            db.session.delete(row)
        db.session.add(
            WebSession(
                token_hash=_hash(token),
                person_id=_person_id(session),
                data=json.dumps(dict(session)),
                created_at=now,
                seen_at=now,
            )
        )
        return token

    def _cookie(self, app: Flask) -> dict[str, Any]:
        return {
            "httponly": True,
            "samesite": "Lax",
            "secure": self.get_cookie_secure(app),
            "path": "/",
        }

    def get_cookie_secure(self, app: Flask) -> bool:
        """Secure except where the installation says that it runs on plain HTTP, or on loopback."""
        loopback = request.host.split(":")[0] in ("127.0.0.1", "localhost")
        return request.is_secure or not (loopback or app.config["TASKBOARD"].allow_plain_http)


def end_sessions_of(person_id: int) -> None:
    """Log a person out everywhere; the caller commits."""
    db.session.execute(delete(WebSession).where(WebSession.person_id == person_id))


def _person_id(session: SessionMixin) -> int | None:
    value = session.get("_user_id")
    return int(value) if value else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
