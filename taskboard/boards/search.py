"""What a text finds: units, targets and tasks that the seat sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from taskboard.boards.items import sought
from taskboard.boards.line import Line
from taskboard.boards.listing import Asked, Scope, contains, listing
from taskboard.db import db
from taskboard.models import Campaign, Item, Unit, UnitAlias
from taskboard.rules.access import Permission, Seating, permits

MOST = 20


@dataclass(frozen=True)
class Hits:
    """Lines of one kind, and how many there are in all."""

    lines: tuple[Line, ...] = ()
    total: int = 0


@dataclass(frozen=True)
class Found:
    """What was found, by noun."""

    units: tuple[Unit, ...] = ()
    targets: Hits = Hits()
    tasks: Hits = Hits()
    items: tuple[Item, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.units or self.targets.lines or self.tasks.lines or self.items)


def search(text: str, campaign: Campaign, seating: Seating, on: date) -> Found:
    """The first twenty of each noun."""
    if not text:
        return Found()
    units = _units(text)
    if not permits(seating, Permission.SEE_COMMITMENTS):
        return Found(units=units)
    hits = []
    for kind in ("target", "task"):
        page = listing(Scope(campaign, seating, kind=kind), Asked(q=text), on)
        hits.append(Hits(page.lines[:MOST], page.total))
    return Found(units, hits[0], hits[1], find_items(text, campaign, seating, MOST))


def _units(text: str) -> tuple[Unit, ...]:
    named = select(UnitAlias.unit_id).where(contains(text, UnitAlias.name))
    query = select(Unit).where(Unit.active, contains(text, Unit.name, Unit.short_name) | Unit.id.in_(named))
    return tuple(db.session.scalars(query.order_by(Unit.position, Unit.id).limit(MOST)))


def find_items(text: str, campaign: Campaign, seating: Seating, most: int) -> tuple[Item, ...]:
    """Items by words or by number, the newest first."""
    query = select(Item).where(Item.campaign_id == campaign.id, Item.visible_to(seating), sought(text))
    return tuple(db.session.scalars(query.order_by(Item.id.desc()).limit(most)))
