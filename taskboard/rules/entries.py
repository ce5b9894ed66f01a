"""Takes single entries out of a rule set's YAML; a wrong one is named with its path and its remedy."""

from collections.abc import Hashable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml

from taskboard.rules.language import RuleSetError, nearest


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


def load_yaml(text: str) -> object:
    """The values of a YAML text."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"第 {mark.line + 1} 行第 {mark.column + 1} 列" if mark else "规则集"
        raise RuleSetError(place, "不是正确的 YAML，请检查缩进、冒号后的空格和引号") from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        raise RuleSetError("规则集", "不是正确的 YAML，请检查字符和格式") from None


def mapping(value: object, path: str, known: Iterable[str] | None = None) -> dict[str, Any]:
    """A mapping with text keys, all of them known."""
    if not isinstance(value, dict):
        raise RuleSetError(path, "应为“名称: 内容”的对照，请检查缩进和冒号")
    for key in value:
        if not isinstance(key, str):
            raise RuleSetError(path, f"名称“{key}”应为文字，请加引号或改名")
        if known is not None and key not in known:
            raise RuleSetError(f"{path}.{key}" if path != "规则集" else key,
                               f"没有这一项{nearest(key, known)}；可用：{'、'.join(known)}")  # fmt: skip
    return value


def listing(value: object, path: str, needed: bool = False) -> list[Any]:
    """A list, of at least one entry when needed."""
    if not isinstance(value, list) or (needed and not value):
        raise RuleSetError(path, "应为列表，每项以“- ”开头" + ("，且至少一项" if needed else ""))
    return value


def text_of(fields: Mapping[str, Any], key: str, at: str, needed: bool = True) -> str:
    """A text entry, stripped; refused when it is needed and missing."""
    value = fields.get(key)
    path = f"{at}.{key}" if at else key
    if value is None or value == "":
        if needed:
            raise RuleSetError(path, "缺少这一项，请补上")
        return ""
    if not isinstance(value, str):
        raise RuleSetError(path, f"应为文字，现为“{value}”，请加引号")
    return value.strip()


def switch(fields: Mapping[str, Any], key: str, default: bool, at: str) -> bool:
    """A true or false entry."""
    value = fields.get(key, default)
    if not isinstance(value, bool):
        raise RuleSetError(f"{at}.{key}", f"应为 true 或 false，现为“{value}”")
    return value


def number(value: object, path: str) -> Decimal:
    """A finite number, or a percentage such as 15 %, exactly as written."""
    text = str(value).replace("％", "%").strip()
    percent = text.endswith("%")
    try:
        number = Decimal(text.rstrip("%").strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite():
        raise RuleSetError(path, f"应为数，如 10 或 15 %，现为“{value}”")
    return number / 100 if percent else number


def version_of(data: Mapping[str, Any]) -> str:
    """The version, as text."""
    value = data.get("version")
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        raise RuleSetError("version", "缺少版本号，请写如 version: 1")
    return str(value)


def date_of(data: Mapping[str, Any]) -> date:
    """The day from which the rule set is in force."""
    value = data.get("valid_from")
    try:
        return value if type(value) is date else date.fromisoformat(str(value))
    except ValueError:
        raise RuleSetError("valid_from", f"应为生效日期，如 2020-04-01，现为“{value}”") from None


def unique(ids: Iterable[str], path: str) -> None:
    """Refuses the second of two equal ids."""
    seen = set()
    for name in ids:
        if name in seen:
            raise RuleSetError(path, f"编号“{name}”重复，请改名")
        seen.add(name)
