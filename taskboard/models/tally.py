"""Tallies: how many commitments stand where, kept with every change so that no wall counts rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from taskboard.db import Base, db
from taskboard.models.commitment import Commitment


class Place(NamedTuple):
    """Where one commitment is counted."""

    campaign_id: int
    group_id: int
    unit_id: int
    kind: str
    light: str
    section: int
    owed: bool


class Tally(Base):
    """A count of commitments by campaign, group, unit, kind, light, section, and owed this week."""

    __tablename__ = "tally"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    light: Mapped[str] = mapped_column(primary_key=True)
    section: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    owed: Mapped[bool] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


def place_of(row: Any) -> Place:
    """Where a commitment (an object or a row with its columns) is counted now."""
    return Place(*(getattr(row, name) for name in Place._fields))


def add(deltas: Mapping[Place, int]) -> None:
    """Add to the counts. Keys are taken in one order, so that two writers cannot wait for each other."""
    rows = [{**place._asdict(), "count": n} for place, n in sorted(deltas.items()) if n]
    if not rows:
        return
    dialect: Any = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(Tally)
    statement = statement.on_conflict_do_update(
        index_elements=list(Place._fields), set_={"count": Tally.count + statement.excluded.count}
    )
    db.session.execute(statement, rows)


def moved(before: Place | None, after: Place | None) -> None:
    """Count one commitment in another place; None where it did not or does no longer exist."""
    deltas: Counter[Place] = Counter()
    if before is not None:
        deltas[before] -= 1
    if after is not None:
        deltas[after] += 1
    add(deltas)


def rebuild() -> None:
    """Count everything anew, for an import, a restore or a repair."""
    columns = [getattr(Commitment, name) for name in Place._fields]
    db.session.query(Tally).delete()
    counted = select(*columns, func.count()).group_by(*columns)
    db.session.execute(insert(Tally).from_select([*Place._fields, "count"], counted))
