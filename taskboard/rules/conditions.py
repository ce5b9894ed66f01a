"""Conditions of a rule: a small tree, for the words, and the closure made from it once, for judging.

A comparison with a figure that is not known is never true.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from taskboard.rules.measures import Figure, Flag, Measure
from taskboard.rules.standing import Standing

Test = Callable[[Standing], bool]
OPS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
CALC: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip


@dataclass(frozen=True)
class Const:
    """A number, and the name of the line when it is a parameter of the rule set."""

    value: Decimal
    word: str = ""


@dataclass(frozen=True)
class Ref:
    """A measure."""

    measure: Measure


@dataclass(frozen=True)
class Calc:
    """Arithmetic on measures, such as 0.9 * target."""

    op: str
    left: "Operand"
    right: "Operand"


Operand = Const | Ref | Calc


@dataclass(frozen=True)
class Compare:
    """A comparison; a lone constant always stands on the right."""

    left: Operand
    op: str
    right: Operand


@dataclass(frozen=True)
class Is:
    """A yes/no word, or its denial."""

    flag: Flag
    wanted: bool


@dataclass(frozen=True)
class AllOf:
    """Every part holds; without parts it always holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple["Condition", ...]


Condition = Compare | Is | AllOf | AnyOf


def compiled(condition: Condition) -> Test:
    """The closure that answers the condition; the only evaluation there is, for colours and words alike."""
    match condition:
        case Compare(left=Ref(measure=measure), op=op, right=Const(value=bound)):
            return _against(measure.get, OPS[op], bound)
        case Compare(left=left, op=op, right=right):
            return _between(figure(left), OPS[op], figure(right))
        case Is(flag=flag, wanted=wanted):
            return flag.get if wanted else _denied(flag.get)
        case AllOf(parts=parts):
            return _all([compiled(part) for part in parts])
        case AnyOf(parts=parts):
            return _any([compiled(part) for part in parts])


def figure(operand: Operand) -> Callable[[Standing], Figure]:
    """The closure that gives an operand's figure."""
    match operand:
        case Const(value=value):
            return lambda st: value
        case Ref(measure=measure):
            return measure.get
        case Calc(op=op, left=left, right=right):
            return _calculated(CALC[op], figure(left), figure(right))


def _calculated(
    calc: Callable[[Decimal, Decimal], Decimal],
    left: Callable[[Standing], Figure],
    right: Callable[[Standing], Figure],
) -> Callable[[Standing], Figure]:
    def value(st: Standing) -> Figure:
        a, b = left(st), right(st)
        if a is None or b is None or (calc is operator.truediv and not b):
            return None
        return calc(Decimal(a), Decimal(b))

    return value


def _against(get: Callable[[Standing], Figure], op: Callable[[Any, Any], bool], bound: Decimal) -> Test:
    def test(st: Standing) -> bool:
        value = get(st)
        return value is not None and op(value, bound)

    return test


def _between(
    left: Callable[[Standing], Figure],
    op: Callable[[Any, Any], bool],
    right: Callable[[Standing], Figure],
) -> Test:
    def test(st: Standing) -> bool:
        a, b = left(st), right(st)
        return a is not None and b is not None and op(a, b)

    return test


def _denied(get: Test) -> Test:
    return lambda st: not get(st)


def _all(tests: list[Test]) -> Test:
    if len(tests) == 2:
        first, second = tests
        return lambda st: first(st) and second(st)
    return lambda st: all(test(st) for test in tests)


def _any(tests: list[Test]) -> Test:
    return lambda st: any(test(st) for test in tests)
