"""The versions of a target's schedule: as a list, as lines of a chart, and those that wait for an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from taskboard.boards import chart
from taskboard.boards.paging import Page, page_of
from taskboard.db import db
from taskboard.models import Commitment, ScheduleVersion, Target
from taskboard.models.schedule_version import Point
from taskboard.rules.access import Seating


@dataclass(frozen=True)
class Version:
    """One version, and until when it was in force; `to_on` is empty for the present one."""

    row: ScheduleVersion
    to_on: date | None = None
    is_present: bool = False

    @property
    def words(self) -> str:
        """How a legend names it: 第 1 版（至 6月5日）."""
        return f"第 {self.row.no} 版" + (f"（至 {self.to_on.month}月{self.to_on.day}日）" if self.to_on else "")


def versions(target: Target) -> tuple[Version, ...]:
    """All versions of a target, newest first: one statement."""
    query = (
        select(ScheduleVersion)
        .where(ScheduleVersion.target_id == target.id)
        .options(joinedload(ScheduleVersion.asked_by), joinedload(ScheduleVersion.decided_by))
        .order_by(ScheduleVersion.no.desc())
    )
    made: list[Version] = []
    follower: date | None = None
    for row in db.session.scalars(query):
        if row.from_on is None:
            made.append(Version(row))
            continue
        to_on = max(row.from_on, follower - timedelta(days=1)) if follower else None
        made.append(Version(row, to_on, follower is None))
        follower = row.from_on
    return tuple(made)


def formers(target: Target) -> tuple[chart.Former, ...]:
    """The versions that were in force before the present one, oldest first, as lines of a chart."""
    past = [version for version in versions(target) if version.to_on is not None]
    return tuple(former(version.words, target, version.row) for version in reversed(past))


def former(words: str, target: Target, version: ScheduleVersion) -> chart.Former:
    """A version as a line of a chart."""
    return chart.Former(words, corners(target, version.target_value, version.curve_points))


def corners(target: Target, target_value: Decimal, points: Sequence[Point]) -> tuple[Point, ...]:
    """Where a schedule of the target turns: at its ends and at each point between them."""
    inner = [(day, value) for day, value in points if target.starts_on < day < target.ends_on]
    return ((target.starts_on, target.start_value), *inner, (target.ends_on, target_value))


def present(target: Target) -> tuple[Point, ...]:
    """The corners of the schedule in force."""
    return corners(target, target.target_value, [(point.due_on, point.value) for point in target.weekly_targets])


def drawn(target: Target, readings: Sequence[chart.Reading], on: date) -> chart.Chart | None:
    """The schedule in force against what was reported, with the schedules that came before."""
    return chart.schedule_chart(
        present(target), readings, today=on, measure=target.measure, decimals=target.decimals, formers=formers(target)
    )


def compared(
    target: Target, other: tuple[Decimal, Sequence[Point]], readings: Sequence[chart.Reading], on: date, words: str
) -> chart.Chart | None:
    """Another schedule (its target value and points) drawn beside the present one."""
    beside = [chart.Former("现行计划", present(target))]
    return chart.schedule_chart(
        corners(target, *other), readings, today=on, measure=target.measure, decimals=target.decimals,
        formers=beside, plan_words=words,
    )  # fmt: skip


def requests(seating: Seating, number: int, waiting_only: bool) -> Page:
    """The versions of the targets that the seat sees, those that wait first."""
    query = (
        _visible(seating)
        .options(contains_eager(ScheduleVersion.target).joinedload(Target.group), joinedload(ScheduleVersion.asked_by))
        .options(contains_eager(ScheduleVersion.target).joinedload(Target.unit))
        .order_by(ScheduleVersion.state != "asked", ScheduleVersion.asked_at.desc(), ScheduleVersion.id.desc())
    )
    return page_of(query.where(ScheduleVersion.state == "asked") if waiting_only else query, number)


def waiting(seating: Seating) -> int:
    """How many requests wait for an answer."""
    query = _visible(seating).where(ScheduleVersion.state == "asked").subquery()
    return db.session.scalar(select(func.count()).select_from(query)) or 0


def find(version_id: int, seating: Seating) -> ScheduleVersion | None:
    """The version, when the seat sees its target."""
    return db.session.scalars(_visible(seating).where(ScheduleVersion.id == version_id)).first()


def _visible(seating: Seating) -> Select[ScheduleVersion]:
    return select(ScheduleVersion).join(ScheduleVersion.target).where(Commitment.visible_to(seating))
