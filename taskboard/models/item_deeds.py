"""Doing something to an item: one engine for every row of the table of moves.

Lock, look whether the move is possible and permitted, look whether the person saw the present version,
let the effect change the row, place the item, record one event. The caller commits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from taskboard import clock
from taskboard.db import db
from taskboard.errors import Conflict, NotAllowed, Refused, WrongState
from taskboard.models import item_placing, item_tally
from taskboard.models.attachment import Attachment
from taskboard.models.campaign import Campaign
from taskboard.models.event import Event, Kind, record
from taskboard.models.extension import Extension
from taskboard.models.item import Evidence, Item, Part
from taskboard.models.item_placing import Day
from taskboard.models.slip import Slip
from taskboard.rules import lifecycle
from taskboard.rules.access import SEES_ALL, SeatKind
from taskboard.rules.ladder import LEVELS
from taskboard.rules.lifecycle import (
    Actor,
    AnyState,
    Around,
    ExtensionState,
    Move,
    PartState,
    SlipState,
    State,
    Verb,
)
from taskboard.rules.workdays import add_workdays, workdays_between

LAST_WORD = 60
MOST_FILES = 20
MOST_BYTES = 100 * 1024 * 1024
INSIDE = frozenset({Verb.PROPOSE_SLIP, Verb.DECLINE_SLIP})  # a slip that nobody signed is not the unit's to see
SPOKEN = frozenset({Verb.SIGN, Verb.OBJECT, Verb.HANDLE, Verb.SUBMIT, Verb.EXTEND, Verb.ANSWER_SLIP})

Thing = Item | Part | Extension | Slip


@dataclass(frozen=True)
class Deed:
    """What a person typed. `seen` is the version of the item that they saw; None for the system."""

    text: str = ""
    seen: int | None = None
    attachment: Attachment | None = None
    figure: str = ""
    unit_id: int | None = None
    due_on: date | None = None
    progress: str = ""
    parts: tuple[tuple[int, str, date | None], ...] = ()
    into: int | None = None
    level: int = 0
    nodes: tuple[tuple[date, str], ...] = ()  # the plan, where there is none yet
    done_nodes: tuple[int, ...] = ()  # ids of nodes done today


@dataclass
class Doing:
    """A deed in progress: the item (and the thing of it), who, what, when, and the working days."""

    item: Item
    thing: Thing
    deed: Deed
    actor: Actor
    at: datetime
    day: Day
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def on(self) -> date:
        return self.day.on

    def after(self, workdays: int) -> date:
        """The day so many working days from today."""
        return add_workdays(self.on, workdays, self.day.overrides)

    def later(self, day: date | None, workdays: int) -> date | None:
        """A deadline pushed back by so many working days."""
        return day and add_workdays(day, workdays, self.day.overrides)

    def workdays_since(self, day: date) -> int:
        return max(0, workdays_between(day, self.on, self.day.overrides))

    def need_text(self, words: str) -> str:
        """What was typed, or Refused with what to type."""
        if not self.deed.text.strip():
            raise Refused(words)
        return self.deed.text.strip()


Effect = Callable[[Doing], Mapping[str, Any]]


def act(item: Item, verb: Verb, deed: Deed, actor: Actor, at: datetime, thing: Thing | None = None) -> Event:
    """Do it: exactly one state change and one event, or a refusal and nothing.

    Raises WrongState for an impossible move, NotAllowed for a seat that may not, Conflict when somebody did
    something since the person looked, Refused when what was typed cannot be done.
    """
    from taskboard.models.item_effects import EFFECTS  # the effects build on this module

    _lock(item, thing)
    subject: Thing = thing if thing is not None else item
    move = check(item, verb, actor, thing)
    _check_seen(item, verb, deed, actor)
    before, spot = _said(item, subject), item_tally.spot_of(item)
    day = item_placing.day_of(db.session.get_one(Campaign, item.campaign_id), clock.day_of(at))
    doing = Doing(item, subject, deed, actor, at, day)
    after = dict(EFFECTS[verb](doing))
    if move.to is not None:
        subject.state = move.to
    _keep_evidence(doing, verb)
    _speak(doing, verb)
    item.version += verb not in INSIDE  # what a unit may not know of must not make its open form stale
    item_placing.place(item, at, day, spot)
    changed = {name: value for name, value in _said(item, subject).items() if before[name] != value}
    was = {name: before[name] for name in changed}
    return record(Kind.of(move.event), item, actor.person_id, at, was, {**changed, **after}, **doing.told)


def check(item: Item, verb: Verb, actor: Actor, thing: Thing | None = None) -> Move:
    """The move that the actor would make, or the refusal that says why not; nothing is done."""
    around = around_of(item, thing)
    if not lifecycle.sees(actor, around):
        raise NotAllowed("该事项不在当前岗位的范围内")
    return _possible(item, thing if thing is not None else item, verb, actor, around)


def around_of(item: Item, thing: Thing | None = None) -> Around:
    """What decides who stands how to the item, and to the part that a deed is about."""
    found = item.around
    if isinstance(thing, Part):
        return replace(found, part_unit_id=thing.unit_id)
    if isinstance(thing, Extension):
        return replace(found, decided_by=thing.level)
    return replace(found, decided_by=thing.rung.signed_by) if isinstance(thing, Slip) else found


def state_of(thing: Thing) -> AnyState:
    """The state of an item or of a thing of it."""
    if isinstance(thing, Item):
        return State(thing.state)
    if isinstance(thing, Part):
        return PartState(thing.state)
    return ExtensionState(thing.state) if isinstance(thing, Extension) else SlipState(thing.state)


def name_of(item: Item, thing: Thing) -> str:
    """What a message calls it."""
    name = f"{item.number}“{item.title}”"
    if isinstance(thing, Part):
        return f"{name}中{thing.unit.name}的配合事项"
    if isinstance(thing, Extension):
        return f"{name}的延期申请"
    return f"{name}的{thing.rung.word}{thing.number}" if isinstance(thing, Slip) else name


def last_event(item: Item, actor: Actor) -> Event | None:
    """The newest deed on the item that the actor may know of."""
    query = select(Event).where(Event.subject_type == "item", Event.subject_id == item.id)
    if actor.kind not in SEES_ALL:
        query = query.where(Event.kind.not_in(f"item_{verb.value}" for verb in INSIDE))
    return db.session.scalars(query.order_by(Event.id.desc()).limit(1)).first()


def _lock(item: Item, thing: Thing | None) -> None:
    db.session.flush()
    db.session.refresh(item, with_for_update={"of": Item.__table__})
    if thing is not None and thing is not item:
        db.session.refresh(thing)


def _possible(item: Item, subject: Thing, verb: Verb, actor: Actor, around: Around) -> Move:
    """The row of the table that applies. A seat that never may is told so before the state is looked at."""
    state = state_of(subject)
    rows = [move for move in lifecycle.MOVES if move.verb == verb]
    if verb is Verb.WAIVE and not around.is_red and actor.kind == SeatKind.LEADER:
        raise WrongState(f"{item.number}“{item.title}”不是红灯转办事项，不需要同意红灯销号")
    if not any(lifecycle.permits(move, actor, around) for move in rows):
        if lifecycle.is_of_own_unit(actor, around) and any(move.judges for move in rows):
            raise NotAllowed(f"{item.number}由您所在单位承办或配合，“{verb.word}”应由其他人办理")
        raise NotAllowed(f"当前岗位不能办理“{verb.word}”，该操作由{_who(rows, around)}办理")
    if subject is not item and lifecycle.is_still(State(item.state)):
        raise WrongState(f"{name_of(item, item)}现为“{State(item.state).word}”{_since(item, actor)}，不能{verb.word}")
    for move in rows:
        if state in move.sources and lifecycle.permits(move, actor, around):
            return move
    others = [move for move in rows if state in move.sources]
    if others:
        raise NotAllowed(f"{name_of(item, subject)}现为“{state.word}”，“{verb.word}”由{_who(others, around)}办理")
    raise WrongState(f"{name_of(item, subject)}现为“{state.word}”{_since(item, actor)}，不能{verb.word}")


def _who(moves: list[Move], around: Around) -> str:
    if around.decided_by and all(move.by_level for move in moves):
        return lifecycle.Who(around.decided_by).word
    return "、".join(dict.fromkeys(who.word for move in moves for who in lifecycle.Who if who in move.who))


def _since(item: Item, actor: Actor) -> str:
    event = last_event(item, actor)
    if event is None:
        return ""
    who = event.actor.name if event.actor else "系统"
    local = event.at.astimezone(clock.SHANGHAI)
    return f"（{who}于 {local.month}月{local.day}日 {local:%H:%M} {event.words}）"


def _check_seen(item: Item, verb: Verb, deed: Deed, actor: Actor) -> None:
    if deed.seen is None or deed.seen == item.version:
        return
    event = last_event(item, actor)
    after = event.payload.get("after", {}) if event else {}
    theirs = (
        f"{event.words}：{after.get('text', '')}" if event and after.get("text") else (event.words if event else "")
    )
    raise Conflict(
        f"{item.number}“{item.title}”在您打开页面之后有了变化{_since(item, actor)}，您的内容没有提交",
        [(verb.word, theirs, deed.text)],
    )


def _said(item: Item, subject: Thing) -> dict[str, Any]:
    """What an event tells of before and after: states, holders and deadlines."""
    told: dict[str, Any] = {
        "state": State(item.state).word,
        "unit": item.unit.name if item.unit else "",
        "due_on": item.due_on,
        "level": LEVELS[item.level].word if item.level else "",
    }
    if isinstance(subject, Part):
        told["part_state"] = f"{subject.unit.name} {state_of(subject).word}"
    return told


def _keep_evidence(doing: Doing, verb: Verb) -> None:
    deed, item = doing.deed, doing.item
    if deed.attachment is None and not deed.figure.strip():
        return
    if deed.attachment is not None:
        _check_quota(item, deed.attachment)
    db.session.add(
        Evidence(
            item_id=item.id,
            verb=verb.value,
            attachment=deed.attachment,
            figure=deed.figure.strip(),
            unit_id=doing.actor.unit_id,
            added_by_id=doing.actor.person_id,
            added_at=doing.at,
        )
    )
    if deed.attachment is not None:
        doing.told["attachment"] = deed.attachment.name


def _check_quota(item: Item, attachment: Attachment) -> None:
    query = select(Attachment.size).join(Evidence, Evidence.attachment_id == Attachment.id)
    sizes = [size for (size,) in db.session.execute(query.where(Evidence.item_id == item.id))]
    if len(sizes) >= MOST_FILES:
        raise Refused(f"{item.number}已有 {len(sizes)} 个附件，每个事项最多 {MOST_FILES} 个，请合并后上传")
    if sum(sizes) + attachment.size > MOST_BYTES:
        raise Refused(f"{item.number}的附件合计不得超过 {MOST_BYTES // 1024 // 1024} MB，请压缩后上传")


def _speak(doing: Doing, verb: Verb) -> None:
    """Remember what the unit said last: silence is counted from it."""
    if verb in SPOKEN:
        doing.item.heard_on = doing.on
        text = " ".join((doing.deed.text or verb.word).split())
        doing.item.last_word = text if len(text) <= LAST_WORD else text[: LAST_WORD - 1] + "…"
