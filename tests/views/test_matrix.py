"""Pages 指标矩阵 and 计划分解: who sees and edits them, cell errors, confirmation, conflict, nothing half-written."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Event, Indicator, Plan, Target
from tests.views.test_worklist import counted
from tests.world import Web


@pytest.fixture
def indicator_id(web: Web) -> int:
    with web.app.app_context():
        return db.session.get_one(Target, web.ids.target).indicator_id


def save(web: Web, indicator_id: int, who: str = "office", **typed: Any) -> Any:
    """上塘 has 100 at version 1; what is not typed stays as the form shows it."""
    boxes = {
        "v0": "",
        "reserve": "",
        f"v{web.ids.unit}": "100",
        f"v{web.ids.other_unit}": "",
        f"seen{web.ids.unit}": "1",
    }
    named = {"district": "v0", "unit": f"v{web.ids.unit}", "other": f"v{web.ids.other_unit}"}
    form = boxes | {named.get(name, name): value for name, value in typed.items()}
    return web.as_(who).post(f"/matrix/{indicator_id}/edit", data=form)


def targets(web: Web) -> dict[int, str]:
    with web.app.app_context():
        return {one.unit_id: f"{one.target_value.normalize():f}" for one in db.session.scalars(select(Target))}


@pytest.mark.parametrize(
    ("who", "seen", "edits"),
    [("office", True, 200), ("lead", True, 200), ("supervisor", True, 403), ("leader", True, 403),
     ("reporter", True, 403), ("other_lead", False, 404), ("other_reporter", False, 403)],
)  # fmt: skip
def test_each_seat_sees_and_edits_its_part(web: Web, indicator_id: int, who: str, seen: bool, edits: int) -> None:
    client = web.as_(who)

    for path in ("/matrix", "/matrix?show=目标", "/matrix?show=实际", "/plans"):
        assert ("规上工业增加值" in client.get(path).text) is seen, path
    assert client.get(f"/plans/{indicator_id}").status_code == (200 if seen else 404)
    for path in (f"/matrix/{indicator_id}/edit", f"/plans/{indicator_id}/edit"):
        assert client.get(path).status_code == edits
        assert client.post(path).status_code in ({302, 409} if edits == 200 else {edits})
    assert ("调整" in client.get("/matrix").text) is (edits == 200)


def test_addresses_that_mean_nothing_are_not_found(web: Web, indicator_id: int) -> None:
    office = web.as_("office")

    for path in ("/matrix/9999/edit", "/plans/9999", f"/matrix/{indicator_id}/edit?period=x", "/plans/9999/edit",
                 f"/plans/{indicator_id}/edit?unit=9999", f"/plans/{indicator_id}?year=1"):  # fmt: skip
        assert office.get(path).status_code == 404, path
    assert office.get("/matrix?show=x&light=x&period=x&group=x").status_code == 200


def test_the_workbook_is_what_the_page_shows(web: Web) -> None:
    book = load_workbook(io.BytesIO(web.as_("office").get("/matrix.xlsx?show=目标").data)).active

    assert [cell.value for cell in book[2]][:3] == ["工业企业组", "规上工业增加值", "万元"]
    assert "上塘街道" in [cell.value for cell in book[1]]


def test_a_wrong_box_is_named_and_nothing_is_written(web: Web, indicator_id: int) -> None:
    answer = save(web, indicator_id, unit="120", other="四十", district="-5")

    assert answer.status_code == 422
    assert "“四十”不是数字" in answer.text and "全区目标不能为负数" in answer.text
    assert f'id="v{web.ids.other_unit}-wrong"' in answer.text and 'value="120"' in answer.text
    assert targets(web) == {web.ids.unit: "100"}


def test_more_than_there_is_needs_an_express_word(web: Web, indicator_id: int) -> None:
    typed = {"district": "140", "other": "45", "reserve": "5"}
    asked = save(web, indicator_id, **typed)

    assert asked.status_code == 422 and "合计与全区目标不一致，仍保存" in asked.text and "超分配 10" in asked.text
    assert targets(web) == {web.ids.unit: "100"}
    assert 'name="agreed" value="-10' in asked.text
    assert save(web, indicator_id, **typed, agreed="-9").status_code == 422
    done = save(web, indicator_id, **typed, agreed="-10")
    assert done.status_code == 302 and "show=" in done.location
    assert sorted(targets(web).values()) == ["100", "140", "45"]
    page = web.as_("office").get("/matrix?show=目标").text
    assert "1 项指标超分配" in page and "超分配 10" in page


def test_what_somebody_else_saved_is_shown_beside_what_was_typed(web: Web, indicator_id: int) -> None:
    assert save(web, indicator_id, who="lead", unit="110").status_code == 302
    slower = save(web, indicator_id, unit="130", other="40")

    assert slower.status_code == 409 and "已保存的内容" in slower.text
    assert targets(web) == {web.ids.unit: "110"}
    assert f'name="seen{web.ids.unit}" value="2"' in slower.text
    again = save(web, indicator_id, unit="130", other="40", **{f"seen{web.ids.unit}": "2"})
    assert again.status_code == 302 and targets(web)[web.ids.unit] == "130"


def test_a_double_click_allocates_once(web: Web, indicator_id: int) -> None:
    for _ in range(2):
        assert save(web, indicator_id, other="40", form_key="k1").status_code == 302
    with web.app.app_context():
        assert len([k for k in db.session.scalars(select(Event.kind)) if k == "target_created"]) == 1


def test_a_year_is_planned_and_what_does_not_come_out_is_shown(web: Web, indicator_id: int) -> None:
    path, office = f"/plans/{indicator_id}/edit?unit={web.ids.unit}", web.as_("office")
    wrong = office.post(path, data={"amount-2020Q2": "100", "amount-2020M04": "三十"})
    assert wrong.status_code == 422 and 'id="amount-2020M04-wrong"' in wrong.text
    with web.app.app_context():
        assert not list(db.session.scalars(select(Plan)))
    months = {"amount-2020M04": "30", "amount-2020M05": "30", "amount-2020M06": "35"}
    assert office.post(path, data={"amount-2020Q2": "100", **months}).status_code == 302
    page = office.get(f"/plans/{indicator_id}").text
    assert "上塘街道4—6月合计 95 万元，比二季度 100 万元少 5 万元" in page and "合计少 5" in page
    assert "差 1 处" in office.get("/plans").text
    slower = office.post(path, data={"amount-2020Q2": "95", **months})
    assert slower.status_code == 409 and "二季度计划" in slower.text
    assert "合计 95，少 5" in office.get(path).text


def test_pages_take_as_many_statements_for_many_indicators_as_for_one(web: Web, indicator_id: int) -> None:
    client = web.as_("office")
    paths = ("/matrix", "/plans", f"/plans/{indicator_id}")
    for path in paths:
        client.get(path)
    before = [_count(web, client, path) for path in paths]
    with web.app.app_context():
        group_id = db.session.get_one(Indicator, indicator_id).group_id
        for n in range(20):
            row = Indicator(group_id=group_id, name=f"指标{n}", measure="万元")
            db.session.add(row)
            db.session.flush()
            for unit in (None, web.ids.unit, web.ids.other_unit):
                db.session.add(Plan(indicator_id=row.id, unit_id=unit, period="2020", key=f"{row.id}:{unit}", amount=n))
        db.session.commit()
    assert [_count(web, client, path) for path in paths] == before
    assert max(before) <= 10


def _count(web: Web, client: Any, path: str) -> int:
    with counted(web) as statements:
        assert client.get(path).status_code == 200
    return len(statements)
