"""taskboard rules try: what a rule set says of a case that is told on the command line."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import click

from taskboard import clock
from taskboard.cli import answer
from taskboard.cli.rules import as_json, rules
from taskboard.rules import trial
from taskboard.rules.language import nearest
from taskboard.rules.light import Light, Verdict
from taskboard.rules.ruleset import RuleSet, load
from taskboard.rules.standing import KINDS, Standing
from taskboard.rules.trial import UNMET, UNREPORTED, Trial, Week

_MISSED = "missed"
_FIGURED = ("amount", "growth", "rank")
_WHOLE = Decimal(100)


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


class Day(click.ParamType):
    """A date such as 2020-05-31."""

    name = "日期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the one form that is never mistaken."""
        try:
            return datetime.strptime(str(value), "%Y-%m-%d").date()
        except ValueError:
            self.fail(f"“{value}”不是日期，请写成 2020-05-31 的样式", param, ctx)


class History(click.ParamType):
    """What earlier reporting weeks brought: 10,20,28 or red,yellow or missed."""

    name = "各周"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[Week]:
        """Each week by itself, oldest first."""
        return [self._week(part.strip(), param, ctx) for part in str(value).replace("，", ",").split(",")]

    def _week(self, part: str, param: click.Parameter | None, ctx: click.Context | None) -> Week:
        for light in Light:
            if part in (light.value, light.word):
                return light
        words = (_MISSED, UNREPORTED, UNMET)
        if part in words:
            return part
        try:
            return Figure().convert(part, None, None)
        except click.BadParameter:
            known = [*(light.value for light in Light), *words]
            self.fail(f"“{part}”不是数值、亮灯或 {'、'.join(words)}{nearest(part, known)}", param, ctx)


class Points(click.ParamType):
    """A schedule point by point: 2020-04-30=20,2020-05-31=60."""

    name = "日期=值,…"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[tuple[date, Decimal]]:
        """Each point by itself."""
        found = []
        for part in str(value).replace("，", ",").split(","):
            day, sign, figure = part.partition("=")
            if not sign:
                self.fail(f"“{part}”应写成 日期=值，如 2020-04-30=20", param, ctx)
            found.append((Day().convert(day.strip(), param, ctx), Figure().convert(figure.strip(), param, ctx)))
        return found


@rules.command("try")
@click.argument("file")
@click.option("--kind", type=click.Choice(KINDS), default="amount", show_default=True, help="类别")
@click.option("--value", type=Figure(), help="实际值；不填取 --history 的末值，都没有即尚无填报数")
@click.option("--target", type=Figure(), help="目标值；任务、节点和督查事项默认 100（百分数）")
@click.option("--start-value", type=Figure(), default="0", show_default=True, help="起始值")
@click.option("--starts", "--start", "starts_on", type=Day(), help="开始日期；节点和督查事项可不填")
@click.option("--ends", "--end", "--due", "ends_on", type=Day(), required=True, help="结束日期或完成期限")
@click.option("--on", type=Day(), help="判断日期，默认今日")
@click.option("--history", type=History(), default=None,
              help="此前各报告周，由远及近，逗号隔开：数值、亮灯，或 missed（未填报或未完成）")  # fmt: skip
@click.option("--schedule", "points", type=Points(), default=None, help="序时计划的各点，不填即按日历匀速")
@click.option("--reference", type=Figure(), help="参照值，如全市平均")
@click.option("--second-reference", type=Figure(), help="第二参照值，如全省平均")
@click.option("--lower", is_flag=True, help="越低越好")
@click.option("--done-on", type=Day(), help="完成日期（任务、节点、督查事项）")
@click.option("--returned", type=click.IntRange(0), default=0, help="被退回次数")
@click.option("--slips", type=click.IntRange(0), default=0, help="已发督办单次数")
@click.option("--low-confidence", is_flag=True, help="责任人信心偏低")
@click.option("--suspended", is_flag=True, help="已中止")
@click.option("--poor-quality", is_flag=True, help="质量不达标")
@click.option("--red-by-hand", "hand_reason", default="", help="人工亮红灯的理由")
@as_json
def try_(file: str, as_json: bool, **told: Any) -> None:
    """按规则集 FILE（随附名称或文件）试算一项的亮灯及理由。"""
    case = _case(told)
    found = load(file)
    verdict = trial.verdict(case, found)
    lines = [f"{verdict.light.shape} {verdict.light.word}　{verdict.words}", *verdict.notes]
    answer(_result(case, found, verdict), as_json, "\n".join(lines))


def _case(told: dict[str, Any]) -> Trial:
    """The case that the options tell; wrong usage where they contradict each other."""
    kind, on = told["kind"], told.pop("on") or clock.today()
    figured = kind in _FIGURED
    starts_on, ends_on = told.pop("starts_on"), told["ends_on"]
    if figured and told["target"] is None:
        raise click.UsageError("请用 --target 写明目标值")
    if starts_on is None and (figured or kind == "task"):
        raise click.UsageError("请用 --starts 写明开始日期")
    starts_on = starts_on or min(on, ends_on)
    if starts_on > ends_on:
        raise click.UsageError("开始日期晚于结束日期")
    if figured and told["done_on"]:
        raise click.UsageError("--done-on 只用于任务、节点和督查事项")
    if told["done_on"] and told["done_on"] > on:
        raise click.UsageError("完成日期晚于判断日期")
    history, points = told.pop("history") or [], told.pop("points") or []
    if any(not starts_on <= day <= ends_on for day, _ in points):
        raise click.UsageError("--schedule 的日期应在开始日期与结束日期之间")
    start_value, lower = told.pop("start_value"), told.pop("lower")
    target = _WHOLE if told["target"] is None else told["target"]
    hand_reason = told["hand_reason"]
    told |= {"target": target, "higher_is_better": not lower and kind != "rank", "red_by_hand": bool(hand_reason)}
    base = Standing(on=on, starts_on=starts_on, **told)
    return Trial(base, start_value, points, [_as_fits(kind, week) for week in history])


def _as_fits(kind: str, week: Week) -> Week:
    """A week missed: of a figure its report, of a task, a milestone or an item its aim."""
    if week != _MISSED:
        return week
    return UNREPORTED if kind in _FIGURED else UNMET


def _result(case: Trial, found: RuleSet, verdict: Verdict) -> dict[str, Any]:
    return {
        "rule_set": found.name,
        "kind": case.base.kind,
        "on": case.base.on.isoformat(),
        "light": verdict.light.value,
        "words": verdict.words,
        "rule": verdict.rule,
        "marks": list(verdict.marks),
        "notes": list(verdict.notes),
        "figures": verdict.figures,
    }
