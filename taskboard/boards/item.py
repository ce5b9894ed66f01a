"""One item as a page that reads like a file: holder and clocks, the loop, whose hands, parts, slips, history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from taskboard import clock
from taskboard.boards import items as list_board
from taskboard.boards.items import ItemLine
from taskboard.boards.proof import Proof, proofs
from taskboard.boards.timeline import Entry, entry
from taskboard.db import db
from taskboard.models import (
    Appeal,
    CalendarOverride,
    Campaign,
    Closure,
    Event,
    Evidence,
    Extension,
    Hold,
    Item,
    Part,
    Slip,
    rule_set,
)
from taskboard.models.item_deeds import INSIDE, Thing, around_of, state_of
from taskboard.rules import lifecycle
from taskboard.rules.access import SEES_ALL, Seating
from taskboard.rules.lifecycle import Actor, Holder, State, Verb
from taskboard.rules.workdays import workdays_between

EVENTS = 40
STEPS = (
    ("交办", ("item_assign", "item_opened", "item_transfer", "item_uphold"), (State.REGISTERED, State.OBJECTED)),
    ("签收", ("item_sign",), (State.ASSIGNED,)),
    ("办理", ("item_handle", "item_reopen"), (State.HANDLING, State.RETURNED)),
    ("反馈", ("item_submit",), ()),
    ("审核", ("item_request_closure", "item_return"), (State.SUBMITTED,)),
    ("销号", ("item_close",), (State.CLOSING,)),
)


@dataclass(frozen=True)
class Step:
    """One step of the loop: what happened there last, by whom; `status` is done | now | todo."""

    word: str
    status: str
    at: datetime | None
    who: str


@dataclass(frozen=True)
class Spell:
    """A time in somebody's hands."""

    holder: str
    state: str
    from_at: datetime
    to_at: datetime | None
    workdays: int


@dataclass(frozen=True)
class Told:
    """One event of the timeline with the proof of who was told."""

    entry: Entry
    proofs: tuple[Proof, ...] = ()

    @property
    def people(self) -> int:
        return len({proof.person for proof in self.proofs})


@dataclass(frozen=True)
class Hanging:
    """A part, extension or slip with what the seat may do to it."""

    thing: Any
    verbs: tuple[Verb, ...]
    state: str


@dataclass(frozen=True)
class File:
    """Everything that the page of an item shows."""

    item: Item
    line: ItemLine
    rule: str
    verbs: tuple[Verb, ...]
    steps: tuple[Step, ...]
    spells: tuple[Spell, ...]
    sums: tuple[tuple[str, int], ...]
    parts: tuple[Hanging, ...]
    slips: tuple[Hanging, ...]
    extensions: tuple[Hanging, ...]
    closures: tuple[Closure, ...]
    evidence: tuple[Evidence, ...]
    appeals: tuple[Appeal, ...]
    timeline: tuple[Told, ...]
    events: int
    merged: tuple[Item, ...] = field(default=())

    @property
    def holder_words(self) -> str:
        """现由 区商务局 办理 · 第 4 个工作日 · 还剩 2 个工作日."""
        item, state = self.item, State(self.item.state)
        if state in lifecycle.ENDED:
            return f"{state.word}" + (f"，并入{item.merged_into.number}" if item.merged_into else "")
        if state == State.SUSPENDED:
            return "已中止办理，时限暂停计算"
        holder = Holder(item.holder)
        name = item.unit.name if holder == Holder.UNIT and item.unit else holder.word
        doing = {"assigned": "签收", "submitted": "审核", "closing": "销号", "objected": "裁定", "registered": "交办"}
        words = f"现由 {name} {doing.get(state.value, '办理')} · 第 {self.line.held_workdays + 1} 个工作日"
        return f"{words} · {self.line.clock_words}" if self.line.clock_words else words


def find(item_id: int, seat: Seating) -> Item | None:
    """The item, when the seat sees it."""
    query = select(Item).where(Item.id == item_id, Item.visible_to(seat))
    return db.session.scalars(query).first()


def file(campaign: Campaign, item: Item, actor: Actor, on: date, all_events: bool = False) -> File:
    """Gather the item's whole file: a fixed number of statements, however long its history."""
    db.session.scalars(
        select(Item)
        .where(Item.id == item.id)
        .options(
            joinedload(Item.unit),
            joinedload(Item.group),
            joinedload(Item.commitment),
            joinedload(Item.merged_into),
            selectinload(Item.parts).joinedload(Part.unit),
            selectinload(Item.nodes),
        )
    ).first()
    spells = _spells(item, on)
    is_inside = actor.kind in SEES_ALL  # a slip that nobody signed yet is not the unit's to see
    events = _events(item.id, all_events, is_inside)
    told = defaultdict(list)
    for event_id, _, proof in proofs([event.id for event in events]):
        told[event_id].append(proof)
    rules = rule_set.in_force(campaign, on)
    return File(
        item=item,
        line=list_board.line(campaign, item, on),
        rule=f"{rules.title}（{rules.version}）",
        verbs=lifecycle.available(State(item.state), actor, item.around),
        steps=_steps(item),
        spells=spells,
        sums=_sums(spells),
        parts=_hanging(item, item.parts, actor),
        slips=_hanging(item, _slips(item, is_inside), actor),
        extensions=_hanging(item, _of(Extension, item, joinedload(Extension.asked_by)), actor),
        closures=tuple(_of(Closure, item, joinedload(Closure.requested_by), joinedload(Closure.decided_by))),
        evidence=tuple(_of(Evidence, item, joinedload(Evidence.attachment), joinedload(Evidence.added_by))),
        appeals=tuple(_of(Appeal, item, joinedload(Appeal.unit))),
        timeline=tuple(Told(entry(event), tuple(told[event.id])) for event in events),
        events=_count(item.id, is_inside),
        merged=tuple(db.session.scalars(select(Item).where(Item.merged_into_id == item.id))),
    )


def thing(item: Item, verb: Verb, thing_id: int | None) -> Thing | None:
    """The part, extension or slip of the item that a verb is about; None when there is no such thing."""
    model: Any = model_of(verb)
    if model is None or thing_id is None:
        return None
    found = db.session.get(model, thing_id)
    return found if found is not None and found.item_id == item.id else None


def model_of(verb: Verb) -> Any:
    """What a verb is about when it is not about the item itself."""
    if verb is Verb.PROPOSE_SLIP:
        return None
    return {"part": Part, "extension": Extension, "slip": Slip}.get(verb.value.rpartition("_")[2])


def _of(model: Any, item: Item, *options: Any) -> list[Any]:
    query = select(model).where(model.item_id == item.id).options(*options).order_by(model.id)
    return list(db.session.scalars(query))


def _hanging(item: Item, things: Iterable[Any], actor: Actor) -> tuple[Hanging, ...]:
    still = lifecycle.is_still(State(item.state))
    made = []
    for each in things:
        verbs = () if still else lifecycle.available(state_of(each), actor, around_of(item, each))
        made.append(Hanging(each, verbs, state_of(each).word))
    return tuple(made)


def _steps(item: Item) -> tuple[Step, ...]:
    kinds = [kind for _, names, _ in STEPS for kind in names]
    newest = (
        select(func.max(Event.id))
        .where(Event.subject_type == "item", Event.subject_id == item.id, Event.kind.in_(kinds))
        .group_by(Event.kind)
    )
    found = {
        e.kind: e
        for e in db.session.scalars(select(Event).where(Event.id.in_(newest)).options(joinedload(Event.actor)))
    }
    state = State(item.state_before or item.state)
    now = next((n for n, (_, _, states) in enumerate(STEPS) if state in states), len(STEPS))
    made = []
    for n, (word, names, _) in enumerate(STEPS):
        last = max((found[name] for name in names if name in found), key=lambda e: e.id, default=None)
        status = "now" if n == now else "done" if n < now else "todo"
        told = last is not None and (status == "done" or (n == now and last.kind in ("item_handle", "item_reopen")))
        who = (last.actor.name if last.actor else "系统") if told and last else ""
        made.append(Step(word, status, last.at if told and last else None, who))
    return tuple(made)


def _spells(item: Item, on: date) -> tuple[Spell, ...]:
    overrides = CalendarOverride.all()
    query = select(Hold).where(Hold.item_id == item.id).options(joinedload(Hold.unit)).order_by(Hold.id)
    made = []
    for hold in db.session.scalars(query):
        end = clock.day_of(hold.to_at) if hold.to_at else on
        days = max(0, workdays_between(clock.day_of(hold.from_at), end, overrides))
        name = hold.unit.name if hold.unit else Holder(hold.holder).word or "中止"
        made.append(Spell(name, State(hold.state).word, hold.from_at, hold.to_at, days))
    return tuple(made)


def _sums(spells: tuple[Spell, ...]) -> tuple[tuple[str, int], ...]:
    """Working days in whose hands, summed, longest first."""
    total: dict[str, int] = defaultdict(int)
    for spell in spells:
        total[spell.holder] += spell.workdays
    held = [pair for pair in total.items() if pair[1]]
    return tuple(sorted(held, key=lambda pair: -pair[1]))


def _slips(item: Item, is_inside: bool) -> list[Slip]:
    found = _of(Slip, item, joinedload(Slip.unit), joinedload(Slip.decided_by))
    return [slip for slip in found if is_inside or slip.is_signed]


def _told_to_all(item_id: int, is_inside: bool) -> list[Any]:
    about = [Event.subject_type == "item", Event.subject_id == item_id]
    return about if is_inside else [*about, Event.kind.not_in(f"item_{verb.value}" for verb in INSIDE)]


def _events(item_id: int, everything: bool, is_inside: bool) -> list[Event]:
    query = select(Event).where(*_told_to_all(item_id, is_inside))
    query = query.options(joinedload(Event.actor)).order_by(Event.id.desc())
    return list(db.session.scalars(query if everything else query.limit(EVENTS)))


def _count(item_id: int, is_inside: bool) -> int:
    query = select(func.count()).select_from(Event).where(*_told_to_all(item_id, is_inside))
    return db.session.scalar(query) or 0
