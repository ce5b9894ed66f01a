"""The worklist page: the order of harm, whose lines it shows, and how few statements it takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, select

from taskboard.db import db
from taskboard.models import Campaign, Group, Target, Unit
from taskboard.models.placing import admit
from tests.world import FRIDAY, Web, make_target

MOST_STATEMENTS = 8


@contextmanager
def counted(web: Web) -> Iterator[list[str]]:
    """The statements that a request sends, transactions aside."""
    seen: list[str] = []

    def note(_c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT")):
            seen.append(statement)

    with web.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def fill(web: Web, count: int) -> None:
    with web.app.app_context():
        campaign = db.session.scalars(select(Campaign)).one()
        first = db.session.get_one(Target, web.ids.target)
        group, unit = db.session.get_one(Group, web.ids.group), db.session.get_one(Unit, web.ids.unit)
        for number in range(count):
            more = {"value": Decimal(number % 100), "title": f"目标{number}"}
            extra = make_target(campaign, group, unit, **more) if number == 0 else _another(first, number, more)
            admit(extra, FRIDAY) if number else None
        db.session.commit()


def _another(first: Target, number: int, more: dict[str, Any]) -> Target:
    names = ("campaign_id", "group_id", "unit_id", "starts_on", "ends_on", "owed_from", "light_since", "measure")
    values = {name: getattr(first, name) for name in names}
    return Target(**values, indicator_id=first.indicator_id, target_value=Decimal(100), **more)


def test_a_worklist_answers_in_one_sentence_and_shows_reasons_in_words(web: Web) -> None:
    page = web.as_("lead").get("/worklist").text

    assert "本周还有 2 项未填报" in page
    assert "规上工业增加值" in page and "老旧小区改造" in page
    assert "示例数据，非公开发布" in page


@pytest.mark.parametrize("count", [3, 300])
def test_a_worklist_takes_at_most_eight_statements_however_long_it_is(web: Web, count: int) -> None:
    fill(web, count)
    client = web.as_("lead")
    client.get("/worklist")

    with counted(web) as statements:
        answer = client.get("/worklist")

    assert answer.status_code == 200
    assert len(statements) <= MOST_STATEMENTS, "\n---\n".join(statements)
    assert not [one for one in statements if "count(" in one.lower() and "FROM commitment" in one]
