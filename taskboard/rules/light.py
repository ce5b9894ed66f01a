"""The light of a commitment: one walk through the clauses of a rule set, for colours and for words alike."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from taskboard.rules import words
from taskboard.rules.forecast import Forecast, landing
from taskboard.rules.measures import MEASURES
from taskboard.rules.standing import Standing

if TYPE_CHECKING:
    from taskboard.rules.ruleset import Clause, Modifier, RuleSet

__all__ = ["Forecast", "Light", "Standing", "Verdict", "colour", "judge", "landing", "worst"]


class Light(StrEnum):
    """亮灯. Always shown as word, shape and colour together."""

    RED = "red"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    GREY = "grey"

    @property
    def word(self) -> str:
        """红 黄 绿 蓝 灰."""
        return _LOOKS[self][0]

    @property
    def shape(self) -> str:
        """■ ▲ ● ◆ ○."""
        return _LOOKS[self][1]

    @property
    def severity(self) -> int:
        """How urgent, red highest. Grey is lowest: it says that there is nothing to judge."""
        return _LOOKS[self][2]


_LOOKS = {
    Light.RED: ("红", "■", 4),
    Light.YELLOW: ("黄", "▲", 3),
    Light.BLUE: ("蓝", "◆", 2),
    Light.GREEN: ("绿", "●", 1),
    Light.GREY: ("灰", "○", 0),
}


@dataclass(frozen=True)
class Verdict:
    """A light with its reason.

    `rule` is the clause or modifier that decided; `beneath` is the light of the figures alone, before the
    modifiers (a commitment grey for silence keeps the yellow beneath); `notes` are the sentences of `marks`.
    """

    light: Light
    words: str
    rule: str
    figures: dict[str, Decimal | int] = field(default_factory=dict)
    marks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    beneath: Light = Light.GREY


def _walk(standing: Standing, rules: "RuleSet") -> tuple[Light, "Clause | None", list["Modifier"]]:
    """The first clause that holds, then each modifier that applies to the light so far, in their order."""
    own = rules.kinds[standing.kind]
    light, clause = Light.GREY, None
    for candidate in own.clauses:
        if candidate.test(standing):
            light, clause = candidate.light, candidate
            break
    applied = []
    for modifier in own.changing:
        if light in modifier.applies_to and modifier.test(standing):
            light = modifier.light
            applied.append(modifier)
    return light, clause, applied


def colour(standing: Standing, rules: "RuleSet") -> Light:
    """The light alone: what a sweep asks of every commitment."""
    return _walk(standing, rules)[0]


def judge(standing: Standing, rules: "RuleSet") -> Verdict:
    """The light with its words, figures and marks: what a page, an export and a message show."""
    light, clause, applied = _walk(standing, rules)
    marking = [m for m in rules.kinds[standing.kind].marking if light in m.applies_to and m.test(standing)]
    decided = applied[-1].id if applied else clause.id if clause else "none"
    return Verdict(
        light=light,
        words=words.sentence(standing, clause, applied, light.word),
        rule=decided,
        figures=_figures(standing),
        marks=tuple(m.mark for m in marking),
        notes=tuple(words.note(standing, m) for m in marking),
        beneath=clause.light if clause else Light.GREY,
    )


def _figures(standing: Standing) -> dict[str, Decimal | int]:
    known = ((name, measure.get(standing)) for name, measure in MEASURES.items())
    return {name: value for name, value in known if value is not None}


def worst(lights: Iterable[Light]) -> Light:
    """The light of a whole: that of its most urgent part; grey when there is no part."""
    return max(lights, key=lambda light: light.severity, default=Light.GREY)
