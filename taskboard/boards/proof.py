"""The proof that people were told of an event: who, by which channel, when, and how far it came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Delivery, DeliveryState, Event, Notice, Person

CHANNELS = {"inbox": "站内", "mail": "邮件"}


@dataclass(frozen=True)
class Proof:
    """That one person was told by one channel; `state` says how far it came, `at` since when."""

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
            Person.name,
            Delivery.channel,
            Delivery.state,
            Delivery.created_at,
            Delivery.sent_at,
            Delivery.read_at,
        )
        .join(Event, Event.id == Notice.event_id)
        .join(Delivery, Delivery.id == Notice.delivery_id)
        .join(Person, Person.id == Notice.person_id)
        .where(Notice.event_id.in_(event_ids))
        .order_by(Person.name, Delivery.channel)
    )
    for event_id, subject_id, person, channel, state, created_at, sent_at, read_at in db.session.execute(query):
        said = "已读" if read_at else "未读" if channel == "inbox" else DeliveryState(state).word
        at = read_at or sent_at or created_at
        yield event_id, subject_id or 0, Proof(person, CHANNELS.get(channel, "其他"), said, at)
