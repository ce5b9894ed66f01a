"""The stage of the demonstration's plots: who acts, on which working day, through which verb."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from taskboard import clock
from taskboard.db import db
from taskboard.demo.structure import District
from taskboard.models import Extension, Item, Part, Person, Slip
from taskboard.models.item_deeds import Deed, Thing, act
from taskboard.rules.access import SeatKind
from taskboard.rules.lifecycle import Actor, SlipState, Verb
from taskboard.rules.workdays import add_workdays

Tell = Callable[[datetime], None]
TODAY = date(2020, 6, 5)


@dataclass
class Stage:
    """What a plot needs: the district, who acts, and the working day on which it began."""

    district: District
    dice: random.Random
    tell: Tell

    def actor(self, login: str) -> Actor:
        person: Person = self.district.people[login]
        seat = person.seats[0]
        units = frozenset(s.unit_id for s in person.seats if s.unit_id)
        return Actor(person.id, SeatKind(seat.kind), seat.unit_id, seat.group_id, units)

    def reporter(self, unit_id: int | None) -> str:
        """The login of a unit's reporter."""
        for login, person in self.district.people.items():
            if person.seats[0].kind == SeatKind.REPORTER and person.seats[0].unit_id == unit_id:
                return login
        raise LookupError(unit_id)

    def at(self, workdays_ago: int, hour: int = 0) -> datetime:
        """A moment so many working days before the demonstration's day; its own morning for 0."""
        if workdays_ago == 0:
            return clock.at(TODAY, 8, self.dice.randint(5, 39))
        day = add_workdays(TODAY, -workdays_ago)
        return clock.at(day, hour or self.dice.randint(9, 16), self.dice.randint(1, 29))


@dataclass
class Told:
    """An item in the making; each method is one deed by whoever does it in life."""

    stage: Stage
    item: Item

    def __call__(self, verb: Verb, ago: int, text: str = "", who: str = "", **more: Any) -> Told:
        who = who or self._who(verb)
        at = self.stage.at(ago)
        act(self.item, verb, Deed(text=text, **more), self.stage.actor(who), at, self._thing(verb))
        self.stage.tell(at)
        return self

    def _who(self, verb: Verb) -> str:
        if verb in (Verb.SIGN, Verb.OBJECT, Verb.HANDLE, Verb.SUBMIT, Verb.EXTEND, Verb.ANSWER_SLIP, Verb.ACCEPT_PART):
            return self.stage.reporter(self.item.unit_id)
        if verb in (Verb.SIGN_PART, Verb.SUBMIT_PART):
            return self.stage.reporter(self.item.parts[-1].unit_id)
        office = (Verb.CLOSE, Verb.REFUSE_CLOSURE, Verb.UPHOLD, Verb.SIGN_SLIP, Verb.GRANT_EXTENSION, Verb.REDDEN)
        if verb in office or verb is Verb.REFUSE_EXTENSION:
            return "bangongshi"
        return "lingdao" if verb in (Verb.WAIVE, Verb.COMMENT) else "ducha"

    def _thing(self, verb: Verb) -> Thing | None:
        model: Any = {"part": Part, "extension": Extension, "slip": Slip}.get(verb.value.rpartition("_")[2])
        if model is None or verb is Verb.PROPOSE_SLIP:
            return None
        query = select(model).where(model.item_id == self.item.id).order_by(model.id.desc())
        if verb is Verb.ANSWER_SLIP:
            query = query.where(Slip.state == SlipState.SIGNED)
        found: Thing | None = db.session.scalars(query).first()
        return found
