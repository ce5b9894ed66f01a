"""Lists as workbooks: the same lines, typed cells, no formula from what people type."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from taskboard.db import db
from taskboard.exports.sheet import counted
from taskboard.models import Commitment, Event
from tests.world import Web


def sheet(web: Web, who: str, path: str) -> Any:
    answer = web.as_(who).get(path)
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(answer.data)).active


def test_a_worklist_as_a_workbook_has_the_same_lines_with_a_frozen_head(web: Web) -> None:
    book = sheet(web, "lead", "/worklist.xlsx")

    assert book.title == "本组工作清单"
    assert book.freeze_panes == "A2" and book.auto_filter.ref.startswith("A1:")
    assert {book.cell(row, 5).value for row in (2, 3)} == {"规上工业增加值", "老旧小区改造"}
    assert book.cell(4, 1).value == "共 2 项"


@pytest.mark.parametrize(("path", "title"), [("/targets.xlsx", "规上工业增加值"), ("/tasks.xlsx", "老旧小区改造")])
def test_a_list_as_a_workbook_is_of_its_kind_and_recorded(web: Web, path: str, title: str) -> None:
    book = sheet(web, "office", path)

    assert (book.cell(2, 5).value, book.max_row) == (title, 3)
    with web.app.app_context():
        assert db.session.scalars(select(Event.kind)).all() == ["exported"]


def test_nothing_typed_becomes_a_formula(web: Web) -> None:
    with web.app.app_context():
        db.session.get_one(Commitment, web.ids.target).title = "=1+1"
        db.session.commit()

    cell = sheet(web, "office", "/targets.xlsx").cell(2, 5)

    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_another_seat_gets_only_what_it_sees(web: Web) -> None:
    assert sheet(web, "other_lead", "/targets.xlsx").cell(2, 1).value == "共 0 项"
    assert web.as_("system_admin").get("/targets.xlsx").status_code == 403


def test_long_work_says_how_far_it_is_and_forgets_it_at_the_end(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taskboard.exports.sheet.SAID_EVERY", 1)
    key, heard, client = "0a" * 16, [], web.as_("lead")

    def listening(rows: Any, say: Any) -> Any:
        def told(done: int) -> None:
            say(done)
            file = web.app.config["TASKBOARD"].var / "progress" / key
            heard.append(int(file.read_text()))

        return counted(rows, told)

    monkeypatch.setattr("taskboard.views.workbook.sheet.counted", listening)

    assert client.get("/worklist.xlsx", query_string={"progress": key}).status_code == 200
    assert heard == [1, 2, 2]
    assert client.get(f"/progress/{key}").json == {"done": None}
    assert client.get("/progress/..%2F..%2Fetc").status_code == 404
    assert client.get("/progress/nonsense").json == {"done": None}
