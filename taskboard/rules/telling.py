"""When a message may go out: at once, with the digest, never in quiet hours, never at the full or the half hour.

Defaults are those of the rules of the campaign (docs/alerts.md). Every moment here is aware and in local time; `key`
is any number that belongs to the recipient, so that not all messages leave in the same minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from taskboard.rules.channels import Policy
from taskboard.rules.workdays import NO_OVERRIDES, is_workday

GIVE_UP = timedelta(hours=72)
BACK_OFF = (30, 120, 300, 900, 1800)
HOURLY = 3600
JITTER = 0.2
BUSY_MINUTES = (0, 30)  # when every other system sends too
_FIRST, _SPREAD = 3, 25  # minutes 3 to 27 of a half hour, for what many get at the same hour
_HASTE = 3  # minutes within which something that cannot wait for those leaves a busy minute
_DAY = timedelta(days=1)
_BEFORE = timedelta(microseconds=1)
_DAYS_SOUGHT = 30  # hours that leave no time free would be sought in for ever


@dataclass(frozen=True)
class Hours:
    """Quiet from an hour of the evening until an hour of the morning, and on days off."""

    quiet_from: time = time(20, 0)
    quiet_until: time = time(7, 30)

    def are_quiet(self, local: datetime, overrides: Mapping[date, bool] = NO_OVERRIDES) -> bool:
        """Whether nobody is to be disturbed at a moment."""
        if not is_workday(local.date(), overrides):
            return True
        at = local.time()
        if self.quiet_from > self.quiet_until:  # over midnight
            return at >= self.quiet_from or at < self.quiet_until
        return self.quiet_from <= at < self.quiet_until

    def quiet_since(self, local: datetime, overrides: Mapping[date, bool] = NO_OVERRIDES) -> datetime | None:
        """When the quiet hours that a moment lies in began; None where it lies in none."""
        if not self.are_quiet(local, overrides):
            return None
        begins = datetime.combine(local.date(), time(), local.tzinfo)
        for back in range(_DAYS_SOUGHT):
            for at in (self.quiet_from, time()):
                begins = datetime.combine(local.date() - back * _DAY, at, local.tzinfo)
                if begins <= local and not self.are_quiet(begins - _BEFORE, overrides):
                    return begins
        return begins


def off_peak(moment: datetime, key: int = 0) -> datetime:
    """The moment, or one to three minutes later when it falls into the minute of a full or half hour."""
    if moment.minute not in BUSY_MINUTES:
        return moment
    return moment.replace(second=0, microsecond=0) + timedelta(minutes=1 + key % _HASTE)


def next_allowed(
    local: datetime, hours: Hours, key: int = 0, overrides: Mapping[date, bool] = NO_OVERRIDES
) -> datetime:
    """The first moment, not before `local`, at which somebody may be disturbed."""
    at = off_peak(local, key)
    for _ in range(_DAYS_SOUGHT):
        if not hours.are_quiet(at, overrides):
            break
        at = off_peak(_opening(at, hours, overrides) + timedelta(minutes=_FIRST + key % _SPREAD), key)
    return at


def _opening(local: datetime, hours: Hours, overrides: Mapping[date, bool]) -> datetime:
    """The next end of the quiet hours on a working day."""
    day = local.date()
    if local.time() >= hours.quiet_until:
        day += _DAY
    while not is_workday(day, overrides):
        day += _DAY
    return datetime.combine(day, hours.quiet_until, local.tzinfo)


def next_digest(
    local: datetime, hour: int, hours: Hours, key: int = 0, overrides: Mapping[date, bool] = NO_OVERRIDES
) -> datetime:
    """The next digest of somebody who wants it in this hour: later today, or on the next working day."""
    day = local.date()
    while True:
        at = datetime.combine(day, time(hour), local.tzinfo) + timedelta(minutes=_FIRST + key % _SPREAD)
        if at > local and is_workday(day, overrides):
            return at if not hours.are_quiet(at, overrides) else next_allowed(at, hours, key, overrides)
        day += _DAY


def next_slot(local: datetime, gap_minutes: int, key: int = 0) -> datetime:
    """The end of the running span of so many minutes: a group chat hears at most once in each."""
    midnight = datetime.combine(local.date(), time(), local.tzinfo)
    spans = int((local - midnight).total_seconds()) // (gap_minutes * 60)
    ends = midnight + timedelta(minutes=(spans + 1) * gap_minutes)
    return ends + timedelta(minutes=_FIRST + key % _SPREAD) if ends.minute in BUSY_MINUTES else ends


def wait_after(attempts: int, luck: float = 0.5) -> timedelta:
    """How long to wait after so many failed attempts; ± 20 % by luck in 0..1.

    Nothing before the first; then 30 s, 2, 5, 15, 30 min, then hourly.
    """
    if attempts < 1:
        return timedelta()
    seconds = BACK_OFF[attempts - 1] if attempts <= len(BACK_OFF) else HOURLY
    return timedelta(seconds=seconds * (1 - JITTER + 2 * JITTER * luck))


def resends(policy: Policy, is_urgent: bool, age: timedelta, dedupe: timedelta, resent_before: bool) -> bool:
    """Whether a message of unknown fate is sent once more by itself.

    Where the platform recognises a repeat by its key, as long as it remembers; elsewhere once, by the policy.
    """
    if dedupe and age < dedupe:
        return True
    if resent_before:
        return False
    return policy is Policy.RESEND or (policy is Policy.RESEND_URGENT and is_urgent)
