"""Raising an appeal 申诉 and deciding it. The answer is an event, and a message to the unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from taskboard import clock
from taskboard.db import db
from taskboard.errors import NotAllowed, Refused, WrongState
from taskboard.models import item_placing, item_tally
from taskboard.models.appeal import Appeal
from taskboard.models.attachment import Attachment
from taskboard.models.calendar_override import CalendarOverride
from taskboard.models.campaign import Campaign
from taskboard.models.commitment import Commitment
from taskboard.models.event import Event, Kind, record
from taskboard.models.item import Item
from taskboard.rules import terms
from taskboard.rules.access import Seating, SeatKind
from taskboard.rules.lifecycle import Actor, State
from taskboard.rules.light import Light
from taskboard.rules.workdays import add_workdays

RETURNS = (Kind.ITEM_RETURNED.key, Kind.ITEM_CLOSURE_REFUSED.key)
CONTESTED = (Light.RED, Light.YELLOW)


@dataclass(frozen=True)
class Plea:
    """What the unit says."""

    reason: str
    attachment: Attachment | None = None


def against_return(item: Item, plea: Plea, actor: Actor, at: datetime) -> Appeal:
    """Appeal against the return of a result, while it stands. Raises NotAllowed, WrongState, Refused."""
    db.session.refresh(item, with_for_update={"of": Item.__table__})
    if actor.kind != SeatKind.REPORTER or actor.unit_id != item.unit_id:
        raise NotAllowed("申诉由承办单位提出")
    if State(item.state) != State.RETURNED:
        raise WrongState(f"{item.number}现为“{State(item.state).word}”，没有可申诉的退回")
    event = _last_return(item)
    why = (event.payload.get("after") or {}).get("text", "") if event else ""
    words = f"{item.number}“{item.title}”的第 {item.returned} 次退回：{why}"
    appeal = Appeal(against="return", item_id=item.id, live_key=f"return:{item.id}", unit_id=item.unit_id,
                    event_id=event.id if event else None,
                    issuer_id=event.actor_id if event else None, subject_words=words)  # fmt: skip
    return _raise(appeal, item, plea, actor, at)


def against_light(commitment: Commitment, words: str, plea: Plea, seat: Seating, actor: Actor, at: datetime) -> Appeal:
    """Appeal against a red or yellow light of a target or task; `words` is the reason that the light gave."""
    if not commitment.reportable_by(seat) or seat.kind == SeatKind.OFFICE:
        raise NotAllowed("申诉由责任单位或本组组长提出")
    light = Light(commitment.light)
    if light not in CONTESTED:
        raise WrongState(f"“{commitment.title}”现为{light.word}灯，只有红灯、黄灯可以申诉")
    appeal = Appeal(against="light", commitment_id=commitment.id, live_key=f"light:{commitment.id}",
                    unit_id=actor.unit_id or commitment.unit_id,
                    subject_words=f"{commitment.noun}“{commitment.title}”的{light.word}灯：{words}")  # fmt: skip
    return _raise(appeal, commitment, plea, actor, at)


def decide(appeal: Appeal, upheld: bool, answer: str, actor: Actor, at: datetime) -> Appeal:
    """Answer an appeal: never by its issuer, by who raised it, or by anybody of the unit.

    An upheld appeal against a return takes the return back: the result waits for review again. A light is
    computed; where its appeal is upheld the answer says which figure is to be corrected.
    """
    db.session.refresh(appeal, with_for_update={"of": Appeal.__table__})
    if appeal.state != "raised":
        raise WrongState(f"该申诉已于 {clock.day_of(appeal.decided_at or at)} 答复：{appeal.state_word}")
    if actor.kind not in (SeatKind.OFFICE, SeatKind.LEADER):
        raise NotAllowed("申诉由专班办公室或区领导答复")
    if actor.person_id in (appeal.issuer_id, appeal.raised_by_id) or appeal.unit_id in actor.unit_ids:
        raise NotAllowed("申诉应由原作出人、申诉人及其单位以外的人答复")
    if not answer.strip():
        raise Refused("请填写答复理由")
    appeal.state, appeal.answer, appeal.live_key = "upheld" if upheld else "rejected", answer.strip(), None
    appeal.decided_by_id, appeal.decided_at = actor.person_id, at
    if upheld and appeal.item is not None:
        _take_return_back(appeal, appeal.item, at)
    kind = Kind.APPEAL_UPHELD if upheld else Kind.APPEAL_REJECTED
    _record(kind, appeal, actor.person_id, at, answer.strip())
    return appeal


def _raise(appeal: Appeal, subject: Item | Commitment, plea: Plea, actor: Actor, at: datetime) -> Appeal:
    if not plea.reason.strip():
        raise Refused("请填写申诉理由")
    if db.session.scalars(select(Appeal.id).where(Appeal.live_key == appeal.live_key)).first():
        raise Refused("已有一份申诉待答复，请等待答复")
    on: date = clock.day_of(at)
    appeal.reason, appeal.raised_by_id, appeal.raised_at = plea.reason.strip(), actor.person_id, at
    appeal.decide_by_on = add_workdays(on, terms.DECIDE_APPEAL, CalendarOverride.all())
    if plea.attachment is not None:
        db.session.add(plea.attachment)
        db.session.flush()
        appeal.attachment_id = plea.attachment.id
    db.session.add(appeal)
    db.session.flush()
    _record(Kind.APPEAL_RAISED, appeal, actor.person_id, at, appeal.reason)
    return appeal


def _take_return_back(appeal: Appeal, item: Item, at: datetime) -> None:
    """Uncount it; the result waits for review again, unless the unit answered anew or was returned once more."""
    db.session.refresh(item, with_for_update={"of": Item.__table__})
    item.returned = max(0, item.returned - 1)
    event, state = _last_return(item), State(item.state_before or item.state)
    if state != State.RETURNED or item.answered_by_id is None or event is None or event.id != appeal.event_id:
        return
    spot, on = item_tally.spot_of(item), clock.day_of(at)
    day = item_placing.day_of(db.session.get_one(Campaign, item.campaign_id), on)
    if State(item.state) == State.SUSPENDED:
        item.state_before = State.SUBMITTED
    else:
        item.state = State.SUBMITTED
    item.clock_due_on = add_workdays(on, terms.REVIEW, day.overrides)
    item.version += 1
    item_placing.place(item, at, day, spot)


def _last_return(item: Item) -> Event | None:
    query = select(Event).where(Event.subject_type == "item", Event.subject_id == item.id, Event.kind.in_(RETURNS))
    return db.session.scalars(query.order_by(Event.id.desc()).limit(1)).first()


def _record(kind: Kind, appeal: Appeal, by: int, at: datetime, text: str) -> None:
    """On the item or commitment itself, so that its history tells of the appeal."""
    subject = appeal.item or appeal.commitment or appeal
    is_leaders = kind is Kind.APPEAL_RAISED and appeal.issuer_id is not None  # the office may be the issuer itself
    more: dict[str, Any] = {"leader": True} if is_leaders else {}
    record(kind, subject, by, at, after={"text": text}, appeal=appeal.id, unit=appeal.unit_id, **more)
