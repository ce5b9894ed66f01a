"""`python -m bench`: fill 1 000, 10 000 and 100 000 live rows and print each budget against its floor.

The floors are what the bare parts cost in the same run: one raw query and one rendered table for a page, an
UPDATE of every row for a sweep, a bare XlsxWriter loop for a workbook, a bare smtplib loop for mails.
"""

from __future__ import annotations

import argparse
import smtplib
import socket
import tempfile
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from bench import alerts, items, matrix, values, workers
from bench.fill import DAY, fill
from bench.measure import bare_workbook, client, floor_page, page, say, timed
from taskboard import clock, create_app
from taskboard.alerts.channels import Letter, mail
from taskboard.db import db, start_reading
from taskboard.jobs import sweep
from tests import databases

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
    options.add_argument("--only", choices=("alerts",), help="alerts and workers alone")
    asked = options.parse_args()
    for kind in ("sqlite", "postgresql") if asked.database == "both" else (asked.database,):
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            try:
                maker = _maker(kind, Path(folder), stack)
            except pytest.skip.Exception as error:
                print(f"{kind}: absent: {error}")
                continue
            if not asked.only:
                for rows in map(int, asked.rows.split(",")):
                    with maker.fresh() as url:
                        _measure(kind, rows, url, Path(folder))
                with maker.fresh() as url:
                    matrix.measure(url, Path(folder))
            alerts.measure(kind, maker, Path(folder))
            if kind == "postgresql":
                workers.measure(maker, Path(folder))
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
    floor = floor_page(app, RAW)
    clients = {who: client(app, who) for who in (office, lead)}
    empty = page(app, clients[office], "/feedback")[0]
    for name, who, path, budget in (
        ("worklist of a group, 50 rows", lead, "/worklist", 5),
        ("desk, 50 rows", office, "/desk", 5),
        ("target with history", office, f"/targets/{target}", 6),
    ):
        took, statements = page(app, clients[who], path)
        say(name, took, floor, budget, f"{statements} statements")
    took, statements = page(app, clients[office], "/wall")
    above = (took - empty) * 1000
    verdict = "within" if above <= 8 else "OVER"
    note = f"{above:.1f} ms above an empty page (8) {verdict}  {statements} statements"
    print(f"  {'wall':<34} {took * 1000:8.1f} ms, {note}", flush=True)
    _report(app, clients[office], target)
    if rows >= 10000:
        _export(app, clients[office])
        values.measure(app, rows)
    items.measure(app, rows, clients[office])
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _sweeps(app: Flask) -> None:
    with app.app_context():
        floor = timed(_touch_all, 3)
        first = timed(lambda: sweep.run(DAY, clock.now()), 1)
        following = timed(lambda: sweep.run(DAY + timedelta(days=1), clock.now()), 1)
        again = timed(lambda: sweep.run(DAY + timedelta(days=1), clock.now()), 1)
    say("sweep, first run", first, floor, 2, "floor: one UPDATE of every row")
    say("sweep, next day", following, floor, 3)
    say("sweep, same day again", again, floor, 3)


def _touch_all() -> None:
    db.session.execute(text("UPDATE commitment SET section = section"))
    db.session.commit()


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

    say("report by form, durable", timed(file, 10), timed(bare, 10), 4, "floor: one durable UPDATE")


def _export(app: Flask, client: Any) -> None:
    count = 10000

    with app.app_context():
        total = db.session.scalar(text("SELECT count(*) FROM commitment")) or 1
        db.session.rollback()
    took = timed(lambda: client.get("/targets.xlsx"), 1) * count / total
    say(
        "workbook out, per 10 000 rows",
        took,
        timed(bare_workbook(count, 12), 1),
        1.5,
        "floor: bare XlsxWriter, 12 cells a row",
    )


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
    say("1 000 small mails", timed(ours, 1), timed(bare, 1), 3)
    controller.stop()


if __name__ == "__main__":
    main()
