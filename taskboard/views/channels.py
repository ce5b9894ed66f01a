"""渠道: how people are reached; set up, switched, tried. A page only writes rows: the jobs process sends."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from taskboard import clock
from taskboard.boards import channels as board
from taskboard.boards import timeline, timetable
from taskboard.db import db
from taskboard.errors import Conflict, Refused
from taskboard.forms.channel import BaseForm, channel_form
from taskboard.models import Channel, Delivery, Event, Group, Occasion, channelling
from taskboard.rules.access import Permission
from taskboard.rules.channels import ChannelKind, Policy
from taskboard.views.guard import may
from taskboard.views.once import once

bp = Blueprint("channels", __name__, url_prefix="/channels")
OWN = (ChannelKind.INBOX, ChannelKind.MAIL)  # there is one of each, made with the database


@bp.get("")
@may(Permission.MANAGE_CHANNELS)
def index() -> ResponseReturnValue:
    """All channels: whether each sends, whom it reaches, what waits."""
    alive = timetable.is_alive(clock.real_now())
    return render_template("channels/index.html", lines=board.listing(clock.real_now()), alive=alive)


@bp.get("/new")
@may(Permission.MANAGE_CHANNELS)
def new() -> ResponseReturnValue:
    """Choose a kind, then the form of that kind."""
    text = request.args.get("kind", "")
    if not text:
        return render_template("channels/kinds.html", kinds=[kind for kind in ChannelKind if kind not in OWN])
    kind = _kind(text)
    return _form_page(_form(kind, None), kind, None)


@bp.post("/new")
@may(Permission.MANAGE_CHANNELS)
@once
def create() -> ResponseReturnValue:
    """Add a channel, switched off."""
    kind = _kind(request.args.get("kind", ""))
    form = _form(kind, None)
    if not form.validate_on_submit():
        return _form_page(form, kind, None), 422
    try:
        made = channelling.create(kind, form.draft(), current_user.id, clock.now())
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        return _form_page(form, kind, None, str(refused)), refused.status
    flash(f"已新增“{made.name}”，目前停用。请先试发，收到后再启用", "success")
    return redirect(url_for("channels.show", id_=made.id))


@bp.get("/<int:id_>")
@may(Permission.MANAGE_CHANNELS)
def show(id_: int) -> ResponseReturnValue:
    """One channel: how it is set up and fares, a trial, what was done to it."""
    channel = db.session.get(Channel, id_) or abort(404)
    config = current_app.config["TASKBOARD"]
    return render_template(
        "channels/show.html",
        line=board.line(channel, clock.real_now()),
        channel=channel,
        secrets=board.secret_states(channel),
        limit=board.limit_words(channel),
        policy=Policy(channel.policy).word,
        settings=board.env_settings(config) if channel.kind == ChannelKind.MAIL else {},
        own_address=_own_address(channel),
        events=timeline.entries(Event.of_subject("channel", channel.id, 30)),
        alive=timetable.is_alive(clock.real_now()),
        can_change=channel.kind != ChannelKind.INBOX,
    )


@bp.get("/<int:id_>/edit")
@may(Permission.MANAGE_CHANNELS)
def edit(id_: int) -> ResponseReturnValue:
    """The form with what is set."""
    channel = _changeable(id_)
    kind = ChannelKind(channel.kind)
    return _form_page(_form(kind, channel), kind, channel)


@bp.post("/<int:id_>/edit")
@may(Permission.MANAGE_CHANNELS)
@once
def save(id_: int) -> ResponseReturnValue:
    """Keep what was typed; an empty secret stays as it was."""
    channel = _changeable(id_)
    kind = ChannelKind(channel.kind)
    form = _form(kind, channel)
    if not form.validate_on_submit():
        return _form_page(form, kind, channel), 422
    try:
        channelling.change(channel, form.draft(), form.seen(), current_user.id, clock.now())
        db.session.commit()
    except Conflict:
        raise
    except Refused as refused:
        db.session.rollback()
        return _form_page(form, kind, _changeable(id_), str(refused)), refused.status
    flash(f"已保存“{channel.name}”", "success")
    return redirect(url_for("channels.show", id_=id_))


@bp.post("/<int:id_>/<any(on, off):deed>")
@may(Permission.MANAGE_CHANNELS)
@once
def switch(id_: int, deed: str) -> ResponseReturnValue:
    """Switch it on or off; the question before it named whom that concerns."""
    channel = _changeable(id_)
    channelling.switch(channel, deed == "on", current_user.id, clock.now(), clock.real_now())
    db.session.commit()
    flash(f"“{channel.name}”已{'启用' if channel.is_on else '停用'}", "success")
    return redirect(url_for("channels.show", id_=id_))


@bp.post("/<int:id_>/resume")
@may(Permission.MANAGE_CHANNELS)
@once
def resume(id_: int) -> ResponseReturnValue:
    """End a pause by hand."""
    channel = _changeable(id_)
    channelling.resume(channel, current_user.id, clock.now())
    db.session.commit()
    flash(f"“{channel.name}”已恢复发送；如故障未排除，将再次暂停", "success")
    return redirect(url_for("channels.show", id_=id_))


@bp.post("/<int:id_>/trials")
@may(Permission.MANAGE_CHANNELS)
@once
def try_out(id_: int) -> ResponseReturnValue:
    """Write a trial message; the jobs process sends it within seconds."""
    channel = _changeable(id_)
    address = " ".join(request.form.get("address", "").split())[:200]
    made = channelling.try_out(channel, address, current_user.id, _own_address(channel), clock.now(), clock.real_now())
    db.session.commit()
    return redirect(url_for("channels.trial", id_=id_, delivery_id=made.id))


@bp.get("/<int:id_>/trials/<int:delivery_id>")
@may(Permission.MANAGE_CHANNELS)
def trial(id_: int, delivery_id: int) -> ResponseReturnValue:
    """How far the trial is, then what the other side answered."""
    delivery = db.session.get(Delivery, delivery_id) or abort(404)
    if delivery.channel_id != id_ or delivery.occasion != Occasion.TRIAL:
        abort(404)
    real = clock.real_now()
    config = current_app.config["TASKBOARD"]
    mail_folder = "" if config.uses_smtp else str(config.mail_dir)
    told = board.trial(delivery, timetable.is_alive(real), real, mail_folder)
    return render_template("channels/trial.html", told=told, delivery=delivery, channel=delivery.by)


def _kind(text: str) -> ChannelKind:
    if text not in set(ChannelKind) or ChannelKind(text) in OWN:
        abort(404)
    return ChannelKind(text)


def _changeable(id_: int) -> Channel:
    """A channel that can be changed: every one but the inbox."""
    channel = db.session.get(Channel, id_) or abort(404)
    return channel if channel.kind != ChannelKind.INBOX else abort(404)


def _own_address(channel: Channel) -> str:
    """Where the person at the page is reached by this channel."""
    if channel.kind == ChannelKind.MAIL:
        return str(current_user.email)
    if channel.kind == ChannelKind.WEBHOOK:
        return str(current_user.phone)
    return "" if channel.form.is_robot else board.subscribed_address(channel, current_user.id)


def _form(kind: ChannelKind, channel: Channel | None) -> BaseForm:
    hosts = current_app.config["TASKBOARD"].channel_hosts
    campaign = g.get("campaign")  # a channel may be set up before there is a campaign
    groups = [(group.id, group.name) for group in Group.listed(campaign.id)] if campaign else []
    return channel_form(kind, hosts, groups, channel, board.held_secrets(channel) if channel else ())


def _form_page(form: BaseForm, kind: ChannelKind, channel: Channel | None, message: str = "") -> str:
    values: dict[str, Any] = {"form": form, "kind": kind, "channel": channel, "message": message}
    return render_template("channels/edit.html", **values)
