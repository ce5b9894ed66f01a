"""Is the figure that counts still fresh? The clock of a target's reporting, and when the next value is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from taskboard.rules.indicator import Cadence, month_end, release_of
from taskboard.rules.workdays import NO_OVERRIDES, is_report_week, monday, report_due

STALE_DAYS = {Cadence.WEEK: 14, Cadence.MONTH: 62}  # assumption: calendar days after which a figure is called old
_WEEK = timedelta(days=7)


class Freshness(StrEnum):
    """How a target's reporting stands, worst first."""

    MISSING = "missing"  # due and not there
    RETURNED = "returned"  # there, and sent back
    STALE = "stale"  # nothing is owed, but the figure that counts speaks of a day long ago
    LATE = "late"  # there, but came after it was due
    DUE = "due"  # owed this week, in time until then
    FRESH = "fresh"

    @property
    def word(self) -> str:
        """缺报, 退回待改, 陈旧, 迟报, 待报, 正常."""
        return dict(zip(Freshness, ("缺报", "退回待改", "陈旧", "迟报", "待报", "正常"), strict=True))[self]

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Freshness).index(self)


@dataclass(frozen=True)
class Reported:
    """What is known of a target's reporting. `missed_workdays` counts since the first missed report was due."""

    cadence: str
    release_day: int
    owed_from: date
    ends_on: date
    reported_week: date | None
    value_as_of: date | None
    returned: bool
    late: bool
    missed: int
    missed_workdays: int


@dataclass(frozen=True)
class Clock:
    """The state with its clock: working days late (0 or more), and the day on which a value is due next."""

    state: Freshness
    workdays_late: int
    missed: int
    next_due: date | None

    @property
    def words(self) -> str:
        """缺报 2 次，迟 5 个工作日."""
        if self.state == Freshness.MISSING:
            return f"缺报 {self.missed} 次，已迟 {self.workdays_late} 个工作日"
        return self.state.word


def last_due_week(on: date, overrides: Mapping[date, bool] = NO_OVERRIDES) -> date:
    """The Monday of the latest week whose report is due by this day, the day itself included."""
    week = monday(on)
    while not is_report_week(week, overrides) or report_due(week, overrides) > on:
        week -= _WEEK
    return week


def clock(reported: Reported, on: date, overrides: Mapping[date, bool] = NO_OVERRIDES) -> Clock:
    """How the reporting of a running target stands on a day."""
    due = _next_month(reported, on) if reported.cadence == Cadence.MONTH else _next_week(reported, on, overrides)
    return Clock(_state(reported, on, due), reported.missed_workdays, reported.missed, due)


def _state(reported: Reported, on: date, due: date | None) -> Freshness:
    if reported.missed:
        return Freshness.MISSING
    if reported.returned:
        return Freshness.RETURNED
    oldest = on - timedelta(days=STALE_DAYS[Cadence(reported.cadence)])
    if reported.value_as_of is not None and reported.value_as_of < oldest:
        return Freshness.STALE
    if due is not None and due <= monday(on) + timedelta(days=6):
        return Freshness.DUE
    if reported.value_as_of is None:
        return Freshness.DUE
    return Freshness.LATE if reported.late else Freshness.FRESH


def _next_week(reported: Reported, on: date, overrides: Mapping[date, bool]) -> date | None:
    week = max(monday(reported.owed_from), monday(on))
    if reported.reported_week is not None:
        week = max(week, reported.reported_week + _WEEK)
    while not is_report_week(week, overrides) or report_due(week, overrides) < on:
        week += _WEEK
    return report_due(week, overrides) if week <= monday(reported.ends_on) else None


def _next_month(reported: Reported, on: date) -> date | None:
    first = reported.owed_from if reported.value_as_of is None else reported.value_as_of + timedelta(days=1)
    month = month_end(first)
    while month <= reported.ends_on and release_of(month, reported.release_day) < on:
        month = month_end(month + timedelta(days=1))
    return release_of(month, reported.release_day) if month <= reported.ends_on else None
