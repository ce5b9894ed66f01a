"""A row of the matrix 条×块: one indicator, the district's target, the territories', and whether they add up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from taskboard.boards.words import day as day_words
from taskboard.boards.words import figure, pct
from taskboard.models import UnitKind
from taskboard.rules.allocation import Balance, adds_up, balance
from taskboard.rules.light import Light
from taskboard.rules.schedule import completion
from taskboard.rules.vintage import Vintage

SHOWS = ("完成率", "目标", "实际")
TERRITORIES = (UnitKind.SUBDISTRICT, UnitKind.PARK)
_ZERO = Decimal(0)


@dataclass(frozen=True)
class Cell:
    """One target in the matrix."""

    id: int
    unit_id: int
    unit: str
    unit_full: str
    light: str
    start: Decimal
    target: Decimal
    value: Decimal | None
    as_of: date | None
    vintage: str
    higher_is_better: bool
    decimals: int
    measure: str
    illustrative: bool
    places: tuple[int, int]  # decimals of targets and of values, the same all along the row
    is_amount: bool  # a way to go, of which a share is behind; a rate or a rank is only itself

    @property
    def completion(self) -> Decimal | None:
        """The share of the way gone, as the rules count it; not capped."""
        if self.value is None or not self.is_amount:
            return None
        return completion(self.start, self.target, self.value, self.higher_is_better)

    @property
    def vintage_word(self) -> str:
        return Vintage(self.vintage).word if self.vintage else ""

    def shown(self, show: str) -> str:
        """The figure of the cell."""
        if show == SHOWS[1]:
            return figure(self.target, self.places[0])
        if show == SHOWS[2] or not self.is_amount:
            mark = " %" if self.measure == "%" and self.value is not None else ""
            return f"{figure(self.value, self.places[1])}{mark}"
        return pct(self.completion)

    @property
    def title(self) -> str:
        """Everything about it in a sentence, for a touch and for a screen reader."""
        light = Light(self.light)
        said = [f"{self.unit_full} {light.word}灯", f"目标 {figure(self.target)} {self.measure}"]
        if self.value is None:
            said.append("尚无数值")
        else:
            marks = [self.vintage_word] + ([f"截至{day_words(self.as_of)}"] if self.as_of else [])
            said.append(f"实际 {figure(self.value)} {self.measure}（{'，'.join(marks)}）" if self.vintage else
                        f"实际 {figure(self.value)} {self.measure}")  # fmt: skip
            said += [f"完成 {pct(self.completion)}"] if self.is_amount else []
        return "，".join(said) + ("，示例" if self.illustrative else "")


@dataclass(frozen=True)
class Row:
    """An indicator: the district's target, the territories', and whether they add up."""

    id: int
    group_id: int
    name: str
    measure: str
    adds_up: bool
    district: Cell | None
    reserve: Decimal
    cells: dict[int, Cell]  # by unit

    @cached_property
    def balance(self) -> Balance:
        return balance(
            self.district.target if self.district else None, (c.target for c in self.cells.values()), self.reserve
        )

    @property
    def is_illustrative(self) -> bool:
        return all(cell.illustrative for cell in self.every)

    @property
    def every(self) -> tuple[Cell, ...]:
        return (*([self.district] if self.district else []), *self.cells.values())

    @property
    def actual(self) -> Decimal | None:
        """The sum of what the territories have reached; None where nobody has said."""
        said = [cell.value for cell in self.cells.values() if cell.value is not None]
        return sum(said, _ZERO) if said and self.adds_up else None

    @property
    def silent(self) -> int:
        """How many territories have not said anything."""
        return sum(cell.value is None for cell in self.cells.values())

    @property
    def actual_left(self) -> Decimal | None:
        """The district's actual less what the territories say."""
        own = self.district.value if self.district else None
        return None if own is None or self.actual is None else own - self.actual

    @property
    def completion(self) -> Decimal | None:
        """What the territories have reached of what all of them owe."""
        way = sum((cell.target - cell.start for cell in self.cells.values()), _ZERO)
        gone = sum((cell.value - cell.start for cell in self.cells.values() if cell.value is not None), _ZERO)
        return gone / way if way and self.actual is not None else None


def row_of(found: Sequence[Any]) -> Row:
    """The row of an indicator from its targets of one period, as boards/matrix.py reads them."""
    first = found[0]
    whole = district_of(found)
    places = _places(row.target_value for row in found), _places(row.value for row in found)
    cells: dict[int, Cell] = {}
    for row in found:
        if row is not whole and row.unit_kind in TERRITORIES:
            cells.setdefault(row.unit_id, _cell(row, places))
    return Row(
        id=first.indicator_id,
        group_id=first.indicator_group_id,
        name=first.indicator_name,
        measure=first.indicator_measure,
        adds_up=adds_up(first.indicator_kind, {row.own_measure for row in found}),
        district=_cell(whole, places) if whole else None,
        reserve=whole.reserve if whole else _ZERO,
        cells=cells,
    )


def _places(values: Iterable[Decimal | None]) -> int:
    """As many decimals as the longest of them needs."""
    exponents = [value.normalize().as_tuple().exponent for value in values if value is not None]
    return max((-one for one in exponents if isinstance(one, int) and one < 0), default=0)


def _cell(row: Any, places: tuple[int, int]) -> Cell:
    return Cell(
        id=row.id,
        unit_id=row.unit_id,
        unit=row.short_name,
        unit_full=row.unit_name,
        light=row.light,
        start=row.start_value,
        target=row.target_value,
        value=row.value,
        as_of=row.value_as_of,
        vintage=row.vintage,
        higher_is_better=row.higher_is_better,
        decimals=row.decimals,
        measure=row.own_measure,
        illustrative=row.illustrative,
        places=places,
        is_amount=row.rule_kind in ("amount", "milestone"),
    )


def district_of(found: Sequence[Any]) -> Any:
    """The target of the whole district: the one that says so, else the lead unit's."""
    others = [row for row in found if row.unit_kind not in TERRITORIES]
    return next((row for row in found if row.is_district), None) or next(
        (row for row in others if row.unit_kind == UnitKind.DISTRICT or row.unit_id == row.lead_id), None
    )
