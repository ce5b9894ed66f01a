"""How far a commitment should be on a date, and how far it is."""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

Milestone = tuple[date, Decimal, date | None]
"""A milestone of a task: due on, weight, done on (or None)."""

NOTHING, WHOLE = Decimal(0), Decimal(1)


def linear_share(starts_on: date, ends_on: date, on: date) -> Decimal:
    """The share of calendar days gone, the day itself included: 31 May of 1 April to 30 June is 61/91."""
    if on < starts_on:
        return NOTHING
    if on >= ends_on:
        return WHOLE
    return Decimal((on - starts_on).days + 1) / Decimal((ends_on - starts_on).days + 1)


def completion(start_value: Decimal, target_value: Decimal, value: Decimal, higher_is_better: bool = True) -> Decimal:
    """The share of the way from start to target that the value has gone; not capped.

    Works downwards too, since both differences change sign. Where start equals target there is no way to
    go: the commitment is to hold the value, and the direction says which side of it is good.
    """
    way = target_value - start_value
    if way:
        return (value - start_value) / way
    held = value >= target_value if higher_is_better else value <= target_value
    return WHOLE if held else NOTHING


@dataclass(frozen=True)
class Schedule:
    """序时计划: linear by calendar day, or a step curve of weekly targets one by one."""

    starts_on: date
    ends_on: date
    start_value: Decimal
    target_value: Decimal
    points: tuple[tuple[date, Decimal], ...] = ()

    def __post_init__(self) -> None:
        if self.ends_on < self.starts_on:
            raise ValueError("序时计划的结束日期早于开始日期")
        object.__setattr__(self, "points", tuple(sorted(self.points)))

    def share(self, on: date) -> Decimal:
        """The share (0..1) of the way that should be behind us at the end of the day."""
        if not self.points or self.start_value == self.target_value:
            return linear_share(self.starts_on, self.ends_on, on)
        if on > self.ends_on:
            return WHOLE
        return min(max(completion(self.start_value, self.target_value, self._step(on)), NOTHING), WHOLE)

    def planned(self, on: date) -> Decimal:
        """The value that should have been reached at the end of the day."""
        if self.points and on <= self.ends_on:
            return self._step(on)
        return self.start_value + (self.target_value - self.start_value) * self.share(on)

    def _step(self, on: date) -> Decimal:
        reached = bisect_right(self.points, on, key=lambda point: point[0])
        return self.points[reached - 1][1] if reached else self.start_value


def _share(milestones: Sequence[Milestone], counted: Callable[[Milestone], bool]) -> Decimal:
    """The counted milestones' share of all weights; milestones without any weights count alike."""
    weighed = any(weight for _, weight, _ in milestones)
    weights = [weight if weighed else WHOLE for _, weight, _ in milestones]
    pairs = zip(milestones, weights, strict=True)
    return sum((weight for m, weight in pairs if counted(m)), NOTHING) / sum(weights, NOTHING)


def milestone_share(
    milestones: Sequence[Milestone], on: date, starts_on: date | None = None, due_on: date | None = None
) -> Decimal:
    """The share of a task that its milestones say should be done.

    A milestone counts from the day after it is due, because on its day it is not late. Without
    milestones the task is due evenly from starts_on to due_on.
    """
    if not milestones:
        if starts_on is None or due_on is None:
            raise ValueError("没有节点的任务须有开始日期和完成时限")
        return linear_share(starts_on, due_on, on)
    return _share(milestones, lambda m: m[0] < on)


def milestones_done(milestones: Sequence[Milestone], on: date) -> Decimal:
    """The share of a task that its milestones say has been done by the end of the day."""
    return _share(milestones, lambda m: _done(m, on)) if milestones else NOTHING


def _done(milestone: Milestone, on: date) -> bool:
    return milestone[2] is not None and milestone[2] <= on


def longest_overdue(milestones: Sequence[Milestone], on: date) -> Milestone | None:
    """The open milestone that has been overdue longest, or None."""
    late = [m for m in milestones if m[0] < on and not _done(m, on)]
    return min(late, key=lambda m: m[0]) if late else None


def days_late(due_on: date, on: date, done_on: date | None = None) -> int:
    """Calendar days past due: until it was done, or until now while it is open."""
    return max(0, (min(done_on, on) if done_on else on).toordinal() - due_on.toordinal())


def months_late(due_on: date, on: date, done_on: date | None = None) -> int:
    """Months begun past due: 1 up to the same day of the next month, 2 from the day after it, and so on."""
    end = min(done_on, on) if done_on else on
    if end <= due_on:
        return 0
    months = (end.year - due_on.year) * 12 + end.month - due_on.month
    # A due day that the later month lacks (31 January) falls on its last day.
    day = min(due_on.day, monthrange(end.year, end.month)[1])
    return months + (end.day > day)
