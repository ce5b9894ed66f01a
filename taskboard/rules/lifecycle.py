"""The life of a 督查 item: one table of allowed moves.

The buttons of a page, the permission of a deed, its event and its tests all come from MOVES. Parts of
supporting units, extensions and slips belong to an item and have rows here too.
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass

from taskboard.rules.access import SEES_ALL, SeatKind
from taskboard.rules.states import (
    ANSWERED,
    ENDED,
    WITH_UNIT,
    ExtensionState,
    Holder,
    PartState,
    SlipState,
    State,
    Verb,
    holder_of,
)

__all__ = [
    "ANSWERED",
    "ENDED",
    "MOVES",
    "WITH_UNIT",
    "Actor",
    "Around",
    "ExtensionState",
    "Holder",
    "Move",
    "PartState",
    "SlipState",
    "State",
    "Verb",
    "Who",
    "available",
    "find",
    "holder_of",
    "permits",
    "sees",
    "stands",
]


class Who(enum.StrEnum):
    """What a seat is to one item."""

    OFFICE = "office"
    SUPERVISOR = "supervisor"
    LEADER = "leader"
    LEAD_UNIT = "lead_unit"
    PART_UNIT = "part_unit"
    GROUP_LEAD = "group_lead"

    @property
    def word(self) -> str:
        words = ("专班办公室", "督查", "区领导", "承办单位", "配合单位", "专项组组长")
        return dict(zip(Who, words, strict=True))[self]


AnyState = State | PartState | ExtensionState | SlipState


@dataclass(frozen=True)
class Move:
    """One row: the verb, from which states to which (None: it stays), who may, and who is told.

    `judges` says that it decides on somebody's work, which nobody does for the own unit; `by_level` that only the
    seat that the thing itself names (an extension's level, a slip's signer) may.
    """

    verb: Verb
    sources: frozenset[AnyState]
    to: AnyState | None
    who: frozenset[Who]
    tells: frozenset[Who] = frozenset()
    judges: bool = False
    by_level: bool = False

    @property
    def event(self) -> str:
        """The name of its event in the database."""
        return f"item_{self.verb.value}"


def _move(
    verb: Verb, sources: Collection[AnyState], to: AnyState | None, who: str, tells: str = "", judges: bool = False
) -> Move:
    named = {
        "o": Who.OFFICE, "s": Who.SUPERVISOR, "l": Who.LEADER, "u": Who.LEAD_UNIT, "p": Who.PART_UNIT,
        "g": Who.GROUP_LEAD,
    }  # fmt: skip
    told = frozenset(named[c] for c in tells)
    return Move(verb, frozenset(sources), to, frozenset(named[c] for c in who), told, judges, by_level=who == "ol")


_S, _P, _E, _L = State, PartState, ExtensionState, SlipState
_RUNNING = (_S.ASSIGNED, _S.HANDLING, _S.RETURNED, _S.SUBMITTED, _S.CLOSING)
_OPEN = (_S.REGISTERED, *_RUNNING, _S.OBJECTED, _S.SUSPENDED)

# o office · s supervisor · l leader · u lead unit · p supporting unit of the part · g lead of the item's group
MOVES: tuple[Move, ...] = (
    _move(Verb.ASSIGN, (_S.REGISTERED,), _S.ASSIGNED, "os", "upg", judges=True),
    _move(Verb.SIGN, (_S.ASSIGNED,), _S.HANDLING, "u"),
    _move(Verb.OBJECT, (_S.ASSIGNED,), _S.OBJECTED, "u", "o"),
    _move(Verb.UPHOLD, (_S.OBJECTED,), _S.ASSIGNED, "o", "u", judges=True),
    _move(Verb.TRANSFER, (_S.OBJECTED,), _S.ASSIGNED, "o", "upg", judges=True),
    _move(Verb.TRANSFER, (_S.ASSIGNED, _S.HANDLING, _S.RETURNED), _S.ASSIGNED, "os", "upg", judges=True),
    _move(Verb.HANDLE, (_S.HANDLING, _S.RETURNED), None, "u"),
    _move(Verb.SUBMIT, (_S.HANDLING, _S.RETURNED), _S.SUBMITTED, "u", "so"),
    _move(Verb.RETURN, (_S.SUBMITTED,), _S.RETURNED, "os", "ug", judges=True),
    _move(Verb.REQUEST_CLOSURE, (_S.SUBMITTED,), _S.CLOSING, "os", "o", judges=True),
    _move(Verb.CLOSE, (_S.CLOSING,), _S.CLOSED, "o", "upgs", judges=True),
    _move(Verb.REFUSE_CLOSURE, (_S.CLOSING,), _S.RETURNED, "o", "us", judges=True),
    _move(Verb.SUSPEND, _RUNNING, _S.SUSPENDED, "os", "upg", judges=True),
    _move(Verb.RESUME, (_S.SUSPENDED,), None, "os", "upg", judges=True),
    _move(Verb.MERGE, (_S.REGISTERED, *_RUNNING), _S.MERGED, "os", "upg", judges=True),
    _move(Verb.REOPEN, (_S.CLOSED,), _S.HANDLING, "os", "ugl", judges=True),
    _move(Verb.LOOK_BACK, (_S.CLOSED,), None, "os", "u", judges=True),
    _move(Verb.URGE, (_S.ASSIGNED, _S.HANDLING, _S.RETURNED), None, "osg", "up"),
    _move(Verb.COMMENT, _OPEN, None, "l", "osug"),
    _move(Verb.REDDEN, _RUNNING, None, "o", "ug", judges=True),
    _move(Verb.WAIVE, _RUNNING, None, "l", "osug", judges=True),
    _move(Verb.EXTEND, (_S.HANDLING, _S.RETURNED), None, "u", "o"),
    _move(Verb.PROPOSE_SLIP, _RUNNING, None, "os", "o", judges=True),
    _move(Verb.SIGN_PART, (_P.ASSIGNED,), _P.HANDLING, "p"),
    _move(Verb.SUBMIT_PART, (_P.HANDLING, _P.RETURNED), _P.SUBMITTED, "p", "u"),
    _move(Verb.ACCEPT_PART, (_P.SUBMITTED,), _P.ACCEPTED, "uos", "p", judges=True),
    _move(Verb.ACCEPT_PART, (_P.ASSIGNED, _P.HANDLING, _P.RETURNED), _P.ACCEPTED, "os", "pu", judges=True),
    _move(Verb.RETURN_PART, (_P.SUBMITTED,), _P.RETURNED, "uos", "p", judges=True),
    _move(Verb.GRANT_EXTENSION, (_E.ASKED,), _E.GRANTED, "ol", "us", judges=True),
    _move(Verb.REFUSE_EXTENSION, (_E.ASKED,), _E.REFUSED, "ol", "us", judges=True),
    _move(Verb.SIGN_SLIP, (_L.PROPOSED,), _L.SIGNED, "ol", "ugs", judges=True),
    _move(Verb.DECLINE_SLIP, (_L.PROPOSED,), _L.DECLINED, "ol", "s", judges=True),
    _move(Verb.ANSWER_SLIP, (_L.SIGNED,), _L.ANSWERED, "u", "os"),
)


@dataclass(frozen=True)
class Actor:
    """Who does something: the person, the seat in which they act, and the units in which they hold any seat."""

    person_id: int
    kind: SeatKind
    unit_id: int | None = None
    group_id: int | None = None
    unit_ids: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Around:
    """What of an item decides who stands how to it."""

    unit_id: int | None
    group_id: int | None
    part_unit_ids: frozenset[int] = frozenset()
    part_unit_id: int | None = None  # of the part that a deed is about
    is_red: bool = True  # opened by a red light: only then can a leader waive it
    decided_by: str = ""  # the seat that decides on the extension or slip that a deed is about


def stands(actor: Actor, item: Around) -> frozenset[Who]:
    """What the actor's seat is to the item."""
    plain = {SeatKind.OFFICE: Who.OFFICE, SeatKind.SUPERVISOR: Who.SUPERVISOR, SeatKind.LEADER: Who.LEADER}
    if actor.kind in plain:
        return frozenset({plain[actor.kind]})
    found = set()
    if actor.kind == SeatKind.REPORTER and actor.unit_id is not None:
        if actor.unit_id == item.unit_id:
            found.add(Who.LEAD_UNIT)
        if actor.unit_id == item.part_unit_id:
            found.add(Who.PART_UNIT)
    if actor.kind == SeatKind.GROUP_LEAD and actor.group_id is not None and actor.group_id == item.group_id:
        found.add(Who.GROUP_LEAD)
    return frozenset(found)


def sees(actor: Actor, item: Around) -> bool:
    """Whether the item exists for the actor at all; what may not be seen is not found."""
    if actor.kind in SEES_ALL:
        return True
    concerned = actor.unit_id is not None and actor.unit_id in item.part_unit_ids
    return bool(stands(actor, item)) or (actor.kind == SeatKind.REPORTER and concerned)


def is_of_own_unit(actor: Actor, item: Around) -> bool:
    """Whether the item is one of a unit in which the actor sits, in whatever seat."""
    return bool(actor.unit_ids & ({item.unit_id} | item.part_unit_ids))


def moves_from(state: AnyState) -> tuple[Move, ...]:
    """What can happen to a thing in a state."""
    return tuple(move for move in MOVES if state in move.sources)


def find(verb: Verb, state: AnyState) -> Move | None:
    """The move that a verb makes from a state, or None where it is impossible."""
    return next((move for move in MOVES if move.verb == verb and state in move.sources), None)


def permits(move: Move, actor: Actor, item: Around) -> bool:
    """Whether the actor may make the move: by what the seat is to the item, and never judging the own unit.

    The lead unit judges the parts of its supporting units, which is its task; not its own part.
    """
    standing = stands(actor, item) & move.who
    if not standing or (move.by_level and item.decided_by and actor.kind != item.decided_by):
        return False
    if move.verb is Verb.WAIVE and not item.is_red:
        return False
    if not move.judges:
        return True
    if Who.LEAD_UNIT in standing:
        return actor.unit_id != item.part_unit_id
    return not is_of_own_unit(actor, item)


def is_still(state: State) -> bool:
    """Whether nothing that hangs on the item can move now: it has ended or is suspended."""
    return state in ENDED or state == State.SUSPENDED


def available(state: AnyState, actor: Actor, item: Around) -> tuple[Verb, ...]:
    """The verbs that the actor may use now: the buttons of the page, in the table's order."""
    found = (move.verb for move in moves_from(state) if permits(move, actor, item))
    return tuple(dict.fromkeys(found))
