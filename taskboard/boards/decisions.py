"""What waits for a leader's decision among 督查 items: talks proposed, extensions that came up, third slips."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import literal, select, union_all

from taskboard.db import db
from taskboard.models import Band, Extension, Item, Slip, Unit
from taskboard.rules.ladder import TALK
from taskboard.rules.lifecycle import ExtensionState, SlipState
from taskboard.rules.terms import ExtensionLevel


@dataclass(frozen=True)
class Decision:
    """One item on which somebody must decide, and what."""

    item_id: int
    number: str
    title: str
    unit: str
    what: str


def decisions(campaign_id: int, most: int) -> tuple[Decision, ...]:
    """The oldest first, in one statement."""
    talks = select(Slip.item_id.label("item_id"), literal("约谈待定").label("what"), literal(0).label("rank"))
    talks = talks.where(Slip.state == SlipState.PROPOSED, Slip.level == TALK)
    asked = select(Extension.item_id, literal("延期待批"), literal(1))
    asked = asked.where(Extension.state == ExtensionState.ASKED, Extension.level == ExtensionLevel.LEADER)
    third = select(Item.id, literal("三次督办"), literal(2)).where(Item.slips >= 3, Item.band < Band.ENDED)
    waiting = union_all(talks, asked, third).subquery()
    query = (
        select(Item.id, Item.year, Item.no, Item.title, Unit.short_name, waiting.c.what)
        .join(waiting, waiting.c.item_id == Item.id)
        .outerjoin(Unit, Unit.id == Item.unit_id)
        .where(Item.campaign_id == campaign_id, Item.band < Band.ENDED)
        .order_by(waiting.c.rank, Item.assigned_on, Item.id)
        .limit(most)
    )
    return tuple(
        Decision(id_, f"〔{year}〕{no}号", title, unit or "", what)
        for id_, year, no, title, unit, what in db.session.execute(query)
    )
