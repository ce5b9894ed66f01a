"""Mail through a real server: what it looks like, how it is encrypted, and what every way of breaking off means."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

import config as configuration
from taskboard.alerts.channels import Letter, Outcome, Rejected, Retry, Sent, Uncertain, mail
from tests.alerts.test_outbound import certificate
from tests.databases import configuration_for
from tests.platforms import MailServer
from tests.platforms.server import free_port

BODY = "转为红灯（1 项）\n· 某局｜项目组｜厂房开工\n  差 30.5 个百分点，故为红灯\n  https://db.example.gov.cn/tasks/7"
LETTER = Letter(7, "a@example.invalid", "1 项转为红灯", BODY, "<7.1591344000@taskboard>")


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


def opened(server: MailServer, tmp_path: Path, **environ: str) -> mail.Mail:
    return mail.Mail(configuration_for("sqlite://", tmp_path, **{**server.environ(), **environ}))


def letters(count: int) -> list[Letter]:
    return [replace(LETTER, id=n, key=f"<{n}@taskboard>") for n in range(count)]


def test_a_mail_reads_well_in_text_and_in_html(server: MailServer, tmp_path: Path) -> None:
    channel = opened(server, tmp_path, BASE_URL="https://db.example.gov.cn", MAIL_FROM="taskboard@example.gov.cn")

    outcome = channel.send(LETTER)
    channel.close()

    assert isinstance(outcome, Sent)
    (got,) = server.accepted
    assert (got.key, got.to, got.sender) == (LETTER.key, LETTER.address, "taskboard@example.gov.cn")
    assert got.mail["subject"] == "1 项转为红灯"
    assert (got.mail["from"].addresses[0].display_name, got.mail["from"].addresses[0].addr_spec) == (
        "攻坚督办",
        "taskboard@example.gov.cn",
    )
    assert got.mail["auto-submitted"] == "auto-generated"
    assert abs(got.mail["date"].datetime.timestamp() - time.time()) < 60
    assert got.mail.get_content_type() == "multipart/alternative"
    for part in (got.text, got.html):
        assert "差 30.5 个百分点，故为红灯" in part
        assert "https://db.example.gov.cn/tasks/7" in part
        assert "https://db.example.gov.cn/settings/messages" in part
    assert got.text.startswith("转为红灯")
    assert 'href="https://db.example.gov.cn/tasks/7"' in got.html


def test_headers_are_ascii_on_the_wire_and_lines_are_short() -> None:
    long = replace(LETTER, subject="关于" + "很长的标题" * 30, body="正文" * 5000)

    raw = mail.as_email(long, "a@example.gov.cn", "攻坚督办", "https://db.example.gov.cn").as_bytes()

    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert message_from_bytes(raw, policy=policy.default)["subject"] == long.subject


def test_a_line_break_in_a_subject_makes_no_header() -> None:
    made = mail.as_email(replace(LETTER, subject="一项\r\nBcc: x@example.invalid"), "a@example.gov.cn")

    read = message_from_bytes(made.as_bytes(), policy=policy.default)
    assert (read["subject"], read["bcc"]) == ("一项 Bcc: x@example.invalid", None)


@pytest.mark.parametrize(
    "address",
    ["", "张三", "a@b\r\nRCPT TO:<x@y>", "a b@example.invalid", "<a@example.invalid>", "a@b,c@d", "张@example.cn"],
)
def test_what_is_no_address_is_never_said_to_a_server(server: MailServer, tmp_path: Path, address: str) -> None:
    outcome = opened(server, tmp_path).send(replace(LETTER, address=address))

    assert isinstance(outcome, Rejected)
    assert not outcome.breaks
    assert not server.sessions


def test_a_batch_is_one_session(server: MailServer, tmp_path: Path) -> None:
    channel = opened(server, tmp_path)

    outcomes = [channel.send(letter) for letter in letters(20)]
    channel.close()

    assert all(isinstance(one, Sent) for one in outcomes)
    assert (server.sessions, len(server.accepted)) == (1, 20)


CASES: list[tuple[str, str, type[Any], dict[str, Any], int]] = [
    ("mail", "451 4.3.0 later", Retry, {"pauses": False}, 0),
    ("mail", "550 5.7.1 not you", Rejected, {"breaks": True}, 0),
    ("rcpt", "450 4.2.1 busy", Retry, {"pauses": False}, 0),
    ("rcpt", "550 5.1.1 nobody", Rejected, {"breaks": False}, 0),
    ("rcpt", "421 4.7.0 too many", Retry, {"pauses": True}, 0),
    ("data", "452 4.3.1 full", Retry, {"pauses": False}, 0),
    ("data", "554 5.5.1 no", Rejected, {"breaks": False}, 0),
    ("dot", "451 4.7.1 grey", Retry, {"pauses": False}, 0),
    ("dot", "552 5.3.4 too big", Rejected, {"breaks": False}, 0),
    ("connect", "421 4.3.2 not now", Retry, {"pauses": True}, 0),
    ("connect", "554 5.7.1 not you", Retry, {"pauses": True}, 0),
]


@pytest.mark.parametrize(("stage", "answer", "kind", "values", "taken"), CASES)
def test_every_answer_of_a_server(
    server: MailServer, tmp_path: Path, stage: str, answer: str, kind: type[Any], values: dict[str, Any], taken: int
) -> None:
    server.answer(stage, answer, times=1)
    channel = opened(server, tmp_path)
    first, second = letters(2)

    outcome = channel.send(first)
    after = channel.send(second)

    assert type(outcome) is kind, outcome
    assert {name: getattr(outcome, name) for name in values} == values
    assert getattr(outcome, "code", "") in (answer[:3], "")
    assert isinstance(after, Sent)
    assert [got.key for got in server.accepted] == [second.key]


@pytest.mark.parametrize("stage", ["connect", "mail", "rcpt", "data"])
def test_a_session_dropped_before_the_text_is_surely_no_mail(server: MailServer, tmp_path: Path, stage: str) -> None:
    server.drop(stage, times=1)
    channel = opened(server, tmp_path)

    outcome = channel.send(LETTER)

    assert isinstance(outcome, Retry)
    assert not server.accepted
    assert isinstance(channel.send(LETTER), Sent)
    assert server.sessions == 2


def test_a_session_dropped_after_the_dot_is_uncertain_and_the_next_letter_goes(
    server: MailServer, tmp_path: Path
) -> None:
    server.drop("dot", times=1)
    channel = opened(server, tmp_path)
    first, second = letters(2)

    outcomes: list[Outcome] = [channel.send(first), channel.send(second)]

    assert [type(one) for one in outcomes] == [Uncertain, Sent]
    assert [got.told_sender for got in server.accepted] == [False, True]


def test_a_server_that_ends_an_idle_session_costs_no_retry(server: MailServer, tmp_path: Path) -> None:
    channel = opened(server, tmp_path)
    first, second, third = letters(3)
    assert isinstance(channel.send(first), Sent)
    server.drop("mail", times=1)
    again = channel.send(second)
    server.answer("mail", "421 4.4.2 bye", times=1)
    once_more = channel.send(third)

    assert [type(again), type(once_more)] == [Sent, Sent]
    assert server.sessions == 3


def test_a_slow_server_is_not_waited_for_for_ever(
    server: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "TIMEOUT", 0.4)
    channel = opened(server, tmp_path)
    server.slow("rcpt", 1.0, times=1)
    early = channel.send(LETTER)
    server.slow("dot", 1.0, times=1)
    late = channel.send(LETTER)

    assert isinstance(early, Retry)
    assert isinstance(late, Uncertain)
    assert "超时" in early.why
    assert "超时" in late.why


def test_a_server_that_is_not_there_pauses_the_channel(tmp_path: Path) -> None:
    channel = mail.Mail(configuration_for("sqlite://", tmp_path, SMTP_HOST="127.0.0.1", SMTP_PORT=str(free_port())))

    outcome = channel.send(LETTER)

    assert isinstance(outcome, Retry)
    assert outcome.pauses
    assert outcome.why == "连接不上邮件服务器：对方拒绝连接，请核对主机与端口"


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_encrypted_and_logged_in(tls: str, tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    with MailServer(tls=tls, cert=cert, key=key, user="taskboard", password="right-canary") as server:
        refused = opened(server, tmp_path).send(LETTER)
        wrong = opened(server, tmp_path, SMTP_CA=cert, SMTP_PASSWORD="wrong-canary").send(LETTER)
        assert not server.accepted
        sent = opened(server, tmp_path, SMTP_CA=cert).send(LETTER)

        assert isinstance(refused, Retry)
        assert refused.pauses
        assert "证书校验不通过" in refused.why
        assert isinstance(wrong, Retry)
        assert wrong.pauses
        assert "拒绝登录" in wrong.why
        assert "canary" not in wrong.why
        assert isinstance(sent, Sent)
        assert len(server.accepted) == 1


def test_a_server_without_starttls_gets_nothing_in_the_clear(server: MailServer, tmp_path: Path) -> None:
    outcome = opened(server, tmp_path, SMTP_TLS="starttls").send(LETTER)

    assert isinstance(outcome, Retry)
    assert outcome.pauses
    assert not server.accepted


def test_settings_of_mail_that_cannot_work_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(configuration.ConfigError) as refused:
        configuration_for("sqlite://", tmp_path, SMTP_CA=str(tmp_path / "none.pem"), MAIL_FROM="not an address")

    assert "TASKBOARD_SMTP_CA" in str(refused.value)
    assert "TASKBOARD_MAIL_FROM" in str(refused.value)


def test_a_sender_may_bring_a_name(tmp_path: Path) -> None:
    made = mail.as_email(LETTER, "督查室 <a@example.gov.cn>", "攻坚督办").as_bytes()

    assert message_from_bytes(made, policy=policy.default)["from"].addresses[0].display_name == "督查室"


def test_a_folder_that_cannot_be_written_is_a_refusal_worth_trying_again(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file where the folder should be")

    outcome = mail.Folder(tmp_path / "mail", "taskboard@localhost").send(LETTER)

    assert isinstance(outcome, Retry)
    assert outcome.pauses
