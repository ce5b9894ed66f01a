"""Log lines: one a request, with an id that follows the deed into its events, and nothing that people typed."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from taskboard import logs, trace
from taskboard.db import db
from taskboard.models import Event
from tests.world import Web


class Lines(logging.Handler):
    """Keeps what was written, in the JSON form."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logs.JsonLine())
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(self.format(record))

    def of(self, message: str) -> list[dict[str, object]]:
        return [line for line in map(json.loads, self.texts) if line["message"] == message]


@pytest.fixture
def lines() -> Iterator[Lines]:
    ours, handler = logging.getLogger("taskboard"), Lines()
    level = ours.level
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    yield handler
    ours.removeHandler(handler)
    ours.setLevel(level)


def test_a_request_is_one_line_without_what_was_typed(web: Web, lines: Lines) -> None:
    answer = web.as_("office").get("/search?q=机密的词")

    (line,) = lines.of("request")
    assert (line["method"], line["endpoint"], line["status"]) == ("GET", "search.show", answer.status_code)
    assert line["person"] == str(web.ids.office)
    assert line["request"] == answer.headers["X-Request-ID"]
    assert "机密" not in "".join(lines.texts)


def test_a_proxys_id_is_kept_when_it_is_one_and_made_anew_when_it_is_not(web: Web) -> None:
    client = web.visitor()

    assert client.get("/login", headers={"X-Request-ID": "edge-0001"}).headers["X-Request-ID"] == "edge-0001"
    forged = client.get("/login", headers={"X-Request-ID": "a b"}).headers["X-Request-ID"]
    assert forged != "a b"
    assert client.get("/login").headers["X-Request-ID"] != forged


def test_the_id_of_a_deed_is_in_its_event_and_on_the_audit_page(web: Web) -> None:
    sent = {"X-Request-ID": "deed-12345"}
    web.as_("office").post("/feedback", data={"kind": "suggestion", "text": "请改进"}, headers=sent)

    with web.app.app_context():
        ids = set(db.session.scalars(select(Event.request_id)))
    assert "deed-12345" in ids
    assert "deed-12345" in web.as_("audit_admin").get("/audit").text


def test_an_error_page_says_the_number_to_give(web: Web) -> None:
    answer = web.as_("office").get("/targets/999999", headers={"X-Request-ID": "lost-0042"})

    assert answer.status_code == 404
    assert "如需帮助，请提供编号 lost-0042" in answer.text


def test_a_crash_is_one_object_with_the_traceback_inside() -> None:
    try:
        raise ValueError("out of range")
    except ValueError:
        record = logging.LogRecord("taskboard", logging.ERROR, __file__, 1, "unhandled", None, sys.exc_info())
    with trace.working("job:sweep:1"):
        line = json.loads(logs.JsonLine().format(record))

    assert line["error"] == "ValueError: out of range"
    assert "Traceback" in line["traceback"]
    assert line["request"] == "job:sweep:1"


def test_nobody_forges_a_line() -> None:
    record = logging.LogRecord("taskboard", logging.INFO, __file__, 1, "first\nsecond", None, None)
    record.word = "a\r\nb"

    assert len(logs.TextLine().format(record).splitlines()) == 1
    assert len(logs.JsonLine().format(record).splitlines()) == 1


@pytest.mark.parametrize(("asked", "form"), [("json", logs.JsonLine), ("text", logs.TextLine)])
def test_the_form_is_chosen_by_the_environment(asked: str, form: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKBOARD_LOG", asked)

    assert isinstance(logs.formatter(), form)
