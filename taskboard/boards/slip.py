"""A slip 督办单 for whoever may read it; what it says is in models/paper.py."""

from __future__ import annotations

from sqlalchemy import or_, select

from taskboard.db import db
from taskboard.models import Item, Slip
from taskboard.rules.access import SEES_ALL, Seating, SeatKind


def find(slip_id: int, seat: Seating) -> Slip | None:
    """The slip, when the seat sees its item, or it went to the seat's own unit before the item was transferred."""
    own = Slip.unit_id == (seat.unit_id if seat.kind == SeatKind.REPORTER else None)
    query = select(Slip).join(Item, Item.id == Slip.item_id).where(Slip.id == slip_id)
    query = query.where(or_(Item.visible_to(seat), own))
    if seat.kind not in SEES_ALL:  # what nobody signed yet is not the unit's to see
        query = query.where(Slip.no.is_not(None))
    return db.session.scalars(query).first()
