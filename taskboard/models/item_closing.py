"""What the verbs of closing do to an item: request, close, refuse, reopen, look back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from taskboard.db import db
from taskboard.errors import Refused
from taskboard.models.commitment import Commitment
from taskboard.models.extension import Extension
from taskboard.models.item import Closure, Evidence, Item
from taskboard.models.item_deeds import Doing, Effect
from taskboard.models.slip import Slip
from taskboard.rules import terms
from taskboard.rules.lifecycle import ExtensionState, SlipState, Verb
from taskboard.rules.terms import ItemKind

Told = Mapping[str, Any]


def send_back(doing: Doing, reason: str) -> str:
    """Count the return and give the unit its days to answer again; returns the reason."""
    item = doing.item
    item.returned += 1
    again = doing.after(terms.RESUBMIT)
    item.clock_due_on = max(again, item.due_on) if item.due_on else again
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
    if item.is_red:
        light = db.session.scalar(select(Commitment.light).where(Commitment.id == item.commitment_id))
        if light == "red" and not item.is_waived:
            raise Refused(f"{item.number}由红灯转办，关联事项仍为红灯，不能销号；确需销号的由区领导同意并说明理由")
    if doing.actor.person_id == closure.doer_id or closure.doer_unit_id in doing.actor.unit_ids:
        raise Refused(f"{item.number}的结果由您或您所在单位反馈，销号应由其他人办理")
    _decide(closure, "closed", doing)
    drop_pending(item)
    item.closed_on, item.clock_due_on, item.open_key, item.red_reason = doing.on, None, None, ""
    item.look_back_on = doing.on + timedelta(days=terms.LOOK_BACK_DAYS) if _is_drawn(item, doing) else None
    return {"text": doing.deed.text, "outcome": closure.outcome}


def _refuse_closure(doing: Doing) -> Told:
    reason = doing.need_text("请填写不予销号的理由")
    _decide(_closure(doing.item), "refused", doing)
    return {"text": send_back(doing, reason)}


def _reopen(doing: Doing) -> Told:
    item = doing.item
    reason = doing.need_text("请填写重新办理的理由，说明回头看发现的问题")
    if item.is_red:
        other = db.session.scalars(select(Item).where(Item.open_key == item.commitment_id)).first()
        if other is not None:
            raise Refused(f"同一事项已另立{other.number}督办，请在该事项中办理")
        item.open_key = item.commitment_id
    item.reopened += 1
    item.reopened_at = doing.at
    item.start_level = min(3, max(item.start_level, item.level, 1))
    item.level = item.declined_level = 0
    item.closed_on = item.answered_on = item.look_back_on = item.recovered_on = None
    item.due_on = doing.deed.due_on or doing.after(ItemKind(item.kind).term)
    if item.due_on < doing.on:
        raise Refused(f"办理期限 {item.due_on} 早于今天，请重新填写")
    item.clock_due_on, item.heard_on = item.due_on, doing.on
    item.round_on, item.round_due_on = doing.on, item.due_on
    return {"text": reason}


def _look_back(doing: Doing) -> Told:
    text = doing.need_text("请填写回头看的结论")
    doing.item.look_back_on = None
    return {"text": text}


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
    evidence = select(Evidence.id).where(Evidence.item_id == item.id)
    if item.reopened_at is not None:
        evidence = evidence.where(Evidence.added_at >= item.reopened_at)
    if not db.session.scalar(evidence.limit(1)):
        since = "重新办理以来" if item.reopened_at else ""
        raise Refused(f"{item.number}{since}没有佐证，销号须附文件或数据；不要求照片")


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


def drop_pending(item: Item) -> None:
    """What waited for a decision or an answer ends with the item."""
    lapse(item, "事项已办结，不再要求回复")


def lapse(item: Item, words: str) -> None:
    """End what hangs on the item: an extension asked for, a slip proposed, a slip that nobody answered yet."""
    for asked in db.session.scalars(select(Extension).where(Extension.live_key == item.id)):
        asked.state, asked.live_key, asked.answer = ExtensionState.LAPSED, None, words
    for slip in db.session.scalars(select(Slip).where(Slip.item_id == item.id)):
        if slip.state == SlipState.PROPOSED:
            slip.state, slip.live_key = SlipState.WITHDRAWN, None
        elif slip.state == SlipState.SIGNED:
            slip.state, slip.answer = SlipState.LAPSED, words


def withdraw(item: Item) -> None:
    """Take back what the system proposed: its ground is gone. What a person proposed stays."""
    found = select(Slip).where(Slip.live_key == item.id, Slip.proposed_by_id.is_(None))
    for slip in db.session.scalars(found):
        slip.state, slip.live_key = SlipState.WITHDRAWN, None


CLOSING: dict[Verb, Effect] = {
    Verb.REQUEST_CLOSURE: _request_closure,
    Verb.CLOSE: _close,
    Verb.REFUSE_CLOSURE: _refuse_closure,
    Verb.REOPEN: _reopen,
    Verb.LOOK_BACK: _look_back,
}
