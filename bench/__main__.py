"""`python -m bench`: fill 1 000, 10 000 and 100 000 live rows and print each budget against its floor.

The floors are what the bare parts cost in the same run: one raw query and one rendered table for a page, an
UPDATE of every row for a sweep, a bare XlsxWriter loop for a workbook, a bare smtplib loop for mails.
"""

from __future__ import annotations

import argparse
import io
import smtplib
import socket
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import jinja2
import pytest
import xlsxwriter
from flask import Flask
from sqlalchemy import event, text

from bench.fill import DAY, fill
from taskboard import clock, create_app
from taskboard.alerts.channels import Letter, mail
from taskboard.db import db, start_reading
from taskboard.jobs import sweep
from tests import databases

TABLE = jinja2.Template(
    "<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>",
    autoescape=True,
)
RAW = (
    "SELECT c.id, c.title, u.name, g.name, c.light, c.value, c.ends_on, c.last_word FROM commitment c "
    'JOIN unit u ON u.id = c.unit_id JOIN "group" g ON g.id = c.group_id '
    "WHERE c.campaign_id = 1 ORDER BY c.section, c.light_since, c.id LIMIT 50"
)


def main() -> None:
    """Run the benchmark on the databases asked for."""
    options = argparse.ArgumentParser(prog="bench", description=__doc__)
    options.add_argument("--rows", default="1000,10000,100000")
    options.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    asked = options.parse_args()
    for kind in ("sqlite", "postgresql") if asked.database == "both" else (asked.database,):
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            try:
                maker = _maker(kind, Path(folder), stack)
            except pytest.skip.Exception as error:
                print(f"{kind}: absent: {error}")
                continue
            for rows in map(int, asked.rows.split(",")):
                with maker.fresh() as url:
                    _measure(kind, rows, url, Path(folder))
    _mails()


def _maker(kind: str, folder: Path, stack: ExitStack) -> Any:
    if kind == "sqlite":
        return databases.SqliteMaker(folder)
    return databases.PostgresMaker(stack.enter_context(databases.running_postgres()), folder)


def _measure(kind: str, rows: int, url: str, folder: Path) -> None:
    app = create_app(databases.configuration_for(url, folder))
    app.config.update(WTF_CSRF_ENABLED=False)
    start_reading(False)
    with app.app_context():
        office, lead, target = fill(rows)
    print(f"\n{kind}, {rows} live rows")
    _sweeps(app)
    page = _floor_page(app)
    clients = {who: _client(app, who) for who in (office, lead)}
    empty = _page(app, clients[office], "/feedback")[0]
    for name, who, path, budget in (
        ("worklist of a group, 50 rows", lead, "/worklist", 5),
        ("desk, 50 rows", office, "/desk", 5),
        ("target with history", office, f"/targets/{target}", 6),
    ):
        took, statements = _page(app, clients[who], path)
        _say(name, took, page, budget, f"{statements} statements")
    took, statements = _page(app, clients[office], "/wall")
    above = (took - empty) * 1000
    verdict = "within" if above <= 8 else "OVER"
    note = f"{above:.1f} ms above an empty page (8) {verdict}  {statements} statements"
    print(f"  {'wall':<34} {took * 1000:8.1f} ms, {note}", flush=True)
    _report(app, clients[office], target)
    if rows >= 10000:
        _export(app, clients[office])
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _sweeps(app: Flask) -> None:
    with app.app_context():
        floor = _timed(_touch_all, 3)
        first = _timed(lambda: sweep.run(DAY, clock.now()), 1)
        following = _timed(lambda: sweep.run(DAY + timedelta(days=1), clock.now()), 1)
        again = _timed(lambda: sweep.run(DAY + timedelta(days=1), clock.now()), 1)
    _say("sweep, first run", first, floor, 2, "floor: one UPDATE of every row")
    _say("sweep, next day", following, floor, 3)
    _say("sweep, same day again", again, floor, 3)


def _touch_all() -> None:
    db.session.execute(text("UPDATE commitment SET section = section"))
    db.session.commit()


def _floor_page(app: Flask) -> float:
    with app.app_context():
        return _timed(lambda: TABLE.render(rows=db.session.execute(text(RAW)).all()), 30)


def _page(app: Flask, client: Any, path: str) -> tuple[float, int]:
    assert client.get(path).status_code == 200, path
    with _counted(app) as count:
        client.get(path)
    return _timed(lambda: client.get(path), 15), count[0]


def _report(app: Flask, client: Any, target: int) -> None:
    done = iter(range(1000))

    def bare() -> None:
        with app.app_context():
            db.session.execute(text("UPDATE report SET done = :n WHERE id = 1"), {"n": str(next(done))})
            db.session.commit()

    def file() -> None:
        with app.app_context():
            newest = db.session.scalar(text("SELECT max(id) FROM report WHERE live_key = '1:2020-06-01'"))
            db.session.rollback()
        form = {"week": "2020-06-01", "value": "55", "done": f"推进 {next(done)}", "replaces": str(newest)}
        assert client.post(f"/targets/{target}/report", data=form).status_code == 302

    _say("report by form, durable", _timed(file, 10), _timed(bare, 10), 4, "floor: one durable UPDATE")


def _export(app: Flask, client: Any) -> None:
    count = 10000

    def bare() -> None:
        book = xlsxwriter.Workbook(io.BytesIO(), {"constant_memory": True})
        sheet = book.add_worksheet()
        for row in range(count):
            for column in range(12):
                sheet.write_string(row, column, "按计划推进")
        book.close()

    with app.app_context():
        total = db.session.scalar(text("SELECT count(*) FROM commitment")) or 1
        db.session.rollback()
    took = _timed(lambda: client.get("/targets.xlsx"), 1) * count / total
    _say("workbook out, per 10 000 rows", took, _timed(bare, 1), 1.5, "floor: bare XlsxWriter, 12 cells a row")


def _mails() -> None:
    from aiosmtpd.controller import Controller

    class Sink:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            return "250 OK"

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    letters = [Letter(n, "a@example.invalid", "1 项转为红灯", "正文", f"<{n}@bench>") for n in range(1000)]

    def bare() -> None:
        with smtplib.SMTP("127.0.0.1", port) as server:
            for letter in letters:
                server.send_message(mail.as_email(letter, "taskboard@localhost"))

    def ours() -> None:
        config = databases.configuration_for("sqlite://", Path("/tmp"), SMTP_HOST="127.0.0.1", SMTP_PORT=str(port))
        channel = mail.Mail(config)
        for letter in letters:
            channel.send(letter)
        channel.close()

    print("\nmail channel alone (claims and outcomes not included)")
    _say("1 000 small mails", _timed(ours, 1), _timed(bare, 1), 3)
    controller.stop()


def _client(app: Flask, person_id: int) -> Any:
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = str(person_id)
    return client


@contextmanager
def _counted(app: Flask) -> Any:
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


def _timed(work: Callable[[], Any], times: int) -> float:
    """Median seconds."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def _say(name: str, took: float, floor: float, budget: float, note: str = "") -> None:
    ratio = took / floor
    verdict = "within" if ratio <= budget else "OVER"
    share = f"{ratio:6.1f} x floor {floor * 1000:.1f} ms ({budget:g} x)"
    print(f"  {name:<34} {took * 1000:8.1f} ms = {share} {verdict}  {note}", flush=True)


if __name__ == "__main__":
    main()
