"""When people may be disturbed: quiet hours, days off, digests, spans of a chat, retries."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskboard.rules.channels import Policy
from taskboard.rules.telling import (
    Hours,
    next_allowed,
    next_digest,
    next_slot,
    off_peak,
    resends,
    wait_after,
)
from taskboard.rules.workdays import is_workday

SHANGHAI = ZoneInfo("Asia/Shanghai")
USUAL = Hours()
MANY = settings(max_examples=10_000, deadline=None)
SOME = settings(max_examples=1_000, deadline=None)
MOMENTS = st.datetimes(datetime(2019, 1, 1), datetime(2026, 12, 30)).map(lambda m: m.replace(tzinfo=SHANGHAI))
KEYS = st.integers(0, 10_000)
# Any hours that leave two hours of the day free.
HOURS = st.tuples(st.integers(0, 23 * 60 + 59), st.integers(120, 1439)).map(
    lambda pair: Hours(_clock(pair[0] + pair[1]), _clock(pair[0]))
)


def _clock(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        ("2020-06-05 07:29", True),
        ("2020-06-05 07:30", False),
        ("2020-06-05 19:59:59", False),
        ("2020-06-05 20:00", True),
        ("2020-06-05 23:59", True),
        ("2020-06-05 00:00", True),
        ("2020-06-06 12:00", True),  # Saturday
        ("2020-06-25 12:00", True),  # a holiday on a Thursday
        ("2020-06-28 12:00", False),  # a Sunday that is worked
        ("2020-05-09 12:00", False),  # a Saturday that is worked
    ],
)
def test_what_is_quiet(moment: str, quiet: bool) -> None:
    assert USUAL.are_quiet(at(moment)) is quiet


def test_the_offices_own_calendar_decides() -> None:
    assert not USUAL.are_quiet(at("2020-06-06 12:00"), {date(2020, 6, 6): True})
    assert USUAL.are_quiet(at("2020-06-05 12:00"), {date(2020, 6, 5): False})


def test_quiet_hours_within_a_day() -> None:
    noon = Hours(time(12), time(14))
    assert [noon.are_quiet(at(f"2020-06-05 {hour}:00")) for hour in (11, 12, 13, 14)] == [False, True, True, False]
    assert next_allowed(at("2020-06-05 12:30"), noon, key=4) == at("2020-06-05 14:07")


@pytest.mark.parametrize(
    ("told", "due"),
    [
        ("2020-06-05 12:07", "2020-06-05 12:07"),  # a working hour: at once
        ("2020-06-05 12:00", "2020-06-05 12:02"),  # not in the minute of the full hour
        ("2020-06-05 12:30:59", "2020-06-05 12:32"),
        ("2020-06-05 06:00", "2020-06-05 07:37"),
        ("2020-06-05 20:00", "2020-06-08 07:37"),  # Friday evening: Monday
        ("2020-06-06 12:00", "2020-06-08 07:37"),
        ("2020-06-24 21:00", "2020-06-28 07:37"),  # three days off, then a Sunday that is worked
        ("2020-09-30 21:00", "2020-10-09 07:37"),  # the long holiday, across a month's end
        ("2019-12-31 21:00", "2020-01-02 07:37"),  # across a year's end
    ],
)
def test_when_something_urgent_may_be_told(told: str, due: str) -> None:
    assert next_allowed(at(told), USUAL, key=4) == at(due)


def test_an_override_moves_the_morning() -> None:
    assert next_allowed(at("2020-06-05 21:00"), USUAL, 4, {date(2020, 6, 6): True}) == at("2020-06-06 07:37")
    assert next_allowed(at("2020-06-04 21:00"), USUAL, 4, {date(2020, 6, 5): False}) == at("2020-06-08 07:37")


def test_what_is_put_off_from_a_full_hour_does_not_fall_into_the_quiet_hours() -> None:
    early = Hours(time(19, 31), time(7, 45))
    assert next_allowed(at("2020-06-04 19:30"), early, key=20) == at("2020-06-05 08:08")


@given(moment=MOMENTS, key=KEYS, hours=HOURS)
@MANY
def test_nothing_is_told_too_early_in_quiet_or_at_the_full_or_half_hour(
    moment: datetime, key: int, hours: Hours
) -> None:
    due = next_allowed(moment, hours, key)

    assert due >= moment
    assert due.minute not in (0, 30)
    assert is_workday(due.date())
    assert not hours.are_quiet(due)


@given(moment=MOMENTS, key=KEYS, hour=st.integers(0, 23))
@SOME
def test_a_digest_is_later_on_a_working_day_and_never_at_the_full_or_half_hour(
    moment: datetime, key: int, hour: int
) -> None:
    due = next_digest(moment, hour, USUAL, key)

    assert due > moment
    assert due.minute not in (0, 30)
    assert not USUAL.are_quiet(due)
    if 8 <= hour <= 19:
        assert due.hour == hour


@given(moment=MOMENTS, key=KEYS, gap=st.sampled_from((5, 10, 15, 20, 30, 60, 120, 240)))
@SOME
def test_a_chat_hears_once_a_span(moment: datetime, key: int, gap: int) -> None:
    slot = next_slot(moment, gap, key)

    assert moment < slot <= moment + timedelta(minutes=gap + 28)
    assert slot.minute not in (0, 30)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    span = int((moment - midnight).total_seconds()) // (gap * 60)
    opens = midnight + timedelta(minutes=span * gap)
    assert next_slot(max(opens, midnight), gap, key) == slot  # everything of one span goes together


def test_a_digest_of_this_hour_is_today_until_it_has_gone_out() -> None:
    assert next_digest(at("2020-06-05 08:06"), 8, USUAL, key=4) == at("2020-06-05 08:07")
    assert next_digest(at("2020-06-05 08:07"), 8, USUAL, key=4) == at("2020-06-08 08:07")
    assert next_digest(at("2020-06-05 06:00"), 7, USUAL, key=4) == at("2020-06-05 07:37")  # not before quiet ends


def test_a_chats_urgent_news_and_its_digest_meet_in_one_message() -> None:
    for key in range(60):
        slot = next_allowed(next_slot(at("2020-06-05 07:45"), 30, key), USUAL, key)
        assert slot == next_digest(at("2020-06-05 07:45"), 8, USUAL, key)


def test_not_everybody_is_told_in_the_same_minute() -> None:
    due = {next_digest(at("2020-06-04 12:00"), 8, USUAL, key) for key in range(150)}
    assert len(due) == 25
    assert min(due) == at("2020-06-05 08:03")
    assert max(due) == at("2020-06-05 08:27")


def test_off_peak_leaves_other_minutes_alone() -> None:
    moment = at("2020-06-05 12:29:59.5")
    assert off_peak(moment, 7) == moment
    assert off_peak(at("2020-12-31 23:30:10"), 24) == at("2020-12-31 23:31")


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(0, 0), (1, 30), (2, 120), (3, 300), (4, 900), (5, 1800), (6, 3600), (7, 3600), (60, 3600)],
)
def test_the_back_off(attempts: int, seconds: int) -> None:
    assert wait_after(attempts).total_seconds() == pytest.approx(seconds)
    assert wait_after(attempts, 0.0).total_seconds() == pytest.approx(seconds * 0.8)
    assert wait_after(attempts, 1.0).total_seconds() == pytest.approx(seconds * 1.2)


DAY, NEVER = timedelta(days=1), timedelta()


@pytest.mark.parametrize(
    ("policy", "urgent", "age", "dedupe", "before", "again"),
    [
        (Policy.RESEND, False, NEVER, NEVER, False, True),
        (Policy.RESEND, False, NEVER, NEVER, True, False),  # once, not for ever
        (Policy.RESEND_URGENT, True, NEVER, NEVER, False, True),
        (Policy.RESEND_URGENT, False, NEVER, NEVER, False, False),
        (Policy.RESEND_URGENT, True, NEVER, NEVER, True, False),
        (Policy.HOLD, True, NEVER, NEVER, False, False),
        (Policy.HOLD, False, timedelta(hours=23), DAY, True, True),  # the platform recognises the repeat
        (Policy.HOLD, False, timedelta(hours=24), DAY, False, False),
        (Policy.RESEND, False, timedelta(hours=25), DAY, False, True),
        (Policy.RESEND, False, timedelta(hours=25), DAY, True, False),
    ],
)
def test_what_is_resent_by_itself(
    policy: Policy, urgent: bool, age: timedelta, dedupe: timedelta, before: bool, again: bool
) -> None:
    assert resends(policy, urgent, age, dedupe, before) is again
