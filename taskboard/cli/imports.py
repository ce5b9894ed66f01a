"""Commands that take workbooks in, and give empty ones out."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click
from sqlalchemy import select

from taskboard import clock, create_app
from taskboard.cli import answer, cli, evaluations, target_books
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.exports import template as templates
from taskboard.imports import take_in as book
from taskboard.imports.task_book import read_task_book
from taskboard.models import Campaign, Group, Person, Seat, Unit
from taskboard.rules.access import SeatKind

KINDS = click.Choice(["tasks", "evaluations", *target_books.KINDS])


@cli.command("import")
@click.argument("kind", type=KINDS)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="只检查，不写入")
@click.option("--skip-bad-rows", is_flag=True, help="跳过有错误的行，导入其余各行")
@click.option("--by", "login", default="", help="以谁的名义导入；默认首位专班办公室人员")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
def import_file(kind: str, file: Path, dry_run: bool, skip_bad_rows: bool, login: str, as_json: bool) -> None:
    """导入任务书 tasks、外部评价 evaluations、目标 targets、周目标 weekly 或官方数 values（.xlsx、.xls）。

    任何一行有错都不写入，任务书可明确跳过。
    """
    with create_app().app_context():
        campaign = Campaign.current()
        if campaign is None:
            raise Refused("还没有攻坚行动，请先运行 taskboard init 或 taskboard demo")
        if kind == evaluations.KIND:
            evaluations.take_in(campaign, file, dry_run, partial(_person, login), as_json)
            return
        if kind in target_books.KINDS:
            target_books.take_in(kind, campaign, file, dry_run, partial(_person, login), as_json)
            return
        reading = read_task_book(file.read_bytes(), file.name, book.directory(), clock.today())
        for note in reading.notes:
            click.echo(note, err=True)
        for error in reading.errors:
            click.echo(error.words, err=True)
        if dry_run:
            seen = book.preview(reading, campaign)
            db.session.rollback()
            again = f"该文件已于 {clock.day_of(seen.imported_at)} 导入，内容未变" if seen.imported_at else ""
            result = {"created": 0, "changed": 0, "unchanged": 0, **seen.counts, "errors": len(reading.errors)}
            words = "将新增 {created}、更新 {changed}、不变 {unchanged}，错误 {errors}；未写入".format(**result)
            answer({**result, "again": again}, as_json, again or words)
            sys.exit(1 if reading.errors else 0)
        with click.progressbar(length=max(1, len(reading.rows)), label="导入", file=sys.stderr) as bar:
            done = book.take_in(
                reading,
                campaign,
                file.name,
                _person(login),
                clock.now(),
                skip_bad_rows,
                lambda at, _total: bar.update(at - bar.pos),
            )
        db.session.commit()
        words = "新增 {created}、更新 {changed}、不变 {unchanged}、跳过 {skipped}".format(**done)
        answer(done, as_json, done["again"] or words)


@cli.command()
@click.argument("kind", type=KINDS)
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--previous", is_flag=True, help="按上期生成：目标、周目标、官方数由上一期结转，改后导入")
def template(kind: str, output: Path, previous: bool) -> None:
    """写出一份模板，有填写说明：任务书附单位名称，外部评价附本区指标，目标、周目标、官方数附现有各项。"""
    with create_app().app_context():
        campaign = Campaign.current()
        if kind == evaluations.KIND:
            evaluations.template(campaign, output)
            return
        if kind in target_books.KINDS:
            target_books.template(kind, campaign, output, previous)
            return
        groups = Group.listed(campaign.id) if campaign else []
        output.write_bytes(templates.task_book([u.name for u in Unit.listed()], [g.name for g in groups]))
        click.echo(f"已写入 {output}")


def _person(login: str) -> int:
    if login:
        found = Person.by_login(login)
        if found is None:
            raise Refused(f"没有账号“{login}”")
        return found.id
    query = select(Seat.person_id).where(Seat.kind == SeatKind.OFFICE).order_by(Seat.id).limit(1)
    first = db.session.scalar(query)
    if first is None:
        raise Refused("还没有专班办公室人员，请用 --by 指定以谁的名义导入")
    return first
