"""Where the running commitments of a campaign stand, by group and unit: from the tally, in one statement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Section, Tally
from taskboard.rules.light import Light, worst

SHOWN = (Light.RED, Light.YELLOW, Light.GREEN, Light.GREY)


@dataclass(frozen=True)
class Cell:
    """So many commitments in one place."""

    group_id: int
    unit_id: int
    kind: str
    light: str
    section: int
    owed: bool
    count: int

    @property
    def is_open(self) -> bool:
        return self.section != Section.DONE


def cells(campaign_id: int) -> tuple[Cell, ...]:
    """All counts of a campaign that are not nothing."""
    names = (Tally.group_id, Tally.unit_id, Tally.kind, Tally.light, Tally.section, Tally.owed, Tally.count)
    rows = db.session.execute(select(*names).where(Tally.campaign_id == campaign_id, Tally.count > 0))
    return tuple(Cell(*row) for row in rows)


def total(found: Iterable[Cell], holds: Callable[[Cell], bool] = lambda cell: True) -> int:
    """How many commitments there are in the cells for which it holds."""
    return sum(cell.count for cell in found if holds(cell))


def lights(found: Iterable[Cell]) -> dict[str, int]:
    """How many open commitments are in each light, red first."""
    counted: Counter[str] = Counter()
    for cell in found:
        if cell.is_open:
            counted[cell.light] += cell.count
    return {light.value: counted[light.value] for light in SHOWN}


def light_of(counted: Mapping[str, int]) -> str:
    """The light of a whole: that of its most urgent part."""
    return worst(Light(value) for value, count in counted.items() if count).value
