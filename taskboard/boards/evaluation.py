"""外部评价: where the district stands in what others publish, whether it moved, and its own targets beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Any

from sqlalchemy import or_, select

from taskboard.boards.own_targets import Own, own_targets
from taskboard.boards.rank_chart import Point, RankChart, rank_chart
from taskboard.boards.timeline import LABELS, said
from taskboard.boards.words import day, figure
from taskboard.db import db
from taskboard.models import (
    Campaign,
    Evaluation,
    EvaluationResult,
    EvaluationScore,
)
from taskboard.models.evaluating import SAID, Row
from taskboard.models.evaluation import live_results, live_scores, own_indicators
from taskboard.rules.access import Seating
from taskboard.rules.evaluation import Period, movement, movement_words

RECENT = 12


@dataclass(frozen=True)
class Moved:
    """A period's result, and how its ranks moved against the period before."""

    row: EvaluationResult
    province_move: int | None
    city_move: int | None

    @property
    def period(self) -> Period:
        return self.row.period

    @property
    def is_ranked(self) -> bool:
        return self.row.province_rank is not None or self.row.city_rank is not None


@dataclass(frozen=True)
class Scored:
    """An indicator of the open period, how its ranks moved, and our own target beside it."""

    row: EvaluationScore
    province_move: int | None
    city_move: int | None
    own: Own | None
    decimals: int


@dataclass(frozen=True)
class Revision:
    """What counted once, and what took its place: (label, before, after)."""

    words: str
    at: datetime
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Board:
    """The page. `results` are the newest first; `open` is the one whose indicators are shown."""

    evaluations: tuple[Evaluation, ...]
    evaluation: Evaluation | None
    results: tuple[Moved, ...]
    open: Moved | None
    before: Period | None
    dimensions: tuple[tuple[str, tuple[Scored, ...]], ...]
    revisions: tuple[Revision, ...]
    chart: RankChart | None

    @property
    def name(self) -> str:
        return self.evaluation.name if self.evaluation else ""

    @property
    def scores(self) -> list[Scored]:
        return [score for _, scores in self.dimensions for score in scores]

    @property
    def is_illustrative(self) -> bool:
        """Whether every indicator shown is invented, so that it is said once."""
        return bool(self.scores) and all(score.row.illustrative for score in self.scores)

    @property
    def missing(self) -> int:
        """How many indicators of the open period were not published, or not brought in."""
        expected = self.evaluation.indicators if self.evaluation else 0
        return max(0, expected - len(self.scores)) if self.scores else 0

    @property
    def sentence(self) -> str:
        """Where we stand and whether we moved."""
        if not self.results:
            return ""
        newest = self.results[0]
        ranked = next((one for one in self.results if one.is_ranked), newest)
        later = f"{newest.period.words}位次未公布；" if ranked is not newest else ""
        return f"{later}{ranked.period.words}{standing(ranked.row)}；{_moved_words(ranked, self.results)}"


def board(
    campaign: Campaign, seating: Seating, on: date, series: int | None = None, result: int | None = None
) -> Board:
    """The series and the period that the address asks for; without one, the first and the newest."""
    evaluations = Evaluation.listed()
    chosen = next((each for each in evaluations if each.id == series), evaluations[0] if evaluations else None)
    if chosen is None:
        return Board((), None, (), None, None, (), (), None)
    every = _all_results(chosen.id, on)
    results = _moved([row for row in every if row.is_live])
    opened = next((one for one in results if one.row.id == result), results[0] if results else None)
    before = _before(opened.period, [one.period for one in results]) if opened else None
    scores = _all_scores(chosen.id, [period for period in (opened.period if opened else None, before) if period])
    now = [row for row in scores if opened and row.period == opened.period]
    return Board(
        evaluations=tuple(evaluations),
        evaluation=chosen,
        results=tuple(results),
        open=opened,
        before=before,
        dimensions=_dimensions(now, [row for row in scores if row.period == before], campaign, seating, on),
        revisions=_revisions([*every, *now]),
        chart=rank_chart([_point(one) for one in reversed(results[:RECENT])]),
    )


@dataclass(frozen=True)
class Prefilled:
    """An indicator of the last publication, as the empty table names it."""

    dimension: str
    name: str
    measure: str
    own: str


def last_indicators(campaign: Campaign | None) -> tuple[list[str], str, list[Prefilled]]:
    """For the empty table: our own indicators, the only series, and the indicators of its last publication."""
    own = own_indicators(campaign.id) if campaign else {}
    names = {number: name for name, number in own.items()}
    series = Evaluation.listed()
    if len(series) != 1:
        return list(own), "", []
    newest = max(live_results(series[0].id), default=None)
    rows = live_scores(series[0].id, [newest] if newest else [])
    last = [
        Prefilled(row.dimension, row.name, row.measure, names.get(row.indicator_id or 0, ""))
        for (period, _), row in rows.items()
        if period == newest
    ]
    return list(own), series[0].name, last


def standing(row: EvaluationResult) -> str:
    """全省第 5 位、全市第 3 位，评级优+."""
    ranks = (("全省", row.province_rank), ("全市", row.city_rank))
    places = "、".join(f"{where}第 {rank} 位" for where, rank in ranks if rank is not None) or "位次未公布"
    return f"{places}，评级{row.rating}" if row.rating else places


def change_words(changed: Mapping[str, tuple[Any, Any]]) -> tuple[tuple[str, str, str], ...]:
    """What a revision changes: (label, before, after)."""
    return tuple(
        ("本区指标", "", "已调整") if column == "indicator_id" else (LABELS[column], _said(before), _said(after))
        for column, (before, after) in changed.items()
    )


def _said(value: Any) -> str:
    if isinstance(value, Decimal):
        return figure(value)
    return day(value) if isinstance(value, date) else said(value)


def _moved_words(newest: Moved, results: Sequence[Moved]) -> str:
    before = _before(newest.period, [one.period for one in results])
    if before is None:
        return "没有可比的上期"
    if newest.province_move is None and newest.city_move is None:
        return "没有可比的上期位次"
    pairs = (("全省", newest.province_move), ("全市", newest.city_move))
    moves = "、".join(f"{where}{movement_words(places)}" for where, places in pairs if places is not None)
    old = next(one.row for one in results if one.period == before)
    return f"比{before.words}{'（示例）' if old.illustrative else ''}{moves}"


def _all_results(evaluation_id: int, on: date) -> list[EvaluationResult]:
    """Every revision of every period that was public on a day, the newest period first."""
    query = (
        select(EvaluationResult)
        .where(EvaluationResult.evaluation_id == evaluation_id, EvaluationResult.published_on <= on)
        .order_by(EvaluationResult.ends_on.desc(), EvaluationResult.starts_on, EvaluationResult.revision)
    )
    return list(db.session.scalars(query))


def _all_scores(evaluation_id: int, periods: Sequence[Period]) -> list[EvaluationScore]:
    """Every revision of every indicator of some periods."""
    if not periods:
        return []
    spans = or_(
        *((EvaluationScore.ends_on == each.ends_on) & (EvaluationScore.starts_on == each.starts_on) for each in periods)
    )
    query = (
        select(EvaluationScore)
        .where(EvaluationScore.evaluation_id == evaluation_id, spans)
        .order_by(EvaluationScore.position, EvaluationScore.id)
    )
    return list(db.session.scalars(query))


def _moved(rows: Sequence[EvaluationResult]) -> list[Moved]:
    there = {row.period: row for row in rows}
    before = {period: _before(period, there) for period in there}
    return [Moved(row, *_moves(row, there[old] if (old := before[row.period]) else None)) for row in rows]


def _before(period: Period, periods: Iterable[Period]) -> Period | None:
    """The newest period with which this one can be compared."""
    return max((each for each in periods if period.follows(each)), default=None)


def _moves(row: Row, old: Row | None) -> tuple[int | None, int | None]:
    if old is None:
        return None, None
    return movement(old.province_rank, row.province_rank), movement(old.city_rank, row.city_rank)


def _dimensions(
    now: Sequence[EvaluationScore], old: Sequence[EvaluationScore], campaign: Campaign, seating: Seating, on: date
) -> tuple[tuple[str, tuple[Scored, ...]], ...]:
    """The indicators by dimension, both in the order of the publication."""
    rows = [row for row in now if row.is_live]
    then = {row.name: row for row in old if row.is_live}
    own = own_targets({row.indicator_id for row in rows if row.indicator_id}, campaign, seating, on)
    order = list(dict.fromkeys(row.dimension for row in rows))
    rows.sort(key=lambda row: order.index(row.dimension))
    decimals = _decimals(rows)
    scored = [
        Scored(row, *_moves(row, then.get(row.name)), own.get(row.indicator_id or 0), decimals[row.measure])
        for row in rows
    ]
    return tuple((name, tuple(group)) for name, group in groupby(scored, key=lambda one: one.row.dimension))


def _decimals(rows: Sequence[EvaluationScore]) -> dict[str, int]:
    """As many decimals as the finest value of a measure needs, so that the values of a measure compare."""
    needed: dict[str, int] = defaultdict(int)
    for row in rows:
        places = len(figure(row.value).partition(".")[2])
        needed[row.measure] = max(needed[row.measure], places)
    return needed


def _revisions(rows: Sequence[Row]) -> tuple[Revision, ...]:
    """What was superseded and by what, the newest first."""
    found = []
    series: dict[tuple[Period, str], list[Row]] = defaultdict(list)
    for row in rows:
        series[row.period, getattr(row, "name", "")].append(row)
    for (period, name), revisions in series.items():
        for old, new in pairwise(sorted(revisions, key=lambda row: row.revision)):
            pairs = ((column, getattr(old, column), getattr(new, column)) for column in SAID[type(new)])
            changes = change_words({column: (a, b) for column, a, b in pairs if a != b})
            found.append(Revision(f"{period.words} {name or '总体'}", new.imported_at, changes))
    return tuple(sorted(found, key=lambda one: one.at, reverse=True))


def _point(one: Moved) -> Point:
    row = one.row
    return Point(one.period.words, row.province_rank, row.city_rank, row.illustrative)
