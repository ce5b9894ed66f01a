"""The boxes in which a unit's year is planned: year, halves, quarters, months; of a growth rate with its base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from taskboard.forms.figures import figure
from taskboard.models.plan import Plan
from taskboard.models.planning import EMPTY, LABELS, Cell, periods_of
from taskboard.rules.cascade import Difference, differences
from taskboard.rules.periods import BELOW, Level, Period


@dataclass
class Box:
    """One box."""

    name: str
    label: str
    text: str = ""
    value: Decimal | None = None
    wrong: str = ""


@dataclass
class Line:
    """The boxes of a period; `kept` is what the form does not ask for."""

    period: Period
    boxes: dict[str, Box]
    kept: Cell = EMPTY
    version: int = 0

    @property
    def cell(self) -> Cell:
        given = {name: self.boxes[name].value if name in self.boxes else getattr(self.kept, name) for name in LABELS}
        return Cell(**given)

    @property
    def levels(self) -> str:
        """The parts by level, coarse to fine, for the sums that run while one types."""
        parts = (self.period.children(level) for level in BELOW[self.period.level])
        return "|".join(" ".join(part.key for part in level) for level in parts)


@dataclass
class PlanForm:
    """All periods of a year of one unit."""

    lines: list[Line]
    is_growth: bool
    may_be_negative: bool
    message: str = ""
    pairs: list[tuple[str, str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, year: int, stored: Mapping[str, Plan], is_growth: bool, may_be_negative: bool) -> PlanForm:
        """The form as the plans stand."""
        lines = []
        for period in periods_of(year):
            names = list(LABELS) if is_growth and period.level == Level.MONTH else ["amount"]
            row = stored.get(period.key)
            boxes = {name: Box(f"{name}-{period.key}", f"{period.short_word}{LABELS[name]}") for name in names}
            kept = Cell(row.amount, row.base, row.actual) if row else EMPTY
            for name, box in boxes.items():
                box.value = getattr(kept, name)
                box.text = "" if box.value is None else f"{box.value.normalize():f}"
            lines.append(Line(period, boxes, kept, row.version if row else 0))
        return cls(lines, is_growth, may_be_negative or is_growth)

    def read(self, typed: Mapping[str, str]) -> bool:
        """Take in what was typed; False when a box is wrong, with the reason at it."""
        for line in self.lines:
            seen = typed.get(f"seen-{line.period.key}", "")
            line.version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
            for name, box in line.boxes.items():
                box.text = typed.get(box.name, "").strip()[:40]
                box.value, box.wrong = None, ""
                try:
                    box.value = figure(box.text) if box.text else None
                except ValueError as error:
                    box.wrong = str(error)
                if box.value is not None and box.value < 0 and (name == "base" or not self.may_be_negative):
                    box.wrong = f"{box.label}不能为负数"
                if self.is_growth and name == "amount" and box.value is not None and box.value <= -100:
                    box.wrong = "增速应大于 -100"
        return not any(box.wrong for line in self.lines for box in line.boxes.values())

    @property
    def cells(self) -> dict[str, Cell]:
        return {line.period.key: line.cell for line in self.lines}

    @property
    def seen(self) -> dict[str, int]:
        return {line.period.key: line.version for line in self.lines}

    @property
    def sums(self) -> dict[str, Difference]:
        """How the boxes add up, by period; rates do not."""
        amounts = {key: cell.amount for key, cell in self.cells.items() if cell.amount is not None}
        return {} if self.is_growth else {one.parent.key: one for one in differences(amounts)}
