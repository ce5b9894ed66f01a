"""How fast a channel may send: three quarters of what its platform allows, counted in the database.

`next_free_at` is the moment at which an even stream would be through with what was sent so far (the generic cell
rate algorithm): a burst of three is let through, and no minute ever holds more than the limit and that burst.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update

from taskboard.alerts.condition import Condition
from taskboard.db import db
from taskboard.models import Channel

BURST = 3
LONGEST_WAIT = timedelta(seconds=10)
_CLOCK_JUMPED = timedelta(minutes=10)


def spacing(channel: Channel | Condition) -> timedelta:
    """The time between two letters in an even stream; zero where there is no limit."""
    per_minute = channel.per_minute or channel.form.own_per_minute
    return timedelta(seconds=60 / per_minute) if per_minute else timedelta()


def wait(channel: Channel | Condition, now: datetime) -> timedelta:
    """How long until the next letter may go; zero when it may go now. Locks the row where there is a limit."""
    gap = spacing(channel)
    if not gap:
        return timedelta()
    query = select(Channel.next_free_at).where(Channel.id == channel.id).with_for_update()
    free = db.session.scalar(query)
    if free is None or free - now > _CLOCK_JUMPED:  # the machine's clock was set back
        return timedelta()
    return max(timedelta(), free - now - gap * (BURST - 1))


def take(channel: Channel | Condition, now: datetime) -> None:
    """Count one letter. Call it in the transaction in which `wait` said zero."""
    gap = spacing(channel)
    if not gap:
        return
    free = db.session.scalar(select(Channel.next_free_at).where(Channel.id == channel.id))
    start = free if free is not None and now < free <= now + _CLOCK_JUMPED else now
    db.session.execute(update(Channel).where(Channel.id == channel.id).values(next_free_at=start + gap))
