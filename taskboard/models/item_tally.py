"""How many items are in which state and band: kept with every change, so that no desk counts rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ForeignKey, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from taskboard.db import Base, db
from taskboard.models.item import Item

Spot = tuple[int, str, int]  # campaign, state, band


class ItemTally(Base):
    __tablename__ = "item_tally"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    state: Mapped[str] = mapped_column(primary_key=True)
    band: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(default=0)


def spot_of(item: Any) -> Spot:
    """Where an item is counted now."""
    return item.campaign_id, item.state, int(item.band)


def add(deltas: Mapping[Spot, int]) -> None:
    """Add to the counts, in one order so that two writers cannot wait for each other."""
    names = ("campaign_id", "state", "band")
    rows = [{**dict(zip(names, spot, strict=True)), "count": n} for spot, n in sorted(deltas.items()) if n]
    if not rows:
        return
    dialect: Any = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(ItemTally)
    statement = statement.on_conflict_do_update(
        index_elements=list(names), set_={"count": ItemTally.count + statement.excluded.count}
    )
    db.session.execute(statement, rows)


def rebuild() -> None:
    """Count all items anew."""
    columns = [Item.campaign_id, Item.state, Item.band]
    db.session.query(ItemTally).delete()
    counted = select(*columns, func.count()).group_by(*columns)
    db.session.execute(insert(ItemTally).from_select(["campaign_id", "state", "band", "count"], counted))
