"""Without its database a page says so and asks to come back; it is never a 500."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import event, text

from taskboard.db import db
from tests.conftest import make_app
from tests.world import Web


@pytest.mark.parametrize("path", ["/login", "/worklist", "/today", "/targets/1"])
def test_a_page_without_a_database_is_a_503_that_stands_alone(tmp_path: Path, path: str) -> None:
    app = make_app(f"sqlite:///{tmp_path / 'nowhere' / 'taskboard.db'}", tmp_path)
    client = app.test_client()
    client.set_cookie("session", "a token that cannot be looked up")

    answer = client.get(path)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "数据库暂时无法使用" in answer.get_data(as_text=True)


def test_a_form_without_a_database_is_not_taken_for_a_stale_page(tmp_path: Path) -> None:
    app = make_app(f"sqlite:///{tmp_path / 'nowhere' / 'taskboard.db'}", tmp_path)
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client()
    client.set_cookie("session", "a token that cannot be looked up")

    assert client.post("/feedback", data={"text": "意见"}).status_code == 503


def test_a_full_disk_refuses_what_is_written_and_lets_people_read(web: Web) -> None:
    client = web.as_("reporter")
    with client.session_transaction() as session:
        session["_flashes"] = [("success", "上一步的提示")]  # shown by the next page, and then to be forgotten
    with web.app.app_context():
        engine = db.engine

    @event.listens_for(engine, "begin")
    def full(connection: object) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()  # type: ignore[attr-defined]
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")  # type: ignore[attr-defined]

    long = "意见" * 900
    answers = [client.post("/feedback", data={"text": f"{long}{n}"}) for n in range(60)]
    refused = [answer for answer in answers if answer.status_code == 503]

    assert refused and {answer.status_code for answer in answers} <= {302, 503}
    assert "磁盘已满" in refused[0].get_data(as_text=True)
    assert client.get("/today").status_code == 200
    event.remove(engine, "begin", full)
    with web.app.app_context():
        db.session.execute(text("PRAGMA max_page_count=1073741823"))
        db.session.rollback()
    assert client.post("/feedback", data={"text": "又有空间了"}).status_code == 302
