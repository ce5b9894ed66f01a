"""Two conditions on one measure, held against each other exactly: where do both hold, does one contain the other."""

from decimal import Decimal
from itertools import pairwise

from taskboard.rules.conditions import OPS, AllOf, Compare, Condition, Const, Ref
from taskboard.rules.measures import Measure
from taskboard.rules.numbers import bound_words
from taskboard.rules.situations import atoms, consts

_ONE = Decimal(1)


def contradiction(earlier: Condition, later: Condition) -> str | None:
    """In words, where both hold although each also holds alone; empty when nowhere, None when it cannot be told.

    A later band that contains an earlier one is the ordinary ladder and contradicts nothing.
    """
    common = [part for part in _parts(earlier) if part in _parts(later)]
    first = AllOf(tuple(part for part in _parts(earlier) if part not in common))
    second = AllOf(tuple(part for part in _parts(later) if part not in common))
    one, other = _measure(first), _measure(second)
    if one is None or one is not other:
        return None
    counted = one.form not in ("ratio", "points", "plain", "percent")
    points = _points({bound for part in (first, second) for bound in _bounds(part)}, counted)
    holds = [(_holds(first, at), _holds(second, at)) for at, _, _ in points]
    if not {(True, True), (True, False), (False, True)} <= set(holds):
        return ""
    start = holds.index((True, True))
    end = next((n for n in range(start, len(holds)) if holds[n] != (True, True)), len(holds)) - 1
    return f"{one.word}{_span(one, points[start], points[end], counted)}"


Point = tuple[Decimal, Decimal | None, Decimal | None]
"""A number to try with the ends of the stretch that it stands for; both are itself on a line, None is without end."""


def _parts(condition: Condition) -> tuple[Condition, ...]:
    return condition.parts if isinstance(condition, AllOf) else (condition,)


def _measure(condition: Condition) -> Measure | None:
    """The one measure that is compared with numbers here, if there is no other."""
    found = set()
    for atom in atoms(condition):
        if not (isinstance(atom, Compare) and isinstance(atom.left, Ref) and isinstance(atom.right, Const)):
            return None
        found.add(atom.left.measure)
    return found.pop() if len(found) == 1 else None


def _bounds(condition: Condition) -> list[Decimal]:
    return [bound for atom in atoms(condition) if isinstance(atom, Compare) for bound in consts(atom.right)]


def _points(bounds: set[Decimal], counted: bool) -> list[Point]:
    """Every bound, a number between each two, and one beyond each end; of a count the whole numbers about them."""
    lines = sorted(bounds)
    if counted:
        whole = sorted({Decimal(int(bound)) + step for bound in lines for step in (-1, 0, 1)})
        last = len(whole) - 1
        return [(n, None if i == 0 else n, None if i == last else n) for i, n in enumerate(whole)]
    between: list[Point] = [((a + b) / 2, a, b) for a, b in pairwise(lines)]
    ends: list[Point] = [(lines[0] - _ONE, None, lines[0]), (lines[-1] + _ONE, lines[-1], None)]
    return sorted([*((line, line, line) for line in lines), *between, *ends], key=lambda point: point[0])


def _holds(condition: Condition, at: Decimal) -> bool:
    if isinstance(condition, Compare):
        return isinstance(condition.right, Const) and OPS[condition.op](at, condition.right.value)
    parts = getattr(condition, "parts", ())
    return (all if isinstance(condition, AllOf) else any)(_holds(part, at) for part in parts)


def _span(measure: Measure, first: Point, last: Point, counted: bool) -> str:
    """A stretch in words: 在 -12 个百分点（含）至 -10 个百分点（不含）之间."""
    low, high = first[1], last[2]
    low_in, high_in = first[0] == low, last[0] == high
    if low is not None and low == high:
        return f"为 {bound_words(measure.form, low)}"
    if low is None or high is None:
        if low is None and high is None:
            return "不论多少"
        edge = low if high is None else high
        word = ("不低于" if low_in else "高于") if high is None else ("不高于" if high_in else "低于")
        return f"{word} {bound_words(measure.form, edge or Decimal(0))}"
    ends = [f"{bound_words(measure.form, n)}（{'含' if inside else '不含'}）" for n, inside in
            ((low, low_in or counted), (high, high_in or counted))]  # fmt: skip
    return f"在 {ends[0]}至 {ends[1]}之间"
