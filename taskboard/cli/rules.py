"""taskboard rules: which rule sets there are, what they say, whether a file is one, and what it would decide."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click

from taskboard import clock
from taskboard.cli import answer, cli
from taskboard.errors import Refused
from taskboard.rules import describe, schedule
from taskboard.rules.check import warnings
from taskboard.rules.light import judge
from taskboard.rules.ruleset import RuleSet, load, presets
from taskboard.rules.standing import KIND_WORDS, Standing

as_json = click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")


class Figure(click.ParamType):
    """A decimal number on the command line."""

    name = "数值"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """Read it exactly, never through a float."""
        try:
            found = Decimal(str(value))
        except InvalidOperation:
            self.fail(f"“{value}”不是数值", param, ctx)
        return found if found.is_finite() else self.fail(f"“{value}”不是数值", param, ctx)


day = click.DateTime(["%Y-%m-%d"])


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
    words = [f"规则集“{found.title}”可以使用", *(f"提醒：{one}" for one in notices)]
    answer({**_head(found), "ok": True, "warnings": notices}, as_json, "\n".join(words))


@rules.command("try")
@click.argument("file")
@click.option("--value", type=Figure(), help="实际值；不填表示尚无填报数")
@click.option("--target", type=Figure(), required=True, help="目标值")
@click.option("--start-value", type=Figure(), default="0", show_default=True, help="起始值")
@click.option("--start", "starts_on", type=day, required=True, help="开始日期")
@click.option("--end", "ends_on", type=day, required=True, help="结束日期")
@click.option("--on", type=day, help="判断日期，默认今日")
@click.option("--kind", type=click.Choice(["amount", "growth", "rank", "task"]), default="amount", show_default=True)
@click.option("--lower", is_flag=True, help="越低越好")
@as_json
def try_(
    file: str,
    value: Decimal | None,
    target: Decimal,
    start_value: Decimal,
    starts_on: datetime,
    ends_on: datetime,
    on: datetime | None,
    kind: str,
    lower: bool,
    as_json: bool,
) -> None:
    """按规则集 FILE（随附名称或文件）试算一项亮灯及理由。"""
    begins, ends = starts_on.date(), ends_on.date()
    if begins > ends:
        raise click.UsageError("开始日期晚于结束日期")
    found = load(file)
    if kind not in found.kinds:
        raise Refused(f"规则集“{found.title}”没有{KIND_WORDS[kind]}的规则")
    asked = on.date() if on else clock.today()
    standing = _standing(kind, value, target, start_value, (begins, ends), asked, not lower)
    verdict = judge(standing, found)
    result = {
        "rule_set": found.name,
        "on": asked.isoformat(),
        "light": verdict.light.value,
        "words": verdict.words,
        "rule": verdict.rule,
        "marks": list(verdict.marks),
        "figures": verdict.figures,
    }
    answer(result, as_json, f"{verdict.light.shape} {verdict.light.word}　{verdict.words}")


def _standing(
    kind: str,
    value: Decimal | None,
    target: Decimal,
    start_value: Decimal,
    period: tuple[date, date],
    on: date,
    higher: bool,
) -> Standing:
    done = None if value is None else schedule.completion(start_value, target, value, higher)
    plan = schedule.Schedule(*period, start_value, target)
    return Standing(
        kind=kind,
        on=on,
        starts_on=period[0],
        ends_on=period[1],
        scheduled=plan.share(on),
        completion=done,
        value=value,
        target=target,
        higher_is_better=higher,
    )


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
