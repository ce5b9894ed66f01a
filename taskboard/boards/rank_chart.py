"""The geometry of ranks over periods: the first place on top, province and city in one picture.

Drawn twice, wide and narrow, as boards/chart.py does. The table of results is the same as text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from taskboard.boards.scale import Axis, Tick

SIZES = ((1180, 240, 12), (343, 220, 4))
TOP, FOOT = 28, 26


@dataclass(frozen=True)
class Point:
    """A period's ranks; either may be unknown."""

    words: str
    province: int | None
    city: int | None
    illustrative: bool = False


@dataclass(frozen=True)
class Mark:
    """A rank on paper, with its number above or below."""

    x: float
    y: float
    label_y: float
    rank: int
    words: str
    illustrative: bool


@dataclass(frozen=True)
class Trace:
    """One line of ranks: polyline points for each unbroken run, and its marks."""

    runs: tuple[str, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Picture:
    """One drawing."""

    width: int
    height: int
    left: float
    right: float
    bottom: float
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    province: Trace
    city: Trace


@dataclass(frozen=True)
class RankChart:
    """Ranks by period, ready for the `rank_chart` part."""

    words: str
    wide: Picture
    narrow: Picture
    has_illustrative: bool


def rank_chart(points: Sequence[Point]) -> RankChart | None:
    """The ranks of some periods, oldest first; None with fewer than two periods that have one."""
    known = [point for point in points if point.province is not None or point.city is not None]
    if len(known) < 2:
        return None
    wide, narrow = (_picture(width, height, labels, known) for width, height, labels in SIZES)
    said = "；".join(f"{point.words}{_ranks(point)}" for point in known)
    return RankChart(said, wide, narrow, any(point.illustrative for point in known))


def _picture(width: int, height: int, labels: int, points: Sequence[Point]) -> Picture:
    ranks = [rank for point in points for rank in (point.province, point.city) if rank is not None]
    step = _step(max(ranks))
    last = max(2, step * math.ceil(max(ranks) / step))
    left, right, bottom = 44.0, width - 40.0, height - FOOT - 20.0
    ys = Axis(1, last, TOP, bottom)
    xs = Axis(0, len(points) - 1, left + 36, right - 36)
    every = math.ceil(len(points) / labels)
    shown = range((len(points) - 1) % every, len(points), every)  # the newest always has its name
    return Picture(
        width=width,
        height=height,
        left=left,
        right=right,
        bottom=bottom,
        y_ticks=tuple(Tick(ys.at(rank), str(rank)) for rank in sorted({1, *range(step, last + 1, step)})),
        x_ticks=tuple(Tick(xs.at(place), _short(points[place].words)) for place in shown),
        province=_trace([(p, p.province) for p in points], xs, ys, "全省", 18),
        city=_trace([(p, p.city) for p in points], xs, ys, "全市", -10),
    )


def _trace(ranked: Sequence[tuple[Point, int | None]], xs: Axis, ys: Axis, where: str, aside: float) -> Trace:
    marks: list[Mark] = []
    runs: list[list[str]] = [[]]
    for place, (point, rank) in enumerate(ranked):
        if rank is None:
            runs.append([])
            continue
        x, y = xs.at(place), ys.at(rank)
        words = f"{point.words}{'（示例）' if point.illustrative else ''}{where}第 {rank} 位"
        marks.append(Mark(x, y, y + aside, rank, words, point.illustrative))
        runs[-1].append(f"{x},{y}")
    return Trace(tuple(" ".join(run) for run in runs if len(run) > 1), tuple(marks))


def _step(last: int) -> int:
    """A round distance between named ranks, so that few are named."""
    return next(step for step in (1, 2, 5, 10, 20, 50, 100, 1000, 10_000) if last / step <= 5)


def _short(words: str) -> str:
    """The period without its year, which only January and a whole year need."""
    rest = words.partition("年")[2]
    return words if rest in ("1月", "全年") else rest


def _ranks(point: Point) -> str:
    places = (("全省", point.province), ("全市", point.city))
    said = "、".join(f"{where}第 {rank} 位" for where, rank in places if rank is not None)
    return f"（示例）{said}" if point.illustrative else said
