"""The pages of indicators: definitions for everybody who sees a target, changes by the office and the group's lead."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Indicator
from tests.views.test_worklist import counted
from tests.world import Web

TYPED = {
    "name": "规上工业增加值", "kind": "amount", "measure": "万元", "decimals": "1", "direction": "up", "version": "1",
    "definition": "规模以上工业企业", "source": "区统计局月报", "cadence": "month", "release_day": "18",
}  # fmt: skip


def stored(web: Web) -> Indicator:
    with web.app.app_context():
        return db.session.scalars(select(Indicator)).one()


def path(web: Web, more: str = "") -> str:
    return f"/indicators/{stored(web).id}{more}"


def test_an_indicator_is_changed_and_says_when_its_next_value_is_due(web: Web) -> None:
    assert "未填写" in web.as_("reporter").get("/indicators").text
    assert web.as_("lead").post(path(web, "/edit"), data=TYPED).status_code == 302

    listed, page = web.as_("office").get("/indicators").text, web.as_("reporter").get(path(web)).text
    assert "规模以上工业企业" in listed and "每月18日" in listed and "5月数，6月18日" in listed
    assert "区统计局月报" in page and "修改了指标口径" in page and "上塘街道" in page
    assert 'href="/indicators/' in web.as_("reporter").get(f"/targets/{web.ids.target}").text


def test_what_is_wrong_is_told_and_a_conflict_shows_both(web: Web) -> None:
    client: Any = web.as_("office")
    wrong = client.post(path(web, "/edit"), data={**TYPED, "release_day": "31", "decimals": "5"})
    assert wrong.status_code == 422 and "1 至 28" in wrong.text and "规模以上工业企业" in wrong.text
    client.post(path(web, "/edit"), data=TYPED)
    late = web.as_("lead").post(path(web, "/edit"), data={**TYPED, "source": "财税"})
    assert late.status_code == 409 and "区统计局月报" in late.text and "财税" in late.text
    assert stored(web).source == "区统计局月报"


def test_who_sees_and_who_changes(web: Web) -> None:
    for who in ("other_lead", "other_reporter"):
        assert web.as_(who).get(path(web)).status_code == 404
        assert "规上工业增加值" not in web.as_(who).get("/indicators").text
    assert web.as_("other_lead").get(path(web, "/edit")).status_code == 404
    for who in ("reporter", "supervisor", "leader"):
        assert web.as_(who).get(path(web)).status_code == 200
        assert web.as_(who).post(path(web, "/edit"), data=TYPED).status_code == 403
    assert web.as_("system_admin").get("/indicators").status_code == 403


@pytest.mark.parametrize("count", [0, 40])
def test_the_list_takes_as_many_statements_for_one_as_for_forty(web: Web, count: int) -> None:
    with web.app.app_context():
        rows = [Indicator(group_id=web.ids.group, name=f"指标{n}", measure="户") for n in range(count)]
        db.session.add_all(rows)
        db.session.commit()
    client = web.as_("office")
    client.get("/indicators")
    with counted(web) as statements:
        assert client.get("/indicators").status_code == 200
    assert len(statements) <= 8, "\n".join(statements)
