"""Takes single entries out of a rule set's TOML; a wrong one is named with its place and its remedy."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from taskboard.rules.language import RuleSetError, nearest
from taskboard.rules.places import Place

_WHERE = re.compile(r"\(at line (\d+), column (\d+)\)")
_YAML = re.compile(r"\s*(- |-$|\w+:(\s|$))")
_SYNTAX = {
    "Cannot overwrite a value": "这一项重复出现，请合并或改名",
    "Cannot declare": "这一段重复出现，请合并；同类的多条规则写成 [[amount]] 的样式",
    "Invalid value": "等号后应为值：文字加英文双引号，如 light = \"red\"，数不加引号",
    "Expected '='": "名称后应为英文等号，如 light = \"red\"；名称只能用英文",
    "Invalid statement": "应写成“名称 = 值”或 [[amount]] 的样式，符号用英文半角",
    "Expected newline": "一行只写一项，文字须用一对英文双引号括起",
    "Illegal character": "文字应在同一行内用英文双引号括完",
    "Unclosed array": "方括号没有写完",
    "Unclosed inline table": "花括号没有写完",
}  # fmt: skip


def load_toml(text: str) -> dict[str, Any]:
    """The values of a TOML text, numbers exactly as written."""
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        found = _WHERE.search(str(error))
        line = int(found[1]) if found else text.rstrip().count("\n") + 1
        raise RuleSetError((), _syntax(str(error), text.split("\n")[line - 1].strip()), line=line) from None
    except (ValueError, RecursionError, InvalidOperation):
        raise RuleSetError((), "不是正确的 TOML，请检查字符和格式", line=1) from None


def _syntax(problem: str, written: str) -> str:
    """What tomllib could not read, with the remedy and the line as it is written."""
    if _YAML.match(written):
        return f"不是正确的 TOML：这里像是 YAML 的写法，规则集现为 TOML，请写成 名称 = 值 的样式；此行为：{written}"
    remedy = next((said for key, said in _SYNTAX.items() if problem.startswith(key)), "请检查引号、括号和等号")
    return f"不是正确的 TOML：{remedy}；此行为：{written}"


def mapping(value: object, place: Place, known: Iterable[str] | None = None) -> dict[str, Any]:
    """A table, all of whose keys are known."""
    if not isinstance(value, dict):
        raise RuleSetError(place, "应为一段“名称 = 值”，或写成 { 名称 = 值 }")
    for key in value if known is not None else ():
        if key not in (known or ()):
            raise RuleSetError(
                (*place, key), f"没有“{key}”这一项{nearest(key, known or ())}；可用：{'、'.join(known or ())}"
            )
    return value


def listing(value: object, place: Place) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise RuleSetError(place, "应为列表，写在方括号内，各项以逗号隔开")
    return value


def bands(value: object, place: Place) -> list[Any]:
    """A list of sections of one name, one at least."""
    if not isinstance(value, list) or not value:
        name = place[-1]
        raise RuleSetError(place, f"应为至少一条规则，每条一段，以 [[{name}]] 起头（两层方括号）")
    return value


def text_of(fields: Mapping[str, Any], key: str, at: Place, needed: bool = True) -> str:
    """A text entry, stripped; refused when it is needed and missing."""
    value = fields.get(key)
    place = (*at, key)
    if value is None or value == "":
        if needed:
            raise RuleSetError(place, "缺少这一项，请补上")
        return ""
    if not isinstance(value, str):
        raise RuleSetError(place, f"应为文字，现为“{value}”，请加引号")
    return value.strip()


def switch(fields: Mapping[str, Any], key: str, default: bool, at: Place) -> bool:
    """A true or false entry."""
    value = fields.get(key, default)
    if not isinstance(value, bool):
        raise RuleSetError((*at, key), f"应为 true 或 false（不加引号），现为“{value}”")
    return value


def number(value: object, place: Place) -> Decimal:
    """A finite number, or a percentage such as "15 %", exactly as written."""
    text = str(value).replace("％", "%").strip()
    percent = text.endswith("%")
    try:
        number = Decimal(text.rstrip("%").strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite():
        raise RuleSetError(place, f'应为数，如 10 或 "15 %"，现为“{value}”')
    return number / 100 if percent else number


def version_of(data: Mapping[str, Any]) -> str:
    """The version, as text."""
    value = data.get("version")
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal) or value == "":
        raise RuleSetError(("version",), "缺少版本号，请写如 version = 1")
    return str(value)


def date_of(data: Mapping[str, Any]) -> date:
    """The day from which the rule set is in force."""
    value = data.get("valid_from")
    try:
        return value if type(value) is date else date.fromisoformat(str(value))
    except ValueError:
        raise RuleSetError(("valid_from",), f"应为生效日期，如 2020-04-01，现为“{value}”") from None


def unique(ids: Iterable[str], place: Place) -> None:
    """Refuses the second of two equal ids."""
    seen = set()
    for n, name in enumerate(ids, 1):
        if name in seen:
            raise RuleSetError((*place, n, "id"), f"编号“{name}”重复，请改名")
        seen.add(name)
