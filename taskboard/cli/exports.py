"""Commands that write lists: the same rows and columns as the pages, with progress on long ones."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from taskboard import clock, create_app
from taskboard.boards import item_measures, items
from taskboard.boards.items import Wanted
from taskboard.boards.listing import Asked, Scope, all_lines
from taskboard.cli import answer, cli
from taskboard.db import reading
from taskboard.errors import Refused
from taskboard.exports import sheet
from taskboard.exports.commitments import COLUMNS
from taskboard.exports.items import COLUMNS as ITEM_COLUMNS
from taskboard.exports.items import MEASURE_COLUMNS
from taskboard.exports.target_books import FIGURE_COLUMNS, figures
from taskboard.models import Campaign
from taskboard.rules.access import Seating, SeatKind

KINDS = ("targets", "tasks", "items", "measures", "values")
EVERYTHING = Seating(0, SeatKind.OFFICE)


@cli.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="写入的文件")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
def export(kind: str, output: Path, as_json: bool) -> None:
    """导出清单为表格：targets 目标，tasks 任务，items 督查事项台账，measures 督办质效，values 官方数。"""
    with create_app().app_context(), reading():
        campaign = Campaign.current()
        if campaign is None:
            raise Refused("还没有攻坚行动，请先运行 taskboard init 或 taskboard demo")
        title, rows, columns = _list(kind, campaign)
        said = _Said()
        made = sheet.write(title, columns, sheet.counted(rows, said))
        try:
            with output.open("wb") as out:
                shutil.copyfileobj(made, out)
        except OSError as error:
            raise Refused(f"不能写入 {output}：{error.strerror}") from error
        result = {"kind": kind, "rows": said.rows, "file": str(output)}
        answer(result, as_json, f"已导出{title} {said.rows} 行：{output}")


class _Said:
    """Says on stderr how far a long list is, and keeps the count."""

    def __init__(self) -> None:
        self.rows = 0

    def __call__(self, done: int) -> None:
        self.rows = done
        if done >= sheet.SAID_EVERY:
            is_end = done % sheet.SAID_EVERY != 0
            click.echo(f"\r已写入 {done} 行", nl=is_end, err=True)


def _list(kind: str, campaign: Campaign) -> tuple[str, Iterable[Any], Sequence[sheet.Column]]:
    on = clock.today()
    if kind == "items":
        return "督查事项台账", items.ledger(campaign, EVERYTHING, Wanted(view="all"), on), ITEM_COLUMNS
    if kind == "measures":
        return "督办质效", item_measures.measures(campaign, campaign.starts_on, on, on).rows, MEASURE_COLUMNS
    if kind == "values":
        return "官方数", figures(campaign), FIGURE_COLUMNS
    noun = {"targets": "target", "tasks": "task"}[kind]
    title = {"targets": "目标", "tasks": "任务"}[kind]
    return title, all_lines(Scope(campaign, EVERYTHING, kind=noun), Asked(), on), COLUMNS
