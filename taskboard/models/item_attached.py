"""What each verb does to the things of an item: parts, extensions, slips."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import select

from taskboard.db import db
from taskboard.errors import NotAllowed, Refused, WrongState
from taskboard.models import paper
from taskboard.models.campaign import Campaign
from taskboard.models.extension import Extension
from taskboard.models.item import Item, Part
from taskboard.models.item_closing import withdraw
from taskboard.models.item_deeds import Doing, Effect
from taskboard.models.slip import Slip, next_number
from taskboard.rules import ladder, terms
from taskboard.rules.ladder import LEVELS
from taskboard.rules.lifecycle import PartState, SlipState, State, Verb
from taskboard.rules.terms import Ask

Told = Mapping[str, Any]
SLIPS = "slip"
DEFAULT_DEMAND = "请对照事项要求抓紧办理，在规定期限内书面回复办理情况、存在问题和下一步措施。"
RECOVERY_PLAN = "请在 3 个工作日内报送整改计划，逐条明确措施、时限和责任人。"
TALK = "建议由区主要领导约谈单位主要负责人。"


def _extend(doing: Doing) -> Told:
    item, deed = doing.item, doing.deed
    reason = doing.need_text("请填写延期理由")
    if not deed.progress.strip():
        raise Refused("请填写目前进展")
    if deed.due_on is None:
        raise Refused("请填写拟延至的日期")
    if deed.attachment is None and not deed.figure.strip():
        raise Refused("请附延期佐证：文件或数据")
    if db.session.scalars(select(Extension).where(Extension.live_key == item.id)).first():
        raise Refused(f"{item.number}已有一份延期申请待审批，请等待答复")
    ask = _ask(item, deed.due_on, doing)
    refusal = terms.extension_refusal(ask, doing.day.overrides)
    if refusal:
        raise Refused(f"{item.number}不能申请延期：{refusal}")
    level = terms.extension_level(ask)
    db.session.add(
        Extension(
            item_id=item.id,
            live_key=item.id,
            level=level,
            old_due_on=item.due_on,
            new_due_on=deed.due_on,
            reason=reason,
            progress=deed.progress.strip(),
            asked_by_id=doing.actor.person_id,
            asked_on=doing.on,
            decide_by_on=doing.after(terms.DECIDE_EXTENSION),
        )
    )
    doing.told["leader"] = level == terms.ExtensionLevel.LEADER
    return {"text": reason, "progress": deed.progress, "new_due_on": deed.due_on, "decided_by": level.word}


def _ask(item: Item, new: Any, doing: Doing) -> Ask:
    if item.due_on is None or item.round_due_on is None or item.round_on is None:
        raise Refused(f"{item.number}没有办理期限，不需要延期")
    return Ask(doing.on, item.due_on, item.round_due_on, item.round_on, new, item.extended)


def _grant_extension(doing: Doing) -> Told:
    item, asked = doing.item, _decided(doing)
    if item.due_on and asked.new_due_on <= item.due_on:
        raise Refused(
            f"{item.number}现办理期限为 {item.due_on}，不早于所申请的 {asked.new_due_on}，不需要延期，请答复不同意"
        )
    withdraw(item)
    item.due_on, item.extended = asked.new_due_on, item.extended + 1
    if item.state in (State.HANDLING, State.RETURNED):
        item.clock_due_on = max(asked.new_due_on, item.clock_due_on or asked.new_due_on)
    return {"text": asked.answer, "new_due_on": asked.new_due_on}


def _refuse_extension(doing: Doing) -> Told:
    doing.need_text("请填写不同意的理由")
    return {"text": _decided(doing).answer}


def _decided(doing: Doing) -> Extension:
    asked = cast(Extension, doing.thing)
    asked.decided_by_id, asked.decided_on = doing.actor.person_id, doing.on
    asked.answer, asked.live_key = doing.deed.text.strip(), None
    return asked


def _propose_slip(doing: Doing) -> Told:
    reason = doing.need_text("请填写拟发督办单的理由")
    if doing.deed.level not in LEVELS:
        raise Refused("请选择督办单级别")
    slip = propose(doing.item, doing.deed.level, reason, doing, doing.actor.person_id)
    if slip is None:
        raise WrongState(f"{doing.item.number}已有一份督办单待签发，请先处理")
    return {"text": reason, "slip": slip.rung.word}


def propose(item: Item, level: int, reason: str, doing: Any, by: int | None) -> Slip | None:
    """Put a slip before whoever signs it; None when one waits already. `doing` knows the day."""
    if db.session.scalars(select(Slip.id).where(Slip.live_key == item.id)).first():
        return None
    slip = Slip(
        item_id=item.id,
        unit_id=item.unit_id,
        live_key=item.id,
        level=level,
        reason=reason,
        demand={3: RECOVERY_PLAN, ladder.TALK: TALK}.get(level, DEFAULT_DEMAND),
        proposed_on=doing.on,
        proposed_by_id=by,
    )
    db.session.add(slip)
    db.session.flush()
    return slip


def _sign_slip(doing: Doing) -> Told:
    item, slip = doing.item, cast(Slip, doing.thing)
    if not item.is_open or item.unit_id is None:
        raise Refused(f"{item.number}已办结，不再签发督办单")
    slip.unit_id = item.unit_id
    slip.year, slip.no = doing.on.year, next_number(SLIPS, doing.on.year)
    slip.due_on = doing.after(slip.rung.answer_within)
    slip.decided_by_id, slip.decided_on, slip.live_key = doing.actor.person_id, doing.on, None
    if doing.deed.text.strip():
        slip.demand = doing.deed.text.strip()
    item.level = max(item.level, slip.level)
    item.slips += slip.level >= 2
    slip.state = SlipState.SIGNED
    db.session.flush()  # the document names who signed
    slip.said = paper.freeze(paper.paper(slip, db.session.get_one(Campaign, item.campaign_id)))
    return {"slip": slip.rung.word, "number": slip.number, "slip_due_on": slip.due_on}


def _decline_slip(doing: Doing) -> Told:
    item, slip = doing.item, cast(Slip, doing.thing)
    reason = doing.need_text("请填写不予签发的理由")
    slip.decided_by_id, slip.decided_on, slip.live_key = doing.actor.person_id, doing.on, None
    slip.answer = reason
    item.declined_level = max(item.declined_level, slip.level)
    return {"text": reason, "slip": slip.rung.word}


def _answer_slip(doing: Doing) -> Told:
    slip = cast(Slip, doing.thing)
    slip.answer = doing.need_text("请填写回复内容")
    slip.answered_on, slip.answered_by_id = doing.on, doing.actor.person_id
    return {"text": slip.answer, "number": slip.number}


def _sign_part(doing: Doing) -> Told:
    cast(Part, doing.thing).signed_on = doing.on
    return {}


def _submit_part(doing: Doing) -> Told:
    part = cast(Part, doing.thing)
    part.answer = doing.need_text("请填写配合事项的办理结果")
    part.answered_on, part.answered_by_id = doing.on, doing.actor.person_id
    part.judged_by_id, part.verdict = None, ""
    return {"text": part.answer}


def _accept_part(doing: Doing) -> Told:
    part = _judged(doing)
    if part.state == PartState.SUBMITTED:
        part.verdict = doing.deed.text.strip() or "配合到位"
    else:
        part.verdict = f"免予配合：{doing.need_text(f'{part.unit.name}尚未反馈，请填写免予配合的理由')}"
    return {"text": part.verdict}


def _return_part(doing: Doing) -> Told:
    part = _judged(doing)
    part.verdict = doing.need_text("请填写退回理由")
    part.returned += 1
    part.due_on = max(part.due_on, doing.after(terms.RESUBMIT))
    return {"text": part.verdict}


def _judged(doing: Doing) -> Part:
    part = cast(Part, doing.thing)
    if part.answered_by_id == doing.actor.person_id:
        raise NotAllowed("配合事项由您反馈，应由其他人认定")
    part.judged_by_id = doing.actor.person_id
    doing.told["part_unit"] = part.unit_id
    return part


ATTACHED: dict[Verb, Effect] = {
    Verb.EXTEND: _extend,
    Verb.GRANT_EXTENSION: _grant_extension,
    Verb.REFUSE_EXTENSION: _refuse_extension,
    Verb.PROPOSE_SLIP: _propose_slip,
    Verb.SIGN_SLIP: _sign_slip,
    Verb.DECLINE_SLIP: _decline_slip,
    Verb.ANSWER_SLIP: _answer_slip,
    Verb.SIGN_PART: _sign_part,
    Verb.SUBMIT_PART: _submit_part,
    Verb.ACCEPT_PART: _accept_part,
    Verb.RETURN_PART: _return_part,
}
