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
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import insert, or_, select, update

from taskboard import clock, trace
from taskboard.alerts import circuit, limiter
from taskboard.alerts.channels import Channel as Wire
from taskboard.alerts.channels import Letter, Outcome, Rejected, Retry, Sent, Setup, Uncertain
from taskboard.alerts.channels.open import open_channel
from taskboard.db import db
from taskboard.failpoint import failpoint
from taskboard.models import Attempt, Channel, Delivery, DeliveryState, Kind, Notice, record
from taskboard.rules.channels import ChannelKind, Policy
from taskboard.rules.telling import GIVE_UP, off_peak, resends, wait_after

LEASE = timedelta(minutes=2)
BATCH = 50
LONGEST_PASS = 60.0
READY = (DeliveryState.PENDING, DeliveryState.RETRY)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claim:
    """A delivery that is ours until the lease ends."""

    letter: Letter
    token: int
    attempts: int
    started_at: datetime
    first_at: datetime
    is_urgent: bool


def due_channels() -> list[int]:
    """The channels by which something is due now and that are not paused."""
    now = clock.real_now()
    query = (
        select(Delivery.channel_id)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(Delivery.state.in_(READY), Delivery.next_try_at <= now)
        .where(or_(Channel.open_until.is_(None), Channel.open_until <= now))
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
            claim = sender.step(done, may_go_on)
            if claim is None:
                return dict(sender.counts)
            wire = wire or sender.open()
            failpoint("outbox.after_claim")
            done = claim, _send(wire, claim.letter)
            failpoint("outbox.after_reply")
    finally:
        if wire is not None:
            wire.close()


def expire() -> int:
    """Claims whose lease ran out: nobody knows whether they arrived. Open-ended: however long ago that was."""
    now = clock.real_now()
    query = select(Delivery).where(Delivery.state == DeliveryState.SENDING, Delivery.lease_until < now)
    count = 0
    for row in db.session.scalars(query.order_by(Delivery.id).limit(1000)):
        claim = Claim(_letter(row), row.token, row.attempts, row.lease_until or now, row.created_at, row.is_urgent)
        unknown = Uncertain("发送中断，是否送达不确定")
        count += _record(claim, unknown, db.session.get_one(Channel, row.channel_id), now)
    db.session.commit()
    return count


class _Sender:
    """One pass over one channel. `step` is one transaction: what came of the last letter, and the next claim."""

    def __init__(self, channel_id: int, only: int | None) -> None:
        self.channel_id, self.only = channel_id, only
        self.process = trace.process_name("sender")
        self.counts: Counter[str] = Counter()
        self.waiting: deque[Any] = deque()

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

    def step(self, done: tuple[Claim, Outcome] | None, may_go_on: bool) -> Claim | None:
        """Write the outcome of the last letter and claim the next, in one commit; None when there is no next."""
        while True:
            now = clock.real_now()
            channel = db.session.get_one(Channel, self.channel_id, populate_existing=True)
            if done is not None:
                self._finish(*done, channel, now)
            pause = timedelta()
            claim = None
            if may_go_on and channel.may_send(self.only is not None) and not circuit.is_open(channel, now):
                pause = limiter.wait(channel, now)
                if not pause:
                    claim = self._claim(channel, now)
            failpoint("outbox.before_commit" if done is not None else "outbox.before_claim")
            db.session.commit()
            done = None
            if not pause or pause > limiter.LONGEST_WAIT:
                return claim
            time.sleep(pause.total_seconds())

    def _finish(self, claim: Claim, outcome: Outcome, channel: Channel, now: datetime) -> None:
        if not _record(claim, outcome, channel, now, self.process):
            log.warning("delivery %s was no longer ours", claim.letter.id)
            return
        self.counts[_word(outcome)] += 1
        circuit.note(channel, outcome, now)

    def _claim(self, channel: Channel, now: datetime) -> Claim | None:
        """Take a letter that is due, by a conditional update; the loser of a race takes another."""
        while True:
            if not self.waiting:
                self.waiting.extend(self._candidates(now))
            if not self.waiting:
                return None
            row = self.waiting.popleft()
            mine = update(Delivery).where(
                Delivery.id == row.id, Delivery.token == row.token, Delivery.state == row.state
            )
            values = {
                "state": DeliveryState.SENDING,
                "token": row.token + 1,
                "attempts": row.attempts + 1,
                "lease_until": now + LEASE,
            }
            if db.session.execute(mine.values(**values)).rowcount == 1:  # type: ignore[attr-defined]
                limiter.take(channel, now)
                return Claim(_letter(row), row.token + 1, row.attempts + 1, now, row.created_at, row.is_urgent)

    def _candidates(self, now: datetime) -> Sequence[Any]:
        query = select(*(getattr(Delivery, name) for name in _COLUMNS)).where(
            Delivery.channel_id == self.channel_id, Delivery.state.in_(READY), Delivery.next_try_at <= now
        )
        if self.only is not None:
            query = query.where(Delivery.id == self.only)
        found = list(db.session.execute(query.order_by(Delivery.next_try_at, Delivery.id).limit(BATCH)))
        if db.engine.dialect.name != "sqlite":
            random.shuffle(found)  # several senders at once get in each other's way less
        return found


_COLUMNS = (
    *("id", "token", "state", "attempts", "address", "subject", "body", "message_id", "uncertain_at", "is_urgent"),
    "created_at",
)


def _letter(row: Any) -> Letter:
    mark = "【重发】" if row.uncertain_at else ""
    return Letter(row.id, row.address, f"{mark}{row.subject}", row.body, row.message_id)


def _send(wire: Wire, letter: Letter) -> Outcome:
    """What came of it. A mistake of ours between here and the wire is no answer either."""
    try:
        return wire.send(letter)
    except Exception as error:
        log.exception("channel failed on delivery %s", letter.id)
        return Uncertain(f"程序出错，是否送达不确定：{type(error).__name__}")


def _word(outcome: Outcome) -> str:
    return {Sent: "sent", Retry: "retry", Rejected: "failed", Uncertain: "uncertain"}[type(outcome)]


def _record(claim: Claim, outcome: Outcome, channel: Channel, now: datetime, process: str = "") -> bool:
    """Write what came of a claim, if it is still ours; the attempt is kept beside it."""
    values = _after(claim, outcome, channel, now)
    mine = update(Delivery).where(Delivery.id == claim.letter.id, Delivery.token == claim.token)
    held = db.session.execute(mine.where(Delivery.state == DeliveryState.SENDING).values(**values))
    if held.rowcount != 1:  # type: ignore[attr-defined]
        return False
    sent = isinstance(outcome, Sent)
    db.session.execute(
        insert(Attempt).values(
            delivery_id=claim.letter.id,
            no=claim.attempts,
            started_at=claim.started_at,
            finished_at=now,
            outcome="rejected" if isinstance(outcome, Rejected) else _word(outcome),
            code="" if isinstance(outcome, Sent) else outcome.code,
            answer=outcome.answer if isinstance(outcome, Sent) else outcome.why,
            process=process,
        )
    )
    if not sent:
        _follow_up(claim, values, now)
    log.info(
        "delivery %s", values["state"], extra={"delivery": claim.letter.id, "channel": channel.id, **_requests(claim)}
    )
    return True


def _follow_up(claim: Claim, values: dict[str, Any], now: datetime) -> None:
    """A letter that failed for good is told to the office; one that is tried again is queued again."""
    if values["state"] == DeliveryState.FAILED:
        row = db.session.get_one(Delivery, claim.letter.id)
        record(Kind.DELIVERY_FAILED, row, None, clock.now(), after={"subject": row.subject, "why": values["error"]})
    queue = current_app.extensions.get("taskboard.queue")
    if queue is not None and values["state"] == DeliveryState.RETRY:
        queue.deliver(claim.letter.id, values["next_try_at"])


def _requests(claim: Claim) -> dict[str, Any]:
    """The requests that this letter came from; read only where somebody listens."""
    if not log.isEnabledFor(logging.INFO):
        return {}
    from taskboard.models import Event

    query = select(Event.request_id).join(Notice, Notice.event_id == Event.id)
    found = db.session.scalars(query.where(Notice.delivery_id == claim.letter.id).distinct())
    return {"requests": sorted(filter(None, found))}


def _after(claim: Claim, outcome: Outcome, channel: Channel, now: datetime) -> dict[str, Any]:
    """The new values of a delivery."""
    match outcome:
        case Sent():
            return {"state": DeliveryState.SENT, "sent_at": now, "error": "", "provider_id": outcome.id[:200]}
        case Rejected():
            return {"state": DeliveryState.FAILED, "error": outcome.why}
        case Uncertain():
            return _after_uncertain(claim, outcome, channel, now)
    wait = outcome.after or wait_after(claim.attempts, random.random())
    at = off_peak((now + wait).astimezone(clock.SHANGHAI), claim.letter.id)
    if at - claim.first_at > GIVE_UP and claim.attempts > 1:
        return {"state": DeliveryState.FAILED, "error": f"{outcome.why}（已重试 72 小时）"}
    return {"state": DeliveryState.RETRY, "next_try_at": at, "error": outcome.why}


def _after_uncertain(claim: Claim, outcome: Uncertain, channel: Channel, now: datetime) -> dict[str, Any]:
    before = claim.letter.subject.startswith("【重发】")
    age, dedupe = now - claim.started_at, channel.form.dedupe
    if resends(Policy(channel.policy), claim.is_urgent, age, dedupe, before):
        again = off_peak((now + timedelta(seconds=30)).astimezone(clock.SHANGHAI), claim.letter.id)
        values = {"state": DeliveryState.RETRY, "next_try_at": again, "error": f"{outcome.why}，已安排重发"}
        return values | {"uncertain_at": now}
    return {"state": DeliveryState.UNCERTAIN, "uncertain_at": now, "error": outcome.why}
