"""The pages of a schedule: preview, asking, errors beside their field, deciding, and who sees what."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from taskboard.db import db
from taskboard.models import ScheduleVersion, Target
from tests.views.test_worklist import counted
from tests.world import NOON, Web

SEASON = {"curve": "seasonal", "target_value": "120", "m4": "1", "m5": "2", "m6": "3", "reason": "下半程集中投产"}


def page(web: Web, more: str = "") -> str:
    return f"/targets/{web.ids.target}/schedule{more}"


def versions(web: Web) -> list[Any]:
    with web.app.app_context():
        rows = db.session.execute(select(ScheduleVersion.no, ScheduleVersion.state).order_by(ScheduleVersion.no))
        return [tuple(row) for row in rows]


def decided(web: Web, who: str, number: int, **more: str) -> Any:
    return web.as_(who).post(f"/schedules/{number}", data={"decision": "approve", **more})


def test_the_preview_draws_the_curve_beside_the_present_one_and_writes_nothing(web: Web) -> None:
    answer = web.as_("lead").post(page(web, "/preview"), data=SEASON)

    assert answer.status_code == 200
    assert "预览，尚未提交" in answer.text and "拟定计划" in answer.text and 'class="former former-1"' in answer.text
    assert "2020年6月30日" in answer.text and "下半程集中投产" in answer.text and 'value="120"' in answer.text
    assert versions(web) == []


def test_a_request_is_asked_approved_and_shown(web: Web) -> None:
    asked = web.as_("lead").post(page(web), data=SEASON)
    assert asked.location == page(web)
    assert versions(web) == [(1, "asked")]
    assert "第 1 版待核定" in web.as_("lead").get(page(web)).text
    assert "待核定 1 件" in web.as_("office").get("/schedules").text
    assert "与现行计划对照" in web.as_("leader").get("/schedules/1").text

    assert decided(web, "office", 1, answer="同意").status_code == 302

    shown = web.as_("reporter").get(page(web)).text
    assert "下半程集中投产" in shown and "第 1 版自2020年6月5日起执行" in shown and "提出调整" not in shown
    web.as_("lead").post(page(web), data={**SEASON, "curve": "linear", "reason": "恢复均匀推进"})
    decided(web, "leader", 2)
    both = web.as_("lead").get(f"/targets/{web.ids.target}").text
    assert "第 1 版（至 6月5日）" in both and "虚线为第 1 版（至 6月5日）" in both
    assert "恢复均匀推进" in both


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"m5": ""}, "请填写，可为 0"),
        ({"m4": "0", "m5": "0", "m6": "0"}, "各月权重全为 0"),
        ({"curve": "event_based", "steps": "2020-07-09 10 开业"}, "不在周期内"),
        ({"curve": "event_based", "steps": "开业"}, "第 1 行"),
        ({"curve": "custom", "points": "2020-06-05 10"}, "不等于目标"),
        ({"curve": "custom", "points": ""}, "自定计划没有节点"),
        ({"curve": "zigzag"}, "曲线"),
        ({"target_value": "0"}, "目标值应与起始值不同"),
        ({"reason": ""}, "请填写理由"),
    ],
)
@pytest.mark.parametrize("where", ["", "/preview"])
def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_lost(
    web: Web, typed: dict[str, str], words: str, where: str
) -> None:
    answer = web.as_("lead").post(page(web, where), data={**SEASON, "steps": "2020-05-20 20 投产", **typed})

    assert answer.status_code == 422
    assert words in answer.text
    assert typed.get("steps", "2020-05-20 20 投产") in answer.text
    assert typed.get("reason", "下半程集中投产") in answer.text
    assert versions(web) == []


def test_an_approved_schedule_is_changed_on_its_page_only(web: Web) -> None:
    web.as_("lead").post(page(web), data={**SEASON, "curve": "present", "target_value": "100"})
    decided(web, "office", 1)
    form = {
        "group": web.ids.group, "unit": web.ids.unit, "title": "规上工业增加值", "measure": "万元", "version": "2",
        "rule_kind": "amount", "direction": "up", "start_value": "0", "target_value": "100",
        "starts_on": "2020-04-01", "ends_on": "2020-06-30", "weekly": "",
    }  # fmt: skip
    path = f"/targets/{web.ids.target}/edit"

    answer = web.as_("lead").post(path, data={**form, "target_value": "90"})
    assert answer.status_code == 422
    assert "序时计划已核定（第 1 版），请在目标页提出调整" in answer.text
    assert web.as_("lead").post(path, data={**form, "source": "统计口径"}).status_code == 302
    with web.app.app_context():
        assert db.session.get_one(Target, web.ids.target).source == "统计口径"


def test_who_asked_does_not_decide_and_a_refusal_needs_a_reason(web: Web) -> None:
    web.as_("office").post(page(web), data=SEASON)
    assert "应由其他人核定" in web.as_("office").get("/schedules/1").text
    assert decided(web, "office", 1).status_code == 403
    assert decided(web, "lead", 1).status_code == 403
    refused = web.as_("leader").post("/schedules/1", data={"decision": "refuse"})
    assert refused.status_code == 422 and "不同意的，请填写理由" in refused.text
    late = decided(web, "leader", 1, from_on="2020-06-08", answer="好")
    assert late.status_code == 422 and "不能晚于今天" in late.text and "2020-06-08" in late.text
    assert web.as_("leader").post("/schedules/1", data={"decision": "refuse", "answer": "不妥"}).status_code == 302
    assert decided(web, "leader", 1).status_code == 409
    assert versions(web) == [(1, "refused")]


def test_what_a_seat_may_not_see_is_not_found(web: Web) -> None:
    web.as_("lead").post(page(web), data=SEASON)
    for who in ("other_lead", "other_reporter"):
        client = web.as_(who)
        assert client.get(page(web)).status_code == 404
        assert client.get("/schedules/1").status_code == 404
        assert "规上工业增加值" not in client.get("/schedules?view=all").text
    for more in ("", "/preview"):
        assert web.as_("other_lead").post(page(web, more), data=SEASON).status_code == 404
        for who in ("reporter", "supervisor", "leader"):
            assert web.as_(who).post(page(web, more), data=SEASON).status_code == 403
    assert "规上工业增加值" in web.as_("reporter").get("/schedules").text
    assert web.as_("audit_admin").get("/schedules").status_code == 403
    assert web.as_("office").get(f"/targets/{web.ids.task}/schedule").status_code == 404


def test_twice_the_same_form_asks_once(web: Web) -> None:
    client = web.as_("lead")
    for _ in range(2):
        assert client.post(page(web), data={**SEASON, "form_key": "k1"}).status_code == 302
    assert versions(web) == [(1, "asked")]


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_takes_as_many_statements_for_one_as_for_thirty(web: Web, count: int) -> None:
    with web.app.app_context():
        for no in range(1, count + 1):
            db.session.add(ScheduleVersion(
                target_id=web.ids.target, no=no, curve="linear", reason="试", target_value=100, state="refused",
                asked_by_id=web.ids.lead, asked_at=NOON,
                decided_by_id=web.ids.office, decided_at=NOON,
            ))  # fmt: skip
        db.session.commit()
    client = web.as_("office")
    client.get("/schedules?view=all")
    with counted(web) as statements:
        assert client.get("/schedules?view=all").status_code == 200
    assert len(statements) <= 8, "\n".join(statements)
