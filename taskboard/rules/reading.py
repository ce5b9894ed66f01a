"""Reads a rule set from TOML, entry by entry, so that a wrong one is named with its line and its remedy."""

import string
from collections.abc import Iterable, Mapping
from typing import Any

from taskboard.rules.conditions import Condition, Const, compiled
from taskboard.rules.entries import (
    bands,
    date_of,
    listing,
    load_toml,
    mapping,
    number,
    switch,
    text_of,
    unique,
    version_of,
)
from taskboard.rules.language import RuleSetError, nearest, read
from taskboard.rules.light import Light
from taskboard.rules.measures import DATES, FLAGS, MEASURES
from taskboard.rules.places import Place
from taskboard.rules.ruleset import (
    ALL_LIGHTS,
    PRESET_ORDER,
    Clause,
    KindRules,
    Modifier,
    Parameter,
    RuleSet,
    load,
)
from taskboard.rules.standing import KIND_WORDS, KINDS

_HEAD = ("name", "title", "version", "valid_from", "source", "extends")
_TOP = (*_HEAD, "parameters", *KINDS, "modifiers")
_DEFAULT_BASE = "standard"
_CONDITION = ("when", "all", "any")
_PARAMETER = ("value", "title", "source", "assumption")
_CLAUSE = ("id", "light", *_CONDITION, "words", "source", "assumption")
_MODIFIER = (
    "id",
    "title",
    "enabled",
    "kinds",
    "from",
    *_CONDITION,
    "light",
    "mark",
    "words",
    "source",
    "assumption",
    "opens",
)
_LIGHTS = "、".join(f"{light.value}（{light.word}）" for light in Light)


def read_ruleset(text: str) -> RuleSet:
    """The whole text as a rule set."""
    try:
        return _ruleset(mapping(load_toml(text), (), _TOP), text)
    except RuleSetError as error:
        raise error.within(text) from None
    except RecursionError:
        raise RuleSetError((), "层次过多，请拆成几条", line=1) from None


def _ruleset(data: Mapping[str, Any], text: str) -> RuleSet:
    name = text_of(data, "name", ())
    parameters = tuple(_parameter(data, key) for key in mapping(data.get("parameters", {}), ("parameters",)))
    consts = {p.name: p.const for p in parameters}
    given = bands(data["modifiers"], ("modifiers",)) if "modifiers" in data else []
    modifiers = tuple(_modifier(entry, consts, ("modifiers", n)) for n, entry in enumerate(given, 1))
    unique((m.id for m, _ in modifiers), ("modifiers",))
    return RuleSet(
        name=name,
        title=text_of(data, "title", ()),
        version=version_of(data),
        valid_from=date_of(data),
        source=text_of(data, "source", (), needed=False),
        text=text,
        parameters=parameters,
        modifiers=tuple(m for m, _ in modifiers),
        kinds=_kinds(data, consts, modifiers, _base(data, name)),
    )


def _base(data: Mapping[str, Any], own_name: str) -> str:
    """The shipped set that kinds not listed follow: the one of `extends`, else the standard."""
    name = data.get("extends", _DEFAULT_BASE)
    if name not in PRESET_ORDER:
        raise RuleSetError(("extends",), f"没有随附规则集“{name}”{nearest(name, PRESET_ORDER)}", str(name))
    if "extends" in data and name == own_name:
        raise RuleSetError(("extends",), "规则集不能沿用自己，请删去 extends 或改名")
    return str(name)


def _kinds(
    data: Mapping[str, Any],
    consts: Mapping[str, Const],
    modifiers: Iterable[tuple[Modifier, frozenset[str]]],
    base: str,
) -> dict[str, KindRules]:
    kinds = {}
    for kind in KINDS:
        if kind in data:
            clauses = _clauses(data[kind], consts, kind)
            own = [m for m, kinds_of in modifiers if kind in kinds_of and m.enabled]
            kinds[kind] = KindRules(clauses, tuple(m for m in own if not m.mark), tuple(m for m in own if m.mark))
        elif base == data["name"]:
            raise RuleSetError((kind,), f"缺少{KIND_WORDS[kind]}的规则，“{base}”不能沿用自己，请补上 [[{kind}]]")
        else:
            inherited = load(base).kinds[kind]
            kinds[kind] = KindRules(inherited.clauses, inherited.changing, inherited.marking, base)
    return kinds


def _clauses(entries: object, consts: Mapping[str, Const], kind: str) -> tuple[Clause, ...]:
    clauses = []
    for n, entry in enumerate(bands(entries, (kind,)), 1):
        at = (kind, n)
        fields = _fields(entry, at, _CLAUSE)
        condition = _condition(fields, consts, at)
        clauses.append(
            Clause(
                id=text_of(fields, "id", at, needed=False) or f"{kind}-{n}",
                light=_light(fields.get("light"), (*at, "light")),
                condition=condition,
                test=compiled(condition),
                words=_words(fields, at),
                source=text_of(fields, "source", at, needed=False),
                assumption=switch(fields, "assumption", False, at),
            )
        )
    unique((c.id for c in clauses), (kind,))
    return tuple(clauses)


def _fields(entry: object, at: Place, known: Iterable[str]) -> dict[str, Any]:
    """The entries of one section. What belongs to the head of the file is easily written below a section."""
    if isinstance(entry, dict) and (lost := [key for key in entry if key in _HEAD and key not in known]):
        raise RuleSetError((*at, lost[0]), f"“{lost[0]}”应写在文件开头，第一个方括号之前")
    return mapping(entry, at, known)


def _modifier(entry: object, consts: Mapping[str, Const], at: Place) -> tuple[Modifier, frozenset[str]]:
    fields = _fields(entry, at, _MODIFIER)
    if ("light" in fields) == ("mark" in fields):
        raise RuleSetError(at, "light（改变亮灯）与 mark（只作标记）须有且只有一项")
    if switch(fields, "opens", False, at) and "mark" not in fields:
        raise RuleSetError((*at, "opens"), "立为督查事项（opens）须同时写明标记 mark")
    condition = _condition(fields, consts, at)
    lights = listing(fields["from"], (*at, "from")) if "from" in fields else list(ALL_LIGHTS)
    kinds = listing(fields["kinds"], (*at, "kinds")) if "kinds" in fields else list(KINDS)
    for kind in kinds:
        if kind not in KINDS:
            said = f"没有“{kind}”这一类{nearest(kind, KINDS)}；可用：{'、'.join(KINDS)}"
            raise RuleSetError((*at, "kinds"), said, str(kind))
    modifier = Modifier(
        id=text_of(fields, "id", at),
        title=text_of(fields, "title", at, needed=False) or text_of(fields, "id", at),
        enabled=switch(fields, "enabled", True, at),
        applies_to=frozenset(_light(light, (*at, "from")) for light in lights),
        condition=condition,
        test=compiled(condition),
        light=_light(fields["light"], (*at, "light")) if "light" in fields else Light.GREY,
        mark=text_of(fields, "mark", at, needed=False),
        words=_words(fields, at),
        source=text_of(fields, "source", at, needed=False),
        assumption=switch(fields, "assumption", False, at),
        opens=switch(fields, "opens", False, at),
    )
    return modifier, frozenset(kinds)


def _parameter(data: Mapping[str, Any], name: str) -> Parameter:
    at = ("parameters", name)
    if not name.isidentifier() or name in MEASURES or name in FLAGS:
        raise RuleSetError(at, "参数名只能用英文字母、数字和下划线，且不能与指标名相同，请改名")
    entry = data["parameters"][name]
    fields = mapping(entry if isinstance(entry, dict) else {"value": entry}, at, _PARAMETER)
    title = text_of(fields, "title", at, needed=False)
    return Parameter(
        name=name,
        title=title,
        const=Const(number(fields.get("value"), (*at, "value")), title),
        source=text_of(fields, "source", at, needed=False),
        assumption=switch(fields, "assumption", False, at),
    )


def _condition(fields: Mapping[str, Any], consts: Mapping[str, Const], at: Place) -> Condition:
    given = [key for key in _CONDITION if key in fields]
    if not given:
        raise RuleSetError(at, '缺少条件 when；若无条件成立，请写 when = "always"')
    if len(given) > 1:
        raise RuleSetError((*at, given[1]), f"条件只能有 when、all、any 之一，现有 {'、'.join(given)}")
    key = given[0]
    return read(fields[key], consts, (*at, key)) if key == "when" else read({key: fields[key]}, consts, at)


def _light(value: object, place: Place) -> Light:
    if value is None:
        raise RuleSetError(place, f"缺少亮灯，可用：{_LIGHTS}")
    for light in Light:
        if value in (light.value, light.word):
            return light
    raise RuleSetError(place, f"没有“{value}”这种灯{nearest(value, Light)}；可用：{_LIGHTS}", str(value))


def _words(fields: Mapping[str, Any], at: Place) -> str:
    text = text_of(fields, "words", at, needed=False)
    place = (*at, "words")
    known = {*MEASURES, *FLAGS, *DATES}
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError:
        raise RuleSetError(place, "花括号不成对，指标名应写在一对花括号内，如“{gap}”") from None
    for name in names:
        if name not in known:
            raise RuleSetError(place, f"花括号内没有“{name}”这个名称{nearest(name, known)}", name)
    return text
