"""What the commands import and template do for targets 目标, weekly targets 周目标 and official figures 官方数."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from taskboard import clock
from taskboard.cli import answer
from taskboard.db import db, reading
from taskboard.errors import Refused
from taskboard.exports import target_books as exported
from taskboard.imports import target_books as books
from taskboard.models import Campaign

KINDS = tuple(books.BOOKS)
SHOWN = 200


def take_in(
    kind: str, campaign: Campaign, file: Path, dry_run: bool, by: Callable[[], int], as_json: bool
) -> None:  # fmt: skip
    """Take a file in, or only say what it would do; exit 1 where anything in it is wrong."""
    book = books.BOOKS[kind]
    sent = books.sent(file.read_bytes(), file.name)
    if dry_run:
        with _Bar("检查") as say, reading():
            seen = books.preview(book, sent, campaign, clock.today(), say)
            db.session.rollback()
        _tell(seen)
        again = f"该文件已于 {clock.day_of(seen.imported_at)} 导入，内容未变" if seen.imported_at else ""
        counts = {name: seen.counts[name] for name in ("created", "changed", "unchanged")}
        result = {**counts, "errors": len(seen.reading.errors), "warnings": len(seen.reading.warnings)}
        words = f"将新增 {{created}}、{book.changed_word} {{changed}}、不变 {{unchanged}}，错误 {{errors}}；未写入"
        answer({**result, "again": again}, as_json, again or words.format(**result))
        sys.exit(1 if seen.reading.errors else 0)
    person = by()
    with _Bar("导入") as say:
        done = books.take_in(book, sent, campaign, file.name, person, clock.now(), say, _tell)
    db.session.commit()
    words = f"新增 {{created}}、{book.changed_word} {{changed}}、不变 {{unchanged}}"
    answer(done, as_json, done["again"] or words.format(**done))


def template(kind: str, campaign: Campaign | None, output: Path, previous: bool) -> None:
    """Write the workbook with the district's own rows."""
    if campaign is None:
        raise Refused("还没有攻坚行动，请先运行 taskboard init 或 taskboard demo")
    output.write_bytes(exported.book(kind, campaign, clock.today(), previous))
    click.echo(f"已写入 {output}")


def _tell(seen: books.Preview) -> None:
    """Notes, errors and what is odd, on stderr."""
    said = seen.reading
    for words in (*said.notes, *(error.words for error in said.errors), *(odd.words for odd in said.warnings[:SHOWN])):
        click.echo(words, err=True)
    if len(said.warnings) > SHOWN:
        click.echo(f"另有 {len(said.warnings) - SHOWN} 处提示未列出", err=True)


class _Bar:
    """Says how many rows are done, on stderr."""

    def __init__(self, words: str) -> None:
        self._words, self._said = words, False

    def __enter__(self) -> _Bar:
        return self

    def __call__(self, done: int, total: int) -> None:
        self._said = True
        click.echo(f"\r{self._words} {done}/{total} 行", nl=False, err=True)

    def __exit__(self, *_: object) -> None:
        if self._said:
            click.echo("", err=True)
