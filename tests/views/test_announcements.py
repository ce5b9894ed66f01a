"""通知: seen before it is sent, sent once, and read by whom it was for."""

from __future__ import annotations

import re

from sqlalchemy import func, select

from taskboard.alerts import telling
from taskboard.db import db
from taskboard.models import Announcement, Event
from tests.world import NOON, Web

LETTER = {"title": "报送进展", "text": "请于周五前报送。", "seats": ["group_lead"]}


def count(web: Web) -> int:
    with web.app.app_context():
        return db.session.scalar(select(func.count()).select_from(Announcement)) or 0


def test_it_is_previewed_then_sent_once_and_read_by_whom_it_was_for(web: Web) -> None:
    office = web.as_("office")

    preview = office.post("/announcements/preview", data=LETTER)
    assert "确认后 2 人将收到" in preview.text
    assert count(web) == 0
    hidden = dict(re.findall(r"<input type=\"hidden\" name=\"(\w+)\" value=\"([^\"]*)\"", preview.text))
    data = {**hidden, "text": LETTER["text"]}
    first, again = office.post("/announcements/", data=data), office.post("/announcements/", data=data)

    assert (first.status_code, again.status_code, count(web)) == (302, 302, 1)
    with web.app.app_context():
        telling.fan_out(NOON)
        assert db.session.scalars(select(Event.kind)).all() == ["announced"]
    assert "通知：报送进展" in web.as_("lead").get("/inbox").text
    assert web.as_("lead").get("/announcements/1").status_code == 200
    assert web.as_("reporter").get("/announcements/1").status_code == 404
    assert "2 / 2 人" in office.get("/announcements/1").text
    assert "2 / 2" in office.get("/announcements/").text


def test_who_has_no_address_is_named_in_the_preview(web: Web) -> None:
    with web.app.app_context():
        from taskboard.models import Person

        db.session.get_one(Person, web.ids.other_lead).email = ""
        db.session.commit()

    text = web.as_("office").post("/announcements/preview", data=LETTER).text

    assert "1 人没有电子邮件：other_lead（示例）" in text
    assert "其中 1 人只有站内消息" in text


def test_it_says_whom_it_is_for_and_what(web: Web) -> None:
    office = web.as_("office")

    nobody = office.post("/announcements/preview", data={"title": "题", "text": "文"})
    long = office.post("/announcements/preview", data={**LETTER, "text": "字" * 2001})
    stale = office.post("/announcements/", data={**LETTER, "people": "5"})

    assert "请选择发给谁" in nobody.text
    assert "不超过 2000 字" in long.text
    assert (nobody.status_code, long.status_code, stale.status_code, count(web)) == (422, 422, 422, 0)
    assert "收件人数已由 5 人变为 2 人" in stale.text


def test_going_back_keeps_what_was_typed(web: Web) -> None:
    answer = web.as_("office").post("/announcements/preview", data={**LETTER, "back": "1"})

    assert answer.status_code == 200
    assert "请于周五前报送。" in answer.text
    assert re.search(r"checked[^>]*value=\"group_lead\"", answer.text)
