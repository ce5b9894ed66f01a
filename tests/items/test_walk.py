"""A long random walk over items, verbs and seats: whatever anybody tries, the book stays true.

Every step takes any verb in any seat at any item, whether it makes sense or not, often with an old version.
The table says beforehand what must come of it; after each step the promises are looked at in the database.
`make soak` walks 20 000 steps on each database, with races.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from taskboard import clock
from taskboard.db import db
from taskboard.errors import Conflict, NotAllowed, Refused, WrongState
from taskboard.models import Closure, Event, Hold, Item, ItemTally, chain, item_tally
from taskboard.models.item_deeds import INSIDE, Deed, act, around_of, state_of
from taskboard.rules import lifecycle
from taskboard.rules.lifecycle import ENDED, State, Verb, holder_of
from taskboard.rules.terms import Source
from tests.items.cast import actor, new_item, thing_of
from tests.items.test_races import both
from tests.world import NOON, World

STEPS = int(os.environ.get("TASKBOARD_WALK_STEPS", "500"))
RACE_EVERY = 25
CAST = ("office", "supervisor", "leader", "lead", "other_lead", "reporter", "other_reporter", "system_admin")
OPEN_ITEMS = 6


def test_whatever_anybody_tries_the_book_stays_true(app: Flask, world: World) -> None:
    dice = random.Random(STEPS)
    walk = Walk(app, world, dice)
    for step in range(STEPS):
        walk.step(step)
    walk.settle()

    assert walk.done["done"] > STEPS / 20
    assert chain.verify().is_intact
    if STEPS >= 500:
        assert {WrongState, NotAllowed, Conflict} <= set(walk.done)


class Walk:
    """The walk with what it has seen."""

    def __init__(self, app: Flask, world: World, dice: random.Random) -> None:
        self.app, self.world, self.dice = app, world, dice
        self.at: datetime = NOON
        self.done: Counter[Any] = Counter()
        self.people = {who: actor(world, who) for who in CAST}
        self.events: Counter[int] = Counter()
        for _ in range(OPEN_ITEMS):
            self._open()

    def step(self, number: int) -> None:
        """One try: the table says what must come of it, and it comes."""
        self.at += timedelta(minutes=self.dice.randint(5, 300))
        item = self._some_item()
        verb = self._some_verb(item)
        who = self.dice.choice(CAST) if self.dice.random() < 0.5 else self._fitting(item, verb)
        deed = self._typed(item)
        if number % RACE_EVERY == 0:
            self._race(item, verb, who, deed)
        else:
            self._try(item, verb, who, deed)
        self._look_at(item)

    def settle(self) -> None:
        """After the walk: counters equal a count, every closing was decided by somebody else."""
        db.session.commit()
        kept = {(t.state, t.band): t.count for t in db.session.scalars(select(ItemTally)) if t.count}
        item_tally.rebuild()
        counted = {(t.state, t.band): t.count for t in db.session.scalars(select(ItemTally)) if t.count}
        db.session.rollback()
        assert kept == counted
        assert not list(db.session.scalars(select(Closure).where(Closure.decided_by_id == Closure.doer_id)))
        open_keys = list(db.session.scalars(select(Item.open_key).where(Item.open_key.is_not(None))))
        assert len(open_keys) == len(set(open_keys))
        numbers: dict[int, list[int]] = {}
        for year, no in db.session.execute(select(Item.year, Item.no).order_by(Item.year, Item.no)):
            numbers.setdefault(year, []).append(no)
        assert all(given == list(range(1, len(given) + 1)) for given in numbers.values())

    def _try(self, item: Item, verb: Verb, who: str, deed: Deed) -> None:
        expected = self._expected(item, verb, who, deed)
        before = (item.version, item.state)
        try:
            with db.session.begin_nested():
                act(item, verb, deed, self.people[who], self.at, thing_of(item, verb))
        except Refused as refused:
            db.session.rollback()
            self.done[type(refused)] += 1
            waits = verb is Verb.PROPOSE_SLIP and isinstance(refused, WrongState)  # one slip at a time
            assert expected is not None or type(refused) is Refused or waits, (verb, who, refused)
            assert expected is None or isinstance(refused, expected), (verb, who, refused)
            assert (item.version, item.state) == before
            return
        db.session.commit()
        assert expected is None, (verb, who, item.state)
        self.done["done"] += 1
        self.events[item.id] += 1
        assert item.version == before[0] + (verb not in INSIDE)
        move = lifecycle.find(verb, State(before[1]))
        if move is not None and move.to is not None:
            assert item.state == move.to

    def _expected(self, item: Item, verb: Verb, who: str, deed: Deed) -> Any:
        """The kind of refusal that the table asks for, None when only the content can be wrong."""
        thing = thing_of(item, verb)
        about = thing or item
        around, state = around_of(item, thing), state_of(about)
        rows = [move for move in lifecycle.MOVES if move.verb == verb]
        if not lifecycle.sees(self.people[who], around):
            return NotAllowed
        if verb is Verb.WAIVE and not around.is_red and who == "leader":
            return WrongState
        if not any(lifecycle.permits(move, self.people[who], around) for move in rows):
            return NotAllowed
        if thing is not None and lifecycle.is_still(State(item.state)):
            return WrongState
        here = [move for move in rows if state in move.sources]
        if not here:
            return WrongState
        if not any(lifecycle.permits(move, self.people[who], around) for move in here):
            return NotAllowed
        return Conflict if deed.seen not in (None, item.version) else None

    def _race(self, item: Item, verb: Verb, who: str, deed: Deed) -> None:
        item_id, seen = item.id, item.version
        typed = {n: getattr(deed, n) for n in ("figure", "unit_id", "due_on", "progress", "into", "level")}
        db.session.commit()
        outcomes = both(self.app, item_id, verb, self.people[who], typed, seen)
        won = outcomes.count("done")
        assert len(outcomes) == 2
        assert won <= 1, (verb, outcomes)
        self.events[item_id] += won
        self.done["races won" if won else "races lost"] += 1
        db.session.expire_all()

    def _look_at(self, item: Item) -> None:
        found = db.session.scalar(
            select(func.count()).select_from(Event).where(Event.subject_type == "item", Event.subject_id == item.id)
        )
        assert found == self.events[item.id]
        state = State(item.state)
        assert item.holder == holder_of(state)
        spells = list(db.session.scalars(select(Hold).where(Hold.item_id == item.id, Hold.to_at.is_(None))))
        assert len(spells) == (0 if state in ENDED else 1)
        assert all(spell.holder == item.holder and spell.state == item.state for spell in spells)
        if state == State.CLOSED:
            last = db.session.scalars(select(Closure).where(Closure.item_id == item.id).order_by(Closure.id.desc()))
            assert last.first().decision == "closed"  # type: ignore[union-attr]
        db.session.rollback()

    def _some_item(self) -> Item:
        query = select(Item).where(Item.closed_on.is_(None)).order_by(Item.id)
        running = list(db.session.scalars(query))
        if len(running) < OPEN_ITEMS:
            self._open()
            running = list(db.session.scalars(query))
        if self.dice.random() < 0.1:
            running = list(db.session.scalars(select(Item).order_by(Item.id.desc()).limit(OPEN_ITEMS)))
        return self.dice.choice(running)

    def _open(self) -> None:
        parts = ((self.world.other_unit.id, "提供名单", None),) if self.dice.random() < 0.4 else ()
        is_red = self.dice.random() < 0.2
        more: dict[str, Any] = {"source": Source.RED, "commitment_id": self.world.target.id} if is_red else {}
        item = new_item(self.world, self.at, parts=parts, **more)
        db.session.commit()
        self.events[item.id] = 2  # registered and assigned

    def _some_verb(self, item: Item) -> Verb:
        """Half the time one that the state allows, so that the walk gets somewhere."""
        if self.dice.random() < 0.4:
            return self.dice.choice(list(Verb))
        verbs = [v for v in self._possible(item) if not (v in (Verb.MERGE, Verb.SUSPEND) and self.dice.random() < 0.8)]
        return self.dice.choice(verbs or [Verb.URGE])

    def _possible(self, item: Item) -> Iterator[Verb]:
        for verb in Verb:
            thing = thing_of(item, verb)
            if any(move.verb == verb for move in lifecycle.moves_from(state_of(thing or item))):
                yield verb

    def _fitting(self, item: Item, verb: Verb) -> str:
        thing = thing_of(item, verb)
        around = around_of(item, thing)
        rows = [m for m in lifecycle.moves_from(state_of(thing or item)) if m.verb == verb]
        fitting = [w for w in CAST if any(lifecycle.permits(m, self.people[w], around) for m in rows)]
        return self.dice.choice(fitting or CAST)

    def _typed(self, item: Item) -> Deed:
        day = clock.day_of(self.at)
        others = list(db.session.scalars(select(Item.id).where(Item.id != item.id).limit(5)))
        return Deed(
            text=self.dice.choice(("已核实", "按要求补办", "")),
            seen=self.dice.choice((item.version, item.version, item.version, None, item.version - 1)),
            figure=self.dice.choice(("", "完成 12 项")),
            unit_id=self.dice.choice((self.world.unit.id, self.world.other_unit.id, self.world.lead_unit.id, None)),
            due_on=self.dice.choice((None, day + timedelta(days=20), day + timedelta(days=45))),
            progress="七成",
            into=self.dice.choice(others) if others else None,
            level=self.dice.randint(0, 4),
        )
