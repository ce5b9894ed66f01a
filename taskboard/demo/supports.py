"""Supports of the demonstration: single openings and entries that will bring part of a target, all illustrative."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import select

from taskboard.db import db
from taskboard.demo.structure import District
from taskboard.models import Support, Target

PLANNED = (
    ("限上社会消费品零售额", "区商务局", "恒隆广场开业", Decimal("0.06"), date(2020, 6, 19)),
    ("限上社会消费品零售额", "区商务局", "夏季购物节", Decimal("0.03"), date(2020, 6, 26)),
    ("限上社会消费品零售额", "湖墅街道", "大型超市重装开业", Decimal("0.05"), date(2020, 6, 12)),
    ("有效投资", "上塘街道", "地块出让款入统", Decimal("0.08"), date(2020, 6, 22)),
)


def load(district: District) -> int:
    """Add them, each a share of its target; returns how many were found a target."""
    added = 0
    for title, unit, name, share, due_on in PLANNED:
        query = select(Target).where(Target.title == title, Target.unit_id == district.units[unit].id)
        target = db.session.scalars(query.order_by(Target.id)).first()
        if target is None:
            continue
        amount = (target.target_value * share).quantize(Decimal(1))
        db.session.add(
            Support(target_id=target.id, name=name, amount=max(amount, Decimal(1)), due_on=due_on, illustrative=True)
        )
        added += 1
    db.session.flush()
    return added
