"""投递 the ledger: every message with its fate, what is uncertain first, and one message with all its attempts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from taskboard import clock
from taskboard.boards import timeline
from taskboard.boards.paging import PAGE, Paged
from taskboard.boards.timeline import Entry
from taskboard.db import db
from taskboard.models import (
    Attempt,
    Channel,
    Commitment,
    Delivery,
    DeliveryState,
    Event,
    Item,
    Notice,
    Person,
    Unit,
    telling,
)
from taskboard.models.channel import INBOX_ID
from taskboard.models.telling import Deed
from taskboard.rules.channels import Policy

BATCH = 500
TABS = (
    DeliveryState.UNCERTAIN,
    DeliveryState.FAILED,
    DeliveryState.RETRY,
    DeliveryState.PENDING,
    DeliveryState.SENDING,
    DeliveryState.SENT,
    DeliveryState.GIVEN_UP,
)
_WITH = (joinedload(Delivery.person), joinedload(Delivery.unit), joinedload(Delivery.by))


@dataclass(frozen=True)
class Wanted:
    """What the address asks of the ledger; forms/deliveries.py reads it. Without a channel the inbox is left out."""

    state: str = ""
    channel: int | None = None
    to: str = ""
    q: str = ""
    since: date | None = None
    until: date | None = None
    page: int = 1


@dataclass(frozen=True)
class Ledger(Paged):
    """One page. `tabs` are (state, word, how many), `uncertain` (channel, policy in words, how many)."""

    rows: tuple[Delivery, ...]
    tabs: tuple[tuple[str, str, int], ...]
    uncertain: tuple[tuple[str, str, int], ...]
    channels: tuple[tuple[int, str], ...]
    resent: int
    total: int
    page: int

    @property
    def all(self) -> int:
        return sum(count for _, _, count in self.tabs)

    @property
    def sentence(self) -> str:
        """The answer first: what needs a person."""
        counts = {state: count for state, _, count in self.tabs}
        doubtful, failed = counts["uncertain"], counts["failed"]
        told = []
        if doubtful:
            rest = doubtful - self.resent
            words = f"不确定 {doubtful} 条"
            if self.resent:
                words += f"：{self.resent} 条已按规定重发过一次"
                words += f"，其余 {rest} 条未重发，请逐条确认" if rest else "，请逐条确认"
            else:
                words += "，请逐条确认是否收到"
            told.append(words)
        if failed:
            told.append(f"失败 {failed} 条，请核对原因后重发或放弃")
        return "；".join(told) if told else "没有需要处理的消息"


def ledger(wanted: Wanted) -> Ledger:
    """The page that the address asks for: what is uncertain first, then the newest."""
    counts = _counts(wanted)
    tabs = tuple((state.value, state.word, counts.get(state, 0)) for state in TABS)
    total = counts.get(wanted.state, 0) if wanted.state else sum(counts.values())
    page = min(max(1, wanted.page), max(1, -(-total // PAGE)))
    start = (page - 1) * PAGE
    rows = _page(wanted, start, counts.get(DeliveryState.UNCERTAIN, 0))
    uncertain, resent = _uncertain(wanted) if counts.get(DeliveryState.UNCERTAIN) else ((), 0)
    channels = tuple((channel.id, channel.name) for channel in Channel.listed())
    return Ledger(rows, tabs, uncertain, channels, resent, total, page)


def all_rows(wanted: Wanted) -> Iterator[Delivery]:
    """Every message of the filter for a workbook, newest first, in batches so that memory stays flat."""
    query = _filtered(select(Delivery.id), wanted, with_state=True).order_by(Delivery.id.desc())
    ids = list(db.session.scalars(query))
    for start in range(0, len(ids), BATCH):
        chosen = select(Delivery).where(Delivery.id.in_(ids[start : start + BATCH])).options(*_WITH)
        yield from db.session.scalars(chosen.order_by(Delivery.id.desc()))


def _counts(wanted: Wanted) -> dict[str, int]:
    query = _filtered(select(Delivery.state, func.count()), wanted, with_state=False)
    return {state: count for state, count in db.session.execute(query.group_by(Delivery.state))}


def _page(wanted: Wanted, start: int, doubtful: int) -> tuple[Delivery, ...]:
    query = _filtered(select(Delivery).options(*_WITH), wanted, with_state=True).order_by(Delivery.id.desc())
    if wanted.state or not doubtful:
        return tuple(db.session.scalars(query.offset(start).limit(PAGE)))
    first: list[Delivery] = []
    if start < doubtful:
        some = query.where(Delivery.state == DeliveryState.UNCERTAIN)
        first = list(db.session.scalars(some.offset(start).limit(PAGE)))
    rest = query.where(Delivery.state != DeliveryState.UNCERTAIN)
    later = db.session.scalars(rest.offset(max(0, start - doubtful)).limit(PAGE - len(first)))
    return (*first, *later)


def _uncertain(wanted: Wanted) -> tuple[tuple[tuple[str, str, int], ...], int]:
    """By channel with its policy, and how many were sent once more already and are still in doubt."""
    query: Any = select(Channel.name, Channel.policy, func.count())
    query = _filtered(query, wanted, with_state=False).join(Channel, Channel.id == Delivery.channel_id)
    query = query.where(Delivery.state == DeliveryState.UNCERTAIN)
    found = db.session.execute(query.group_by(Channel.id, Channel.name, Channel.policy).order_by(Channel.id))
    lines = tuple((name, Policy(policy).word, count) for name, policy, count in found)
    twice = _filtered(select(Delivery.id), wanted, with_state=False).join(Attempt, Attempt.delivery_id == Delivery.id)
    twice = twice.where(Delivery.state == DeliveryState.UNCERTAIN, Attempt.outcome == "uncertain")
    twice = twice.group_by(Delivery.id).having(func.count() > 1)
    return lines, db.session.scalar(select(func.count()).select_from(twice.subquery())) or 0


def _filtered(query: Any, wanted: Wanted, with_state: bool) -> Any:
    query = query.select_from(Delivery)
    if wanted.channel:
        query = query.where(Delivery.channel_id == wanted.channel)
    else:
        query = query.where(Delivery.channel_id != INBOX_ID)
    if with_state and wanted.state:
        query = query.where(Delivery.state == wanted.state)
    if wanted.q:
        query = query.where(Delivery.subject.contains(wanted.q, autoescape=True))
    if wanted.to:
        query = query.where(_to(wanted.to))
    if wanted.since:
        query = query.where(Delivery.created_at >= clock.at(wanted.since, 0))
    if wanted.until:
        query = query.where(Delivery.created_at < clock.at(wanted.until + timedelta(days=1), 0))
    return query


def _to(text: str) -> Any:
    """Recipients by name: people, units, the chats of robots; or by address."""
    people = select(Person.id).where(Person.name.contains(text, autoescape=True))
    units = select(Unit.id).where(
        Unit.name.contains(text, autoescape=True) | Unit.short_name.contains(text, autoescape=True)
    )
    chats = select(Channel.id).where(Channel.name.contains(text, autoescape=True))
    return or_(
        Delivery.person_id.in_(people),
        Delivery.unit_id.in_(units),
        Delivery.address.contains(text, autoescape=True),
        Delivery.person_id.is_(None) & Delivery.unit_id.is_(None) & Delivery.channel_id.in_(chats),
    )


@dataclass(frozen=True)
class Told:
    """An event that a message tells of: `title` and `url` of what it is about, the request in which it happened."""

    entry: Entry
    title: str
    url: str
    request_id: str


@dataclass(frozen=True)
class File:
    """One message with everything that happened to it."""

    delivery: Delivery
    attempts: tuple[Attempt, ...]
    told: tuple[Told, ...]
    history: tuple[Entry, ...]
    deeds: tuple[Deed, ...]
    policy: str


MOST_TOLD = 100


def find(id_: int) -> Delivery | None:
    """One message with what its page names."""
    return db.session.scalars(select(Delivery).where(Delivery.id == id_).options(*_WITH)).first()


def file(delivery: Delivery) -> File:
    """The message's page."""
    about = (Commitment.id == Event.subject_id) & (Event.subject_type == "commitment")
    query = (
        select(Event, Commitment, Item)
        .join(Notice, Notice.event_id == Event.id)
        .outerjoin(Commitment, about)
        .outerjoin(Item, (Item.id == Event.subject_id) & (Event.subject_type == "item"))
        .where(Notice.delivery_id == delivery.id)
        .order_by(Event.id)
        .limit(MOST_TOLD)
    )
    told = tuple(_told(*row) for row in db.session.execute(query))
    history = tuple(timeline.entries(Event.of_subject("delivery", delivery.id)))
    attempts = tuple(delivery.tries)
    deeds = tuple(deed for deed in Deed if telling.may(delivery, deed))
    return File(delivery, attempts, told, history, deeds, Policy(delivery.by.policy).word)


def _told(event: Event, commitment: Commitment | None, item: Item | None) -> Told:
    title, url = "", ""
    if commitment is not None:
        title, url = commitment.title, f"/{commitment.kind}s/{commitment.id}"
    elif item is not None:
        title, url = f"{item.number} {item.title}", f"/items/{item.id}"
    elif event.subject_type == "channel" and event.subject_id:
        title, url = "渠道", f"/channels/{event.subject_id}"
    return Told(timeline.entry(event), title, url, event.request_id)
