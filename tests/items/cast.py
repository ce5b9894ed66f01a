"""What tests of items share: the people of tests/world.py as actors, and an item at a chosen step of its life."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from taskboard import clock
from taskboard.db import db
from taskboard.models import Extension, Item, Part, Person, Slip, Unit
from taskboard.models.item_deeds import Deed, Thing, act
from taskboard.models.item_opening import Draft, register
from taskboard.rules.access import SeatKind
from taskboard.rules.lifecycle import Actor, Verb
from tests.world import NOON, World

DAY = timedelta(days=1)


def actor(world: World, who: str) -> Actor:
    """One of the cast in the first seat they hold."""
    person: Person = getattr(world, who)
    seat = person.seats[0]
    units = frozenset(s.unit_id for s in person.seats if s.unit_id)
    return Actor(person.id, SeatKind(seat.kind), seat.unit_id, seat.group_id, units)


def new_item(world: World, at: datetime = NOON, **more: object) -> Item:
    """An ordinary item, assigned by the supervisor to the reporter's unit."""
    values = {"title": "核查停工项目", "unit_id": world.unit.id, "group_id": world.group.id, **more}
    return register(world.campaign, Draft(**values), actor(world, "supervisor"), at)  # type: ignore[arg-type]


def supported(world: World, **more: object) -> Item:
    """An item with a supporting unit."""
    return new_item(world, parts=((world.other_unit.id, "提供企业名单", None),), **more)


def do(
    world: World, item: Item, verb: Verb, who: str, text: str = "已核实", at: datetime = NOON, **more: object
) -> None:
    """A deed by one of the cast; for a part, an extension or a slip the item's newest."""
    thing = thing_of(item, verb)
    act(item, verb, Deed(text=text, **more), actor(world, who), at, thing)  # type: ignore[arg-type]


def thing_of(item: Item, verb: Verb) -> Thing | None:
    """What a verb is about when it is not about the item itself."""
    model = {"part": Part, "extension": Extension, "slip": Slip}.get(verb.value.rpartition("_")[2])
    if model is None or verb is Verb.PROPOSE_SLIP:
        return None
    found: Thing | None = db.session.scalars(
        select(model).where(model.item_id == item.id).order_by(model.id.desc()).limit(1)
    ).first()
    return found


def later(days: int, hour: int = 12) -> datetime:
    """A moment so many days after the world's Friday."""
    return clock.at(clock.day_of(NOON) + days * DAY, hour)


def unit(name: str) -> Unit:
    return db.session.scalars(select(Unit).where(Unit.name == name)).one()
