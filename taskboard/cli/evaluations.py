"""What the commands import and template do for evaluations 外部评价."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from taskboard import clock
from taskboard.boards.evaluation import last_indicators
from taskboard.cli import answer
from taskboard.db import db
from taskboard.exports import evaluations as exported
from taskboard.imports import evaluations_take_in as book
from taskboard.imports.evaluations import read_evaluations
from taskboard.models import Campaign

KIND = book.KIND


def take_in(campaign: Campaign, file: Path, dry_run: bool, by: Callable[[], int], as_json: bool) -> None:
    """Take a file in, or only say what it would do; exit 1 where anything in it is wrong."""
    reading = read_evaluations(file.read_bytes(), file.name, book.known(campaign), clock.today())
    for words in (*reading.notes, *(error.words for error in reading.errors)):
        click.echo(words, err=True)
    if dry_run:
        seen = book.preview(reading, campaign)
        db.session.rollback()
        again = f"该文件已于 {clock.day_of(seen.imported_at)} 导入，内容未变" if seen.imported_at else ""
        counts = {"created": 0, "changed": 0, "unchanged": 0, **seen.counts, "errors": len(reading.errors)}
        words = "将新增 {created}、修订 {changed}、不变 {unchanged}，错误 {errors}；未写入".format(**counts)
        answer({**counts, "again": again}, as_json, again or words)
        sys.exit(1 if reading.errors else 0)
    done = book.take_in(reading, campaign, file.name, by(), clock.now())
    db.session.commit()
    answer(done, as_json, done["again"] or "新增 {created}、修订 {changed}、不变 {unchanged}".format(**done))


def template(campaign: Campaign | None, output: Path) -> None:
    """Write the empty table with the district's own indicators, and the indicators of the last publication."""
    output.write_bytes(exported.blank(*last_indicators(campaign)))
    click.echo(f"已写入 {output}")
