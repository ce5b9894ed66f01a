"""接收设置 and 告知规则: what a person and the office set holds, within what is allowed."""

from __future__ import annotations

import re
from datetime import time

import pytest
from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Channel, Event, Person, Subscription, TellingRule
from taskboard.models.channel import MAIL_ID
from taskboard.models.reach import reach
from tests.world import NOON, Web

RULE = {
    "quiet_from": "20:00",
    "quiet_until": "07:30",
    "digest_hour": "8",
    "digest_first": "8",
    "digest_last": "18",
    "unit_digest": "y",
    "robot_gap_minutes": "30",
    "feeds": "y",
    "version": "1",
}


def application(web: Web, **more: object) -> int:
    """An application that reaches persons, switched on."""
    with web.app.app_context():
        values = {"kind": "zwdd", "name": "浙政钉", "is_on": True, "created_at": NOON, **more}
        made = Channel(**values)
        db.session.add(made)
        db.session.commit()
        return made.id


def ways(web: Web, who: str) -> tuple[dict[int, str], int]:
    """How somebody is reached now, as the messages read it."""
    with web.app.app_context():
        person = db.session.get_one(Person, getattr(web.ids, who))
        found = reach([person], TellingRule.get())[person.id]
        return {contact.channel_id: contact.address for contact in found.contacts}, found.digest_hour


def kinds(web: Web) -> list[str]:
    with web.app.app_context():
        return list(db.session.scalars(select(Event.kind).order_by(Event.id)))


def test_a_person_chooses_channels_and_hour_and_the_messages_follow(web: Web) -> None:
    zwdd = application(web)
    reporter = web.as_("reporter")
    assert ways(web, "reporter") == ({MAIL_ID: "reporter@example.invalid"}, 8)

    data = {f"on_{zwdd}": "y", f"address_{zwdd}": "GE_123", "digest_hour": "17"}
    answer = reporter.post("/settings/messages", data=data)

    assert answer.status_code == 302
    assert ways(web, "reporter") == ({zwdd: "GE_123"}, 17)
    assert "现通过站内消息、浙政钉接收，每日汇总 17 点发送" in reporter.get("/settings/messages").text
    reporter.post("/settings/messages", data=data)
    assert kinds(web) == ["subscribed"]


def test_an_application_needs_an_account_and_an_hour_must_be_allowed(web: Web) -> None:
    zwdd = application(web)
    reporter = web.as_("reporter")

    without = reporter.post("/settings/messages", data={f"on_{zwdd}": "y", "digest_hour": "8"})
    early = reporter.post("/settings/messages", data={f"on_{MAIL_ID}": "y", "digest_hour": "5"})

    assert (without.status_code, early.status_code) == (422, 422)
    assert "请填写专有钉钉账号编号" in without.text
    assert kinds(web) == []


def test_what_the_office_requires_or_withholds_is_said_and_cannot_be_chosen(web: Web) -> None:
    hidden = application(web, name="短信", kind="webhook", is_offered=False)
    with web.app.app_context():
        db.session.get_one(Channel, MAIL_ID).is_required = True
        db.session.commit()
    reporter = web.as_("reporter")

    page = reporter.get("/settings/messages").text
    reporter.post("/settings/messages", data={f"on_{hidden}": "y", "digest_hour": "8"})

    assert "专班办公室规定必须接收" in page
    assert "由专班办公室统一设置，现为不接收" in page
    assert f"on_{hidden}" not in page
    assert ways(web, "reporter")[0] == {MAIL_ID: "reporter@example.invalid"}


def test_whoever_manages_people_sets_it_for_somebody_else(web: Web) -> None:
    zwdd = application(web, is_offered=False)
    path = f"/people/{web.ids.reporter}/messages"

    answer = web.as_("security_admin").post(
        path, data={f"on_{MAIL_ID}": "y", f"on_{zwdd}": "y", f"address_{zwdd}": "GE_9", "digest_hour": "8"}
    )

    assert answer.status_code == 302
    assert ways(web, "reporter")[0][zwdd] == "GE_9"
    assert web.as_("office").get(path).status_code == 403


def test_another_person_s_choice_is_theirs(web: Web) -> None:
    web.as_("reporter").post("/settings/messages", data={"digest_hour": "8"})

    assert ways(web, "reporter")[0] == {}
    assert ways(web, "lead")[0] == {MAIL_ID: "lead@example.invalid"}
    with web.app.app_context():
        assert db.session.scalars(select(Subscription.person_id)).all() == [web.ids.reporter]


def test_the_addresses_of_calendars_are_shown_and_renewed(web: Web) -> None:
    reporter = web.as_("reporter")
    addresses = re.findall(
        r"value=\"http://127.0.0.1:8000(/calendar/[^\"]+)\"", reporter.get("/settings/messages").text
    )
    assert [address.split("/")[2] for address in addresses] == ["person", "unit"]

    reporter.post(f"/settings/calendar/unit/{web.ids.unit}/renew")

    assert web.visitor().get(addresses[0]).status_code == 200
    assert web.visitor().get(addresses[1]).status_code == 404
    assert kinds(web) == ["feed_renewed"]
    for path in (f"unit/{web.ids.other_unit}", f"person/{web.ids.lead}"):
        assert reporter.post(f"/settings/calendar/{path}/renew").status_code == 404


def test_the_office_sees_what_a_rule_changes_before_it_holds(web: Web) -> None:
    office = web.as_("office")
    wanted = {**RULE, "digest_hour": "9", "quiet_from": "18:30"}

    preview = office.post("/telling/preview", data=wanted)

    assert "10 人的每日汇总改为 9 点" in preview.text
    assert "今日 18:30 起产生的即时消息将于 6月8日 07:33 起发送，涉及 10 人" in preview.text
    assert kinds(web) == []
    hidden = dict(re.findall(r"<input type=\"hidden\" name=\"(\w+)\" value=\"([^\"]*)\"", preview.text))
    assert {name: hidden[name] for name in wanted} == wanted
    assert office.post("/telling", data=hidden).status_code == 302
    with web.app.app_context():
        rule = TellingRule.get()
        assert (rule.digest_hour, rule.quiet_from, rule.feeds, rule.version) == (9, time(18, 30), True, 2)
    assert kinds(web) == ["telling_changed"]
    assert "18:30" in office.get("/telling").text


def test_the_second_to_save_is_told_what_the_first_saved(web: Web) -> None:
    office = web.as_("office")
    office.post("/telling", data={**RULE, "robot_gap_minutes": "60"})

    answer = office.post("/telling", data={**RULE, "robot_gap_minutes": "45"})

    assert answer.status_code == 409
    assert "群消息间隔（分钟）" in answer.text
    with web.app.app_context():
        assert TellingRule.get().robot_gap_minutes == 60


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"robot_gap_minutes": "5"}, "应为 15 至 120 的整数"),
        ({"quiet_from": "07:30"}, "静默结束不能与静默开始相同"),
        ({"quiet_from": "09:00", "quiet_until": "08:00"}, "静默时段最长 16 小时"),
        ({"digest_first": "12", "digest_last": "9"}, "可选最晚不能早于可选最早"),
        ({"digest_hour": "7"}, "默认汇总时间应在可选的 8 点至 18 点之间"),
    ],
)
def test_a_rule_that_cannot_hold_is_refused_with_the_reason(web: Web, wrong: dict[str, str], words: str) -> None:
    for path in ("/telling/preview", "/telling"):
        answer = web.as_("office").post(path, data={**RULE, **wrong})
        assert answer.status_code == 422
        assert words in answer.text


def test_the_box_of_a_unit_is_kept(web: Web) -> None:
    data = {"name": "上塘街道", "short_name": "上塘", "kind": "subdistrict", "position": "2", "active": "y"}
    office = web.as_("office")

    wrong = office.post(f"/admin/units/{web.ids.unit}", data={**data, "email": "不是邮箱"})
    office.post(f"/admin/units/{web.ids.unit}", data={**data, "email": "st@example.invalid"})

    assert wrong.status_code == 422
    assert 'value="st@example.invalid"' in office.get(f"/admin/units/{web.ids.unit}").text


def test_a_rule_with_fields_missing_is_refused_and_not_a_crash(web: Web) -> None:
    office = web.as_("office")
    for path in ("/telling", "/telling/preview"):
        assert office.post(path, data={}).status_code == 422
        assert office.post(path, data={**RULE, "digest_first": "99"}).status_code == 422
