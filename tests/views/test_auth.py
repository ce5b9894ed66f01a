"""Coming in: one answer for every failure, sessions on the server, and nobody is sent elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from taskboard import clock
from taskboard.db import db
from taskboard.models import Event, Person, WebSession, password
from taskboard.views.auth import local_path
from tests.world import PASSWORD, Web


@pytest.fixture
def known(web: Web) -> Web:
    with web.app.app_context():
        person = db.session.get_one(Person, web.ids.reporter)
        password.set_password(person, PASSWORD, clock.real_now())
        db.session.commit()
    return web


def log_in(client: FlaskClient, login: str = "reporter", text: str = PASSWORD, **more: str):  # type: ignore[no-untyped-def]
    return client.post("/login", data={"login": login, "password": text, **more})


def test_a_visitor_is_asked_to_log_in_and_comes_back_to_the_page(known: Web) -> None:
    client = known.visitor()

    asked = client.get("/password?x=1")
    answer = log_in(client, next="/password?x=1")

    assert asked.location == "/login?next=/password?x%3D1"
    assert (answer.status_code, answer.location) == (302, "/password?x=1")
    assert client.get("/password").status_code == 200


def test_an_unknown_login_and_a_wrong_password_get_the_same_answer(known: Web) -> None:
    wrong, unknown = log_in(known.visitor(), text="x"), log_in(known.visitor(), login="nobody-here")

    assert wrong.status_code == unknown.status_code == 422
    assert "账号或密码不正确" in wrong.text
    assert "账号或密码不正确" in unknown.text


def test_five_failures_lock_and_the_right_password_waits(known: Web) -> None:
    for _ in range(5):
        log_in(known.visitor(), text="wrong")

    assert log_in(known.visitor()).status_code == 422
    with known.app.app_context():
        db.session.execute(update(Person).values(locked_until=clock.real_now() - timedelta(seconds=1)))
        db.session.commit()
        assert db.session.scalars(select(Event.kind).where(Event.kind == "account_locked")).all() == ["account_locked"]
    assert log_in(known.visitor()).status_code == 302


def test_the_session_id_changes_at_login_and_dies_at_logout(known: Web) -> None:
    client = known.visitor()
    client.get("/login")
    before = client.get_cookie("session")
    log_in(client)
    after = client.get_cookie("session")

    assert before is None or before.value != after.value
    client.post("/logout")
    client.set_cookie("session", after.value)
    assert client.get("/password").status_code == 302


@pytest.mark.parametrize(("column", "age"), [("seen_at", timedelta(minutes=31)), ("created_at", timedelta(hours=13))])
def test_idle_and_old_sessions_end(known: Web, column: str, age: timedelta) -> None:
    client = known.visitor()
    log_in(client)
    with known.app.app_context():
        db.session.execute(update(WebSession).values({column: clock.real_now() - age}))
        db.session.commit()

    assert client.get("/password").status_code == 302


def test_a_disabled_person_is_out_at_the_next_request(known: Web) -> None:
    client = known.visitor()
    log_in(client)
    with known.app.app_context():
        db.session.execute(update(Person).where(Person.login == "reporter").values(active=False))
        db.session.commit()

    assert client.get("/password").status_code == 302


def test_a_new_password_ends_the_other_sessions(known: Web) -> None:
    one, other = known.visitor(), known.visitor()
    log_in(one)
    log_in(other)

    answer = one.post("/password", data={"current": PASSWORD, "new": "Other-words-77", "again": "Other-words-77"})

    assert answer.status_code == 302
    assert one.get("/password").status_code == 200
    assert other.get("/password").status_code == 302


@pytest.mark.parametrize("weak", ["Sh0rt-x", "alllowercase", "Reporter-2020", "Password-1", PASSWORD])
def test_a_weak_password_is_refused_with_the_reason(known: Web, weak: str) -> None:
    client = known.visitor()
    log_in(client)

    assert client.post("/password", data={"current": PASSWORD, "new": weak, "again": weak}).status_code == 422


@pytest.mark.parametrize(
    "target", ["//e", "/\\e", "/\t/e", "https:e", "\\\\e", "http://e/", "javascript:x", "e", "", None, "/ /e", "///e"]
)
def test_nobody_is_sent_elsewhere(target: str | None) -> None:
    assert local_path(target) is None


def test_unsafe_requests_need_a_token_even_to_log_in(known: Web) -> None:
    known.app.config["WTF_CSRF_ENABLED"] = True

    assert log_in(known.visitor()).status_code == 400
    assert known.as_("reporter").post("/logout").status_code == 400


def test_every_answer_carries_the_headers(known: Web) -> None:
    for path in ("/login", "/nothing-here", "/healthz"):
        headers = known.visitor().get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
