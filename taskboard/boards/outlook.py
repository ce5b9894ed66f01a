"""Will a target land? The outlook of its reported weeks, its supports, a what-if, and how good forecasts were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from taskboard.db import db
from taskboard.models import CalendarOverride, Figure, Report, Support, Target
from taskboard.rules import backtest, landing_words
from taskboard.rules.indicator import IndicatorKind
from taskboard.rules.landing import Course, Outlook, at_pace, late, outlook, working_weeks
from taskboard.rules.landing import Support as Planned

HORIZONS = (1, 2, 4)
PACES = (Decimal("0.8"), Decimal("1.0"), Decimal("1.2"), Decimal("1.5"))
LATEST = 26  # weeks


@dataclass(frozen=True)
class Question:
    """What if a support comes some weeks later, or the pace changes?"""

    support_id: int | None = None
    weeks: int = 0
    pace: Decimal = Decimal(1)

    @property
    def asks(self) -> bool:
        return bool((self.support_id and self.weeks) or self.pace != 1)


@dataclass(frozen=True)
class Landing:
    """The outlook in words and figures; `supposed` is the answer to the what-if."""

    outlook: Outlook
    sentence: str
    sureness: str
    deadline: str
    supports: tuple[Support, ...]
    tests: tuple[str, ...]
    supposed: Outlook | None = None
    supposed_sentence: str = ""
    supposed_sureness: str = ""


def applies(target: Target) -> bool:
    """Only what adds up week by week can be projected; a rate or a place cannot."""
    kind = target.indicator.sort
    return kind.rule_kind == "amount" and kind is not IndicatorKind.MILESTONE


def landing_of(target: Target, on: date, question: Question | None = None) -> Landing | None:
    """The outlook of a target on a day; None where a figure does not add up. Raises ValueError for an odd question."""
    if not applies(target):
        return None
    overrides = CalendarOverride.all()
    reports = _series(target.id)
    supports = supports_of(target.id)
    course = Course(
        value=target.value,
        target=target.target_value,
        increments=backtest.weekly_increments(reports),
        weeks_left=max(Decimal(0), working_weeks(on, target.ends_on, overrides)),
        higher_is_better=target.higher_is_better,
        supports=tuple(
            Planned.dated(one.name, one.amount, one.due_on, on, overrides)
            for one in supports
            if one.happened_on is None
        ),
    )
    found, unit, places = outlook(course), target.measure, target.decimals
    made = Landing(
        outlook=found,
        sentence=landing_words.sentence(found, unit, places),
        sureness=landing_words.confidence_sentence(found, unit, places),
        deadline=landing_words.deadline_sentence(found),
        supports=supports,
        tests=tuple(backtest.sentence(test) for test in _tests(reports) if test.count),
    )
    return _supposing(made, course, question, unit, places) if question and question.asks else made


def supports_of(target_id: int) -> tuple[Support, ...]:
    """What is to bring part of the target at once, by date."""
    query = select(Support).where(Support.target_id == target_id).order_by(Support.due_on, Support.id)
    return tuple(db.session.scalars(query))


def published(target_id: int) -> tuple[Figure, ...]:
    """Every official figure of the target, the newest first, revised ones included."""
    query = select(Figure).where(Figure.target_id == target_id)
    return tuple(db.session.scalars(query.order_by(Figure.as_of.desc(), Figure.revision.desc())))


def _supposing(made: Landing, course: Course, question: Question, unit: str, places: int) -> Landing:
    chosen = next((one for one in made.supports if one.id == question.support_id), None)
    if question.support_id and chosen is None:
        raise ValueError("没有这个支撑项目，请重新选择")
    if chosen is not None and question.weeks:
        course = late(course, chosen.name, Decimal(question.weeks))
    if question.pace != 1:
        course = at_pace(course, question.pace)
    then = outlook(course)
    return replace(
        made,
        supposed=then,
        supposed_sentence=landing_words.sentence(then, unit, places),
        supposed_sureness=landing_words.confidence_sentence(then, unit, places),
    )


def _series(target_id: int) -> list[tuple[int, Decimal]]:
    """(week number, cumulative value) of what counts, oldest first."""
    query = select(Report.week, Report.value).where(
        Report.commitment_id == target_id, Report.live_key.is_not(None), Report.returned_at.is_(None)
    )
    return [(week.toordinal() // 7, value) for week, value in db.session.execute(query.order_by(Report.week))]


def _tests(reports: Sequence[tuple[int, Decimal]]) -> list[backtest.BackTest]:
    return [backtest.backtest(reports, horizon) for horizon in HORIZONS]
