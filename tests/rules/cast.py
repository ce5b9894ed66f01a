"""Standings that the tests of rules start from."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from taskboard.rules.standing import Standing

Q2 = (date(2020, 4, 1), date(2020, 6, 30))
LAST_OF_MAY = date(2020, 5, 31)
STEEL = Standing(
    kind="amount",
    on=LAST_OF_MAY,
    starts_on=Q2[0],
    ends_on=Q2[1],
    scheduled=Decimal("0.615"),
    completion=Decimal("0.42"),
    value=Decimal(42),
    target=Decimal(100),
)


def amount(completion: str | Decimal | None, scheduled: str | Decimal = "0.615", **more: Any) -> Standing:
    """A target of 100 so far completed and so far scheduled."""
    done = None if completion is None else Decimal(completion)
    value = None if done is None else done * 100
    return replace(STEEL, completion=done, value=value, scheduled=Decimal(scheduled), **more)


def task(completion: str | None, scheduled: str = "0.615", **more: Any) -> Standing:
    return replace(amount(completion, scheduled), kind="task", **more)


def growth(value: str | None, target: str = "5", **more: Any) -> Standing:
    figure = None if value is None else Decimal(value)
    return replace(STEEL, kind="growth", completion=None, value=figure, target=Decimal(target), **more)


def rank(place: int, target: int = 3) -> Standing:
    return replace(STEEL, kind="rank", completion=None, value=Decimal(place), target=Decimal(target))


def bare(kind: str, **more: Any) -> Standing:
    """A milestone or an item, which has no figures of its own."""
    return replace(STEEL, kind=kind, completion=None, value=None, target=None, scheduled=Decimal(0), **more)
