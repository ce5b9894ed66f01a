"""Targets: list, detail, and setting them up in the realm of the seat."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Event, Tally, Target
from tests.world import Web


def typed(web: Web, **more: Any) -> dict[str, Any]:
    return {
        "group": web.ids.group, "unit": web.ids.unit, "title": "实际利用外资", "measure": "万美元",
        "rule_kind": "amount", "direction": "up", "start_value": "0", "target_value": "300",
        "starts_on": "2020-04-01", "ends_on": "2020-06-30", "weekly": "2020-06-05 200\n2020-06-12 250",
        "version": "1", **more,
    }  # fmt: skip


def stored(web: Web, title: str = "实际利用外资") -> Target:
    with web.app.app_context():
        target = db.session.scalars(select(Target).where(Target.title == title)).one()
        assert len(target.weekly_targets) >= 0
        return target


def test_the_list_and_the_page_say_where_a_target_stands(web: Web) -> None:
    client = web.as_("office")
    listed, page = client.get("/targets").text, client.get(f"/targets/{web.ids.target}").text

    assert "规上工业增加值" in listed and "上塘" in listed
    assert "老旧小区改造" not in listed
    assert "应达" in page and "上塘街道" in page and "0 → 100 万元" in page


def test_what_a_seat_may_not_see_is_not_found(web: Web) -> None:
    for who in ("other_lead", "other_reporter"):
        assert web.as_(who).get(f"/targets/{web.ids.target}").status_code == 404
        assert "规上工业增加值" not in web.as_(who).get("/targets").text
    assert web.as_("office").get("/targets/99999999999").status_code == 404
    assert web.as_("office").get(f"/targets/{web.ids.task}").status_code == 404


def test_a_target_is_set_up_with_weekly_targets_and_counted(web: Web) -> None:
    answer = web.as_("lead").post("/targets/new", data=typed(web))
    target = stored(web)

    assert answer.location == f"/targets/{target.id}"
    assert [(str(w.due_on), w.value) for w in target.weekly_targets] == [("2020-06-05", 200), ("2020-06-12", 250)]
    page = web.as_("lead").get(answer.location).text
    assert "按周目标" in page and "2020" in page
    with web.app.app_context():
        assert sum(db.session.scalars(select(Tally.count))) == 3
        assert db.session.scalars(select(Event.kind).where(Event.subject_id == target.id)).all() == ["target_created"]


def test_a_wrong_line_is_named_and_what_was_typed_is_kept(web: Web) -> None:
    answer = web.as_("lead").post("/targets/new", data=typed(web, weekly="2020-06-05 200\n六月 1"))
    assert answer.status_code == 422
    assert "第 2 行" in answer.text and "六月 1" in answer.text

    answer = web.as_("lead").post("/targets/new", data=typed(web, weekly="2020-07-05 200"))
    assert answer.status_code == 422
    assert "不在 2020-04-01 至 2020-06-30 之内" in answer.text


def test_a_change_moves_the_tally_and_leaves_an_event_with_before_and_after(web: Web) -> None:
    client = web.as_("office")
    client.post("/targets/new", data=typed(web))
    target = stored(web)

    changed = typed(web, unit=web.ids.other_unit, target_value="400", weekly="2020-06-12 260")
    assert client.post(f"/targets/{target.id}/edit", data=changed).status_code == 302

    with web.app.app_context():
        event = db.session.scalars(select(Event).where(Event.kind == "target_changed")).one()
        assert event.payload["before"]["target_value"] == "300"
        assert event.payload["after"]["unit"] == "祥符街道"
        counts = select(Tally.count).where(Tally.unit_id == web.ids.other_unit, Tally.count > 0)
        assert db.session.scalars(counts).all() == [1]
        assert db.session.get_one(Target, target.id).version == 2


def test_who_saves_second_sees_both_texts(web: Web) -> None:
    client = web.as_("office")
    client.post("/targets/new", data=typed(web))
    path = f"/targets/{stored(web).id}/edit"
    client.post(path, data=typed(web, target_value="400"))

    answer = web.as_("lead").post(path, data=typed(web, target_value="500"))

    assert answer.status_code == 409
    assert "他人已修改" in answer.text and "500" in answer.text
    assert stored(web).target_value == 400


def test_a_lead_of_another_group_does_not_find_the_form(web: Web) -> None:
    path = f"/targets/{web.ids.target}/edit"
    assert web.as_("lead").get(path).status_code == 200
    assert web.as_("other_lead").get(path).status_code == 404
    assert web.as_("reporter").get(path).status_code == 403
    assert web.as_("other_lead").post("/targets/new", data=typed(web)).status_code == 422


def test_search_finds_what_the_seat_sees_and_takes_wildcards_as_text(web: Web) -> None:
    assert "规上工业增加值" in web.as_("reporter").get("/search?q=工业").text
    assert "规上工业增加值" not in web.as_("other_reporter").get("/search?q=增加值").text
    assert "没有找到" in web.as_("office").get("/search?q=%25").text
    assert "上塘街道" in web.as_("office").get("/search?q=上塘").text
    assert web.as_("system_admin").get("/search?q=上塘").status_code == 200


def test_filters_narrow_and_a_strange_address_does_no_harm(web: Web) -> None:
    client = web.as_("office")
    assert "规上工业增加值" in client.get(f"/targets?group={web.ids.group}&unit={web.ids.unit}").text
    assert "没有符合条件" in client.get(f"/targets?group={web.ids.other_group}").text
    for query in ("group=99999999999", "page=0", "page=-1", "page=999999", "sort=;drop", "light=pink", "section=x"):
        assert client.get(f"/targets?{query}").status_code == 200
        assert client.get(f"/worklist?{query}").status_code == 200
