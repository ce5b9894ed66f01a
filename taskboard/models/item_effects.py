"""What each verb does to an item. Each effect changes the row and returns what its event adds to `after`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from taskboard import clock
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.models.extension import Extension
from taskboard.models.item import Item, Node, Part
from taskboard.models.item_attached import ATTACHED
from taskboard.models.item_closing import CLOSING, drop_pending, lapse, send_back, withdraw
from taskboard.models.item_deeds import Doing, Effect
from taskboard.models.slip import Slip
from taskboard.models.unit import Unit
from taskboard.rules import terms
from taskboard.rules.lifecycle import ENDED, PartState, SlipState, State, Verb
from taskboard.rules.terms import ItemKind

Told = Mapping[str, Any]


def set_clocks(item: Item, doing: Doing, original: bool = True) -> None:
    """Start both clocks of an assignment: signing for, and the answer."""
    item.assigned_on = doing.on
    item.sign_due_on = doing.after(terms.SIGN)
    item.due_on = doing.deed.due_on or doing.after(ItemKind(item.kind).term)
    if item.due_on < doing.on:
        raise Refused(f"办理期限 {item.due_on} 早于今天，请重新填写")
    if original or item.original_due_on is None:
        item.original_due_on = item.due_on
    item.round_on, item.round_due_on, item.objected = doing.on, item.due_on, False
    item.clock_due_on, item.heard_on = item.sign_due_on, doing.on
    item.signed_on = item.answered_on = item.answered_by_id = None


def add_parts(item: Item, doing: Doing) -> None:
    """Give each supporting unit its part; a unit never supports itself."""
    wanted = [part for part in doing.deed.parts if part[0] != item.unit_id]
    known = {part.unit_id for part in item.parts}
    for unit_id, duty, due_on in wanted:
        if unit_id in known:
            continue
        due = min(due_on or item.due_on or doing.on, item.due_on or doing.on)
        item.parts.append(Part(unit_id=unit_id, duty=duty, due_on=due, state=PartState.ASSIGNED))
        known.add(unit_id)


def take_up_nodes(doing: Doing) -> Told:
    """Lay the item's own plan, once, and mark what of it is done; what the event tells of it."""
    item, deed = doing.item, doing.deed
    told: dict[str, Any] = {}
    if deed.nodes and not item.nodes:
        for due_on, name in deed.nodes:
            if item.due_on and due_on > item.due_on:
                raise Refused(f"节点“{name}”的日期 {due_on} 晚于办理期限 {item.due_on}，请重新填写")
            item.nodes.append(Node(name=name, due_on=due_on))
        told["nodes"] = [f"{due_on} {name}" for due_on, name in deed.nodes]
    done = [node for node in item.nodes if node.id in deed.done_nodes and node.done_on is None]
    for node in done:
        node.done_on = doing.on
    if done:
        told["nodes_done"] = [node.name for node in done]
    return told


def _assign(doing: Doing) -> Told:
    item, deed = doing.item, doing.deed
    item.unit_id = _unit_for(deed.unit_id or item.unit_id, doing).id
    set_clocks(item, doing)
    add_parts(item, doing)
    db.session.flush()
    db.session.refresh(item, ["unit"])
    return {"text": deed.text, "supporting": [part.unit.name for part in item.parts], **take_up_nodes(doing)}


def _sign(doing: Doing) -> Told:
    item = doing.item
    item.signed_on, item.clock_due_on = doing.on, item.due_on
    return take_up_nodes(doing)


def _object(doing: Doing) -> Told:
    item = doing.item
    reason = doing.need_text("请填写异议理由")
    if item.objected:
        raise Refused(f"{item.number}本次交办的异议已裁定维持，请签收办理；确有困难的可申请延期")
    last = doing.later(item.assigned_on, terms.OBJECT)
    if last and doing.on > last:
        raise Refused(f"异议应在交办后 {terms.OBJECT} 个工作日内（{last} 前）提出，现已超过，请签收办理或申请延期")
    item.objected, item.clock_due_on = True, doing.after(terms.DECIDE_OBJECTION)
    return {"text": reason}


def _uphold(doing: Doing) -> Told:
    item = doing.item
    reason = doing.need_text("请填写维持交办的理由")
    _push_back(doing, doing.workdays_since(clock.day_of(item.held_since)))
    item.sign_due_on = item.clock_due_on = doing.after(terms.SIGN)
    return {"text": reason}


def _transfer(doing: Doing) -> Told:
    item, deed = doing.item, doing.deed
    reason = doing.need_text("请填写改派理由")
    unit = _unit_for(deed.unit_id, doing)
    if unit.id == item.unit_id:
        raise Refused(f"{item.number}现由{unit.name}承办，请选择另一单位")
    for part in [part for part in item.parts if part.unit_id == unit.id]:
        item.parts.remove(part)
    doing.told["also"] = [item.unit_id]
    lapse(item, "事项已改派，不再要求回复")
    item.level = item.declined_level = item.slips = 0
    item.unit_id = unit.id
    set_clocks(item, doing)
    for part in item.parts:
        if not part.is_accepted:
            part.due_on = max(part.due_on, item.due_on or part.due_on)
    for node in [node for node in item.nodes if node.done_on is None]:
        item.nodes.remove(node)  # the plan was the former unit's
    db.session.flush()
    db.session.refresh(item, ["unit"])
    return {"text": reason}


def _handle(doing: Doing) -> Told:
    return {"text": doing.need_text("请填写办理情况"), **take_up_nodes(doing)}


def _submit(doing: Doing) -> Told:
    item = doing.item
    text = doing.need_text("请填写办理结果")
    late = bool(item.clock_due_on and doing.on > item.clock_due_on)
    item.answered_on, item.answered_by_id = doing.on, doing.actor.person_id
    item.first_answered_on = item.first_answered_on or doing.on
    item.clock_due_on = doing.after(terms.REVIEW)
    withdraw(item)
    return {"text": text, **({"late": late} if late else {}), **take_up_nodes(doing)}


def _return(doing: Doing) -> Told:
    return {"text": send_back(doing, doing.need_text("请填写退回理由，说明缺什么、怎样补"))}


def _suspend(doing: Doing) -> Told:
    reason = doing.need_text("请填写中止理由")
    doing.item.state_before, doing.item.suspended_on = doing.item.state, doing.on
    return {"text": reason}


def _resume(doing: Doing) -> Told:
    """Give every clock the working days back that the suspension took."""
    item = doing.item
    reason = doing.need_text("请填写恢复办理的理由")
    lost = doing.workdays_since(item.suspended_on or doing.on)
    _push_back(doing, lost)
    item.sign_due_on, item.clock_due_on = doing.later(item.sign_due_on, lost), doing.later(item.clock_due_on, lost)
    for slip in db.session.scalars(select(Slip).where(Slip.item_id == item.id, Slip.state == SlipState.SIGNED)):
        slip.due_on = doing.later(slip.due_on, lost)
    item.state, item.state_before, item.suspended_on = item.state_before, "", None
    item.heard_on = doing.on
    return {"text": reason, "workdays": lost}


def _push_back(doing: Doing, workdays: int) -> None:
    """Give the answer, the parts, the plan and what is being decided the working days back that others took."""
    item = doing.item
    item.due_on, item.round_due_on = doing.later(item.due_on, workdays), doing.later(item.round_due_on, workdays)
    for part in item.parts:
        if not part.is_accepted:
            part.due_on = doing.later(part.due_on, workdays) or part.due_on
    for node in item.nodes:
        if node.done_on is None:
            node.due_on = doing.later(node.due_on, workdays) or node.due_on
    for asked in db.session.scalars(select(Extension).where(Extension.live_key == item.id)):
        for name in ("old_due_on", "new_due_on", "decide_by_on"):
            setattr(asked, name, doing.later(getattr(asked, name), workdays))


def _merge(doing: Doing) -> Told:
    item, deed = doing.item, doing.deed
    reason = doing.need_text("请填写并案理由")
    other = db.session.get(Item, deed.into) if deed.into else None
    if other is None or other.campaign_id != item.campaign_id:
        raise Refused("没有找到要并入的事项，请核对编号")
    db.session.refresh(other, with_for_update={"of": Item.__table__})
    if other.id == item.id:
        raise Refused("不能并入本事项自身，请填写另一事项的编号")
    if State(other.state) in ENDED:
        raise Refused(f"{other.number}“{other.title}”{State(other.state).word}，不能再并入")
    if item.is_red and other.commitment_id not in (None, item.commitment_id):
        raise Refused(f"{item.number}与{other.number}各由不同的红灯转办，须分别销号，不能并案")
    red, item.open_key = item.open_key, None
    doing.told["also"] = [other.unit_id] if other.unit_id and other.unit_id != item.unit_id else []
    item.merged_into_id, item.closed_on, item.clock_due_on = other.id, doing.on, None
    drop_pending(item)
    db.session.flush()
    if red is not None and other.commitment_id is None:  # the light goes along, or merging would talk it away
        other.commitment_id = other.open_key = red
    return {"text": reason, "into": other.number}


def _urge(doing: Doing) -> Told:
    due = doing.item.clock_due_on
    return {"text": doing.deed.text or (f"请在 {due} 前办理" if due else "请抓紧办理")}


def _comment(doing: Doing) -> Told:
    return {"text": doing.need_text("请填写批注")}


def _redden(doing: Doing) -> Told:
    """Set by hand, with a reason; done a second time it is lifted."""
    item, reason = doing.item, doing.need_text("请填写理由")
    lifting = bool(item.red_reason)
    item.red_reason = "" if lifting else reason
    return {"text": ("撤销人工红灯：" if lifting else "亮红灯：") + reason}


def _waive(doing: Doing) -> Told:
    item, reason = doing.item, doing.need_text("请填写同意销号的理由，该理由将长期显示")
    if item.is_waived:
        raise Refused(f"{item.number}已同意在红灯未消除时销号")
    item.waived_by_id, item.waived_at, item.waive_reason = doing.actor.person_id, doing.at, reason
    return {"text": reason}


def _unit_for(unit_id: int | None, doing: Doing) -> Unit:
    """The unit that is to have the item; nobody assigns to the own unit what they will judge."""
    unit = db.session.get(Unit, unit_id) if unit_id else None
    if unit is None or not unit.active:
        raise Refused("请选择承办单位")
    if unit.id in doing.actor.unit_ids:
        raise Refused(f"您在{unit.name}任职，交由该单位承办的事项应由其他人交办")
    return unit


EFFECTS: dict[Verb, Effect] = {
    Verb.ASSIGN: _assign,
    Verb.SIGN: _sign,
    Verb.OBJECT: _object,
    Verb.UPHOLD: _uphold,
    Verb.TRANSFER: _transfer,
    Verb.HANDLE: _handle,
    Verb.SUBMIT: _submit,
    Verb.RETURN: _return,
    Verb.SUSPEND: _suspend,
    Verb.RESUME: _resume,
    Verb.MERGE: _merge,
    Verb.URGE: _urge,
    Verb.COMMENT: _comment,
    Verb.REDDEN: _redden,
    Verb.WAIVE: _waive,
    **CLOSING,
    **ATTACHED,
}
