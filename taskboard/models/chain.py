"""The chain of events: each carries an HMAC over itself and its predecessor.

Ids are given here, under the lock of the head row, so they follow commit order without gaps:
a missing row shows as a gap, and readers may remember one number instead of a state per event.
The key is not in the database: whoever can write the tables cannot forge the chain.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import current_app
from sqlalchemy import BigInteger, Integer, event, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from taskboard import trace
from taskboard.db import Base, db
from taskboard.models.event import Event

GENESIS = "0" * 64
ALG = "hmac-sha256-2"  # the first one, without the request's id, is still on older events
_SEALED = ("id", "kind", "actor_id", "subject_type", "subject_id", "data", "source", "alg", "previous")
_READ = (*_SEALED, "request_id")


class ChainHead(Base):
    """The newest event's id and hash; its row lock orders the writers."""

    __tablename__ = "chain_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    last_event_id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"))
    hash: Mapped[str]


@dataclass(frozen=True)
class Verification:
    """What `verify` found; `bad_id` is the first event that does not fit, `why` says how."""

    checked: int
    bad_id: int | None = None
    why: str = ""

    @property
    def is_intact(self) -> bool:
        return self.bad_id is None


def seal(rows: Sequence[dict[str, Any]], session: Session | None = None) -> Sequence[dict[str, Any]]:
    """Give each row its id, predecessor and hash, in order, and move the head.

    Holds the head's lock until the transaction ends.
    """
    connection = (session or db.session).connection()
    query = select(ChainHead.last_event_id, ChainHead.hash).where(ChainHead.id == 1).with_for_update()
    last, newest = connection.execute(query).one()
    key = _key()
    for row in rows:
        last += 1
        row.setdefault("source", "")
        row.setdefault("request_id", trace.current())
        row.update(id=last, alg=ALG, previous=newest)
        newest = row["hash"] = digest(row, key)
    (session or db.session).info["taskboard.events"] = True  # a queue, where there is one, lets a worker tell of them
    connection.execute(update(ChainHead).where(ChainHead.id == 1).values(last_event_id=last, hash=newest))
    return rows


def digest(row: dict[str, Any], key: bytes) -> str:
    """The hash of one event's values."""
    at: datetime = row["at"]
    names = _READ if row["alg"] == ALG else _SEALED
    values = [at.astimezone(UTC).isoformat(timespec="microseconds"), *(row[name] for name in names)]
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def verify() -> Verification:
    """Walk the whole chain; stops at the first event that was altered, removed or put in."""
    key, expected, previous = _key(), 0, GENESIS
    for row in _rows():
        expected += 1
        if row["id"] != expected:
            return Verification(expected - 1, expected, f"第 {expected} 条留痕缺失")
        if row["previous"] != previous:
            return Verification(expected - 1, expected, f"第 {expected} 条留痕与上一条不衔接")
        if not hmac.compare_digest(row["hash"], digest(row, key)):
            return Verification(expected - 1, expected, f"第 {expected} 条留痕的内容与校验值不符")
        previous = row["hash"]
    head = db.session.execute(select(ChainHead.last_event_id, ChainHead.hash)).one()
    if tuple(head) != (expected, previous):
        return Verification(expected, expected + 1, f"第 {expected} 条之后的留痕被删除，或链头被改动")
    return Verification(expected)


def total() -> int:
    """How many events there are, for the progress of `verify`."""
    return db.session.scalar(select(func.count()).select_from(Event)) or 0


def _rows() -> Iterator[dict[str, Any]]:
    columns = [Event.at, Event.hash, *(getattr(Event, name) for name in _READ)]
    result = db.session.execute(select(*columns).order_by(Event.id).execution_options(yield_per=2000))
    for row in result.mappings():
        yield dict(row)


def _key() -> bytes:
    return hashlib.sha256(current_app.config["TASKBOARD"].audit_key.encode()).digest()


@event.listens_for(Session, "before_flush")
def _seal_new(session: Session, _context: Any, _instances: Any) -> None:
    fresh = [thing for thing in session.new if isinstance(thing, Event) and thing.hash is None]
    if not fresh:
        return
    rows = [{name: getattr(thing, name) for name in ("at", *_SEALED)} for thing in fresh]
    for thing, row in zip(fresh, seal(rows, session), strict=True):
        for name in ("id", "alg", "previous", "hash", "source", "request_id"):
            setattr(thing, name, row[name] or "")
