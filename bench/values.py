"""官方数: a workbook of 10 000 official figures in, previewed, taken in and revised.

The floor is the same reader alone and one bare INSERT of the figures, in the same run.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from flask import Flask
from sqlalchemy import insert, select

from bench.fill import DAY
from bench.measure import say, timed
from taskboard import clock
from taskboard.db import db
from taskboard.imports import target_books as books
from taskboard.models import Campaign, Commitment, Figure, Person, Unit

LINES = 10_000
AS_OF = date(2020, 5, 31)
HEADS = ("责任单位", "指标", "数据截止日", "官方数", "发布日期", "来源")


def measure(app: Flask, rows: int) -> None:
    """Print the figures on a database that bench.fill has filled with `rows` targets; it writes what it measures."""
    with app.app_context():
        campaign = Campaign.current()
        assert campaign is not None
        by = db.session.scalar(select(Person.id).limit(1)) or 0
        made = [_workbook(n) for n in range(2)]
        floor = timed(lambda: _bare(made[0], by), 1)
        book = books.BOOKS["values"]
        preview = timed(lambda: books.preview(book, books.sent(made[0], "v.xlsx"), campaign, DAY), 1)
        db.session.rollback()
        took = timed(lambda: _take(book, made[0], campaign, by), 1)
        again = timed(lambda: _take(book, made[1], campaign, by), 1)
    note = "floor: the reader alone and one INSERT"
    say(f"preview of {LINES} values of {rows}", preview, floor, 6, note)
    say(f"{LINES} values in", took, floor, 6)
    say(f"{LINES} values revised", again, floor, 6)


def _workbook(more: int) -> bytes:
    """A figure of each of the first 10 000 targets; another `more` gives other figures."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    sheet, day = book.add_worksheet("官方数"), book.add_format({"num_format": "yyyy-mm-dd"})
    for place, head in enumerate(HEADS):
        sheet.write_string(0, place, head)
    base = Commitment.__table__
    query = select(base.c.title, Unit.name).join(Unit, Unit.id == base.c.unit_id).order_by(base.c.id).limit(LINES)
    for row, (title, unit) in enumerate(db.session.execute(query), 1):
        sheet.write_string(row, 0, unit)
        sheet.write_string(row, 1, title)
        sheet.write_datetime(row, 2, datetime(AS_OF.year, AS_OF.month, AS_OF.day), day)
        sheet.write_number(row, 3, 40 + row % 60 + more)
        sheet.write_datetime(row, 4, datetime(DAY.year, DAY.month, DAY.day), day)
        sheet.write_string(row, 5, "统计月报")
    book.close()
    db.session.rollback()
    return out.getvalue()


def _bare(data: bytes, by: int) -> None:
    sheets = books.sent(data, "v.xlsx").sheets
    now = clock.now()
    rows: list[dict[str, Any]] = [
        {
            "target_id": number,
            "as_of": AS_OF,
            "value": Decimal(str(line[3])),
            "revision": 1,
            "live_key": f"bare {number}",
            "published_on": DAY,
            "source": "",
            "taken_by_id": by,
            "taken_at": now,
        }
        for number, line in enumerate(sheets[0].rows[1:], 1)
    ]
    db.session.connection().execute(insert(Figure), rows)
    db.session.rollback()


def _take(book: books.Book, data: bytes, campaign: Campaign, by: int) -> None:
    done = books.take_in(book, books.sent(data, "v.xlsx"), campaign, "v.xlsx", by, clock.now())
    db.session.commit()
    assert done["created"] + done["changed"] == LINES
