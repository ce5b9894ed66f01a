"""规则集: the rules as data. A frozen value, read from TOML, with its clauses compiled once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from taskboard.rules.conditions import Condition, Const, Test
from taskboard.rules.language import RuleSetError, nearest
from taskboard.rules.light import Light

__all__ = [
    "Clause",
    "KindRules",
    "Modifier",
    "Parameter",
    "RuleSet",
    "RuleSetError",
    "in_force",
    "load",
    "parse",
    "presets",
]

PRESETS = Path(__file__).parent / "presets"
PRESET_ORDER = ("standard", "sanya", "ouhai", "suqian", "clearpoint", "engagedly")
ALL_LIGHTS = frozenset(Light)


@dataclass(frozen=True)
class Parameter:
    """A figure of the rule set that has a name: what the office may want to change, and who says so."""

    name: str
    title: str
    const: Const
    source: str = ""
    assumption: bool = False


@dataclass(frozen=True)
class Clause:
    """If the condition holds, this light. `words` replaces the generated reason."""

    id: str
    light: Light
    condition: Condition
    test: Test = field(compare=False, repr=False)
    words: str = ""
    source: str = ""
    assumption: bool = False


@dataclass(frozen=True)
class Modifier:
    """A switch that changes the light of the clauses, or (without a light) only sets a mark."""

    id: str
    title: str
    enabled: bool
    applies_to: frozenset[Light]
    condition: Condition
    test: Test = field(compare=False, repr=False)
    light: Light
    mark: str = ""
    words: str = ""
    source: str = ""
    assumption: bool = False
    opens: bool = False  # a mark that opens a 督查 item by itself


@dataclass(frozen=True)
class KindRules:
    """The clauses of one kind of commitment and the switched-on modifiers that concern it."""

    clauses: tuple[Clause, ...]
    changing: tuple[Modifier, ...]
    marking: tuple[Modifier, ...]
    inherited_from: str = ""


@dataclass(frozen=True)
class RuleSet:
    """A rule set in one version. Equal and hashed by what it was read from."""

    name: str
    version: str
    valid_from: date
    text: str = field(repr=False)
    title: str = field(compare=False, default="")
    source: str = field(compare=False, default="")
    parameters: tuple[Parameter, ...] = field(compare=False, default=())
    modifiers: tuple[Modifier, ...] = field(compare=False, default=())
    kinds: Mapping[str, KindRules] = field(compare=False, default_factory=dict, repr=False)


def parse(text: str) -> RuleSet:
    """The rule set that a TOML text says, or RuleSetError with the place, the problem and the remedy."""
    from taskboard.rules.reading import read_ruleset  # reading builds on the values above

    return read_ruleset(text)


def load(name_or_path: str | Path) -> RuleSet:
    """A shipped preset by name, or a rule set from a file."""
    if str(name_or_path) in PRESET_ORDER:
        return _preset(str(name_or_path))
    path = Path(name_or_path)
    if not path.is_file():
        hint = nearest(name_or_path, PRESET_ORDER)
        raise RuleSetError(
            (str(name_or_path),), f"既不是随附规则集，也不是文件{hint}；随附规则集有{'、'.join(PRESET_ORDER)}"
        )
    try:
        return parse(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise RuleSetError((str(name_or_path),), "文件不是 UTF-8 编码，请另存为 UTF-8 后再试") from None


@cache
def _preset(name: str) -> RuleSet:
    return parse((PRESETS / f"{name}.toml").read_text(encoding="utf-8"))


def presets() -> list[RuleSet]:
    """The shipped rule sets, `standard` first."""
    return [_preset(name) for name in PRESET_ORDER]


def in_force(rulesets: Iterable[RuleSet], on: date) -> RuleSet:
    """The one that was in force on the day: the last to begin by then, the later one given winning a tie."""
    begun = [r for r in rulesets if r.valid_from <= on]
    if not begun:
        raise RuleSetError((), f"{on:%Y-%m-%d} 没有已生效的规则集，请检查规则集的生效日期（valid_from）")
    latest = max(r.valid_from for r in begun)
    return next(r for r in reversed(begun) if r.valid_from == latest)
