"""The situations in which a rule set is tried out: a grid from its own lines, so that none falls between two points.

Only what the conditions look at is varied. Values are put on every line that a condition draws, between each two
and beyond the last, days on both sides of every change.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import pairwise, product
from math import prod
from random import Random
from typing import Any, cast

from taskboard.rules import schedule
from taskboard.rules.conditions import AllOf, AnyOf, Calc, Compare, Condition, Const, Is, Operand, compiled, figure
from taskboard.rules.standing import Standing

Atom = Compare | Is

_STARTS, _ENDS = date(2020, 4, 1), date(2020, 6, 30)
_DAY = timedelta(days=1)
_USUAL_DAYS = (date(2020, 5, 16), _STARTS, date(2020, 6, 20), _ENDS, _ENDS + _DAY, date(2020, 7, 20), date(2020, 3, 1))
_TARGETS = {"growth": (Decimal(20), Decimal(-4)), "rank": (Decimal(3),)}
_TARGET = (Decimal(20),)
_OPEN, _IN_TIME, _LATE = "open", "in time", "late"
_INCREMENTS = ((), (Decimal(-1),), (Decimal(0),), (Decimal("0.2"),), (Decimal(5),))
_TIMED = {"on", "scheduled", "days_late", "months_late", "workdays_left", "weeks_left"}
_FREE = {f.name: f.type for f in fields(Standing) if f.type in (int, bool) and f.name not in {*_TIMED, "done"}}
_FREE.pop("higher_is_better")
MOST = 4000
"""Combinations beside the values; of more a fixed sample is taken."""


def atoms(condition: Condition) -> Iterator[Atom]:
    """The comparisons and yes/no words of a condition."""
    if isinstance(condition, AllOf | AnyOf):
        for part in condition.parts:
            yield from atoms(part)
    else:
        yield condition


def consts(operand: Operand) -> Iterator[Decimal]:
    """The numbers in an operand."""
    if isinstance(operand, Calc):
        yield from (*consts(operand.left), *consts(operand.right))
    elif isinstance(operand, Const):
        yield operand.value


@dataclass(frozen=True)
class Grid:
    """The situations of one kind that its conditions can tell apart."""

    kind: str
    atoms: tuple[Atom, ...]

    @cached_property
    def reads(self) -> dict[str, set[Decimal]]:
        """The fields of a standing that the conditions look at, with the numbers compared with them."""
        found: dict[str, set[Decimal]] = {}
        for atom in self.atoms:
            bounds = {*consts(atom.left), *consts(atom.right)} if isinstance(atom, Compare) else set()
            for name in _read_by(atom, self.kind):
                found.setdefault(name, set()).update(bounds)
        return found

    def combinations(self) -> tuple[list[dict[str, Any]], bool]:
        """Everything but values, and whether it is all of it."""
        reads = self.reads
        axes: dict[str, Sequence[Any]] = {"target": _TARGETS.get(self.kind, _TARGET)}
        axes["day"] = self._days() if reads.keys() & {*_TIMED, "done"} else _USUAL_DAYS[:1]
        axes["end"] = (_OPEN, _IN_TIME, _LATE) if "done" in reads else (_OPEN,)
        axes["milestone_late"] = (0, 5, 40) if self.kind == "task" and "days_late" in reads else (0,)
        axes |= {name: _choices(name, bounds) for name, bounds in reads.items() if name in _FREE}
        for name in {"reference", "second_reference"} & reads.keys():
            axes[name] = (None, *(target * part for target in axes["target"] for part in (Decimal("0.5"), 1, 2)))
        if "increments" in reads:
            axes["increments"] = _INCREMENTS
        if prod(map(len, axes.values())) > MOST:
            pick = Random(1).choice
            return [{name: pick(choices) for name, choices in axes.items()} for _ in range(MOST)], False
        return [dict(zip(axes, point, strict=True)) for point in product(*axes.values())], True

    def standings(self, combination: dict[str, Any]) -> Iterator[Standing]:
        """The situations of one combination, for every value that matters and for none."""
        more = {name: one for name, one in combination.items() if name not in ("day", "end", "milestone_late")}
        more |= _timed(self.kind, combination["day"], combination["end"], combination["milestone_late"])
        for value in (*self._values(more), None):
            yield _standing(self.kind, value, more)

    def _days(self) -> list[date]:
        """Usual days, and the days before and after every change."""
        days, before, horizon = dict.fromkeys(_USUAL_DAYS), None, self._horizon()
        tests = [compiled(atom) for atom in self.atoms]
        target = _TARGETS.get(self.kind, _TARGET)[0]
        day = _STARTS - _DAY * 10
        while day < _ENDS + _DAY * horizon:
            more = {"target": target, **_timed(self.kind, day, _OPEN, 0)}
            seen = [_standing(self.kind, target * part / 4, more) for part in (1, 3)]
            now = [test(st) for st in seen for test in tests]
            if before not in (None, now):
                days |= dict.fromkeys((day - _DAY, day))
            before, day = now, day + _DAY
        return list(days)

    def _horizon(self) -> int:
        """Days after the end that lateness can need: a year at most."""
        reads = self.reads
        late = max(reads.get("days_late", {Decimal(0)}), default=Decimal(0))
        months = max(reads.get("months_late", {Decimal(0)}), default=Decimal(0))
        return min(366, 40 + int(late + 31 * months))

    def _values(self, more: dict[str, Any]) -> list[Decimal]:
        target = more["target"]
        usual = {Decimal(-10), Decimal(0), target / 2, target, target * 2}
        lines = {root for atom in self.atoms if isinstance(atom, Compare) for root in self._line(atom, more)}
        if self.kind == "rank":
            return sorted({max(Decimal(1), Decimal(round(p)) + step) for p in usual | lines for step in (-1, 0, 1)})
        points = sorted(usual | lines)
        between = [(a + b) / 2 for a, b in pairwise(points)]
        found = {*points, *between, points[0] - 1, points[-1] + 1}
        return sorted(found, key=lambda value: (abs(value) > 2 * abs(target), value < 0, value))

    def _line(self, atom: Compare, more: dict[str, Any]) -> Iterator[Decimal]:
        """The value at which both sides are equal: every measure is linear in the value."""
        left, right = figure(atom.left), figure(atom.right)
        at = [more["target"] * part / 10 for part in (Decimal(3), Decimal(7))]
        pairs = [(left(st), right(st)) for st in (_standing(self.kind, value, more) for value in at)]
        apart = [Decimal(a) - Decimal(b) for a, b in pairs if a is not None and b is not None]
        if len(apart) == 2 and apart[0] != apart[1]:
            yield at[0] - apart[0] * (at[1] - at[0]) / (apart[1] - apart[0])


def _timed(kind: str, on: date, end: str, milestone_late: int) -> dict[str, Any]:
    """What a day brings with it."""
    done_on = None if end == _OPEN else min(on, _ENDS) if end == _IN_TIME else on
    since = _ENDS if on > _ENDS or not milestone_late else on - _DAY * milestone_late
    return {
        "on": on,
        "scheduled": schedule.linear_share(_STARTS, _ENDS, on),
        "done": end != _OPEN,
        "done_on": done_on,
        "days_late": schedule.days_late(since, on, done_on),
        "months_late": schedule.months_late(since, on, done_on),
        "workdays_left": (_ENDS - on).days,
        "weeks_left": max(0, (_ENDS - on).days // 7),
    }


def _standing(kind: str, value: Decimal | None, more: dict[str, Any]) -> Standing:
    completion = None if value is None else value / more["target"]
    return Standing(kind=kind, starts_on=_STARTS, ends_on=_ENDS, value=value, completion=completion, **more)


def _choices(name: str, bounds: Iterable[Decimal]) -> Sequence[Any]:
    """Both answers, or the counts on both sides of every number."""
    if _FREE[name] is bool:
        return (False, True)
    near = {int(bound) + step for bound in bounds for step in (-2, -1, 0, 1)}
    return sorted(n for n in {0, 1, *near} if 0 <= n <= 1000)


class _Watch:
    """A standing that remembers what was asked of it."""

    def __init__(self, standing: Standing, seen: set[str]) -> None:
        self._standing, self._seen = standing, seen

    def __getattr__(self, name: str) -> Any:
        self._seen.add(name)
        return getattr(self._standing, name)


def _read_by(atom: Atom, kind: str) -> set[str]:
    seen: set[str] = set()
    for day in (_USUAL_DAYS[0], _ENDS + _DAY * 20):
        for value in (Decimal(5), None):
            more = {"target": Decimal(20), "reference": Decimal(9), "second_reference": Decimal(9)}
            standing = _standing(kind, value, {**more, **_timed(kind, day, _OPEN, 0), "increments": (Decimal(1),)})
            watch = cast(Standing, _Watch(standing, seen))
            if isinstance(atom, Is):
                atom.flag.get(watch)
            else:
                figure(atom.left)(watch)
                figure(atom.right)(watch)
    return seen
