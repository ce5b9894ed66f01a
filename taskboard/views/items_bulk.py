"""One deed on many items, after a page that names what will happen; and the views a person saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import delete, func, select

from taskboard import clock
from taskboard.boards.paging import PAGE
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.models import Item, SavedView, Slip, Unit
from taskboard.models.item_deeds import Deed, Thing, act
from taskboard.rules.access import Permission
from taskboard.rules.lifecycle import SlipState, Verb
from taskboard.views.guard import acting, may, seating
from taskboard.views.once import new_form_key, once

bp = Blueprint("items_bulk", __name__)
VERBS = {verb.value: verb for verb in (Verb.URGE, Verb.TRANSFER, Verb.SIGN_SLIP, Verb.DECLINE_SLIP)}
MOST_VIEWS = 12
LONGEST_QUERY = 400


@dataclass(frozen=True)
class Outcome:
    """What a bulk deed did, or would do, to one item."""

    item: Item
    words: str
    is_done: bool


@bp.post("/items/bulk")
@may(Permission.ACT_ON_ITEM)
def confirm() -> ResponseReturnValue:
    """Name what will happen before it does; what cannot be done is said here already."""
    verb = VERBS.get(request.form.get("verb", "")) or abort(404)
    back = _back()
    items = _chosen()
    if not items:
        flash("请先勾选事项", "warning")
        return redirect(back)
    tried = _each(items, verb, Deed(text="（预检）", unit_id=_first_other(items)))
    db.session.rollback()
    return render_template(
        "items/bulk.html",
        verb=verb,
        outcomes=tried,
        back=back,
        units=Unit.listed(),
        key=new_form_key(),
        text="",
    )


@bp.post("/items/bulk/do")
@may(Permission.ACT_ON_ITEM)
@once
def do() -> ResponseReturnValue:
    """Do it to each; one that cannot be done hinders no other, and is named."""
    verb = VERBS.get(request.form.get("verb", "")) or abort(404)
    text = request.form.get("text", "").strip()[:2000]
    if verb in (Verb.TRANSFER, Verb.DECLINE_SLIP) and not text:
        flash("请填写理由", "danger")
        return redirect(_back())
    unit = request.form.get("unit", "")
    unit_id = int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 10 else None
    outcomes = _each(_chosen(), verb, Deed(text=text, unit_id=unit_id))
    db.session.commit()
    done = [one for one in outcomes if one.is_done]
    flash(
        f"{verb.word}已办理 {len(done)} 项" if done else "没有可办理的事项，未作改动", "success" if done else "warning"
    )
    for one in [one for one in outcomes if not one.is_done][:10]:
        flash(one.words, "warning")
    return redirect(_back())


@bp.post("/items/views")
@may(Permission.SEE_ITEMS)
@once
def save_view() -> ResponseReturnValue:
    """Keep the present filter under a name; the same name replaces."""
    name = " ".join(request.form.get("name", "").split())[:20]
    query = "".join(c for c in request.form.get("query", "")[:LONGEST_QUERY] if c.isprintable())
    if not name:
        flash("请填写视图名称", "danger")
        return redirect(url_for("items.index") + f"?{query}")
    mine = SavedView.person_id == current_user.id
    count = db.session.scalar(select(func.count()).select_from(SavedView).where(mine, SavedView.name != name)) or 0
    if count >= MOST_VIEWS:
        flash(f"最多保存 {MOST_VIEWS} 个视图，请先删除不用的", "warning")
        return redirect(url_for("items.index") + f"?{query}")
    db.session.execute(delete(SavedView).where(mine, SavedView.name == name))
    db.session.add(SavedView(person_id=current_user.id, name=name, query=query))
    db.session.commit()
    flash(f"已保存视图“{name}”", "success")
    return redirect(url_for("items.index") + f"?{query}")


@bp.post("/items/views/<int:id>/delete")
@may(Permission.SEE_ITEMS)
def forget_view(id: int) -> ResponseReturnValue:
    """Forget one of the own views."""
    found = db.session.get(SavedView, id)
    if found is None or found.person_id != current_user.id:
        abort(404)
    db.session.delete(found)
    db.session.commit()
    flash("已删除视图", "success")
    return redirect(url_for("items.index"))


def _chosen() -> list[Item]:
    ids = [int(one) for one in request.form.getlist("item") if one.isascii() and one.isdigit() and len(one) < 10]
    query = select(Item).where(Item.id.in_(ids[:PAGE]), Item.visible_to(seating())).order_by(Item.id)
    return list(db.session.scalars(query))


def _each(items: Sequence[Item], verb: Verb, deed: Deed) -> list[Outcome]:
    made = []
    for item in items:
        try:
            with db.session.begin_nested():
                act(item, verb, deed, acting(), clock.now(), _thing(item, verb))
            made.append(Outcome(item, f"{item.number}：{verb.word}", True))
        except Refused as refused:
            made.append(Outcome(item, str(refused), False))
    return made


def _thing(item: Item, verb: Verb) -> Thing | None:
    if verb not in (Verb.SIGN_SLIP, Verb.DECLINE_SLIP):
        return None
    query = select(Slip).where(Slip.item_id == item.id, Slip.state == SlipState.PROPOSED)
    slip = db.session.scalars(query).first()
    if slip is None:
        raise Refused(f"{item.number}没有待签发的督办单")
    return slip


def _first_other(items: Sequence[Item]) -> int | None:
    """Some unit that holds none of the items, to try a transfer with before anybody chose."""
    taken = {item.unit_id for item in items} | acting().unit_ids
    return next((unit.id for unit in Unit.listed() if unit.id not in taken), None)


def _back() -> str:
    """Where the list was; only ever an address of the list."""
    back = request.form.get("back", "")
    return back if back.startswith(url_for("items.index")) and "//" not in back else url_for("items.index")
