"""taskboard rules: which rule sets there are, what they say, whether a file is one, and what it would decide."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from taskboard.cli import answer, cli
from taskboard.errors import Refused
from taskboard.rules import describe
from taskboard.rules.check import warnings
from taskboard.rules.ruleset import RuleSet, load, presets
from taskboard.rules.standing import KIND_WORDS

as_json = click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")


@cli.group()
def rules() -> None:
    """规则集：列出、说明、检查、试算。"""


@rules.command("list")
@as_json
def list_(as_json: bool) -> None:
    """列出随附规则集。"""
    found = [_head(one) for one in presets()]
    words = "\n".join(f"{one['name']:<12}{one['title']}（{one['version']}）　{one['source']}" for one in found)
    answer({"rule_sets": found}, as_json, words)


@rules.command()
@click.argument("name")
@as_json
def show(name: str, as_json: bool) -> None:
    """逐条说明规则集 NAME（随附名称或文件）。"""
    found = load(name)
    clauses, modifiers = describe.clause_lines(found), describe.modifier_lines(found)
    parameters = describe.parameter_lines(found)
    lines = [f"{found.title}（{found.version}），{found.valid_from} 起施行。{found.source}"]
    lines += [f"{c.about}　{c.light.word if c.light else ''}灯　{c.condition}　{_source(c)}" for c in clauses]
    lines += [f"{m.about}　{'启用' if m.enabled else '停用'}　{m.condition}　{_source(m)}" for m in modifiers]
    lines += [f"{p.title}　{p.value}　{_source(p)}" for p in parameters]
    result = {
        **_head(found),
        "clauses": [asdict(c) for c in clauses],
        "modifiers": [asdict(m) for m in modifiers],
        "parameters": [asdict(p) for p in parameters],
    }
    answer(result, as_json, "\n".join(lines))


@rules.command()
@click.argument("file", type=click.Path(path_type=Path))
@as_json
def check(file: Path, as_json: bool) -> None:
    """检查规则集文件 FILE；有错误时退出码为 1，提醒不算错误。"""
    found = load(_existing(file))
    notices = warnings(found)
    taken = {kind: own.inherited_from for kind, own in found.kinds.items() if own.inherited_from}
    words = [f"规则集“{found.title}”可以使用", *(f"提醒：{one}" for one in notices)]
    words += [f"{KIND_WORDS[kind]}未列出，沿用{load(name).title}" for kind, name in taken.items()]
    answer({**_head(found), "ok": True, "warnings": notices, "follows": taken}, as_json, "\n".join(words))


def _existing(file: Path) -> Path:
    if not file.is_file():
        raise Refused(f"找不到文件：{file}")
    return file


def _head(found: RuleSet) -> dict[str, Any]:
    return {
        "name": found.name,
        "version": found.version,
        "title": found.title,
        "valid_from": found.valid_from.isoformat(),
        "source": found.source,
    }


def _source(one: describe.Line | describe.ParameterLine) -> str:
    return "假设" if one.assumption else one.source
