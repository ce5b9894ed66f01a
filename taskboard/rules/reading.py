"""Reads a rule set from YAML, entry by entry, so that a wrong one is named with its path and its remedy."""

import string
from collections.abc import Iterable, Mapping
from typing import Any

from taskboard.rules.conditions import Condition, Const, compiled
from taskboard.rules.entries import date_of, listing, load_yaml, mapping, number, switch, text_of, unique, version_of
from taskboard.rules.language import RuleSetError, nearest, read
from taskboard.rules.light import Light
from taskboard.rules.measures import DATES, FLAGS, MEASURES
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

_TOP = ("name", "title", "version", "valid_from", "source", "extends", "parameters", "kinds", "modifiers")
_PARAMETER = ("value", "title", "source", "assumption")
_CLAUSE = ("id", "light", "when", "words", "source", "assumption")
_MODIFIER = (
    "id",
    "title",
    "enabled",
    "kinds",
    "from",
    "when",
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
    data = mapping(load_yaml(text), "规则集", _TOP)
    parameters = tuple(_parameter(data, name) for name in mapping(data.get("parameters") or {}, "parameters"))
    consts = {p.name: p.const for p in parameters}
    base = _base(data)
    modifiers = tuple(
        _modifier(entry, consts, f"modifiers[{n}]")
        for n, entry in enumerate(listing(data.get("modifiers") or [], "modifiers"), 1)
    )
    unique((m.id for m, _ in modifiers), "modifiers")
    return RuleSet(
        name=text_of(data, "name", ""),
        title=text_of(data, "title", ""),
        version=version_of(data),
        valid_from=date_of(data),
        source=text_of(data, "source", "", needed=False),
        text=text,
        parameters=parameters,
        modifiers=tuple(m for m, _ in modifiers),
        kinds=_kinds(data, consts, modifiers, base),
    )


def _base(data: Mapping[str, Any]) -> RuleSet | None:
    if (name := data.get("extends")) is None:
        return None
    if name not in PRESET_ORDER:
        raise RuleSetError("extends", f"没有随附规则集“{name}”{nearest(name, PRESET_ORDER)}")
    if name == data.get("name"):
        raise RuleSetError("extends", "规则集不能沿用自己，请删去 extends 或改名")
    return load(name)


def _kinds(
    data: Mapping[str, Any],
    consts: Mapping[str, Const],
    modifiers: Iterable[tuple[Modifier, frozenset[str]]],
    base: RuleSet | None,
) -> dict[str, KindRules]:
    given = mapping(data.get("kinds") or {}, "kinds", KINDS)
    kinds = {}
    for kind in KINDS:
        if kind in given:
            clauses = _clauses(given[kind], consts, f"kinds.{kind}")
            own = [m for m, kinds_of in modifiers if kind in kinds_of and m.enabled]
            kinds[kind] = KindRules(clauses, tuple(m for m in own if not m.mark), tuple(m for m in own if m.mark))
        elif base:
            inherited = base.kinds[kind]
            kinds[kind] = KindRules(inherited.clauses, inherited.changing, inherited.marking, base.name)
        else:
            raise RuleSetError(
                "kinds", f"缺少“{kind}”（{KIND_WORDS[kind]}），请补上，或写 extends: standard 沿用标准规则集"
            )
    return kinds


def _clauses(entries: object, consts: Mapping[str, Const], path: str) -> tuple[Clause, ...]:
    clauses = []
    for n, entry in enumerate(listing(entries, path, needed=True), 1):
        at = f"{path}[{n}]"
        fields = mapping(entry, at, _CLAUSE)
        condition = _condition(fields, consts, at)
        clauses.append(
            Clause(
                id=text_of(fields, "id", at, needed=False) or f"{path.removeprefix('kinds.')}-{n}",
                light=_light(fields.get("light"), at),
                condition=condition,
                test=compiled(condition),
                words=_words(fields, at),
                source=text_of(fields, "source", at, needed=False),
                assumption=switch(fields, "assumption", False, at),
            )
        )
    unique((c.id for c in clauses), path)
    return tuple(clauses)


def _modifier(entry: object, consts: Mapping[str, Const], at: str) -> tuple[Modifier, frozenset[str]]:
    fields = mapping(entry, at, _MODIFIER)
    if ("light" in fields) == ("mark" in fields):
        raise RuleSetError(at, "light（改变亮灯）与 mark（只作标记）须有且只有一项")
    if switch(fields, "opens", False, at) and "mark" not in fields:
        raise RuleSetError(f"{at}.opens", "立为督查事项（opens）须同时写明标记 mark")
    condition = _condition(fields, consts, at)
    lights = listing(fields["from"], f"{at}.from") if "from" in fields else list(ALL_LIGHTS)
    kinds = listing(fields["kinds"], f"{at}.kinds") if "kinds" in fields else list(KINDS)
    for kind in kinds:
        if kind not in KINDS:
            raise RuleSetError(f"{at}.kinds", f"没有“{kind}”这一类{nearest(kind, KINDS)}；可用：{'、'.join(KINDS)}")
    modifier = Modifier(
        id=text_of(fields, "id", at),
        title=text_of(fields, "title", at, needed=False) or text_of(fields, "id", at),
        enabled=switch(fields, "enabled", True, at),
        applies_to=frozenset(_light(light, f"{at}.from", whole=True) for light in lights),
        condition=condition,
        test=compiled(condition),
        light=_light(fields["light"], at) if "light" in fields else Light.GREY,
        mark=text_of(fields, "mark", at, needed=False),
        words=_words(fields, at),
        source=text_of(fields, "source", at, needed=False),
        assumption=switch(fields, "assumption", False, at),
        opens=switch(fields, "opens", False, at),
    )
    return modifier, frozenset(kinds)


def _parameter(data: Mapping[str, Any], name: str) -> Parameter:
    at = f"parameters.{name}"
    if not name.isidentifier() or name in MEASURES or name in FLAGS:
        raise RuleSetError(at, "参数名只能用英文字母、数字和下划线，且不能与指标名相同，请改名")
    entry = data["parameters"][name]
    fields = mapping(entry if isinstance(entry, dict) else {"value": entry}, at, _PARAMETER)
    title = text_of(fields, "title", at, needed=False)
    return Parameter(
        name=name,
        title=title,
        const=Const(number(fields.get("value"), f"{at}.value"), title),
        source=text_of(fields, "source", at, needed=False),
        assumption=switch(fields, "assumption", False, at),
    )


def _condition(fields: Mapping[str, Any], consts: Mapping[str, Const], at: str) -> Condition:
    if "when" not in fields:
        raise RuleSetError(at, "缺少条件 when；若无条件成立，请写 when: always")
    return read(fields["when"], consts, f"{at}.when")


def _light(value: object, at: str, whole: bool = False) -> Light:
    path = at if whole else f"{at}.light"
    if value is None:
        raise RuleSetError(path, f"缺少亮灯，可用：{_LIGHTS}")
    for light in Light:
        if value in (light.value, light.word):
            return light
    raise RuleSetError(path, f"没有“{value}”这种灯{nearest(value, Light)}；可用：{_LIGHTS}")


def _words(fields: Mapping[str, Any], at: str) -> str:
    text = text_of(fields, "words", at, needed=False)
    path = f"{at}.words"
    known = {*MEASURES, *FLAGS, *DATES}
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError:
        raise RuleSetError(path, "花括号不成对，指标名应写在一对花括号内，如“{gap}”") from None
    for name in names:
        if name not in known:
            raise RuleSetError(path, f"花括号内没有“{name}”这个名称{nearest(name, known)}")
    return text
