"""Without its database a page says so and asks to come back; it is never a 500."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import make_app


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
