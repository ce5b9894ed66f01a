"""The ledger of messages on screen: found by its address, settled one by one or many at once, by who may."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from taskboard import clock, trace
from taskboard.db import db
from taskboard.models import Attempt, Delivery, Event, Kind, Notice, record
from taskboard.models.channel import INBOX_ID, MAIL_ID
from taskboard.models.target import Target
from tests.world import NOON, Web


def put(web: Web, state: str, subject: str = "1 项转为红灯", channel: int = MAIL_ID, **more: Any) -> int:
    with web.app.app_context():
        row = Delivery(
            **{
                "person_id": web.ids.lead,
                "channel": "mail" if channel == MAIL_ID else "inbox",
                "channel_id": channel,
                "address": "lead@example.invalid",
                "subject": subject,
                "body": "· 上塘｜工业企业组｜规上工业增加值",
                "created_at": NOON,
                "queued_at": NOON,
                "state": state,
                "attempts": 2,
                "message_id": "<1.1@taskboard>",
                "error": "对方超时" if state in ("failed", "uncertain") else "",
                **more,
            }
        )
        db.session.add(row)
        db.session.commit()
        return row.id


def state_of(web: Web, id_: int) -> str:
    with web.app.app_context():
        return db.session.get_one(Delivery, id_).state


def test_the_ledger_answers_first_and_is_found_by_its_address(web: Web) -> None:
    put(web, "uncertain", "甲消息")
    put(web, "failed", "乙消息")
    put(web, "sent", "丙消息")
    put(web, "sent", "丁消息", INBOX_ID)
    office = web.as_("office")

    page = office.get("/deliveries").text
    assert "不确定 1 条，请逐条确认是否收到；失败 1 条" in page
    assert "按渠道规定：电子邮件 1 条，自动重发一次并注明" in page
    assert page.index("甲消息") < page.index("丙消息") < page.index("乙消息")
    assert "丁消息" not in page
    failed = office.get("/deliveries?state=failed").text
    assert "乙消息" in failed
    assert "甲消息" not in failed
    assert "丁消息" in office.get(f"/deliveries?channel={INBOX_ID}").text
    assert "没有符合条件的消息" in office.get("/deliveries?q=没有").text
    assert "甲消息" in office.get("/deliveries?to=lead&since=2020-06-05&until=2020-06-05").text
    odd = "/deliveries?state=x&channel=abc&since=2020-13-99&until=9999-99&page=-4&q=%00"
    assert office.get(odd).status_code == 200


def test_the_ledger_is_taken_away_as_filtered(web: Web) -> None:
    put(web, "failed", "甲消息")
    put(web, "sent", "乙消息")

    answer = web.as_("office").get("/deliveries.xlsx?state=failed")

    sheet = load_workbook(BytesIO(answer.data)).active
    assert sheet is not None
    text = " ".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)
    assert "甲消息" in text
    assert "乙消息" not in text


def test_a_message_is_shown_with_its_attempts_and_what_it_tells_of(web: Web) -> None:
    id_ = put(web, "uncertain")
    with web.app.app_context():
        with trace.working("req-123456"):
            event = record(Kind.TURNED_RED, db.session.get_one(Target, web.ids.target), None, NOON, after={})
            db.session.flush()
        key = {"recipient": f"person:{web.ids.lead}", "channel_id": MAIL_ID, "person_id": web.ids.lead}
        db.session.add(Notice(event_id=event.id, due_at=NOON, delivery_id=id_, **key))
        real = clock.real_now()
        row = Attempt(delivery_id=id_, no=1, started_at=real, finished_at=real, outcome="uncertain", answer="连接中断")
        db.session.add(row)
        db.session.commit()

    page = web.as_("office").get(f"/deliveries/{id_}").text

    for words in ("连接中断", "不确定", f"/targets/{web.ids.target}", "req-123456", "规上工业增加值", "确认送达"):
        assert words in page, words


def test_who_does_not_see_the_work_does_not_read_the_message(web: Web) -> None:
    id_ = put(web, "failed")

    page = web.as_("system_admin").get(f"/deliveries/{id_}").text

    assert "正文涉及业务内容" in page
    assert "规上工业增加值" not in page
    assert "重发" not in page
    assert "规上工业增加值" in web.as_("supervisor").get(f"/deliveries/{id_}").text
    assert web.as_("lead").get(f"/deliveries/{id_}").status_code == 403
    assert web.as_("office").get("/deliveries/99999").status_code == 404


@pytest.mark.parametrize(
    ("deed", "before", "after"),
    [("resend", "failed", "retry"), ("confirm", "uncertain", "sent"), ("give_up", "uncertain", "given_up")],
)
def test_a_message_is_settled_by_the_office_alone(web: Web, deed: str, before: str, after: str) -> None:
    id_ = put(web, before)

    for who in ("supervisor", "system_admin", "lead"):
        assert web.as_(who).post(f"/deliveries/{id_}/{deed}").status_code == 403
    assert state_of(web, id_) == before
    answer = web.as_("office").post(f"/deliveries/{id_}/{deed}")
    again = web.as_("office").post(f"/deliveries/{id_}/{deed}")

    assert (answer.status_code, again.status_code) == (302, 409)
    assert state_of(web, id_) == after


def test_many_are_settled_after_a_page_that_counts_them(web: Web) -> None:
    ids = [put(web, state) for state in ("failed", "uncertain", "sent")]
    office = web.as_("office")
    data = {"item": ids, "deed": "resend", "back": "/deliveries?state=failed"}

    asked = office.post("/deliveries/bulk", data=data)
    assert "将重发 2 条消息，另有 1 条不能办理" in asked.text
    assert "不能重发" in asked.text
    assert [state_of(web, one) for one in ids] == ["failed", "uncertain", "sent"]
    with web.app.app_context():
        assert not db.session.scalars(select(Event)).all()
    done = office.post("/deliveries/bulk/do", data=data)

    assert done.location == "/deliveries?state=failed"
    assert [state_of(web, one) for one in ids] == ["retry", "retry", "sent"]
    with web.app.app_context():
        assert list(db.session.scalars(select(Event.kind))) == ["delivery_resent"] * 2


def test_a_bulk_deed_goes_back_to_the_ledger_only(web: Web) -> None:
    office = web.as_("office")

    for back in ("https://evil.example", "/deliveries//evil", "//evil.example", "/people"):
        answer = office.post("/deliveries/bulk", data={"deed": "resend", "back": back})
        assert answer.location == "/deliveries"
    assert office.post("/deliveries/bulk", data={"deed": "burn"}).status_code == 404
    assert office.post("/deliveries/bulk/do", data={"item": ["x", "9" * 30], "deed": "resend"}).status_code == 302


def test_the_jobs_page_and_todays_page_lead_to_the_ledger(web: Web) -> None:
    id_ = put(web, "failed", "丢失的消息", person_id=None)
    office = web.as_("office")

    assert "失败 1" in office.get("/jobs").text
    assert f"/deliveries/{id_}" in office.get("/today").text
