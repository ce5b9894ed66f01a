"""规则集管理: everybody reads, the office alone puts in force; what was typed is never lost."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from taskboard.db import db
from taskboard.models import Campaign, Enactment, Event, RuleSetRow, rule_set
from taskboard.rules import ruleset
from tests.models.test_rule_set import another_version
from tests.world import FRIDAY, NOON, Web

TOMORROW = FRIDAY + timedelta(days=1)
SANYA = ruleset.load("sanya").text


def enact(web: Web, text: str = SANYA, day: date = TOMORROW, **more: str) -> Any:
    data = {"text": text, "valid_from": day.isoformat(), "reason": "按区政府通知", **more}
    return web.as_("office").post("/rules/enact", data=data)


def count(web: Web, table: Any = Enactment) -> int:
    with web.app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("who", ["leader", "lead", "reporter", "audit_admin", "system_admin"])
def test_others_read_and_do_nothing(web: Web, who: str) -> None:
    client = web.as_(who)

    assert "标准规则集" in client.get("/rules/versions").text
    assert client.get("/rules/versions/1").status_code == 200
    assert client.get("/rules/versions/1/file").data.decode() == ruleset.load("standard").text
    assert "启用新规则集" not in client.get("/rules").text
    assert client.get("/rules/new").status_code == 403
    assert client.post("/rules/enact", data={"text": SANYA}).status_code == 403
    assert client.get("/rules/versions/99").status_code == 404


def test_writing_begins_with_what_is_in_force_or_shipped(web: Web) -> None:
    client = web.as_("office")

    assert "现行：标准规则集 第 1 版" in client.get("/rules/new").text
    shipped = client.post("/rules/new", data={"deed": "start", "start": "sanya", "text": "旧"})
    assert "三亚 2022 年三色预警" in shipped.text and shipped.status_code == 200


def test_an_uploaded_file_fills_the_text(web: Web) -> None:
    def load(data: bytes) -> Any:
        form = {"deed": "load", "text": "已写的文字", "file": (io.BytesIO(data), "规则.toml")}
        return web.as_("office").post("/rules/new", data=form, content_type="multipart/form-data")

    assert "三亚 2022 年三色预警" in load(SANYA.encode("utf-8-sig")).text
    wrong = load("规则".encode("gbk"))
    assert wrong.status_code == 422 and "不是 UTF-8" in wrong.text and "已写的文字" in wrong.text
    assert load(b"").status_code == 422


@pytest.mark.parametrize("deed", ["check", "preview"])
def test_a_fault_is_named_and_the_text_is_kept(web: Web, deed: str) -> None:
    answer = web.as_("office").post("/rules/new", data={"deed": deed, "text": SANYA.replace("version", "versoin", 1)})

    assert answer.status_code == 422
    assert "version" in answer.text and "versoin" in answer.text and 'role="alert"' in answer.text


def test_a_check_says_that_a_version_is_used(web: Web) -> None:
    client = web.as_("office")

    assert "没有发现问题" in client.post("/rules/new", data={"deed": "check", "text": another_version("2").text}).text
    used = client.post("/rules/new", data={"deed": "check", "text": another_version("1", "\n# 改动").text})
    assert used.status_code == 200 and "“standard”第 1 版已有" in used.text


def test_a_preview_says_what_would_change_and_writes_nothing(web: Web) -> None:
    before = count(web, Event), count(web, RuleSetRow), count(web)
    page = web.as_("office").post("/rules/new", data={"deed": "preview", "text": SANYA}).text

    assert "启用后" in page and "项" in page and "2020-06-06" in page and "三亚 2022" in page
    assert (count(web, Event), count(web, RuleSetRow), count(web)) == before


def test_putting_it_in_force_is_announced_to_all_and_done_once(web: Web) -> None:
    assert enact(web, form_key="k1").status_code == 302
    assert enact(web, form_key="k1").status_code == 302

    assert count(web) == 1
    page = web.as_("reporter").get("/rules").text
    assert "自 2020年6月6日起启用新规则集" in page and "按区政府通知" in page and "标准规则集" in page
    listed = web.as_("reporter").get("/rules/versions").text
    assert "待施行" in listed and "office（示例）" in listed
    with web.app.app_context():
        event = db.session.scalars(select(Event).where(Event.kind == "rule_set_added")).one()
        assert event.payload["words"].startswith("启用后") and "commitments" in event.payload["counts"]
        made = db.session.scalars(select(Enactment)).one()
        number = made.rule_set_id
    version = web.as_("lead").get(f"/rules/versions/{number}").text
    assert "与前一版的不同" in version and "启用记录" in version and "下载规则集文件" in version


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"day": FRIDAY - timedelta(days=1)}, "不能早于今日"),
        ({"text": another_version("1", "\n# 改动").text}, "“standard”第 1 版已有"),
        ({"reason": " "}, "请填写启用理由"),
        ({"valid_from": "明天"}, "不是日期"),
        ({"text": "name: x"}, "规则集文件"),
    ],
)
def test_what_cannot_be_put_in_force_is_said_on_the_page_that_keeps_it(
    web: Web, typed: dict[str, Any], words: str
) -> None:
    answer = enact(web, **{"form_key": "k2", **typed})

    assert answer.status_code == 422 and words in answer.text
    assert ("按区政府通知" in answer.text) or "reason" in typed or typed.get("text") == "name: x"
    assert count(web) == 0
    assert enact(web, form_key="k2").status_code == 302


def test_what_is_not_in_force_yet_is_withdrawn_with_a_reason(web: Web) -> None:
    enact(web)
    client, path = web.as_("office"), "/rules/enactments/1/withdraw"

    assert "不再自 2020年6月6日起施行" in client.get(path).text
    assert client.post(path, data={"reason": ""}).status_code == 422
    assert client.post(path, data={"reason": "条件有误"}).status_code == 302
    assert client.post(path, data={"reason": "再撤"}).status_code == 409
    assert "自 2020年6月6日起启用新规则集" not in client.get("/rules").text
    assert "已撤回" in client.get("/rules/versions").text
    with web.app.app_context():
        campaign = Campaign.current()
        assert campaign is not None and rule_set.in_force(campaign, TOMORROW).name == "standard"


def test_a_stored_text_that_is_no_longer_read_can_still_be_downloaded(web: Web) -> None:
    with web.app.app_context():
        row = RuleSetRow.from_value(ruleset.load("ouhai"), NOON)
        row.body, row.version = "旧格式 {{", "0"
        db.session.add(row)
        db.session.commit()
        number = row.id
    page = web.as_("reporter").get(f"/rules/versions/{number}")

    assert page.status_code == 200 and "可下载文件查看原文" in page.text
    assert web.as_("reporter").get(f"/rules/versions/{number}/file").data.decode() == "旧格式 {{"
