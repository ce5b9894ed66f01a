"""What time it is: the only place that asks. Below the doors (views, jobs, cli) time is an argument.

Two clocks. `now` and `today` are the time of the business: on a demonstration they follow the
demonstration clock. `real_now` is the machine's, for leases, retries and sessions, which
must not stand still when the demonstration does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_demonstration: Callable[[], datetime | None] = lambda: None  # noqa: E731 - a slot, filled by create_app


def use_demonstration(source: Callable[[], datetime | None]) -> None:
    """Let `source` answer `now`; it returns None where no demonstration clock runs."""
    global _demonstration
    _demonstration = source


def real_now() -> datetime:
    """The machine's time, aware, in UTC."""
    return datetime.now(UTC)


def now() -> datetime:
    """The time of the business, aware, in UTC."""
    return _demonstration() or real_now()


def today() -> date:
    """The day of the business in Asia/Shanghai."""
    return now().astimezone(SHANGHAI).date()


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a Shanghai day, in UTC."""
    return datetime.combine(day, time(hour, minute), SHANGHAI).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """The Shanghai day of a moment."""
    return moment.astimezone(SHANGHAI).date()
