"""The district's own targets beside an indicator of others."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, select

from taskboard.boards.line import Line, lines_of
from taskboard.boards.listing import line_rows
from taskboard.db import db
from taskboard.models import Campaign, Commitment, Target, Unit, UnitKind
from taskboard.rules.access import Seating


@dataclass(frozen=True)
class Own:
    """The district's own target of an indicator; `count` how many the seat sees of it."""

    line: Line
    count: int


def own_targets(indicator_ids: set[int], campaign: Campaign, seating: Seating, on: date) -> dict[int, Own]:
    """Of each indicator the widest target that the seat sees, and how many it sees: three statements at most."""
    if not indicator_ids:
        return {}
    reach = case((Unit.kind == UnitKind.DISTRICT, 0), (Unit.kind == UnitKind.DEPARTMENT, 1), else_=2)
    query = (
        select(Target.indicator_id, Target.id)
        .join(Unit, Unit.id == Target.unit_id)
        .where(
            Target.indicator_id.in_(indicator_ids),
            Commitment.campaign_id == campaign.id,
            Commitment.visible_to(seating),
        )
        .order_by(reach, Unit.position, Target.id)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for indicator_id, target_id in db.session.execute(query):
        found[indicator_id].append(target_id)
    widest = {ids[0] for ids in found.values()}
    rows = db.session.execute(line_rows().where(Commitment.id.in_(widest))).all() if widest else []
    lines = {line.id: line for line in lines_of(rows, campaign, on)}
    return {number: Own(lines[ids[0]], len(ids)) for number, ids in found.items()}
