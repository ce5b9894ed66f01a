"""What each verb does to an item. Each effect changes the row and returns what its event adds to `after`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from taskboard import clock
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.models.commitment import Commitment
from taskboard.models.extension import Extension
from taskboard.models.item import Closure, Evidence, Item, Part
from taskboard.models.item_attached import ATTACHED
from taskboard.models.item_deeds import Doing, Effect
from taskboard.models.slip import Slip
from taskboard.models.unit import Unit
from taskboard.rules import terms
from taskboard.rules.lifecycle import ENDED, ExtensionState, PartState, SlipState, State, Verb
from taskboard.rules.terms import ItemKind, Source

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


def _assign(doing: Doing) -> Told:
    item, deed = doing.item, doing.deed
    item.unit_id = _unit_for(deed.unit_id or item.unit_id, doing).id
    set_clocks(item, doing)
    add_parts(item, doing)
    db.session.flush()
    db.session.refresh(item, ["unit"])
    return {"text": deed.text, "supporting": [part.unit.name for part in item.parts]}


def _sign(doing: Doing) -> Told:
    item = doing.item
    item.signed_on, item.clock_due_on = doing.on, item.due_on
    return {}


def _object(doing: Doing) -> Told:
    item = doing.item
    reason = doing.need_text("请填写异议理由")
    last = doing.later(item.assigned_on, terms.OBJECT)
    if last and doing.on > last:
        raise Refused(f"异议应在交办后 {terms.OBJECT} 个工作日内（{last} 前）提出，现已超过，请签收办理或申请延期")
    item.clock_due_on = doing.after(terms.DECIDE_OBJECTION)
    return {"text": reason}


def _uphold(doing: Doing) -> Told:
    item = doing.item
    reason = doing.need_text("请填写维持交办的理由")
    lost = doing.workdays_since(clock.day_of(item.held_since))
    item.due_on = doing.later(item.due_on, lost)
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
    item.unit_id = unit.id
    set_clocks(item, doing)
    db.session.flush()
    db.session.refresh(item, ["unit"])
    return {"text": reason}


def _handle(doing: Doing) -> Told:
    return {"text": doing.need_text("请填写办理情况")}


def _submit(doing: Doing) -> Told:
    item = doing.item
    text = doing.need_text("请填写办理结果")
    late = bool(item.clock_due_on and doing.on > item.clock_due_on)
    item.answered_on, item.answered_by_id = doing.on, doing.actor.person_id
    item.first_answered_on = item.first_answered_on or doing.on
    item.clock_due_on = doing.after(terms.REVIEW)
    return {"text": text, "late": late} if late else {"text": text}


def _return(doing: Doing) -> Told:
    return {"text": _send_back(doing, doing.need_text("请填写退回理由，说明缺什么、怎样补"))}


def _send_back(doing: Doing, reason: str) -> str:
    item = doing.item
    item.returned += 1
    again = doing.after(terms.RESUBMIT)
    item.clock_due_on = max(again, item.due_on) if item.due_on else again
    item.answered_on = None
    return reason


def _request_closure(doing: Doing) -> Told:
    item = doing.item
    outcome = doing.need_text("请填写办理成效，说明问题是否解决、依据是什么")
    _check_closable(doing)
    attempts = db.session.scalar(select(func.count()).select_from(Closure).where(Closure.item_id == item.id)) or 0
    db.session.add(
        Closure(
            item_id=item.id,
            attempt=attempts + 1,
            doer_id=item.answered_by_id,
            doer_unit_id=item.unit_id,
            outcome=outcome,
            requested_by_id=doing.actor.person_id,
            requested_at=doing.at,
        )
    )
    item.clock_due_on = doing.after(terms.CLOSE)
    return {"text": outcome}


def _close(doing: Doing) -> Told:
    item, closure = doing.item, _closure(doing.item)
    _check_closable(doing)
    if item.commitment_id and item.source == Source.RED:
        light = db.session.scalar(select(Commitment.light).where(Commitment.id == item.commitment_id))
        if light == "red" and item.waived_by_id is None:
            raise Refused(f"{item.number}由红灯转办，关联事项仍为红灯，不能销号；确需销号的由区领导同意并说明理由")
    if doing.actor.person_id == closure.doer_id or closure.doer_unit_id in doing.actor.unit_ids:
        raise Refused(f"{item.number}的结果由您或您所在单位反馈，销号应由其他人办理")
    _decide(closure, "closed", doing)
    _drop_pending(item)
    item.closed_on, item.clock_due_on, item.open_key = doing.on, None, None
    item.look_back_on = doing.on + timedelta(days=terms.LOOK_BACK_DAYS) if _is_drawn(item, doing) else None
    return {"text": doing.deed.text, "outcome": closure.outcome}


def _refuse_closure(doing: Doing) -> Told:
    reason = doing.need_text("请填写不予销号的理由")
    _decide(_closure(doing.item), "refused", doing)
    return {"text": _send_back(doing, reason)}


def _suspend(doing: Doing) -> Told:
    reason = doing.need_text("请填写中止理由")
    doing.item.state_before, doing.item.suspended_on = doing.item.state, doing.on
    return {"text": reason}


def _resume(doing: Doing) -> Told:
    """Give every clock the working days back that the suspension took."""
    item = doing.item
    reason = doing.need_text("请填写恢复办理的理由")
    lost = doing.workdays_since(item.suspended_on or doing.on)
    item.due_on, item.sign_due_on = doing.later(item.due_on, lost), doing.later(item.sign_due_on, lost)
    item.clock_due_on = doing.later(item.clock_due_on, lost)
    for part in item.parts:
        if not part.is_accepted:
            part.due_on = doing.later(part.due_on, lost) or part.due_on
    signed = select(Slip).where(Slip.item_id == item.id, Slip.state == SlipState.SIGNED)
    for slip in db.session.scalars(signed):
        slip.due_on = doing.later(slip.due_on, lost)
    item.state, item.state_before, item.suspended_on = item.state_before, "", None
    item.heard_on = doing.on
    return {"text": reason, "workdays": lost}


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
    item.merged_into_id, item.open_key, item.closed_on, item.clock_due_on = other.id, None, doing.on, None
    _drop_pending(item)
    db.session.flush()
    if item.commitment_id and other.commitment_id is None:
        other.commitment_id = other.open_key = item.commitment_id
    return {"text": reason, "into": other.number}


def _reopen(doing: Doing) -> Told:
    item = doing.item
    reason = doing.need_text("请填写重新办理的理由，说明回头看发现的问题")
    if item.commitment_id and item.source == Source.RED:
        other = db.session.scalars(select(Item).where(Item.open_key == item.commitment_id)).first()
        if other is not None:
            raise Refused(f"同一事项已另立{other.number}督办，请在该事项中办理")
        item.open_key = item.commitment_id
    item.reopened += 1
    item.closed_on = item.answered_on = item.look_back_on = item.recovered_on = None
    item.due_on = doing.deed.due_on or doing.after(ItemKind(item.kind).term)
    if item.due_on < doing.on:
        raise Refused(f"办理期限 {item.due_on} 早于今天，请重新填写")
    item.clock_due_on, item.heard_on = item.due_on, doing.on
    return {"text": reason}


def _look_back(doing: Doing) -> Told:
    text = doing.need_text("请填写回头看的结论")
    doing.item.look_back_on = None
    return {"text": text}


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
    if not (item.commitment_id and item.source == Source.RED):
        raise Refused(f"{item.number}不是红灯转办事项，不需要同意")
    if item.waived_by_id is not None:
        raise Refused(f"{item.number}已同意在红灯未消除时销号")
    item.waived_by_id, item.waived_at, item.waive_reason = doing.actor.person_id, doing.at, reason
    return {"text": reason}


def _check_closable(doing: Doing) -> None:
    """Every part has its verdict, somebody submitted a result, and there is a document or a figure."""
    item = doing.item
    waiting = [part.unit.name for part in item.parts if not part.is_accepted]
    if waiting:
        raise Refused(
            f"{item.number}的配合单位{'、'.join(waiting)}尚未认定，不能销号；请先认定，或由牵头单位说明后退回补办"
        )
    if item.answered_by_id is None or item.unit_id is None:
        raise Refused(f"{item.number}尚无办理结果，不能销号")
    if doing.deed.attachment is not None or doing.deed.figure.strip():
        return
    if not db.session.scalar(select(Evidence.id).where(Evidence.item_id == item.id).limit(1)):
        raise Refused(f"{item.number}没有佐证，销号须附文件或数据；不要求照片")


def _closure(item: Item) -> Closure:
    query = select(Closure).where(Closure.item_id == item.id, Closure.decision == "")
    return db.session.scalars(query).one()


def _decide(closure: Closure, decision: str, doing: Doing) -> None:
    closure.decision, closure.reason = decision, doing.deed.text.strip()
    closure.decided_by_id, closure.decided_at = doing.actor.person_id, doing.at


def _is_drawn(item: Item, doing: Doing) -> bool:
    """Whether the look-back draws this closing: one in ten, by a hash that nobody chooses."""
    lot = hashlib.sha256(f"{item.id}:{item.year}:{item.no}:{doing.at.isoformat()}".encode()).digest()
    return int.from_bytes(lot[:8]) % terms.LOOK_BACK_ONE_IN == 0


def _unit_for(unit_id: int | None, doing: Doing) -> Unit:
    """The unit that is to have the item; nobody assigns to the own unit what they will judge."""
    unit = db.session.get(Unit, unit_id) if unit_id else None
    if unit is None or not unit.active:
        raise Refused("请选择承办单位")
    if unit.id in doing.actor.unit_ids:
        raise Refused(f"您在{unit.name}任职，交由该单位承办的事项应由其他人交办")
    return unit


def _drop_pending(item: Item) -> None:
    """What waited for a decision ends with the item: an extension asked for, a slip proposed."""
    for asked in db.session.scalars(select(Extension).where(Extension.live_key == item.id)):
        asked.state, asked.live_key = ExtensionState.REFUSED, None
    for slip in db.session.scalars(select(Slip).where(Slip.live_key == item.id)):
        slip.state, slip.live_key = SlipState.DECLINED, None


EFFECTS: dict[Verb, Effect] = {
    Verb.ASSIGN: _assign,
    Verb.SIGN: _sign,
    Verb.OBJECT: _object,
    Verb.UPHOLD: _uphold,
    Verb.TRANSFER: _transfer,
    Verb.HANDLE: _handle,
    Verb.SUBMIT: _submit,
    Verb.RETURN: _return,
    Verb.REQUEST_CLOSURE: _request_closure,
    Verb.CLOSE: _close,
    Verb.REFUSE_CLOSURE: _refuse_closure,
    Verb.SUSPEND: _suspend,
    Verb.RESUME: _resume,
    Verb.MERGE: _merge,
    Verb.REOPEN: _reopen,
    Verb.LOOK_BACK: _look_back,
    Verb.URGE: _urge,
    Verb.COMMENT: _comment,
    Verb.REDDEN: _redden,
    Verb.WAIVE: _waive,
    **ATTACHED,
}
