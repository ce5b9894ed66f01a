"""人员岗位: who may come in, and as what."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from taskboard import clock
from taskboard.boards import timeline
from taskboard.boards.paging import page_of
from taskboard.db import db
from taskboard.forms.admin import NewPersonForm, PersonForm, SeatForm
from taskboard.models import Event, Group, Kind, Person, Seat, Unit, managing
from taskboard.rules.access import Permission, SeatKind
from taskboard.views import frame
from taskboard.views.guard import as_value, may
from taskboard.views.once import once
from taskboard.views.web_session import end_sessions_of

bp = Blueprint("people", __name__, url_prefix="/people")


@bp.get("/")
@may(Permission.MANAGE_PEOPLE)
def index() -> ResponseReturnValue:
    """All people with their seats; by name, login or seat."""
    query = select(Person).options(
        selectinload(Person.seats).options(selectinload(Seat.unit), selectinload(Seat.group))
    )
    text, kind = request.args.get("q", "").strip()[:50], request.args.get("seat", "")
    if text:
        found = Person.name.contains(text, autoescape=True) | Person.login.contains(text.casefold(), autoescape=True)
        query = query.where(found)
    if kind:
        query = query.where(Person.seats.any(Seat.kind == kind))
    page = page_of(query.order_by(Person.id), request.args.get("page", 1, type=int))
    kinds = [(each.value, each.word) for each in SeatKind]
    return render_template("people/index.html", page=page, kinds=kinds, words=_seat_words)


@bp.route("/new", methods=["GET", "POST"])
@may(Permission.MANAGE_PEOPLE)
@once
def new() -> ResponseReturnValue:
    """Add a person; the one-time password is shown once, on the answer itself."""
    form = NewPersonForm()
    if not form.validate_on_submit():
        return render_template("people/new.html", form=form), 422 if request.method == "POST" else 200
    values = {**form.values(), "login": form.login.data}
    person, secret = managing.create_person(values, current_user.id, clock.now())
    db.session.commit()
    return render_template("people/password.html", person=person, secret=secret)


@bp.route("/<int:id_>", methods=["GET", "POST"])
@may(Permission.MANAGE_PEOPLE)
@once
def show(id_: int) -> ResponseReturnValue:
    """A person: change name and addresses, seats, password, right to come in."""
    person = db.session.get(Person, id_) or abort(404)
    form = PersonForm(obj=person)
    if not form.validate_on_submit():
        return _page(person, form, _seat_form()), 422 if request.method == "POST" else 200
    text = str(form.version.data or "")
    version = int(text) if text.isdecimal() else 0
    managing.change_person(person, form.values(), version, current_user.id, clock.now())
    db.session.commit()
    flash("已保存", "success")
    return redirect(url_for("people.show", id_=person.id))


@bp.post("/<int:id_>/password")
@may(Permission.MANAGE_PEOPLE)
@once
def reset(id_: int) -> ResponseReturnValue:
    """A new one-time password; all sessions of the person end."""
    person = db.session.get(Person, id_) or abort(404)
    secret = managing.reset_password(person, current_user.id, clock.now())
    end_sessions_of(person.id)
    db.session.commit()
    return render_template("people/password.html", person=person, secret=secret)


@bp.post("/<int:id_>/<any(disable, enable):deed>")
@may(Permission.MANAGE_PEOPLE)
def switch(id_: int, deed: str) -> ResponseReturnValue:
    """Let a person in or keep them out, at once."""
    person = db.session.get(Person, id_) or abort(404)
    if person.id == current_user.id:
        abort(403)
    managing.change(person, {"active": deed == "enable"}, Kind.PERSON_CHANGED, current_user.id, clock.now())
    end_sessions_of(person.id)
    db.session.commit()
    flash("已启用" if person.active else "已停用，该账号的登录已全部退出", "success")
    return redirect(url_for("people.show", id_=person.id))


@bp.post("/<int:id_>/seats")
@may(Permission.MANAGE_PEOPLE)
@once
def give_seat(id_: int) -> ResponseReturnValue:
    """Give a seat from a day to a day."""
    person = db.session.get(Person, id_) or abort(404)
    form = _seat_form()
    if not form.validate_on_submit():
        return _page(person, PersonForm(None, obj=person), form), 422
    from_on = form.from_on.data or clock.today()
    managing.give_seat(person, form.kind.data, form.place(), from_on, form.to_on.data, current_user.id, clock.now())
    db.session.commit()
    flash("已设置岗位", "success")
    return redirect(url_for("people.show", id_=person.id))


@bp.post("/<int:id_>/seats/<int:seat_id>/end")
@may(Permission.MANAGE_PEOPLE)
def end_seat(id_: int, seat_id: int) -> ResponseReturnValue:
    """End a seat today."""
    seat = db.session.get(Seat, seat_id)
    if seat is None or seat.person_id != id_:
        abort(404)
    managing.end_seat(seat, clock.today(), current_user.id, clock.now())
    db.session.commit()
    flash("岗位已结束", "success")
    return redirect(url_for("people.show", id_=id_))


def _seat_form() -> SeatForm:
    form = SeatForm()
    form.group_id.choices = [(0, "—"), *((each.id, each.name) for each in Group.listed(frame.campaign().id))]
    form.unit_id.choices = [(0, "—"), *((each.id, each.name) for each in Unit.listed())]
    if request.method == "GET":
        form.from_on.data = clock.today()
    return form


def _page(person: Person, form: PersonForm, seat_form: SeatForm) -> str:
    events = timeline.entries(Event.of_subject("person", person.id))
    today = clock.today()
    return render_template(
        "people/show.html", person=person, form=form, seat_form=seat_form, events=events, words=_seat_words, today=today
    )


def _seat_words(seat: Seat) -> str:
    return as_value(seat).words
