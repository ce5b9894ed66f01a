"""Indicators 指标 with their definitions, where their targets stand, and when their next value is due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import contains_eager

from taskboard.boards.line import Line, lines_of
from taskboard.boards.listing import line_rows
from taskboard.boards.words import short_day
from taskboard.db import db
from taskboard.models import CalendarOverride, Campaign, Commitment, Group, Indicator, Target
from taskboard.rules.access import SEES_ALL, Seating, SeatKind
from taskboard.rules.indicator import Cadence, month_end, release_of
from taskboard.rules.workdays import monday, report_due

MOST_LINES = 200
SHORT = 48


@dataclass(frozen=True)
class Row:
    """One indicator of the list; `counts` are the lights of the targets that the seat sees."""

    indicator: Indicator
    counts: Mapping[str, int]
    next_due: str

    @property
    def definition(self) -> str:
        """The definition, shortened to a line."""
        text = " ".join(self.indicator.definition.split())
        return text if len(text) <= SHORT else text[: SHORT - 1] + "…"

    @property
    def cadence(self) -> str:
        """How often a value is due, and of a monthly one on which day."""
        return cadence_words(self.indicator)


@dataclass(frozen=True)
class Page:
    """One indicator with the targets that use it."""

    indicator: Indicator
    next_due: str
    lines: tuple[Line, ...]
    total: int


def by_group(campaign: Campaign, seating: Seating, on: date) -> list[tuple[Group, list[Row]]]:
    """The indicators that the seat sees, by group: three statements."""
    query = (
        select(Indicator)
        .join(Indicator.group)
        .where(Group.campaign_id == campaign.id, visible_to(seating))
        .options(contains_eager(Indicator.group))
        .order_by(Group.no, Indicator.id)
    )
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    seen = (
        select(Target.indicator_id, Commitment.light, func.count())
        .select_from(Target)
        .where(Commitment.campaign_id == campaign.id, Commitment.visible_to(seating))
        .group_by(Target.indicator_id, Commitment.light)
    )
    for indicator_id, light, count in db.session.execute(seen):
        counts[indicator_id][light] = count
    overrides = CalendarOverride.all()
    rows = [Row(one, counts[one.id], _next_due(one, on, overrides)) for one in db.session.scalars(query)]
    return [(group, list(some)) for group, some in groupby(rows, key=lambda row: row.indicator.group)]


def page(indicator: Indicator, campaign: Campaign, seating: Seating, on: date) -> Page:
    """An indicator and where each of its targets stands."""
    mine = (
        Commitment.id.in_(select(Target.id).where(Target.indicator_id == indicator.id)),
        Commitment.visible_to(seating),
    )
    total = db.session.scalar(select(func.count()).select_from(Commitment).where(*mine)) or 0
    rows = db.session.execute(
        line_rows().where(*mine).order_by(Commitment.section, Commitment.id).limit(MOST_LINES)
    ).all()
    lines = tuple(lines_of(rows, campaign, on))
    return Page(indicator, _next_due(indicator, on, CalendarOverride.all()), lines, total)


def find(indicator_id: int, seating: Seating) -> Indicator | None:
    """The indicator, when the seat sees it."""
    query = select(Indicator).where(Indicator.id == indicator_id, visible_to(seating))
    return db.session.scalars(query).first()


def visible_to(seating: Seating) -> ColumnElement[bool]:
    """All for those who see all, a lead's own group's, and of a unit those of the targets that it sees."""
    if seating.kind in SEES_ALL:
        return true()
    if seating.kind == SeatKind.GROUP_LEAD:
        return Indicator.group_id == seating.group_id
    return Indicator.id.in_(select(Target.indicator_id).where(Commitment.visible_to(seating)))


def cadence_words(indicator: Indicator) -> str:
    """每周, or 每月18日."""
    word = Cadence(indicator.cadence).word
    return f"{word}{indicator.release_day}日" if indicator.cadence == Cadence.MONTH else word


def _next_due(indicator: Indicator, on: date, overrides: Mapping[date, bool]) -> str:
    """What is due next, and when."""
    if indicator.cadence == Cadence.MONTH:
        before = on.replace(day=1) - date.resolution
        month = before if release_of(before, indicator.release_day) >= on else month_end(on)
        return f"{month.month}月数，{short_day(release_of(month, indicator.release_day))}"
    due = report_due(monday(on), overrides)
    if due < on:
        due = report_due(date.fromordinal(monday(on).toordinal() + 7), overrides)
    return short_day(due)
