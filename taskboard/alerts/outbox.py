"""From deliveries to the world.

A delivery is claimed and committed as `sending` before the socket opens, sent with no transaction open, and its outcome
is written by whoever still holds the claim, together with the next claim. A crash in between leaves a lease that runs
out; what then happens is the channel's policy (rules/telling.py): sent again under the same key and marked, or left
to a person. The limiter and the circuit of a channel are columns of its row, so that all processes share them.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, or_, select
from sqlalchemy.exc import DBAPIError

from taskboard import clock, trace
from taskboard.alerts import circuit, fate, limiter
from taskboard.alerts.channels import Channel as Wire
from taskboard.alerts.channels import Letter, Outcome, Retry, Sent, Setup, Uncertain
from taskboard.alerts.channels.open import open_channel
from taskboard.alerts.condition import Condition
from taskboard.alerts.fate import Claim
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.failpoint import failpoint
from taskboard.models import Channel, Delivery, DeliveryState, Occasion, posting
from taskboard.rules.channels import ChannelKind

LEASE = timedelta(minutes=2)
CLOCK_JUMPED = timedelta(minutes=10)
BATCH = 50
LOOK_AGAIN = 1.0
LONGEST_PASS = 60.0
READY = (DeliveryState.PENDING, DeliveryState.RETRY)

log = logging.getLogger(__name__)


def due_channels() -> list[int]:
    """The channels by which something is due now and that are not paused."""
    now = clock.real_now()
    query = (
        select(Delivery.channel_id)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(Delivery.state.in_(READY), Delivery.next_try_at <= now)
        .where(Channel.not_paused(now), posting.may_go(clock.now(), now))
        .where(or_(Channel.is_on, Delivery.occasion == Occasion.TRIAL))
        .distinct()
    )
    found = sorted(db.session.scalars(query))
    db.session.rollback()
    return found


def deliver(
    channel_id: int,
    wire: Wire | None = None,
    limit: int = 1000,
    only: int | None = None,
    stop: threading.Event | None = None,
) -> dict[str, int]:
    """Send what is due by one channel, until `stop`. Commits around each letter; nothing is open while one is sent."""
    sender = _Sender(channel_id, only)
    done: tuple[Claim, Outcome] | None = None
    ends = time.monotonic() + LONGEST_PASS
    try:
        while True:
            may_go_on = sum(sender.counts.values()) < limit and time.monotonic() < ends
            may_go_on = may_go_on and not (stop is not None and stop.is_set())
            claim = sender.surely(done, may_go_on)
            if claim is None:
                return dict(sender.counts)
            failpoint("outbox.after_claim")
            try:
                wire = wire or sender.open()
                done = claim, _send(wire, claim.letter)
            except Refused as refused:  # its secrets cannot be read: surely not sent, and the office must know
                done = claim, Retry(str(refused), pauses=True)
            failpoint("outbox.after_reply")
    finally:
        if wire is not None:
            wire.close()


def expire() -> int:
    """Claims whose lease ran out: nobody knows whether they arrived. Open-ended: however long ago that was."""
    now = clock.real_now()
    ahead = clock.now() - now
    ended = or_(Delivery.lease_until < now, Delivery.lease_until > now + CLOCK_JUMPED)  # or the clock was set back
    query = select(Delivery).where(Delivery.state == DeliveryState.SENDING, ended)
    count = 0
    for row in db.session.scalars(query.order_by(Delivery.id).limit(1000)):
        channel = Condition.of(row.channel_id)
        claim = fate.claimed(row, row.token, row.attempts, (row.lease_until or now) - LEASE, channel, ahead)
        count += fate.note(claim, Uncertain("发送中断，是否送达不确定"), channel, now)
    db.session.commit()
    return count


class _Sender:
    """One pass over one channel. `step` is one transaction: what came of the last letter, and the next claim."""

    def __init__(self, channel_id: int, only: int | None) -> None:
        self.channel_id, self.only = channel_id, only
        self.process = trace.process_name("sender")
        self.counts: Counter[str] = Counter()
        self.waiting: deque[Any] = deque()
        self.ahead = clock.now() - clock.real_now()
        self.row: Condition | None = None
        self.looked_at = 0.0

    def open(self) -> Wire:
        """The channel itself, as the office has set it up."""
        config = current_app.config["TASKBOARD"]
        row = db.session.get_one(Channel, self.channel_id)
        kind = ChannelKind(row.kind)
        setup = Setup(
            kind, row.base_url or kind.form.base_url, row.fields, row.secrets(), config.channel_hosts, config.proxy
        )
        db.session.rollback()
        return open_channel(setup, config)

    def surely(self, done: tuple[Claim, Outcome] | None, may_go_on: bool) -> Claim | None:
        """The same through a restart of the database: what came of a letter is written as long as it is ours."""
        ends = time.monotonic() + LEASE.total_seconds() / 2
        while True:
            try:
                return self.step(done, may_go_on)
            except DBAPIError:
                db.session.rollback()
                if done is None or time.monotonic() > ends:
                    raise
                log.warning("the outcome of delivery %s could not be written yet", done[0].letter.id)
                self.waiting.clear()
                time.sleep(1)

    def step(self, done: tuple[Claim, Outcome] | None, may_go_on: bool) -> Claim | None:
        """Write the outcome of the last letter and claim the next, in one commit; None when there is no next."""
        while True:
            now = clock.real_now()
            if done is not None:
                self._finish(*done, self._channel(), now)
            channel = self._channel()
            pause = timedelta()
            claim = None
            if may_go_on and not circuit.is_open(channel, now):
                pause = limiter.wait(channel, now)
                if not pause:
                    claim = self._claim(channel, now)
            failpoint("outbox.before_commit" if done is not None else "outbox.before_claim")
            db.session.commit()
            done = None
            if not pause or pause > limiter.LONGEST_WAIT:
                return claim
            time.sleep(pause.total_seconds())

    def _channel(self) -> Condition:
        """The channel's row, read anew every second, and at every letter where it limits or troubles us."""
        row, now = self.row, time.monotonic()
        if row is None or now - self.looked_at > LOOK_AGAIN or row.failures or limiter.spacing(row):
            row = Condition.of(self.channel_id)
            self.row, self.looked_at = row, now
        return row

    def _finish(self, claim: Claim, outcome: Outcome, channel: Condition, now: datetime) -> None:
        if not fate.note(claim, outcome, channel, now, self.process):
            log.warning("delivery %s was no longer ours", claim.letter.id)
            return
        self.counts[fate.word(outcome)] += 1
        circuit.note(channel, outcome, now)
        if not isinstance(outcome, Sent):
            self.row = None  # it may just have been paused

    def _claim(self, channel: Condition, now: datetime) -> Claim | None:
        """Take a letter that is due, by a conditional update; the loser of a race takes another."""
        while True:
            if not self.waiting:
                self.waiting.extend(self._candidates(channel, now))
            if not self.waiting:
                return None
            row = self.waiting.popleft()
            if not channel.may_send(row.occasion == Occasion.TRIAL):
                continue  # switched off since it was looked up
            values = {"token": row.token + 1, "attempts": row.attempts + 1, "lease_until": now + LEASE}
            as_read = {"mine": row.id, "read_token": row.token, "read_state": row.state}
            if db.session.connection().execute(_CLAIM, {**as_read, **values}).rowcount == 1:
                limiter.take(channel, now)
                return fate.claimed(row, row.token + 1, row.attempts + 1, now, channel, self.ahead)

    def _candidates(self, channel: Condition, now: datetime) -> Sequence[Any]:
        """What is due; by a channel that is switched off nothing but trials."""
        query = select(*(getattr(Delivery, name) for name in _COLUMNS)).where(
            Delivery.channel_id == self.channel_id, Delivery.state.in_(READY), Delivery.next_try_at <= now
        )
        query = query.where(posting.may_go(clock.now(), now))
        if self.only is not None:
            query = query.where(Delivery.id == self.only)
        if not channel.may_send(is_trial=False):
            query = query.where(Delivery.occasion == Occasion.TRIAL)
        found = list(db.session.execute(query.order_by(Delivery.next_try_at, Delivery.id).limit(BATCH)))
        if db.engine.dialect.name != "sqlite":
            random.shuffle(found)  # several senders at once get in each other's way less
        return found


_delivery: Any = Delivery.__table__
_CLAIM = (
    _delivery.update()
    .where(
        _delivery.c.id == bindparam("mine"),
        _delivery.c.token == bindparam("read_token"),
        _delivery.c.state == bindparam("read_state"),
    )
    .values(state=DeliveryState.SENDING)
)
_COLUMNS = (
    *("id", "token", "state", "attempts", "address", "subject", "body", "message_id", "uncertain_at", "is_urgent"),
    *("queued_at", "occasion"),
)


def _send(wire: Wire, letter: Letter) -> Outcome:
    """What came of it. A mistake of ours between here and the wire is no answer either."""
    try:
        return wire.send(letter)
    except Exception as error:
        log.exception("channel failed on delivery %s", letter.id)
        return Uncertain(f"程序出错，是否送达不确定：{type(error).__name__}")
