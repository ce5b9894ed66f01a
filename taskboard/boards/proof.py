"""The proof that people were told of an event: who, by which channel, when, and how far it came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from taskboard.db import db
from taskboard.models import Channel, Delivery, DeliveryState, Event, Notice, Person
from taskboard.rules.channels import ChannelKind

SHORT = {ChannelKind.INBOX: "站内", ChannelKind.MAIL: "邮件"}


@dataclass(frozen=True)
class Proof:
    """That one person, or one chat, was told by one channel; `state` says how far it came, `at` since when."""

    person: str
    channel: str
    state: str
    at: datetime

    @property
    def words(self) -> str:
        return f"{self.person}　{self.channel}　{self.state}"


def proofs(event_ids: Any) -> Iterator[tuple[int, int, Proof]]:
    """(event id, id of its subject, proof) of all events in a list or a select of ids: one statement."""
    query = (
        select(
            Notice.event_id,
            Event.subject_id,
            func.coalesce(Person.name, Channel.name),
            Channel.kind,
            Delivery.state,
            Delivery.created_at,
            Delivery.sent_at,
            Delivery.read_at,
        )
        .join(Event, Event.id == Notice.event_id)
        .join(Delivery, Delivery.id == Notice.delivery_id)
        .join(Channel, Channel.id == Notice.channel_id)
        .outerjoin(Person, Person.id == Notice.person_id)
        .where(Notice.event_id.in_(event_ids))
        .order_by(Person.name.is_(None), Person.name, Channel.id)
    )
    for event_id, subject_id, person, channel, state, created_at, sent_at, read_at in db.session.execute(query):
        said = "已读" if read_at else "未读" if channel == "inbox" else DeliveryState(state).word
        at = read_at or sent_at or created_at
        yield event_id, subject_id or 0, Proof(person, channel_word(channel), said, at)


def channel_word(kind: str) -> str:
    """A channel's kind where there is little room."""
    return SHORT.get(ChannelKind(kind), ChannelKind(kind).word)
