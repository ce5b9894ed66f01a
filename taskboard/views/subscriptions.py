"""接收设置: how a person hears, and the addresses of the calendars that are theirs to read."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from taskboard import clock
from taskboard.boards import subscriptions as board
from taskboard.boards.subscriptions import Settings
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.forms.subscription import SubscriptionForm, form_for
from taskboard.models import Person, Unit, feeding
from taskboard.models.feeding import Owner
from taskboard.models.subscribing import subscribe
from taskboard.rules.access import Permission, SeatKind
from taskboard.views.guard import held_seats, may
from taskboard.views.once import once

bp = Blueprint("subscriptions", __name__)


@dataclass(frozen=True)
class Feed:
    """A calendar's address, as it is shown."""

    title: str
    url: str
    webcal: str
    kind: str
    id: int


@bp.route("/settings/messages", methods=["GET", "POST"])
@may(Permission.USE)
@once
def mine() -> ResponseReturnValue:
    """One's own settings."""
    return _page(current_user, by_office=False)


@bp.route("/people/<int:id_>/messages", methods=["GET", "POST"])
@may(Permission.MANAGE_PEOPLE)
@once
def theirs(id_: int) -> ResponseReturnValue:
    """The same of somebody else, who may not know their own account number."""
    return _page(db.session.get(Person, id_) or abort(404), by_office=True)


@bp.post("/settings/calendar/<any(person, unit):kind>/<int:id_>/renew")
@may(Permission.USE)
def renew(kind: str, id_: int) -> ResponseReturnValue:
    """Another address for one's own calendar, or for that of a unit whose reporter one is."""
    owner: Owner = next((one for one in _owners() if (feeding.kind_of(one), one.id) == (kind, id_)), None) or abort(404)
    feeding.renew(owner, current_user.id, clock.now())
    db.session.commit()
    flash("已更换地址，原地址立即失效，请在日历程序中重新订阅", "success")
    return redirect(url_for("subscriptions.mine", _anchor="calendar"))


def _page(person: Person, by_office: bool) -> ResponseReturnValue:
    seen = board.settings(person, by_office)
    form = _form(seen)
    wrong = ""
    if form.validate_on_submit():
        try:
            choices = form.choices(seen.editable)
            changed = subscribe(person, choices, form.digest_hour.data, current_user.id, clock.now())
            db.session.commit()
            flash("已保存接收设置" if changed else "没有变化", "success")
            return redirect(request.path)
        except Refused as refused:
            db.session.rollback()
            wrong = str(refused)
    feeds = [] if by_office or not seen.rule.feeds else [_feed(owner) for owner in _owners()]
    return render_template(
        "subscriptions/show.html",
        person=person,
        board=seen,
        form=form,
        wrong=wrong,
        by_office=by_office,
        feeds=feeds,
        at_once=board.AT_ONCE,
        in_digest=board.IN_DIGEST,
    ), 422 if request.method == "POST" else 200


def _form(seen: Settings) -> SubscriptionForm:
    data: dict[str, object] = {"digest_hour": seen.hour}
    for way in seen.ways:
        data[f"on_{way.channel.id}"] = way.is_heard
        data[f"address_{way.channel.id}"] = way.address
    return form_for(seen.editable, seen.hours, **data)


def _owners() -> list[Owner]:
    """Whose calendars the person may subscribe to: the own one, and those of the units they report for."""
    units = {seat.unit_id: seat.unit for seat in held_seats() if seat.kind == SeatKind.REPORTER and seat.unit}
    owners: list[Owner] = [current_user, *units.values()]
    return owners


def _feed(owner: Owner) -> Feed:
    url = current_app.config["TASKBOARD"].base_url + feeding.path_of(owner)
    title = "本人日历" if isinstance(owner, Person) else f"{owner.short_name}日历"
    if isinstance(owner, Unit):
        return Feed(title, url, "webcal://" + url.split("://", 1)[1], feeding.UNIT, owner.id)
    return Feed(title, url, "webcal://" + url.split("://", 1)[1], feeding.PERSON, owner.id)
