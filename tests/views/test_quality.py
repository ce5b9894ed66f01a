"""数据质量: who may see and do what, page by page, in a flat number of statements."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from sqlalchemy import event as sa_event
from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Campaign, Event, Group, Report, Target, Unit
from taskboard.models.reporting import Filing, file_report
from tests.world import MONDAY, NOON, Web, make_target

PAGES = ("", "/freshness", "/findings", "/bias", "/backtest")


@pytest.fixture
def report_id(web: Web) -> int:
    """A value that the reporter of the unit filed this week."""
    with web.app.app_context():
        target = db.session.get_one(Target, web.ids.target)
        filing = Filing(MONDAY, Decimal(42), "完成部分", expected=Decimal(90))
        made, _ = file_report(target, filing, web.ids.reporter, NOON)
        db.session.commit()
        return made.id


def held(web: Web, report_id: int) -> Report:
    with web.app.app_context():
        return db.session.get_one(Report, report_id)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["office", "supervisor", "leader", "lead", "other_lead"])
def test_each_page_opens_empty_and_full_for_those_who_watch(web: Web, who: str, page: str) -> None:
    empty = web.as_(who).get(f"/quality{page}")
    assert empty.status_code == 200
    assert "数据质量</a>" in empty.text
    with web.app.app_context():
        target = db.session.get_one(Target, web.ids.target)
        file_report(target, Filing(MONDAY, Decimal(42), "完成部分"), web.ids.reporter, NOON)
        db.session.commit()
    full = web.as_(who).get(f"/quality{page}").text
    assert "不计分" in full or page in ("/freshness", "/backtest", "")
    if page == "":
        assert ("规上工业增加值" in full) == (who != "other_lead")


@pytest.mark.parametrize("page", PAGES)
def test_a_reporter_and_the_administrators_stay_outside(web: Web, page: str) -> None:
    for who in ("reporter", "system_admin", "security_admin", "audit_admin"):
        assert web.as_(who).get(f"/quality{page}").status_code == 403
    assert "数据质量" not in web.as_("reporter").get("/today").text


def test_from_the_units_value_to_a_locked_one_and_back(web: Web, report_id: int) -> None:
    asked = web.as_("lead").post("/quality/check", data={"item": report_id, "back": "/quality"})
    assert "将复核 1 项数值" in asked.text
    assert held(web, report_id).checked_at is None
    key = {"item": report_id, "back": "/quality?state=check", "form_key": "k1"}
    assert web.as_("lead").post("/quality/check/do", data=key).location == "/quality?state=check"
    assert held(web, report_id).checked_by_id == web.ids.lead
    assert "待核定 1 项" in web.as_("office").get("/quality").text

    done = {"item": report_id, "back": "//evil", "form_key": "k2"}
    assert web.as_("office").post("/quality/confirm/do", data=done).location == "/quality"
    assert held(web, report_id).is_locked
    page = web.as_("office").get("/quality?state=locked").text
    assert "核定" in page and "规上工业增加值" in page

    at = f"/quality/values/{report_id}/unlock"
    web.as_("office").post(at, data={"reason": " "})
    assert held(web, report_id).is_locked
    web.as_("office").post(at, data={"reason": "重复计入"})
    assert not held(web, report_id).is_locked
    with web.app.app_context():
        kinds = db.session.scalars(select(Event.kind).order_by(Event.id)).all()
        last = db.session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
        assert kinds[-3:] == ["value_checked", "value_confirmed", "value_unlocked"]
        assert last.payload["after"]["reason"] == "重复计入"


def test_what_cannot_be_done_is_named_and_hinders_no_other(web: Web, report_id: int) -> None:
    with web.app.app_context():
        campaign, group = Campaign.current(), db.session.get_one(Group, web.ids.group)
        assert campaign is not None
        mine = make_target(campaign, group, db.session.get_one(Unit, web.ids.other_unit))
        own, _ = file_report(mine, Filing(MONDAY, Decimal(30), "组长代填"), web.ids.lead, NOON)
        db.session.commit()
        own_id = own.id
    page = web.as_("lead").post("/quality/check", data={"item": [report_id, own_id]}).text
    assert "将复核 1 项数值，另有 1 项不能复核" in page
    assert "由您填报，应由其他人复核" in page
    said = web.as_("lead").post("/quality/check/do", data={"item": [report_id, own_id]}, follow_redirects=True).text
    assert "已复核 1 项" in said
    assert held(web, own_id).checked_at is None
    assert "未复核" in web.as_("office").post("/quality/confirm", data={"item": [report_id, own_id]}).text


def test_another_groups_value_does_not_exist(web: Web, report_id: int) -> None:
    assert web.as_("lead").get(f"/quality/values/{report_id}").status_code == 200
    assert web.as_("other_lead").get(f"/quality/values/{report_id}").status_code == 404
    said = web.as_("other_lead").post("/quality/check/do", data={"item": report_id}, follow_redirects=True).text
    assert "没有可复核的数值" in said
    assert web.as_("other_lead").get(f"/quality/bias/{web.ids.unit}").status_code == 404
    assert web.as_("lead").post("/quality/confirm/do", data={"item": report_id}).status_code == 403
    assert web.as_("supervisor").post("/quality/check/do", data={"item": report_id}).status_code == 403
    assert web.as_("office").get("/quality/values/999999").status_code == 404


def test_the_weeks_before_and_after_are_a_click_away(web: Web, report_id: int) -> None:
    page = web.as_("office").get("/quality?state=check").text
    assert "/quality?state=check&amp;week=2020-05-25" in page and "下一周" not in page
    earlier = web.as_("office").get("/quality?week=2020-05-27").text
    assert "5月25日 周一 起的一周没有填报的数值" in earlier and "week=2020-06-01" in earlier


ADDRESSES = (
    "/quality?week=x&group=%00&unit=9999999999&state=pink&odd=2&page=-1",
    "/quality?week=2020-06-03&state=check&odd=1&page=99",
    "/quality/freshness?state=nonsense&page=9999",
    "/quality/findings?from=2030-01-01&to=2020-01-01&finding=x",
    "/quality/bias?unit=99",
    "/quality/backtest?group=99",
)


@pytest.mark.parametrize("url", ADDRESSES)
def test_whatever_an_address_says_there_is_a_page(web: Web, report_id: int, url: str) -> None:
    assert web.as_("office").get(url).status_code == 200
    assert web.as_("office").get(re.sub(r"(/quality(/\w+)?)", r"\1.xlsx", url, count=1)).status_code == 200


@pytest.mark.parametrize("name", ["", "/freshness", "/findings", "/sums", "/bias", "/backtest"])
def test_each_page_leaves_as_a_workbook_with_its_record(web: Web, report_id: int, name: str) -> None:
    answer = web.as_("lead").get(f"/quality{name}.xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).active.values)
    assert len(rows) >= 2
    if not name:
        assert rows[1][2] == "规上工业增加值" and rows[1][9] == "初报"
    with web.app.app_context():
        assert db.session.scalars(select(Event.kind).order_by(Event.id.desc()).limit(1)).one() == "exported"


@pytest.mark.parametrize("page", [*PAGES, "/bias/2"])
def test_the_statements_do_not_grow_with_the_list(web: Web, report_id: int, page: str) -> None:
    def count() -> int:
        statements: list[str] = []
        with web.app.app_context():
            engine = db.engine
        listen: Any = lambda *args: statements.append(args[2])  # noqa: E731
        sa_event.listen(engine, "before_cursor_execute", listen)
        assert web.as_("office").get(f"/quality{page}").status_code == 200
        sa_event.remove(engine, "before_cursor_execute", listen)
        return len([s for s in statements if s.lstrip().upper().startswith("SELECT")])

    few = count()
    with web.app.app_context():
        campaign, group = Campaign.current(), db.session.get_one(Group, web.ids.group)
        units = [db.session.get_one(Unit, one) for one in (web.ids.unit, web.ids.other_unit)]
        assert campaign is not None
        for n in range(30):
            target = make_target(campaign, group, units[n % 2])
            if n % 3:
                filing = Filing(MONDAY, Decimal(n), "完成部分", expected=Decimal(90))
                file_report(target, filing, web.ids.reporter, NOON)
        db.session.commit()
    assert count() == few
    assert few <= 14
