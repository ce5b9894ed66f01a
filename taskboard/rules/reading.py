"""Reads a rule set from YAML, entry by entry, so that a wrong one is named with its path and its remedy."""

import string
from collections.abc import Hashable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml

from taskboard.rules.conditions import Condition, Const, compiled
from taskboard.rules.language import RuleSetError, nearest, read
from taskboard.rules.light import Light
from taskboard.rules.measures import FLAGS, MEASURES
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
)
_LIGHTS = "、".join(f"{light.value}（{light.word}）" for light in Light)


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a key given twice is an error, not a silent loss."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                line = key_node.start_mark.line + 1
                raise RuleSetError(f"第 {line} 行", f"“{key}”重复出现，请合并或改名")
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_ruleset(text: str) -> RuleSet:
    """The whole text as a rule set."""
    data = _mapping(_yaml(text), "规则集", _TOP)
    parameters = tuple(
        _parameter(data, name) for name in _mapping(data.get("parameters") or {}, "parameters")
    )
    consts = {p.name: p.const for p in parameters}
    base = _base(data)
    modifiers = tuple(
        _modifier(entry, consts, f"modifiers[{n}]")
        for n, entry in enumerate(_list(data.get("modifiers") or [], "modifiers"), 1)
    )
    _unique((m.id for m, _ in modifiers), "modifiers")
    return RuleSet(
        name=_text(data, "name", ""),
        title=_text(data, "title", ""),
        version=_version(data),
        valid_from=_date(data),
        source=_text(data, "source", "", needed=False),
        text=text,
        parameters=parameters,
        modifiers=tuple(m for m, _ in modifiers),
        kinds=_kinds(data, consts, modifiers, base),
    )


def _yaml(text: str) -> object:
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"第 {mark.line + 1} 行第 {mark.column + 1} 列" if mark else "规则集"
        raise RuleSetError(place, "不是正确的 YAML，请检查缩进、冒号后的空格和引号") from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        raise RuleSetError("规则集", "不是正确的 YAML，请检查字符和格式") from None


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
    given = _mapping(data.get("kinds") or {}, "kinds", KINDS)
    kinds = {}
    for kind in KINDS:
        if kind in given:
            clauses = _clauses(given[kind], consts, f"kinds.{kind}")
            own = [m for m, kinds_of in modifiers if kind in kinds_of and m.enabled]
            kinds[kind] = KindRules(
                clauses, tuple(m for m in own if not m.mark), tuple(m for m in own if m.mark)
            )
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
    for n, entry in enumerate(_list(entries, path, needed=True), 1):
        at = f"{path}[{n}]"
        fields = _mapping(entry, at, _CLAUSE)
        condition = _condition(fields, consts, at)
        clauses.append(
            Clause(
                id=_text(fields, "id", at, needed=False) or f"{path.removeprefix('kinds.')}-{n}",
                light=_light(fields.get("light"), at),
                condition=condition,
                test=compiled(condition),
                words=_words(fields, at),
                source=_text(fields, "source", at, needed=False),
                assumption=_bool(fields, "assumption", False, at),
            )
        )
    _unique((c.id for c in clauses), path)
    return tuple(clauses)


def _modifier(entry: object, consts: Mapping[str, Const], at: str) -> tuple[Modifier, frozenset[str]]:
    fields = _mapping(entry, at, _MODIFIER)
    if ("light" in fields) == ("mark" in fields):
        raise RuleSetError(at, "light（改变亮灯）与 mark（只作标记）须有且只有一项")
    condition = _condition(fields, consts, at)
    lights = _list(fields["from"], f"{at}.from") if "from" in fields else list(ALL_LIGHTS)
    kinds = _list(fields["kinds"], f"{at}.kinds") if "kinds" in fields else list(KINDS)
    for kind in kinds:
        if kind not in KINDS:
            raise RuleSetError(
                f"{at}.kinds", f"没有“{kind}”这一类{nearest(kind, KINDS)}；可用：{'、'.join(KINDS)}"
            )
    modifier = Modifier(
        id=_text(fields, "id", at),
        title=_text(fields, "title", at, needed=False),
        enabled=_bool(fields, "enabled", True, at),
        applies_to=frozenset(_light(light, f"{at}.from", whole=True) for light in lights),
        condition=condition,
        test=compiled(condition),
        light=_light(fields["light"], at) if "light" in fields else Light.GREY,
        mark=_text(fields, "mark", at, needed=False),
        words=_words(fields, at),
        source=_text(fields, "source", at, needed=False),
        assumption=_bool(fields, "assumption", False, at),
    )
    return modifier, frozenset(kinds)


def _parameter(data: Mapping[str, Any], name: str) -> Parameter:
    at = f"parameters.{name}"
    if not name.isidentifier() or name in MEASURES or name in FLAGS:
        raise RuleSetError(at, "参数名只能用英文字母、数字和下划线，且不能与指标名相同，请改名")
    entry = data["parameters"][name]
    fields = _mapping(entry if isinstance(entry, dict) else {"value": entry}, at, _PARAMETER)
    title = _text(fields, "title", at, needed=False)
    return Parameter(
        name=name,
        title=title,
        const=Const(_number(fields.get("value"), f"{at}.value"), title),
        source=_text(fields, "source", at, needed=False),
        assumption=_bool(fields, "assumption", False, at),
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
    text = _text(fields, "words", at, needed=False)
    path = f"{at}.words"
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError:
        raise RuleSetError(path, "花括号不成对，指标名应写在一对花括号内，如“{gap}”") from None
    for name in names:
        if name not in MEASURES:
            raise RuleSetError(path, f"没有“{name}”这个指标名{nearest(name, MEASURES)}")
    return text


def _mapping(value: object, path: str, known: Iterable[str] | None = None) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RuleSetError(path, "应为“名称: 内容”的对照，请检查缩进和冒号")
    for key in value:
        if not isinstance(key, str):
            raise RuleSetError(path, f"名称“{key}”应为文字，请加引号或改名")
        if known is not None and key not in known:
            raise RuleSetError(f"{path}.{key}" if path != "规则集" else key,
                               f"没有这一项{nearest(key, known)}；可用：{'、'.join(known)}")  # fmt: skip
    return value


def _list(value: object, path: str, needed: bool = False) -> list[Any]:
    if not isinstance(value, list) or (needed and not value):
        raise RuleSetError(path, "应为列表，每项以“- ”开头" + ("，且至少一项" if needed else ""))
    return value


def _text(fields: Mapping[str, Any], key: str, at: str, needed: bool = True) -> str:
    value = fields.get(key)
    path = f"{at}.{key}" if at else key
    if value is None or value == "":
        if needed:
            raise RuleSetError(path, "缺少这一项，请补上")
        return ""
    if not isinstance(value, str):
        raise RuleSetError(path, f"应为文字，现为“{value}”，请加引号")
    return value.strip()


def _bool(fields: Mapping[str, Any], key: str, default: bool, at: str) -> bool:
    value = fields.get(key, default)
    if not isinstance(value, bool):
        raise RuleSetError(f"{at}.{key}", f"应为 true 或 false，现为“{value}”")
    return value


def _number(value: object, path: str) -> Decimal:
    text = str(value).replace("％", "%").strip()
    percent = text.endswith("%")
    try:
        number = Decimal(text.rstrip("%").strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite():
        raise RuleSetError(path, f"应为数，如 10 或 15 %，现为“{value}”")
    return number / 100 if percent else number


def _version(data: Mapping[str, Any]) -> str:
    value = data.get("version")
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        raise RuleSetError("version", "缺少版本号，请写如 version: 1")
    return str(value)


def _date(data: Mapping[str, Any]) -> date:
    value = data.get("valid_from")
    try:
        return value if type(value) is date else date.fromisoformat(str(value))
    except ValueError:
        raise RuleSetError("valid_from", f"应为生效日期，如 2020-04-01，现为“{value}”") from None


def _unique(ids: Iterable[str], path: str) -> None:
    seen = set()
    for name in ids:
        if name in seen:
            raise RuleSetError(path, f"编号“{name}”重复，请改名")
        seen.add(name)
