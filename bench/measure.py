"""What every benchmark does: time, count statements, log in, and say a figure against its floor."""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jinja2
import xlsxwriter
from flask import Flask
from sqlalchemy import event, text

from taskboard.db import db

TABLE = jinja2.Template(
    "<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>",
    autoescape=True,
)


def client(app: Flask, person_id: int) -> Any:
    """A browser logged in as a person."""
    made = app.test_client()
    with made.session_transaction() as session:
        session["_user_id"] = str(person_id)
    return made


@contextmanager
def counted(app: Flask) -> Iterator[list[int]]:
    """How many statements reach the database meanwhile."""
    count = [0]

    def one(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        count[0] += not statement.startswith(("BEGIN", "PRAGMA"))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", one)
    try:
        yield count
    finally:
        event.remove(engine, "before_cursor_execute", one)


def timed(work: Callable[[], Any], times: int) -> float:
    """Median seconds."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def say(name: str, took: float, floor: float, budget: float, note: str = "") -> None:
    """Print a figure beside its floor and budget."""
    ratio = took / floor
    verdict = "within" if ratio <= budget else "OVER"
    share = f"{ratio:6.1f} x floor {floor * 1000:.1f} ms ({budget:g} x)"
    print(f"  {name:<34} {took * 1000:8.1f} ms = {share} {verdict}  {note}", flush=True)


def page(app: Flask, client: Any, path: str) -> tuple[float, int]:
    """Median seconds and statements of a page."""
    assert client.get(path).status_code == 200, path
    with counted(app) as count:
        client.get(path)
    return timed(lambda: client.get(path), 15), count[0]


def floor_page(app: Flask, query: str) -> float:
    """What one raw query and one rendered table cost."""
    with app.app_context():
        return timed(lambda: TABLE.render(rows=db.session.execute(text(query)).all()), 30)


def bare_workbook(rows: int, columns: int) -> Callable[[], None]:
    """The floor of a workbook: XlsxWriter alone."""

    def write() -> None:
        book = xlsxwriter.Workbook(io.BytesIO(), {"constant_memory": True})
        sheet = book.add_worksheet()
        for row in range(rows):
            for column in range(columns):
                sheet.write_string(row, column, "按计划推进")
        book.close()

    return write
