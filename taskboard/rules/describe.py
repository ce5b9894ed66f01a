"""A rule set in Chinese, line by line: what the page and `rules show` print beside the lights it decides."""

from collections.abc import Iterable
from dataclasses import dataclass

from taskboard.rules.light import Light
from taskboard.rules.numbers import plain
from taskboard.rules.ruleset import Clause, Modifier, RuleSet, load
from taskboard.rules.standing import KIND_WORDS
from taskboard.rules.words import condition_words


@dataclass(frozen=True)
class Line:
    """One clause or modifier: on what, under which condition, with which light or mark, on whose word."""

    kind: str
    about: str
    id: str
    condition: str
    light: Light | None
    mark: str
    source: str
    assumption: bool
    enabled: bool = True


@dataclass(frozen=True)
class ParameterLine:
    """A named figure of the rule set, as a person reads it."""

    name: str
    title: str
    value: str
    source: str
    assumption: bool


def clause_lines(rules: RuleSet) -> list[Line]:
    """Every clause in the order in which it is asked, kind by kind; an inherited kind names whence it comes."""
    return [
        _clause_line(kind, clause, own.inherited_from) for kind, own in rules.kinds.items() for clause in own.clauses
    ]


def modifier_lines(rules: RuleSet) -> list[Line]:
    """The rule set's own switches, those that are off included."""
    return [_modifier_line(modifier) for modifier in rules.modifiers]


def parameter_lines(rules: RuleSet) -> list[ParameterLine]:
    """The figures that the office may want to change, and which of them no source gave."""
    return [
        ParameterLine(p.name, p.title or p.name, plain(p.const.value), p.source, p.assumption) for p in rules.parameters
    ]


def _clause_line(kind: str, clause: Clause, inherited_from: str) -> Line:
    source = clause.source or (f"沿用{load(inherited_from).title}" if inherited_from else "")
    condition = condition_words(clause.condition)
    return Line(kind, KIND_WORDS[kind], clause.id, condition, clause.light, "", source, clause.assumption)


def _modifier_line(m: Modifier) -> Line:
    before = "" if m.applies_to == frozenset(Light) else f"原为{_lights(m.applies_to)}，"
    condition = before + condition_words(m.condition)
    light = None if m.mark else m.light
    return Line("", m.title, m.id, condition, light, m.mark, m.source, m.assumption, m.enabled)


def _lights(lights: Iterable[Light]) -> str:
    """红、黄灯, most urgent first."""
    return "、".join(light.word for light in sorted(lights, key=lambda light: -light.severity)) + "灯"
