"""数据质量: what its pages share: whose targets they show, and the choices of their filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select

from taskboard.db import db
from taskboard.models import Campaign, Commitment, Group, Tally, Target, Unit
from taskboard.rules.access import Seating, SeatKind

PAGE = 50


@dataclass(frozen=True)
class Scope:
    """Whose targets: those of the campaign that the seat sees, narrowed by what the address asks."""

    campaign: Campaign
    seating: Seating
    group: int | None = None
    unit: int | None = None

    def seen(self) -> list[ColumnElement[bool]]:
        """The criteria of the targets that the seat sees; Target has to be in the query."""
        return [Target.campaign_id == self.campaign.id, Commitment.visible_to(self.seating)]

    def asked(self) -> list[ColumnElement[bool]]:
        """The same, narrowed to the chosen group and unit."""
        found = self.seen()
        if self.group is not None:
            found.append(Target.group_id == self.group)
        if self.unit is not None:
            found.append(Target.unit_id == self.unit)
        return found


@dataclass(frozen=True)
class Options:
    """The groups and units that the seat may choose among."""

    groups: tuple[tuple[int, str], ...]
    units: tuple[tuple[int, str], ...]


def options(scope: Scope) -> Options:
    """Groups and units that have targets, from the tally: one statement. One group is no choice."""
    query: Any = (
        select(Group.no, Group.id, Group.short_name, Unit.position, Unit.id, Unit.short_name)
        .join_from(Tally, Group, Group.id == Tally.group_id)
        .join(Unit, Unit.id == Tally.unit_id)
        .where(Tally.campaign_id == scope.campaign.id, Tally.kind == "target", Tally.count > 0)
        .distinct()
    )
    if scope.seating.kind == SeatKind.GROUP_LEAD:
        query = query.where(Tally.group_id == scope.seating.group_id)
    rows = db.session.execute(query).all()
    groups = sorted({row[:3] for row in rows})
    units = sorted({row[3:] for row in rows})
    return Options(
        tuple((one, name) for _, one, name in groups) if len(groups) > 1 else (),
        tuple((one, name) for _, one, name in units),
    )


@dataclass(frozen=True)
class Paged:
    """Which rows of how many a page shows."""

    page: int
    pages: int
    total: int
    first: int
    last: int


def paged(total: int, number: int, size: int = PAGE) -> Paged:
    """The place of a page in a list; a number past the end is the last page."""
    pages = max(1, -(-total // size))
    page = min(max(1, number), pages)
    start = (page - 1) * size
    return Paged(page, pages, total, start + 1 if total else 0, min(total, start + size))
