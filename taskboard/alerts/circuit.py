"""When a channel is left alone for a while: five troubles in a row, or when its platform said for how long.

The pause is a minute and doubles up to half an hour; after it one letter tries. Opening and recovery are events, so
that the office is told; the state is in the channel's row, so that all processes know.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from taskboard import clock
from taskboard.alerts.channels import Outcome, Rejected, Retry, Sent, Uncertain
from taskboard.alerts.condition import Condition
from taskboard.db import db
from taskboard.models import Channel, Kind, record
from taskboard.rules.channels import FAILURES_TO_OPEN, FIRST_PAUSE, LONGEST_PAUSE


def is_open(channel: Channel | Condition, now: datetime) -> bool:
    """Whether nothing may be sent by this channel now. A pause further off than any we make is a clock set back."""
    until = channel.open_until
    return until is not None and now < until <= now + LONGEST_PAUSE * 2


def note(channel: Channel | Condition, outcome: Outcome, now: datetime) -> None:
    """Count trouble, or its end. Writes to the channel's row only when something changes."""
    if isinstance(outcome, Sent):
        if channel.failures or channel.open_until:
            _recover(channel)
        return
    troubled = (
        isinstance(outcome, Uncertain)  # a server that takes letters and says nothing would make all of them uncertain
        or (isinstance(outcome, Retry) and outcome.pauses)
        or (isinstance(outcome, Rejected) and outcome.breaks)
    )
    if not troubled:
        return
    row = _locked(channel)
    row.failures += 1
    row.last_error = outcome.why
    asked = outcome.after if isinstance(outcome, Retry) else None
    if asked is not None:
        _open(row, asked, now)
    elif row.failures >= FAILURES_TO_OPEN:
        row.pause_minutes = min(row.pause_minutes * 2, int(LONGEST_PAUSE.total_seconds() // 60)) or int(
            FIRST_PAUSE.total_seconds() // 60
        )
        _open(row, timedelta(minutes=row.pause_minutes), now)


def _open(row: Channel, pause: timedelta, now: datetime) -> None:
    was_open = row.open_until is not None
    row.open_until = now + pause
    if not was_open:
        told = {"name": row.name, "why": row.last_error, "until": row.open_until}
        record(Kind.CHANNEL_OPENED, row, None, clock.now(), after=told)


def _recover(channel: Channel | Condition) -> None:
    row = _locked(channel)
    was_open = row.open_until is not None
    row.failures, row.open_until, row.pause_minutes, row.last_error = 0, None, 0, ""
    if was_open:
        record(Kind.CHANNEL_RECOVERED, row, None, clock.now(), after={"name": row.name})


def _locked(channel: Channel | Condition) -> Channel:
    query = select(Channel).where(Channel.id == channel.id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()
