"""The pages of channels: what may be entered, who may, what is shown, and that no secret ever comes back."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from taskboard import clock
from taskboard.db import db
from taskboard.models import Channel, Delivery, Event, Heartbeat
from taskboard.models.channel import INBOX_ID, MAIL_ID
from taskboard.rules.addresses import wrong_with
from tests.databases import configuration_for
from tests.world import Web

CANARY = "SECcanary9d1e"
ROBOT = {
    "name": "工业企业组钉钉群",
    "group": "1",
    "base_url": "https://oapi.dingtalk.com",
    "secret_token": CANARY + "token",
    "secret_sign": CANARY + "sign",
    "policy": "resend_urgent",
    "per_minute": "",
}
HOSTS = frozenset({"oapi.dingtalk.com", "im.example.gov.cn:8443", "127.0.0.1"})


def add(web: Web, kind: str = "dingtalk", **more: str) -> int:
    answer = web.as_("office").post(f"/channels/new?kind={kind}", data={**ROBOT, **more})
    assert answer.status_code == 302, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def kept(web: Web, id_: int) -> dict[str, Any]:
    with web.app.app_context():
        row = db.session.get_one(Channel, id_)
        names = ("name", "group_id", "base_url", "policy", "per_minute", "is_on", "is_offered", "is_required")
        return {**{n: getattr(row, n) for n in names}, "version": row.version, "secrets": row.secrets(), **row.fields}


def beat(web: Web) -> None:
    with web.app.app_context():
        db.session.add(Heartbeat(process="jobs", at=clock.real_now()))
        db.session.commit()


def test_a_robot_is_added_switched_off_and_its_secrets_never_come_back(web: Web, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    id_ = add(web, secret_token=f"https://oapi.dingtalk.com/robot/send?access_token={CANARY}token")

    assert kept(web, id_)["secrets"] == {"token": CANARY + "token", "sign": CANARY + "sign"}
    assert not kept(web, id_)["is_on"]
    office = web.as_("office")
    for path in ("", f"/{id_}", f"/{id_}/edit"):
        page = office.get(f"/channels{path}")
        assert page.status_code == 200
        assert CANARY not in page.text
    assert "已设置" in office.get(f"/channels/{id_}").text
    wrong = office.post(f"/channels/{id_}/edit", data={**ROBOT, "name": ""})
    assert wrong.status_code == 422
    assert CANARY not in wrong.text
    assert CANARY not in caplog.text
    with web.app.app_context():
        assert CANARY not in " ".join(db.session.scalars(select(Event.data)))
    assert CANARY not in web.as_("audit_admin").get("/audit").text


def test_an_empty_secret_stays_and_a_typed_one_replaces(web: Web) -> None:
    id_ = add(web)
    same = {**ROBOT, "secret_token": "", "secret_sign": "", "version": "1", "per_minute": "10"}

    web.as_("office").post(f"/channels/{id_}/edit", data=same)
    assert kept(web, id_)["secrets"]["sign"] == CANARY + "sign"
    assert (kept(web, id_)["per_minute"], kept(web, id_)["version"]) == (10, 2)
    web.as_("system_admin").post(f"/channels/{id_}/edit", data={**same, "version": "2", "secret_sign": "other"})

    assert kept(web, id_)["secrets"] == {"token": CANARY + "token", "sign": "other"}


def test_an_optional_secret_is_cleared_and_a_required_one_is_not(web: Web) -> None:
    id_ = add(web, "feishu", base_url="https://open.feishu.cn")
    data = {**ROBOT, "base_url": "https://open.feishu.cn", "secret_token": "", "secret_sign": "", "version": "1"}

    web.as_("office").post(f"/channels/{id_}/edit", data={**data, "clear_sign": "y", "clear_token": "y"})

    assert kept(web, id_)["secrets"] == {"token": CANARY + "token"}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": ""}, "请填写名称"),
        ({"secret_token": ""}, "请填写访问令牌"),
        ({"base_url": "https://evil.example"}, "“evil.example”不在允许连接的主机之列"),
        ({"base_url": "https://evil.example"}, "TASKBOARD_CHANNEL_HOSTS"),
        ({"base_url": "http://oapi.dingtalk.com"}, "须以 https:// 开头"),
        ({"base_url": "https://oapi.dingtalk.com:9"}, "oapi.dingtalk.com:9"),
        ({"base_url": "javascript:alert(1)"}, "服务地址格式不对"),
        ({"base_url": f"https://oapi.dingtalk.com/?access_token={CANARY}"}, "密钥填在下面的栏目"),
        ({"per_minute": "16"}, "应为 1 至 15 的整数"),
        ({"per_minute": "0"}, "应为 1 至 15 的整数"),
        ({"policy": "whatever"}, "Not a valid choice"),
    ],
)
def test_what_may_not_be_entered_is_refused_with_the_reason(web: Web, more: dict[str, str], words: str) -> None:
    answer = web.as_("office").post("/channels/new?kind=dingtalk", data={**ROBOT, **more})

    assert answer.status_code == 422
    if more.keys() != {"policy"}:
        assert words in answer.text
    with web.app.app_context():
        assert db.session.scalars(select(Channel.kind)).all() == ["inbox", "mail"]


@pytest.mark.parametrize(
    ("address", "is_right"),
    [
        ("https://oapi.dingtalk.com", True),
        ("https://OAPI.dingtalk.com/base", True),
        ("https://oapi.dingtalk.com:443", True),
        ("https://oapi.dingtalk.com:8443", False),
        ("https://im.example.gov.cn:8443", True),
        ("https://im.example.gov.cn", False),
        ("http://127.0.0.1:9999", True),
        ("http://localhost:9999", False),
        ("https://oapi.dingtalk.com@evil.example", False),
        ("https://oapi.dingtalk.com.evil.example", False),
        ("https://user:pw@oapi.dingtalk.com", False),
        ("ftp://oapi.dingtalk.com", False),
        ("https://", False),
        ("https://[::1", False),
        ("https://oapi.dingtalk.com:99999", False),
    ],
)
def test_only_named_hosts_are_spoken_to(address: str, is_right: bool) -> None:
    assert (wrong_with(address, HOSTS) == "") is is_right


def test_a_name_that_is_taken_keeps_what_was_typed(web: Web) -> None:
    add(web)

    again = web.as_("office").post(
        "/channels/new?kind=wecom", data={**ROBOT, "base_url": "https://qyapi.weixin.qq.com"}
    )

    assert again.status_code == 422
    assert "已有名称为“工业企业组钉钉群”的渠道" in again.text


def test_who_opened_the_form_before_another_saved_is_told_both(web: Web) -> None:
    id_ = add(web)
    empty = {**ROBOT, "secret_token": "", "secret_sign": "", "version": "1"}
    web.as_("office").post(f"/channels/{id_}/edit", data={**empty, "name": "甲群"})

    second = web.as_("system_admin").post(f"/channels/{id_}/edit", data={**empty, "name": "乙群"})

    assert second.status_code == 409
    assert "刚被他人修改" in second.text
    assert "甲" in second.text
    assert kept(web, id_)["name"] == "甲群"


def test_the_question_before_switching_names_people_and_messages(web: Web) -> None:
    id_ = add(web)
    office = web.as_("office")

    assert "将向 1 个群（工业企业）发送消息。现在没有等待发送的消息" in office.get(f"/channels/{id_}").text
    office.post(f"/channels/{id_}/on")
    assert kept(web, id_)["is_on"]
    assert "不再向 10 人发送消息" in office.get(f"/channels/{MAIL_ID}").text
    office.post(f"/channels/{id_}/off")
    assert not kept(web, id_)["is_on"]


def test_the_inbox_is_listed_and_cannot_be_changed(web: Web) -> None:
    office = web.as_("office")

    assert "站内消息" in office.get("/channels").text
    assert office.get(f"/channels/{INBOX_ID}").status_code == 200
    assert office.get(f"/channels/{INBOX_ID}/edit").status_code == 404
    for deed in ("edit", "on", "off", "resume", "trials"):
        assert office.post(f"/channels/{INBOX_ID}/{deed}").status_code == 404
    for kind in ("inbox", "mail", "telex"):
        assert office.get(f"/channels/new?kind={kind}").status_code == 404


def test_mail_says_how_it_is_connected_without_the_password(web: Web) -> None:
    config = web.app.config["TASKBOARD"]
    smtp = {"SMTP_HOST": "mail.example.gov.cn", "SMTP_TLS": "starttls", "SMTP_USER": "robot", "SMTP_PASSWORD": CANARY}
    web.app.config["TASKBOARD"] = configuration_for(config.database_url, config.var, **smtp)

    page = web.as_("office").get(f"/channels/{MAIL_ID}").text

    assert "mail.example.gov.cn:25" in page
    assert "STARTTLS" in page
    assert "robot" in page
    assert CANARY not in page


def test_a_paused_channel_is_let_go_on(web: Web) -> None:
    id_ = add(web)
    with web.app.app_context():
        later = clock.real_now() + timedelta(minutes=8)
        paused = update(Channel).where(Channel.id == id_)
        db.session.execute(paused.values(failures=5, open_until=later, last_error="对方超时"))
        db.session.commit()
    office = web.as_("office")
    assert "暂停发送至" in office.get("/channels").text
    assert "连续失败 5 次" in office.get("/channels").text
    assert "对方超时" in office.get("/channels").text

    office.post(f"/channels/{id_}/resume")

    assert "暂停发送至" not in office.get(f"/channels/{id_}").text


def test_a_trial_waits_for_the_jobs_process_and_then_shows_the_answer(web: Web) -> None:
    id_ = add(web)
    office = web.as_("office")

    answer = office.post(f"/channels/{id_}/trials", data={"form_key": "k"})
    again = office.post(f"/channels/{id_}/trials", data={"form_key": "k"})
    assert (answer.status_code, answer.location) == (302, again.location)
    assert "作业进程没有响应" in office.get(answer.location).text
    beat(web)
    waiting = office.get(answer.location).text
    assert "等待作业进程发送" in waiting
    assert 'data-again="3"' in waiting
    with web.app.app_context():
        row = db.session.scalars(select(Delivery)).one()
        assert (row.occasion, row.is_urgent, row.state, row.address) == ("trial", False, "pending", "")
        assert (row.next_try_at or clock.real_now()) <= clock.real_now()
        row.state, row.error = "failed", "加签密钥不匹配"
        db.session.commit()

    shown = office.get(answer.location).text

    assert "对方没有接收" in shown
    assert "加签密钥不匹配" in shown
    assert "data-again" not in shown
    assert office.get(f"/channels/{MAIL_ID}/trials/{answer.location.rsplit('/', 1)[1]}").status_code == 404


def test_a_trial_of_mail_goes_to_ones_own_address_unless_another_is_given(web: Web) -> None:
    office = web.as_("office")
    assert 'value="office@example.invalid"' in office.get(f"/channels/{MAIL_ID}").text

    office.post(f"/channels/{MAIL_ID}/trials", data={"address": "office@example.invalid"})
    office.post(f"/channels/{MAIL_ID}/trials", data={"address": "other@example.invalid"})
    none = office.post(f"/channels/{MAIL_ID}/trials", data={"address": " "})

    assert none.status_code == 422
    assert "请填写收取试发消息的电子邮件" in none.text
    with web.app.app_context():
        rows = db.session.scalars(select(Delivery).order_by(Delivery.id)).all()
        assert [(row.person_id, row.address) for row in rows] == [
            (web.ids.office, "office@example.invalid"),
            (None, "other@example.invalid"),
        ]


@pytest.mark.parametrize("who", ["supervisor", "leader", "lead", "reporter", "security_admin", "audit_admin"])
def test_other_seats_neither_see_nor_touch_channels(web: Web, who: str) -> None:
    id_ = add(web)
    client = web.as_(who)

    for path in ("", "/new", f"/{id_}", f"/{id_}/edit"):
        assert client.get(f"/channels{path}").status_code == 403
    for deed in ("edit", "on", "trials", "resume"):
        assert client.post(f"/channels/{id_}/{deed}").status_code == 403
    assert kept(web, id_)["version"] == 1
