"""Two people press the same button at the same moment: one wins, one event, the other is told."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from taskboard.db import db
from taskboard.errors import Conflict, WrongState
from taskboard.models import Event, Item, chain
from taskboard.models.item_deeds import INSIDE, Deed, act
from taskboard.rules.lifecycle import Actor, Verb
from tests.items.cast import actor, thing_of
from tests.items.ways import ready_for
from tests.racing import race
from tests.world import NOON, World


def both(app: Flask, item_id: int, verb: Verb, who: Actor, typed: dict[str, Any], seen: int) -> list[Any]:
    """Both do it with the version that both saw."""

    def deed() -> None:
        item = db.session.get_one(Item, item_id)
        act(item, verb, Deed(text="同时办理", seen=seen, **typed), who, NOON, thing_of(item, verb))

    return race(app, deed)


@pytest.mark.parametrize("verb", list(Verb), ids=lambda verb: verb.value)
def test_of_two_at_once_one_wins_and_the_other_is_told(app: Flask, world: World, verb: Verb) -> None:
    item, who, typed = ready_for(world, verb)
    person, item_id, seen = actor(world, who), item.id, item.version
    db.session.commit()
    before = _events(item_id)

    outcomes = both(app, item_id, verb, person, typed, seen)

    lost = [one for one in outcomes if one != "done"]
    db.session.expire_all()
    assert (len(outcomes), len(lost)) == (2, 1)
    assert isinstance(lost[0], Conflict | WrongState)
    assert item.number in str(lost[0])
    assert _events(item_id) == before + 1
    assert db.session.get_one(Item, item_id).version == seen + (verb not in INSIDE)
    assert chain.verify().is_intact


def _events(item_id: int) -> int:
    found = db.session.scalar(
        select(func.count()).select_from(Event).where(Event.subject_type == "item", Event.subject_id == item_id)
    )
    db.session.rollback()
    return found or 0
