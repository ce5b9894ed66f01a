"""The timetable and the deliveries, on screen."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from taskboard import clock
from taskboard.boards import timetable
from taskboard.boards.paging import page_of
from taskboard.db import db
from taskboard.models import Delivery, DeliveryState, telling
from taskboard.models.delivery import MAIL
from taskboard.rules.access import Permission, permits
from taskboard.views.guard import may, seating

bp = Blueprint("jobs", __name__)


@bp.get("/jobs")
@may(Permission.SEE_JOBS)
def index() -> ResponseReturnValue:
    """Each job: when, last run, next run, counts, error."""
    schedule = current_app.extensions["taskboard.timetable"]
    now = {True: clock.now(), False: clock.real_now()}
    rows = [(job, job.next(now[job.daily is not None])) for job in schedule]
    alive = timetable.is_alive(clock.real_now())
    runs, mails = timetable.last_runs(), timetable.mail_counts()
    return render_template("jobs/index.html", rows=rows, runs=runs, alive=alive, mails=mails, states=DeliveryState)


@bp.get("/deliveries")
@may(Permission.SEE_JOBS)
def deliveries() -> ResponseReturnValue:
    """The mails, by state; those that need a person first."""
    query = select(Delivery).where(Delivery.channel == MAIL).options(joinedload(Delivery.person))
    state = request.args.get("state", "")
    if state in set(DeliveryState):
        query = query.where(Delivery.state == state)
    page = page_of(query.order_by(Delivery.id.desc()), request.args.get("page", 1, type=int))
    manages = permits(seating(), Permission.MANAGE_DELIVERIES)
    return render_template("jobs/deliveries.html", page=page, states=DeliveryState, manages=manages)


@bp.post("/deliveries/<int:id_>/<any(resend, confirm):deed>")
@may(Permission.MANAGE_DELIVERIES)
def settle(id_: int, deed: str) -> ResponseReturnValue:
    """Send a failed or uncertain mail again, or note that it arrived."""
    delivery = db.session.get(Delivery, id_) or abort(404)
    if deed == "resend":
        telling.resend(delivery, current_user.id, clock.now(), clock.real_now())
        flash("已安排重新发送", "success")
    else:
        telling.confirm(delivery, current_user.id, clock.now())
        flash("已记为送达", "success")
    db.session.commit()
    return redirect(url_for("jobs.deliveries"))
