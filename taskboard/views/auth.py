"""Coming in, going out, changing seat and password."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, abort, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from taskboard import clock
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.forms.login import LoginForm, PasswordForm
from taskboard.models import Kind, Person, password, record
from taskboard.models.demonstration import DEMO_PASSWORD
from taskboard.models.seat import Seat
from taskboard.rules.access import Permission
from taskboard.views.guard import as_value, held_seats, may, public
from taskboard.views.web_session import end_sessions_of

bp = Blueprint("auth", __name__)
WRONG = "账号或密码不正确；连续输错 5 次将锁定 15 分钟"


@bp.route("/login", methods=["GET", "POST"])
@public
def login() -> ResponseReturnValue:
    """The same answer whether the login is unknown, locked or the password wrong."""
    form = LoginForm(next=request.args.get("next", ""))
    if current_user.is_authenticated and request.method == "GET":
        return redirect(url_for("today.show"))
    if not form.validate_on_submit():
        return _login_page(form, 422 if request.method == "POST" else 200)
    person = Person.by_login(form.login.data or "")
    kept = person.password_hash if person else ""
    db.session.rollback()  # hashing takes a while; no lock is held meanwhile
    fits = password.matches(kept, form.password.data or "")
    person = Person.by_login(form.login.data or "")
    now = clock.real_now()
    if person is None or not person.active or not fits or password.is_locked(person, now):
        _count_failure(person)
        form.login.errors = [*form.login.errors, WRONG]
        return _login_page(form, 422)
    person.failures, person.last_login_at = 0, now
    person.must_change_password = person.must_change_password or password.is_too_old(person, now)
    record(Kind.LOGGED_IN, person, person.id, clock.now(), source=_address())
    db.session.commit()
    session.clear()
    login_user(person)
    session.rotate = True  # type: ignore[attr-defined]
    return redirect(local_path(form.next.data) or url_for("today.show"))


@bp.post("/logout")
@may(Permission.USE)
def logout() -> ResponseReturnValue:
    """End the session, here and in the database."""
    record(Kind.LOGGED_OUT, current_user._get_current_object(), current_user.id, clock.now(), source=_address())
    db.session.commit()
    logout_user()
    session.clear()
    session.rotate = True  # type: ignore[attr-defined]
    flash("已退出登录", "success")
    return redirect(url_for("auth.login"))


@bp.route("/password", methods=["GET", "POST"], endpoint="password")
@may(Permission.USE)
def change_password() -> ResponseReturnValue:
    """Change one's own password; every other session of the person ends."""
    form = PasswordForm()
    onward = local_path(request.args.get("next"))  # a link from a message that led to a password too old
    if not form.validate_on_submit():
        return render_template("auth/password.html", form=form, onward=onward), 422 if request.method == "POST" else 200
    person = db.session.get_one(Person, current_user.id)
    if not password.matches(person.password_hash, form.current.data or ""):
        form.current.errors = ["当前密码不正确"]
        return render_template("auth/password.html", form=form, onward=onward), 422
    try:
        password.check_policy(person, form.new.data or "")
    except Refused as refusal:
        form.new.errors = [str(refusal)]
        return render_template("auth/password.html", form=form, onward=onward), 422
    password.set_password(person, form.new.data or "", clock.real_now())
    record(Kind.PASSWORD_CHANGED, person, person.id, clock.now(), source=_address())
    end_sessions_of(person.id)
    db.session.commit()
    session.rotate = True  # type: ignore[attr-defined]
    flash("密码已修改，其他设备上的登录已退出", "success")
    return redirect(onward or url_for("today.show"))


@bp.post("/seat")
@may(Permission.USE)
def seat() -> ResponseReturnValue:
    """Act in another of one's own seats."""
    wanted = request.form.get("seat", type=int)
    if wanted not in {held.id for held in held_seats()}:
        abort(404)
    session["seat_id"] = wanted
    session.rotate = True  # type: ignore[attr-defined]
    return redirect(url_for("today.show"))


def local_path(target: str | None) -> str | None:
    """The target when it is a path of this site, else None: nobody is sent elsewhere after a login."""
    if not target or not target.startswith("/") or any(c <= " " or c == "\\" for c in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc or target.startswith("//") else target


def _count_failure(person: Person | None) -> None:
    """Note a failure; an unknown login leaves an event without a person."""
    locked = False
    if person is not None and not password.is_locked(person, clock.real_now()):
        locked = password.count_failure(person, clock.real_now())
    record(Kind.LOGIN_FAILED, person or "person", None, clock.now(), source=_address())
    if locked and person is not None:
        record(Kind.ACCOUNT_LOCKED, person, None, clock.now(), source=_address())
    db.session.commit()


def _login_page(form: LoginForm, status: int) -> ResponseReturnValue:
    installation = g.get("installation")
    accounts = _demonstration_accounts() if installation and installation.is_demonstration else []
    return render_template("auth/login.html", form=form, accounts=accounts, password=DEMO_PASSWORD), status


def _demonstration_accounts() -> list[tuple[str, str, str]]:
    """Login, name and seat of the demonstration's people, to click."""
    query = (
        select(Person)
        .where(Person.illustrative, Person.active)
        .options(selectinload(Person.seats).options(selectinload(Seat.unit), selectinload(Seat.group)))
        .order_by(Person.id)
    )
    return [
        (person.login, person.name, "、".join(as_value(held).words for held in person.seats))
        for person in db.session.scalars(query)
    ]


def _address() -> str:
    return request.remote_addr or ""
