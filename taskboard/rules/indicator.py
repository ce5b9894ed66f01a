"""Kinds of indicator 指标类型: what a figure is, and by which bands of the rule set it is judged."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum

from taskboard.rules.change import Kind
from taskboard.rules.workdays import monday

CONFIDENCE = {4: "有把握", 3: "较有把握", 2: "有困难", 1: "难以完成"}
"""The owner's own levels, surest first."""
LOW_CONFIDENCE = 2


class IndicatorKind(StrEnum):
    """What an indicator's figures are."""

    AMOUNT = "amount"
    COUNT = "count"
    GROWTH = "growth"
    POINTS = "points"
    RATIO = "ratio"
    RANK = "rank"
    MILESTONE = "milestone"

    @property
    def word(self) -> str:
        words = ("累计总量", "累计数量", "增速", "百分点", "比率（分子、分母）", "位次", "节点")
        return dict(zip(IndicatorKind, words, strict=True))[self]

    @property
    def rule_kind(self) -> str:
        """The bands that judge it: a ratio or a level in points is judged by its distance, like a growth rate."""
        if self in (IndicatorKind.AMOUNT, IndicatorKind.COUNT):
            return "amount"
        return "growth" if self in (IndicatorKind.POINTS, IndicatorKind.RATIO) else self.value

    @property
    def change(self) -> Kind:
        """How a change of its figures is worded."""
        if self.rule_kind == "amount" or self is IndicatorKind.MILESTONE:
            return Kind.AMOUNT
        return Kind(self.value)


class Cadence(StrEnum):
    """How often a new value is due."""

    WEEK = "week"
    MONTH = "month"

    @property
    def word(self) -> str:
        return {"week": "每周", "month": "每月"}[self]


def month_end(day: date) -> date:
    """The last day of the day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def release_of(month: date, release_day: int) -> date:
    """The day on which the value of a month (any day of it) is due: so many days into the next month."""
    first = month_end(month) + timedelta(days=1)
    return first + timedelta(days=release_day - 1)


def as_of(week: date, ends_on: date, cadence: str = Cadence.WEEK) -> date:
    """The day up to which a report of a week speaks: the week's end, or of a monthly value the last month's end."""
    sunday = week + timedelta(days=6)
    if cadence == Cadence.MONTH:
        return min(week.replace(day=1) - timedelta(days=1), ends_on)
    return min(sunday, ends_on)


def months_due(first: date, last: date, release_day: int) -> list[tuple[date, date]]:
    """The months that end between two days, as (last day, day of release), oldest first."""
    found = []
    end = month_end(first)
    while end <= last:
        found.append((end, release_of(end, release_day)))
        end = month_end(end + timedelta(days=1))
    return found


def is_release_week(week: date, release_day: int) -> bool:
    """Whether the value of the month before is due in the week of this Monday."""
    release = release_of(week.replace(day=1) - timedelta(days=1), release_day)
    return monday(release) == week or monday(release_of(week, release_day)) == week
