"""The geometry of charts: values in, places on paper out. Colours are the stylesheet's.

A chart is drawn twice, wide and narrow, because text in a scaled picture becomes unreadable on a
phone; the stylesheet shows the one that fits. The rows are the same chart as a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from taskboard.boards.scale import Axis, Tick, date_axis, value_axis
from taskboard.boards.words import figure, short_day

FLAG_HEIGHT = 8
AXIS_HEIGHT = 24


@dataclass(frozen=True)
class Reading:
    """One reported value: when, how much, what it says when touched, where it leads, its light."""

    on: date
    value: Decimal
    words: str = ""
    url: str = ""
    light: str = "blue"


@dataclass(frozen=True)
class Spell:
    """A flag as the chart shows it: from a day to a day, or still up."""

    raised_on: date
    lowered_on: date | None
    light: str
    words: str = ""
    url: str = ""


class Former(NamedTuple):
    """A schedule drawn dashed beside the plan, such as an earlier one: its name and its corners."""

    words: str
    corners: tuple[tuple[date, Decimal], ...]


@dataclass(frozen=True)
class Dot:
    """A reading on paper."""

    x: float
    y: float
    light: str
    words: str
    url: str


@dataclass(frozen=True)
class Strip:
    """A flag on paper, under the axis."""

    x: float
    y: float
    width: float
    height: float
    light: str
    words: str
    url: str


@dataclass(frozen=True)
class Picture:
    """One drawing. `plan` and `landing` are polyline points, `actual` is a path of steps."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    plan: str
    actual: str
    landing: str
    band: str
    today: float | None
    today_anchor: str
    dots: tuple[Dot, ...]
    strips: tuple[Strip, ...]
    formers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """The chart's text alternative: a day, what was planned by then, what was reported."""

    on: date
    planned: str
    actual: str
    words: str
    formers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chart:
    """Schedule against actual, ready for the `chart` part."""

    measure: str
    words: str
    wide: Picture
    narrow: Picture
    rows: tuple[Row, ...]
    has_landing: bool
    has_flags: bool
    plan_words: str = "计划"
    formers: tuple[str, ...] = ()  # their names, in the order of the lines and of the columns


@dataclass(frozen=True)
class Sparkline:
    """The last few values as one line, with the latest as a dot."""

    width: int
    height: int
    points: str
    x: float
    y: float
    words: str


def schedule_chart(
    plan: Sequence[tuple[date, Decimal]],
    actual: Sequence[Reading],
    flags: Sequence[Spell] = (),
    *,
    today: date,
    measure: str,
    decimals: int = 2,
    landing: Sequence[Decimal] = (),
    formers: Sequence[Former] = (),
    plan_words: str = "计划",
) -> Chart | None:
    """Planned against actual, from the first day of either to the last. None when there is no plan.

    `plan` are the corners of the schedule (a linear one has two); between them it runs straight.
    """
    if not plan:
        return None
    corners = sorted(plan)
    readings = sorted(actual, key=lambda reading: reading.on)
    drawn = [_picture(w, h, n, corners, readings, flags, today, landing, formers) for w, h, n in _SIZES]
    dashed = f"虚线为{'、'.join(former.words for former in formers)}。" if formers else ""
    return Chart(
        measure=measure,
        words=_summary(corners, readings, today, measure, decimals) + dashed,
        wide=drawn[0],
        narrow=drawn[1],
        rows=_rows(corners, readings, decimals, formers),
        has_landing=bool(drawn[0].landing),
        has_flags=bool(drawn[0].strips),
        plan_words=plan_words,
        formers=tuple(former.words for former in formers),
    )


def sparkline(values: Sequence[Decimal | None], width: int = 96, height: int = 24) -> Sparkline | None:
    """A line through the values that are there; None when fewer than two are."""
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return None
    low, high = min(v for _, v in known), max(v for _, v in known)
    xs = Axis(0, len(values) - 1, 3, width - 3)
    ys = Axis(float(low), float(high), height - 4, 4)
    places = [(xs.at(place), ys.at(float(value)) if high > low else height / 2) for place, value in known]
    (last_x, last_y), first, last = places[-1], known[0][1], known[-1][1]
    return Sparkline(width, height, _polyline(places), last_x, last_y, f"由 {figure(first)} 到 {figure(last)}")


def planned_on(plan: Sequence[tuple[date, Decimal]], on: date) -> Decimal | None:
    """What the line through the corners says of a day; nothing outside them."""
    for (start, low), (end, high) in pairwise(plan):
        if start <= on <= end:
            days = (end - start).days
            return high if not days else low + (high - low) * (on - start).days / days
    return plan[0][1] if plan and on == plan[0][0] else None


_SIZES = ((1180, 300, 13), (343, 240, 4))


def _picture(
    width: int,
    height: int,
    labels: int,
    plan: Sequence[tuple[date, Decimal]],
    actual: Sequence[Reading],
    flags: Sequence[Spell],
    today: date,
    landing: Sequence[Decimal],
    formers: Sequence[Former] = (),
) -> Picture:
    first = min([plan[0][0], *(reading.on for reading in actual)])
    last = max([plan[-1][0], *(reading.on for reading in actual)])
    values = [float(v) for _, v in plan] + [float(r.value) for r in actual]
    values += [float(value) for former in formers for _, value in former.corners]
    ys, y_ticks = value_axis([*values, *map(float, landing)], 4)
    left = 12.0 + max(len(tick.label) for tick in y_ticks) * 7
    bottom = height - AXIS_HEIGHT - (FLAG_HEIGHT + 8 if flags else 0)
    ys = ys.onto(bottom, 24)
    xs, x_ticks = date_axis(first, last, left, width - 16, labels)

    def x(on: date) -> float:
        return xs.at(min(max(on, first), last).toordinal())

    steps = [(x(r.on), ys.at(float(r.value))) for r in actual]
    now = x(today) if first <= today <= last else None
    return Picture(
        width=width, height=height, left=left, right=width - 16, top=24, bottom=bottom,
        y_ticks=tuple(Tick(ys.at(tick.at), tick.label) for tick in y_ticks),
        x_ticks=x_ticks,
        plan=_polyline([(x(on), ys.at(float(value))) for on, value in plan]),
        formers=tuple(_polyline([(x(on), ys.at(float(v))) for on, v in former.corners]) for former in formers),
        actual=_steps(steps, now),
        landing=_ahead(steps, landing[:1], x(last), ys),
        band=_ahead(steps, landing[1:], x(last), ys),
        today=now,
        today_anchor=_anchor(now, left, width),
        dots=tuple(Dot(px, py, r.light, r.words, r.url) for (px, py), r in zip(steps, actual, strict=True)),
        strips=tuple(
            _strip(spell, x(spell.raised_on), x(spell.lowered_on or today), bottom + 4) for spell in flags
        ),
    )  # fmt: skip


def _strip(spell: Spell, start: float, end: float, y: float) -> Strip:
    """At least six wide, so that a day is seen; red twice as high, so that it survives without colour."""
    height = FLAG_HEIGHT if spell.light == "red" else FLAG_HEIGHT / 2
    return Strip(start, y, max(round(end - start, 1), 6.0), height, spell.light, spell.words, spell.url)


def _steps(places: Sequence[tuple[float, float]], now: float | None) -> str:
    """A value holds until the next is reported, and the last one until today."""
    if not places:
        return ""
    (x0, y0), *rest = places
    path = f"M{x0} {y0}" + "".join(f"H{px}V{py}" for px, py in rest)
    return path + (f"H{now}" if now is not None and now > places[-1][0] else "")


def _ahead(places: Sequence[tuple[float, float]], ends: Sequence[Decimal], end: float, ys: Axis) -> str:
    """From the last report to where it may end: one end is a line, two are a band."""
    if not ends or not places or places[-1][0] >= end:
        return ""
    return _polyline([places[-1], *((end, ys.at(float(value))) for value in ends)])


def _anchor(now: float | None, left: float, width: int) -> str:
    """Today's word stays inside the picture."""
    if now is None or left + 40 < now < width - 50:
        return "middle"
    return "start" if now <= left + 40 else "end"


def _polyline(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{px},{py}" for px, py in places)


def _rows(
    plan: Sequence[tuple[date, Decimal]], actual: Sequence[Reading], decimals: int, formers: Sequence[Former]
) -> tuple[Row, ...]:
    read = {reading.on: reading for reading in actual}
    days = sorted({on for on, _ in plan} | set(read))
    return tuple(
        Row(
            on=on,
            planned=figure(planned_on(plan, on), decimals),
            actual=figure(read[on].value, decimals) if on in read else figure(None),
            words=read[on].words if on in read else "",
            formers=tuple(figure(planned_on(former.corners, on), decimals) for former in formers),
        )
        for on in days
    )


def _summary(
    plan: Sequence[tuple[date, Decimal]], actual: Sequence[Reading], today: date, measure: str, decimals: int
) -> str:
    goal = f"计划至 {short_day(plan[-1][0])} 达到 {figure(plan[-1][1], decimals)} {measure}"
    if not actual:
        return f"{goal}，尚无填报。"
    last = actual[-1]
    due = planned_on(plan, today)
    owed = f"，{short_day(today)} 应达 {figure(due, decimals)} {measure}" if due is not None else ""
    return f"{goal}{owed}；{short_day(last.on)} 实际 {figure(last.value, decimals)} {measure}。"
