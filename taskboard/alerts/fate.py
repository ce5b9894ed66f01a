"""What becomes of a claimed delivery: its next state, the attempt that is kept, and who is told of a failure.

The statements of a letter are plain Core: they run once for each letter of a long queue.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from taskboard import clock
from taskboard.alerts.channels import Letter, Outcome, Rejected, Retry, Sent, Uncertain
from taskboard.alerts.condition import Condition
from taskboard.alerts.rendering import RESENT
from taskboard.db import db
from taskboard.models import (
    Attempt,
    Channel,
    Delivery,
    DeliveryState,
    Event,
    Kind,
    Notice,
    Occasion,
    posting,
    record,
)
from taskboard.models.times import Times
from taskboard.rules.channels import Policy
from taskboard.rules.telling import GIVE_UP, off_peak, resends, wait_after

SOON = timedelta(seconds=30)

log = logging.getLogger(__name__)
_delivery: Any = Delivery.__table__
_ATTEMPT = Attempt.__table__.insert()  # type: ignore[attr-defined]
_HELD = _delivery.update().where(
    _delivery.c.id == bindparam("mine"),
    _delivery.c.token == bindparam("held"),
    _delivery.c.state == DeliveryState.SENDING,
)


@dataclass(frozen=True)
class Claim:
    """A delivery that is ours until the lease ends."""

    letter: Letter
    token: int
    attempts: int
    started_at: datetime
    queued_at: datetime
    doubtful_since: datetime | None
    is_urgent: bool
    occasion: str
    ahead: timedelta = timedelta()  # the business's clock before the machine's; only a demonstration has such


def claimed(
    row: Any,
    token: int,
    attempts: int,
    started_at: datetime,
    channel: Channel | Condition,
    ahead: timedelta = timedelta(),
) -> Claim:
    """What a sender must know of a claimed row.

    A repeat is marked for the reader, except where the platform recognises it by itself, and for as long as it does.
    """
    is_known = row.uncertain_at and timedelta() <= started_at - row.uncertain_at < channel.form.dedupe
    mark = RESENT if row.uncertain_at and not is_known else ""
    letter = Letter(row.id, row.address, f"{mark}{row.subject}", row.body, row.message_id, attempts)
    since = row.uncertain_at
    return Claim(letter, token, attempts, started_at, row.queued_at, since, row.is_urgent, row.occasion, ahead)


def word(outcome: Outcome) -> str:
    return {Sent: "sent", Retry: "retry", Rejected: "failed", Uncertain: "uncertain"}[type(outcome)]


def note(claim: Claim, outcome: Outcome, channel: Channel | Condition, now: datetime, process: str = "") -> bool:
    """Write what came of a claim, if it is still ours; the attempt is kept beside it."""
    values = _after(claim, outcome, channel, now)
    connection = db.session.connection()
    if connection.execute(_HELD, {"mine": claim.letter.id, "held": claim.token, **values}).rowcount != 1:
        return False
    sent = isinstance(outcome, Sent)
    attempt = {
        "delivery_id": claim.letter.id,
        "no": claim.attempts,
        "started_at": claim.started_at,
        "finished_at": now,
        "outcome": "rejected" if isinstance(outcome, Rejected) else word(outcome),
        "code": "" if isinstance(outcome, Sent) else outcome.code,
        "answer": outcome.answer if isinstance(outcome, Sent) else outcome.why,
        "process": process,
    }
    connection.execute(_ATTEMPT, attempt)
    if not sent:
        _follow_up(claim, values, now)
    log.info(
        "delivery %s", values["state"], extra={"delivery": claim.letter.id, "channel": channel.id, **_requests(claim)}
    )
    return True


def _follow_up(claim: Claim, values: dict[str, Any], now: datetime) -> None:
    """A letter that failed for good is told to the office; one that is tried again is queued again."""
    if values["state"] == DeliveryState.FAILED and claim.occasion != Occasion.TRIAL:
        row = db.session.get_one(Delivery, claim.letter.id)
        record(Kind.DELIVERY_FAILED, row, None, clock.now(), after={"subject": row.subject, "why": values["error"]})
    if values["state"] == DeliveryState.RETRY:
        posting.enqueue(claim.letter.id, values["next_try_at"])


def _requests(claim: Claim) -> dict[str, Any]:
    """The requests that this letter came from; read only where somebody listens."""
    if not log.isEnabledFor(logging.INFO):
        return {}
    query = select(Event.request_id).join(Notice, Notice.event_id == Event.id)
    found = db.session.scalars(query.where(Notice.delivery_id == claim.letter.id).distinct())
    return {"requests": sorted(filter(None, found))}


def _after(claim: Claim, outcome: Outcome, channel: Channel | Condition, now: datetime) -> dict[str, Any]:
    """The new values of a delivery. A channel that is set up wrongly can be mended, so its letters wait for that."""
    match outcome:
        case Sent():
            return {
                "state": DeliveryState.SENT,
                "sent_at": now + claim.ahead,
                "error": "",
                "provider_id": outcome.id[:200],
            }
        case Uncertain():
            return _after_uncertain(claim, outcome, channel, now)
        case Rejected() if not outcome.breaks:
            return {"state": DeliveryState.FAILED, "error": outcome.why}
    if claim.occasion == Occasion.TRIAL:
        return {"state": DeliveryState.FAILED, "error": outcome.why}
    asked = outcome.after if isinstance(outcome, Retry) else None
    wait = asked or wait_after(claim.attempts, random.random())
    if now - claim.queued_at > GIVE_UP and claim.attempts > 1:
        return {"state": DeliveryState.FAILED, "error": f"{outcome.why}（已重试 72 小时）"}
    return {"state": DeliveryState.RETRY, "next_try_at": _not_before(now + wait, claim), "error": outcome.why}


def _not_before(at: datetime, claim: Claim) -> datetime:
    """When a letter is tried again: not in the quiet hours of its reader, unless it is one that knows none."""
    if claim.occasion in posting.WITHOUT_DELAY:
        return at
    business = at + claim.ahead
    quiet = Times(business).for_person(claim.letter.id, 0, is_urgent=True) - business
    return off_peak((at + quiet).astimezone(clock.SHANGHAI), claim.letter.id)


def _after_uncertain(claim: Claim, outcome: Uncertain, channel: Channel | Condition, now: datetime) -> dict[str, Any]:
    since = claim.doubtful_since or min(claim.started_at, now)
    values: dict[str, Any] = {"uncertain_at": since}
    resent_before = claim.doubtful_since is not None
    if resends(Policy(channel.policy), claim.is_urgent, now - since, channel.form.dedupe, resent_before):
        again = _not_before(now + SOON, claim)
        return values | {"state": DeliveryState.RETRY, "next_try_at": again, "error": f"{outcome.why}，已安排重发"}
    return values | {"state": DeliveryState.UNCERTAIN, "error": outcome.why}
