"""The table of moves: complete, without dead ends, and the only source of what a seat may do."""

from __future__ import annotations

from itertools import product

import pytest

from taskboard.forms.item import TEXTS
from taskboard.models.event import Kind
from taskboard.models.item_effects import EFFECTS
from taskboard.rules import lifecycle
from taskboard.rules.access import SeatKind
from taskboard.rules.lifecycle import (
    ENDED,
    MOVES,
    Actor,
    Around,
    ExtensionState,
    Holder,
    PartState,
    SlipState,
    State,
    Verb,
    Who,
    available,
    holder_of,
    permits,
)

UNIT, OTHER, GROUP = 1, 2, 7
ITEM = Around(UNIT, GROUP, frozenset({OTHER}), OTHER)
ACTORS = {
    Who.OFFICE: Actor(1, SeatKind.OFFICE),
    Who.SUPERVISOR: Actor(2, SeatKind.SUPERVISOR),
    Who.LEADER: Actor(3, SeatKind.LEADER),
    Who.LEAD_UNIT: Actor(4, SeatKind.REPORTER, UNIT, None, frozenset({UNIT})),
    Who.PART_UNIT: Actor(5, SeatKind.REPORTER, OTHER, None, frozenset({OTHER})),
    Who.GROUP_LEAD: Actor(6, SeatKind.GROUP_LEAD, None, GROUP),
}
STRANGERS = (
    Actor(7, SeatKind.REPORTER, 9, None, frozenset({9})),
    Actor(8, SeatKind.GROUP_LEAD, None, 8),
    Actor(9, SeatKind.SYSTEM_ADMIN),
    Actor(10, SeatKind.AUDIT_ADMIN),
)
ALL_STATES = (*State, *PartState, *ExtensionState, *SlipState)


def test_every_verb_has_an_effect_words_an_event_and_a_row() -> None:
    assert set(EFFECTS) == set(Verb) == set(TEXTS) == {move.verb for move in MOVES}
    assert all(Kind.of(move.event).words for move in MOVES)
    assert all(verb.word for verb in Verb)


@pytest.mark.parametrize("who", list(Who), ids=lambda who: who.value)
def test_the_buttons_of_a_seat_are_exactly_its_rows(who: Who) -> None:
    for state in ALL_STATES:
        rows = {move.verb for move in MOVES if state in move.sources and who in move.who}
        assert set(available(state, ACTORS[who], ITEM)) == rows, state


def test_who_stands_in_no_relation_to_an_item_can_do_nothing_to_it() -> None:
    for stranger, state in product(STRANGERS, ALL_STATES):
        assert available(state, stranger, ITEM) == ()
        assert not lifecycle.sees(stranger, ITEM)


def test_no_state_and_verb_has_two_outcomes_for_one_seat() -> None:
    for state, verb, who in product(ALL_STATES, Verb, Who):
        rows = [move for move in MOVES if move.verb == verb and state in move.sources and who in move.who]
        assert len(rows) <= 1, (state, verb, who)


def test_nobody_of_the_unit_judges_in_another_seat() -> None:
    for kind in (SeatKind.OFFICE, SeatKind.SUPERVISOR, SeatKind.LEADER):
        own = Actor(11, kind, None, None, frozenset({UNIT}))
        assert not [move.verb for move in MOVES if move.judges and permits(move, own, ITEM)]


def test_the_doer_never_closes() -> None:
    closing = [move for move in MOVES if move.to is State.CLOSED]

    assert [move.verb for move in closing] == [Verb.CLOSE]
    assert all(move.judges and move.who == {Who.OFFICE} for move in closing)


def test_every_open_state_leads_to_closure_and_an_ended_one_only_to_a_look_back() -> None:
    leads = {
        state: {move.to for move in MOVES if state in move.sources and isinstance(move.to, State)} for state in State
    }
    leads[State.SUSPENDED] = {State.HANDLING}  # back to where it was
    for start in set(State) - ENDED:
        reached, frontier = {start}, [start]
        while frontier:
            for following in leads[frontier.pop()] - reached:
                reached.add(following)
                frontier.append(following)
        assert State.CLOSED in reached, start
    assert {move.verb for move in MOVES if State.CLOSED in move.sources} == {Verb.REOPEN, Verb.LOOK_BACK}
    assert not [move for move in MOVES if State.MERGED in move.sources]


def test_somebody_holds_every_running_item() -> None:
    idle = {state for state in State if holder_of(state) == Holder.NOBODY}

    assert idle == ENDED | {State.SUSPENDED}
