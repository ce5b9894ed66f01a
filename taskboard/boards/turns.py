"""What turned: the changes of light that a sweep recorded since a moment, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from taskboard.db import db
from taskboard.models import Commitment, Event, Group, Kind, Unit

TURNED = {Kind.turned(light).key: light for light in ("red", "yellow", "green", "grey")}


@dataclass(frozen=True)
class Turn:
    """One change of light."""

    at: datetime
    light: str
    id: int
    kind: str
    title: str
    group: str
    unit: str


def turns(campaign_id: int, since: datetime, most: int, kinds: tuple[str, ...] = tuple(TURNED)) -> tuple[Turn, ...]:
    """The newest turns to these lights (event names)."""
    query = (
        select(
            Event.at, Event.kind, Commitment.id, Commitment.kind, Commitment.title, Group.short_name, Unit.short_name
        )
        .join(Commitment, Commitment.id == Event.subject_id)
        .join(Group, Group.id == Commitment.group_id)
        .join(Unit, Unit.id == Commitment.unit_id)
        .where(
            Event.subject_type == "commitment",
            Event.kind.in_(kinds),
            Event.at >= since,
            Commitment.campaign_id == campaign_id,
        )
        .order_by(Event.id.desc())
        .limit(most)
    )
    return tuple(
        Turn(at, TURNED[event], id_, kind, title, group, unit)
        for at, event, id_, kind, title, group, unit in db.session.execute(query)
    )


def turn_counts(campaign_id: int, since: datetime) -> dict[str, int]:
    """How often something turned to each light since a moment."""
    query = (
        select(Event.kind, func.count())
        .join(Commitment, Commitment.id == Event.subject_id)
        .where(
            Event.subject_type == "commitment",
            Event.kind.in_(tuple(TURNED)),
            Event.at >= since,
            Commitment.campaign_id == campaign_id,
        )
        .group_by(Event.kind)
    )
    counted: dict[str, int] = {kind: number for kind, number in db.session.execute(query)}
    return {light: counted.get(kind, 0) for kind, light in TURNED.items()}
