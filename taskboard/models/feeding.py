"""The secret addresses of calendar feeds: made from the installation's key, so that none is stored.

The address is all that a calendar program has to show, so it is the right to read; 更换地址 raises the owner's
`feed_version`, and the old address is unknown from then on.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from taskboard.db import db
from taskboard.models.channel import TellingRule
from taskboard.models.event import Kind, record
from taskboard.models.person import Person
from taskboard.models.unit import Unit

PERSON, UNIT = "person", "unit"
Owner = Person | Unit
_LENGTH = 40  # hexadecimal digits: 160 bits


def kind_of(owner: Owner) -> str:
    """person or unit, as the address says it."""
    return PERSON if isinstance(owner, Person) else UNIT


def code_of(kind: str, id_: int, version: int) -> str:
    """The secret part of an address."""
    key = current_app.config["TASKBOARD"].secret_key.encode()
    return hmac.new(key, f"feed:{kind}:{id_}:{version}".encode(), hashlib.sha256).hexdigest()[:_LENGTH]


def path_of(owner: Owner) -> str:
    """The path of an owner's feed."""
    kind = kind_of(owner)
    return f"/calendar/{kind}/{owner.id}/{code_of(kind, owner.id, owner.feed_version)}.ics"


def find(kind: str, id_: int, code: str) -> Owner | None:
    """The owner of an address, in one statement; None when it is wrong, replaced, switched off, or the owner left."""
    table: type[Owner] = Person if kind == PERSON else Unit
    query = select(table, TellingRule.feeds).join(TellingRule, TellingRule.id == 1).where(table.id == id_)
    if kind == PERSON:
        query = query.options(joinedload(Person.seats))
    row = db.session.execute(query).unique().first()
    owner: Any = row[0] if row else None
    right = code_of(kind, id_, owner.feed_version if owner else 0)
    is_right = hmac.compare_digest(right.encode(), code.encode())
    if row is None or not (is_right and owner.active and row[1]):
        return None
    found: Owner = owner
    return found


def renew(owner: Owner, by: int, at: datetime) -> None:
    """Give the feed another address; the old one stops working at once."""
    owner.feed_version += 1
    record(Kind.FEED_RENEWED, owner, by, at)
