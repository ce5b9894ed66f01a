"""What a message must know of the things that its events are about: one statement for each noun."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Commitment, Event, Group, Indicator, Item, Unit

CHUNK = 5000
Key = tuple[str, int]


class Subject(NamedTuple):
    """A thing as a message names it; `path` is its page."""

    unit: str
    group: str
    title: str
    path: str

    @property
    def words(self) -> str:
        return "｜".join(" ".join(one.split()) for one in (self.unit, self.group, self.title) if one)


# Things without a page of their own, or that nobody names: where to look.
PATHS = {
    "delivery": "/deliveries",
    "channel": "/channels",
    "job_run": "/jobs",
    "heartbeat": "/admin/health",
    "appeal": "/appeals",
}


def subjects(events: Sequence[Event]) -> dict[Key, Subject]:
    """The things that the events are about."""
    found: dict[Key, Subject] = {}
    for noun, read in _READERS.items():
        ids = sorted({event.subject_id for event in events if event.subject_id and event.subject_type == noun})
        for start in range(0, len(ids), CHUNK):
            found.update({(noun, id_): subject for id_, subject in read(ids[start : start + CHUNK])})
    return found


def _items(ids: list[int]) -> Iterator[tuple[int, Subject]]:
    query = select(Item.id, Item.year, Item.no, Item.title, Group.name, Unit.name)
    query = query.outerjoin(Group, Group.id == Item.group_id).outerjoin(Unit, Unit.id == Item.unit_id)
    for id_, year, no, title, group, unit in db.session.execute(query.where(Item.id.in_(ids))):
        yield id_, Subject(unit or "未交办", group or "", f"督查〔{year}〕{no}号 {title}", f"/items/{id_}")


def _commitments(ids: list[int]) -> Iterator[tuple[int, Subject]]:
    query = (
        select(Commitment.id, Commitment.kind, Commitment.title, Commitment.detail, Group.name, Unit.name)
        .join(Group, Group.id == Commitment.group_id)
        .join(Unit, Unit.id == Commitment.unit_id)
    )
    for id_, kind, title, detail, group, unit in db.session.execute(query.where(Commitment.id.in_(ids))):
        what = f"{title}（{' '.join(detail.split())}）" if kind == "task" and detail.strip() else title
        yield id_, Subject(unit, group, what, f"/{kind}s/{id_}")


def _indicators(ids: list[int]) -> Iterator[tuple[int, Subject]]:
    query = select(Indicator.id, Indicator.name, Group.name).join(Group, Group.id == Indicator.group_id)
    for id_, name, group in db.session.execute(query.where(Indicator.id.in_(ids))):
        yield id_, Subject("", group, name, f"/indicators/{id_}")


def _units(ids: list[int]) -> Iterator[tuple[int, Subject]]:
    for id_, name in db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(ids))):
        yield id_, Subject(name, "", "", "/worklist?view=owed")


_READERS = {"commitment": _commitments, "item": _items, "indicator": _indicators, "unit": _units}
