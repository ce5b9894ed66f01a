"""The row of boxes in which a district target is shared out: parsed box by box, errors beside each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from taskboard.forms.figures import figure
from taskboard.models.allocating import DISTRICT
from taskboard.models.target import Target
from taskboard.models.unit import Unit
from taskboard.rules.allocation import Balance, balance


@dataclass
class Box:
    """One box: the district's (key DISTRICT) or a unit's, as stored or as typed."""

    key: int
    label: str
    text: str = ""
    version: int = 0
    wrong: str = ""
    value: Decimal | None = None

    @property
    def name(self) -> str:
        return f"v{self.key}"


@dataclass
class AllocationForm:
    """The district's box, the units' boxes and the reserve."""

    boxes: list[Box]
    reserve: Box
    may_be_negative: bool = False
    agreed: Decimal | None = None
    asks: bool = False  # the sum is to be confirmed
    message: str = ""
    pairs: list[tuple[str, str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, units: Iterable[Unit], row: Mapping[int, Target], may_be_negative: bool) -> AllocationForm:
        """The form as the row stands."""
        boxes = [Box(DISTRICT, "全区目标"), *(Box(unit.id, unit.name) for unit in units)]
        for box in boxes:
            if box.key in row:
                box.value, box.version = row[box.key].target_value, row[box.key].version
                box.text = _plain(box.value)
        kept = row[DISTRICT].reserve if DISTRICT in row else Decimal(0)
        return cls(boxes, Box(-1, "预留", _plain(kept) if kept else "", value=kept), may_be_negative)

    def read(self, typed: Mapping[str, str]) -> bool:
        """Take in what was typed; False when a box is wrong, with the reason at it."""
        for box in (*self.boxes, self.reserve):
            box.text = typed.get("reserve" if box is self.reserve else box.name, "").strip()[:40]
            box.version = _version(typed.get(f"seen{box.key}", ""))
            box.value, box.wrong = None, ""
            try:
                box.value = figure(box.text) if box.text else None
            except ValueError as error:
                box.wrong = str(error)
            if box.value is not None and box.value < 0 and (not self.may_be_negative or box is self.reserve):
                box.wrong = f"{box.label}不能为负数"
        try:
            self.agreed = Decimal(typed["agreed"][:40]) if typed.get("agreed") else None
        except InvalidOperation:
            self.agreed = None
        return not any(box.wrong for box in (*self.boxes, self.reserve))

    @property
    def values(self) -> dict[int, Decimal | None]:
        return {box.key: box.value for box in self.boxes}

    @property
    def seen(self) -> dict[int, int]:
        return {box.key: box.version for box in self.boxes}

    @property
    def balance(self) -> Balance:
        """As the boxes stand."""
        return balance(self.boxes[0].value, (box.value for box in self.boxes[1:]), self.reserve.value)

    def refuse(self, cells: Mapping[int, str]) -> None:
        """Put the reasons at their boxes."""
        for box in self.boxes:
            box.wrong = cells.get(box.key, box.wrong)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _version(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
