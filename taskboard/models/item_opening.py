"""Items come to be: registered by a person, or opened by the sweep for what stays red."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from taskboard import clock
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.models import facts as reader
from taskboard.models import item_placing
from taskboard.models.campaign import Campaign
from taskboard.models.commitment import Commitment
from taskboard.models.event import Kind, record
from taskboard.models.facts import Facts
from taskboard.models.group import Group
from taskboard.models.item import Band, Item
from taskboard.models.item_deeds import Deed, act
from taskboard.models.placing import Bench
from taskboard.models.slip import next_number
from taskboard.models.unit import Unit, UnitKind
from taskboard.rules import terms
from taskboard.rules.access import SeatKind
from taskboard.rules.lifecycle import Actor, Holder, State, Verb
from taskboard.rules.terms import ItemKind, Source
from taskboard.rules.workdays import add_workdays

SERIES = "item"
CHUNK = 2000
DEMAND = "请查明原因，拿出补进度的具体措施和时间，办结时附文件或数据。"


@dataclass(frozen=True)
class Draft:
    """What a person typed of a new item. Without a unit it waits to be assigned."""

    title: str
    requirement: str = ""
    kind: str = ItemKind.ORDINARY
    source: str = Source.HAND
    source_words: str = ""
    unit_id: int | None = None
    group_id: int | None = None
    due_on: date | None = None
    parts: tuple[tuple[int, str, date | None], ...] = ()
    start_level: int = 1
    commitment_id: int | None = None
    illustrative: bool = False
    nodes: tuple[tuple[date, str], ...] = ()


def register(campaign: Campaign, draft: Draft, actor: Actor, at: datetime) -> Item:
    """Register an item and, where a unit is named, assign it in the same deed.

    A leader registers instructions, which the office then assigns. Raises Refused.
    """
    if actor.kind == SeatKind.LEADER and (draft.source != Source.INSTRUCTION or draft.unit_id):
        raise Refused("区领导登记的事项来源为领导批示，由专班办公室交办")
    if actor.kind not in (SeatKind.OFFICE, SeatKind.SUPERVISOR, SeatKind.LEADER):
        raise Refused("督查事项由专班办公室、督查或区领导登记")
    if draft.start_level not in (1, 2, 3):
        raise Refused("督办起始级别应为 1 至 3 级")
    item = _new(campaign, draft, at, actor.person_id)
    day = item_placing.day_of(campaign, clock.day_of(at))
    item_placing.place(item, at, day, None)
    told = {"title": item.title, "requirement": item.requirement, "source": Source(item.source).word}
    record(Kind.ITEM_REGISTERED, item, actor.person_id, at, after=told)
    db.session.flush()
    if draft.unit_id is not None:
        deed = Deed(unit_id=draft.unit_id, due_on=draft.due_on, parts=draft.parts, nodes=draft.nodes)
        act(item, Verb.ASSIGN, deed, actor, at)
    return item


def open_due(campaign: Campaign, judging: Bench, at: datetime, only: Sequence[int] | None = None) -> int:
    """Open an item for each commitment whose marks say so and that has none open; returns how many."""
    opening = [m for kind in judging.rules.kinds.values() for m in kind.marking if m.opens]
    if not opening:
        return 0
    opened, last = 0, 0
    criterion = (
        (Commitment.campaign_id == campaign.id)
        & Commitment.done_on.is_(None)
        & (Commitment.starts_on <= judging.on)
        & Commitment.light.in_(("red", "grey"))
        & Commitment.id.not_in(select(Item.open_key).where(Item.open_key.is_not(None)))
    )
    if only is not None:
        criterion &= Commitment.id.in_(only)
    while True:
        query = select(Commitment.id).where(criterion, Commitment.id > last).order_by(Commitment.id).limit(CHUNK)
        ids = list(db.session.scalars(query))
        if not ids:
            return opened
        last = ids[-1]
        due = [each for each in reader.read_ids(ids).values() if _opening(each, judging)]
        opened += _open(campaign, due, judging, at)


def _opening(facts: Facts, judging: Bench) -> bool:
    st = judging.standing(facts)
    marking = judging.rules.kinds[st.kind].marking
    candidates = [m for m in marking if m.opens and m.test(st)]
    return bool(candidates) and any(facts.row.light in m.applies_to for m in candidates)


def _open(campaign: Campaign, found: list[Facts], judging: Bench, at: datetime) -> int:
    if not found:
        return 0
    day = item_placing.Day(judging.on, judging.rules, judging.weeks.overrides)
    ids = [each.row.id for each in found]
    commitments = {c.id: c for c in db.session.scalars(select(Commitment).where(Commitment.id.in_(ids)))}
    earlier = _earlier(ids)
    leads = {g.id: g.lead_unit for g in Group.listed(campaign.id)}
    for each in found:
        commitment, verdict = commitments[each.row.id], judging.verdict(each)
        unit = _answers(commitment, leads.get(commitment.group_id))
        before = earlier.get(commitment.id)
        words = "；".join((verdict.words, *verdict.notes))
        item = _new(campaign, _draft(commitment, unit, words, before), at, None)
        item.open_key, item.unit_id, item.state = commitment.id, unit.id, State.ASSIGNED
        item.recurred = before.recurred + 1 if before else 0
        item.assigned_on = item.heard_on = day.on
        item.sign_due_on = item.clock_due_on = add_workdays(day.on, terms.SIGN, day.overrides)
        item.due_on = item.original_due_on = add_workdays(day.on, ItemKind(item.kind).term, day.overrides)
        item.round_on, item.round_due_on = day.on, item.due_on
        item_placing.place(item, at, day, None)
        told = {"title": item.title, "unit": unit.name, "due_on": item.due_on}
        record(Kind.ITEM_OPENED, item, None, at, after=told, source="sweep", words=words)
    db.session.flush()
    return len(found)


def _draft(commitment: Commitment, unit: Unit, words: str, before: Item | None) -> Draft:
    """What the sweep writes. Recurrence is urgent and starts a level higher than the last time."""
    again = f"；此前{before.number}已办结，属再次发生" if before else ""
    return Draft(
        title=f"{commitment.title}（{unit.short_name}）"[:200],
        requirement=DEMAND,
        kind=ItemKind.URGENT if before else ItemKind.ORDINARY,
        source=Source.RED,
        source_words=f"{words}{again}",
        group_id=commitment.group_id,
        start_level=min(3, max(before.level, before.start_level) + 1) if before else 1,
        commitment_id=commitment.id,
        illustrative=commitment.illustrative,
    )


def _new(campaign: Campaign, draft: Draft, at: datetime, by: int | None) -> Item:
    on = clock.day_of(at)
    item = Item(
        campaign_id=campaign.id,
        group_id=draft.group_id,
        year=on.year,
        no=next_number(SERIES, on.year),
        title=draft.title,
        requirement=draft.requirement,
        kind=draft.kind,
        source=draft.source,
        source_words=draft.source_words,
        start_level=draft.start_level,
        commitment_id=draft.commitment_id,
        illustrative=draft.illustrative,
        registered_by_id=by,
        registered_at=at,
        state=State.REGISTERED,
        holder=Holder.OFFICE,
        held_since=at,
        light="green",
        light_since=on,
        band=Band.RUNNING,
        version=1,
        returned=0,
        slips=0,
        level=0,
        red_reason="",
    )
    db.session.add(item)
    db.session.flush()
    return item


def _answers(commitment: Commitment, lead: Unit | None) -> Unit:
    """Who answers for it: its unit; for a figure of the whole district the group's lead unit."""
    if commitment.unit.kind == UnitKind.DISTRICT and lead is not None:
        return lead
    return commitment.unit


def _earlier(ids: list[int]) -> dict[int, Item]:
    """The newest closed item of each commitment; one that was merged lives on in another."""
    query: Any = select(Item).where(Item.commitment_id.in_(ids), Item.state == State.CLOSED)
    return {item.commitment_id: item for item in db.session.scalars(query.order_by(Item.id)) if item.commitment_id}
