"""What every platform's every answer means: real servers, real signatures, and each rule of each table."""

from __future__ import annotations

import importlib
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from taskboard.alerts.channels import Channel, Letter, Outcome, Rejected, Retry, Sent, Uncertain, outbound
from taskboard.alerts.channels.answers import Rule
from taskboard.alerts.channels.open import open_channel
from taskboard.rules.channels import FORMS, ChannelKind
from tests.databases import configuration_for
from tests.platforms import Platform
from tests.platforms.dialects import SIGN
from tests.platforms.server import free_port, wait_until

KINDS = [kind.value for kind in ChannelKind if kind not in (ChannelKind.INBOX, ChannelKind.MAIL)]
TABLES = {kind: importlib.import_module(f"taskboard.alerts.channels.{kind}").RULES for kind in KINDS}
EVERY_RULE = [(kind, rule) for kind in KINDS for rule in TABLES[kind]]
BODY = "转为红灯（1 项）\n· 某局｜项目组｜厂房开工\n  差 30.5 个百分点，故为红灯\n  http://127.0.0.1:8000/tasks/7"
LETTER = Letter(7, "zhangsan", "1 项转为红灯", BODY, "<7.1591344000@taskboard>")


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same limits, only shorter, so that a server that says nothing does not hold the tests up."""
    monkeypatch.setattr(outbound, "TIMEOUT", (1.0, 0.6))


@pytest.fixture(params=KINDS)
def platform(request: pytest.FixtureRequest) -> Iterator[Platform]:
    with Platform(request.param) as running:
        yield running


def opened(platform: Platform, tmp_path: Path, **changes: Any) -> Channel:
    return open_channel(platform.setup(**changes), configuration_for("sqlite://", tmp_path))


def test_a_letter_arrives_once_with_its_words_and_its_link(platform: Platform, tmp_path: Path) -> None:
    outcome = opened(platform, tmp_path).send(LETTER)

    assert isinstance(outcome, Sent), outcome
    (message,) = platform.accepted
    assert message.address == ("" if FORMS[ChannelKind(platform.kind)].is_robot else "zhangsan")
    for words in (
        "1 项转为红灯",
        "某局｜项目组｜厂房开工",
        "差 30.5 个百分点，故为红灯",
        "http://127.0.0.1:8000/tasks/7",
    ):
        assert words in message.text


@pytest.mark.parametrize(("kind", "rule"), EVERY_RULE, ids=[f"{k}-{r.code}-{r.says}" for k, r in EVERY_RULE])
def test_every_code_of_every_table_has_its_outcome(kind: str, rule: Rule, tmp_path: Path) -> None:
    with Platform(kind) as platform:
        platform.answer_with(errcode=rule.code or "S001", text=f"error, {rule.says} (7)")

        outcome = opened(platform, tmp_path).send(replace(LETTER, tries=2))

    assert type(outcome) is type(rule.means)
    if isinstance(outcome, Sent):
        return
    assert isinstance(rule.means, Retry | Rejected)
    assert outcome == replace(rule.means, why=outcome.why, code=outcome.code)
    assert outcome.why.startswith(rule.means.why)
    assert re.fullmatch(r"[^A-Za-z!！]*(（平台代码 -?\d+）)?", re.sub(r"App(Key|Secret)", "", outcome.why))
    assert rule.code in ("", outcome.code)


@pytest.mark.parametrize(
    ("kind", "code", "after"),
    [
        ("dingtalk", 130101, timedelta(minutes=10)),
        ("wecom", 45009, timedelta(minutes=1)),
        ("feishu", 11232, timedelta(minutes=1)),
    ],
)
def test_an_exceeded_limit_pauses_the_whole_channel(kind: str, code: int, after: timedelta, tmp_path: Path) -> None:
    with Platform(kind) as platform:
        channel = opened(platform, tmp_path)
        outcomes = []
        platform.limits = ((2, 60.0),)
        for number in range(3):
            outcomes.append(channel.send(replace(LETTER, key=f"<{number}@taskboard>")))

    assert [type(one) for one in outcomes] == [Sent, Sent, Retry]
    assert isinstance(outcomes[2], Retry)
    assert (outcomes[2].code, outcomes[2].after, outcomes[2].pauses) == (str(code), after, True)
    assert len(platform.accepted) == 2


def test_feishu_says_with_one_code_that_it_is_busy_or_that_we_are_wrong(tmp_path: Path) -> None:
    with Platform("feishu") as platform:
        channel = opened(platform, tmp_path)
        platform.answer_with(errcode=9499, text="too many request", status=400)
        busy = channel.send(LETTER)
        platform.answer_with(errcode=9499, text="Bad Request", status=400)
        wrong = channel.send(LETTER)
        platform.answer_with(errcode=99991400, text="limit", status=429, x_ogw_ratelimit_reset="42")
        told = channel.send(LETTER)

    assert isinstance(busy, Retry)
    assert busy.pauses
    assert isinstance(wrong, Rejected)
    assert isinstance(told, Retry)
    assert told.after == timedelta(seconds=42)


def test_an_old_feishu_that_answers_with_statuscode_alone_is_understood(tmp_path: Path) -> None:
    with Platform("feishu") as platform:
        channel = opened(platform, tmp_path)
        platform.answer_http(200, b'{"Extra":null,"StatusCode":0,"StatusMessage":"success"}')
        good = channel.send(LETTER)
        platform.answer_http(200, b'{"Extra":null,"StatusCode":19021,"StatusMessage":"sign match fail"}')
        bad = channel.send(LETTER)

    assert isinstance(good, Sent)
    assert isinstance(bad, Rejected)
    assert bad.breaks


STATUSES: list[tuple[int, dict[str, str], type[Any], dict[str, Any]]] = [
    (200, {}, Uncertain, {}),
    (204, {}, Uncertain, {}),
    (400, {}, Rejected, {"breaks": False}),
    (401, {}, Rejected, {"breaks": True}),
    (403, {}, Rejected, {"breaks": True}),
    (404, {}, Rejected, {"breaks": True}),
    (413, {}, Rejected, {"breaks": False}),
    (429, {"Retry_After": "17"}, Retry, {"pauses": True, "after": timedelta(seconds=17)}),
    (429, {"Retry_After": "999999"}, Retry, {"pauses": True, "after": timedelta(minutes=30)}),
    (429, {"Retry_After": "soon"}, Retry, {"pauses": True, "after": None}),
    (500, {}, Retry, {"pauses": True, "after": None}),
    (502, {}, Uncertain, {}),
    (503, {"Retry_After": "5"}, Retry, {"pauses": True, "after": timedelta(seconds=5)}),
    (504, {}, Uncertain, {}),
]


@pytest.mark.parametrize(("status", "headers", "kind", "values"), STATUSES)
def test_a_status_without_a_readable_body(
    platform: Platform, tmp_path: Path, status: int, headers: dict[str, str], kind: type[Any], values: dict[str, Any]
) -> None:
    channel = primed(platform, tmp_path)
    platform.answer_http(status, b"<html>", **headers)

    outcome = channel.send(LETTER)

    assert type(outcome) is kind
    assert {name: getattr(outcome, name) for name in values} == values


def primed(platform: Platform, tmp_path: Path) -> Channel:
    """A channel that has its access token, where it needs one, so that the fault meets the message itself."""
    channel = opened(platform, tmp_path)
    if platform.kind == "wecom_app":
        platform.only_path = "/cgi-bin/message/send"
    return channel


@pytest.mark.parametrize("act", ["hang", "reset", "close", "empty", "html", "huge"])
def test_a_message_taken_without_a_word_is_uncertain(platform: Platform, tmp_path: Path, act: str) -> None:
    channel = primed(platform, tmp_path)
    platform.misbehave(act, times=1)

    outcome = channel.send(LETTER)

    assert isinstance(outcome, Uncertain), outcome
    assert [one.told_sender for one in platform.accepted] == [False]


@pytest.mark.parametrize(
    "body", [b"[]", b"0", b'"ok"', b"null", b'{"errcode":false,"code":false}', b'{"errcode":null}']
)
def test_only_a_zero_is_success(platform: Platform, tmp_path: Path, body: bytes) -> None:
    channel = primed(platform, tmp_path)
    platform.answer_http(200, body)

    assert isinstance(channel.send(LETTER), Uncertain)


def test_zero_with_an_error_status_is_no_success(platform: Platform, tmp_path: Path) -> None:
    channel = primed(platform, tmp_path)
    platform.answer_with(errcode=0, status=500)

    assert isinstance(channel.send(LETTER), Retry)


def test_an_unknown_code_is_refused_with_the_platforms_own_words(platform: Platform, tmp_path: Path) -> None:
    channel = primed(platform, tmp_path)
    platform.answer_with(errcode=987654, text="what is this")

    outcome = channel.send(LETTER)

    assert isinstance(outcome, Rejected)
    assert not outcome.breaks
    assert "987654" in outcome.why
    assert "what is this" in outcome.why


def test_a_platform_that_is_not_there_is_worth_another_try(platform: Platform, tmp_path: Path) -> None:
    channel = opened(platform, tmp_path)
    platform.stop()

    outcome = channel.send(LETTER)

    assert isinstance(outcome, Retry)
    assert outcome.pauses


@pytest.mark.parametrize("kind", ["dingtalk", "feishu", "zwdd", "wecom_app", "webhook"])
def test_a_wrong_secret_breaks_the_channel_and_sends_nothing(kind: str, tmp_path: Path) -> None:
    with Platform(kind) as platform:
        wrong = {name: "wrong-secret" if value == SIGN else value for name, value in platform.secret.items()}

        outcome = opened(platform, tmp_path, secret=wrong).send(LETTER)

    assert isinstance(outcome, Rejected)
    assert outcome.breaks
    assert not platform.accepted


@pytest.mark.parametrize("kind", ["zwdd", "wecom_app", "webhook"])
def test_a_repeat_under_the_same_key_is_read_once_and_counts_as_sent(kind: str, tmp_path: Path) -> None:
    with Platform(kind) as platform:
        channel = opened(platform, tmp_path)
        platform.only_path = "/cgi-bin/message/send" if kind == "wecom_app" else ""
        platform.misbehave("hang", times=1)
        first = channel.send(LETTER)
        second = channel.send(replace(LETTER, tries=2))
        other = channel.send(replace(LETTER, id=8, key="<8.1591344000@taskboard>"))

    assert (type(first), type(second), type(other)) == (Uncertain, Sent, Sent)
    assert len(platform.accepted) == 2
    assert sum(platform.repeats.values()) == 1


def test_a_repeat_of_what_was_never_sent_is_not_believed(tmp_path: Path) -> None:
    with Platform("zwdd") as platform:
        platform.answer_with("-1", "bizMsgId重复", times=1)

        assert isinstance(opened(platform, tmp_path).send(LETTER), Uncertain)


@pytest.mark.parametrize("kind", ["zwdd", "wecom_app", "webhook"])
def test_an_address_that_is_not_there_is_refused_for_itself(kind: str, tmp_path: Path) -> None:
    with Platform(kind) as platform:
        channel = opened(platform, tmp_path)
        gone = channel.send(replace(LETTER, address="gone1"))
        good = channel.send(LETTER)

    assert isinstance(gone, Rejected)
    assert not gone.breaks
    assert isinstance(good, Sent)


def test_wecom_names_who_was_left_out_of_an_answer_that_says_ok(tmp_path: Path) -> None:
    with Platform("wecom_app") as platform:
        outcome = opened(platform, tmp_path).send(replace(LETTER, address="left-Office"))

    assert isinstance(outcome, Rejected)
    assert "可见范围" in outcome.why


@pytest.mark.parametrize("address", ["", "a|b", "@all"])
def test_one_letter_never_goes_to_all(address: str, tmp_path: Path) -> None:
    with Platform("wecom_app") as platform:
        outcome: Outcome = opened(platform, tmp_path).send(replace(LETTER, address=address))

    assert isinstance(outcome, Rejected)
    assert not platform.requests


def test_a_token_is_fetched_once_a_batch_and_again_when_it_is_stale(tmp_path: Path) -> None:
    with Platform("wecom_app") as platform:
        channel = opened(platform, tmp_path)
        platform.only_path = "/cgi-bin/message/send"
        letters = [replace(LETTER, id=n, key=f"<{n}@taskboard>") for n in range(4)]
        outcomes = [channel.send(letters[0]), channel.send(letters[1])]
        platform.answer_with(errcode=42001, text="access_token expired", times=1)
        outcomes.append(channel.send(letters[2]))
        platform.answer_with(errcode=40014, text="invalid access_token")
        outcomes.append(channel.send(letters[3]))

    assert [type(one) for one in outcomes] == [Sent, Sent, Sent, Retry]
    asked = [request.path for request in platform.requests]
    assert asked.count("/cgi-bin/gettoken") == 3
    assert len(platform.accepted) == 3


def test_no_token_is_no_message_and_never_uncertain(tmp_path: Path) -> None:
    with Platform("wecom_app") as platform:
        platform.only_path = "/cgi-bin/gettoken"
        found = []
        for act in ("hang", "reset", "close", "empty", "html", "huge"):
            platform.misbehave(act)
            found.append(type(opened(platform, tmp_path).send(LETTER)))
        platform.answer_http(502)
        found.append(type(opened(platform, tmp_path).send(LETTER)))

    assert found == [Retry] * 7


def test_the_webhook_may_say_for_how_long_to_wait(tmp_path: Path) -> None:
    with Platform("webhook") as platform:
        platform.answer_http(200, b'{"code":1,"message":"later","retry_after":90}')
        outcome = opened(platform, tmp_path).send(LETTER)

    assert isinstance(outcome, Retry)
    assert outcome.after == timedelta(seconds=90)


def test_a_whole_address_pasted_as_token_is_understood(tmp_path: Path) -> None:
    pasted = {
        "dingtalk": "https://oapi.dingtalk.com/robot/send?access_token={}",
        "wecom": " https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={}\n",
        "feishu": "https://open.feishu.cn/open-apis/bot/v2/hook/{}",
    }
    for kind, address in pasted.items():
        with Platform(kind) as platform:
            secret = platform.secret | {"token": address.format(platform.secret["token"])}

            assert isinstance(opened(platform, tmp_path, secret=secret).send(LETTER), Sent)


def test_every_kind_that_sends_can_be_opened(tmp_path: Path) -> None:
    assert set(KINDS) | {"inbox", "mail"} == {kind.value for kind in ChannelKind}
    assert all(len(TABLES[kind]) >= 4 for kind in KINDS)


def test_the_receiver_in_the_documents_works_as_written(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs/channels.md").read_text()
    code = re.search(r"```python\n(.*?)```", text, re.S)
    assert code
    (tmp_path / "receiver.py").write_text(code.group(1))
    port = free_port()
    asked = [sys.executable, str(tmp_path / "receiver.py"), str(port), SIGN]
    with subprocess.Popen(asked, stdout=subprocess.PIPE, text=True) as receiver, Platform("webhook") as shape:
        try:
            wait_until(lambda: _listens(port))
            host = f"127.0.0.1:{port}"
            setup = {"base_url": f"http://{host}", "hosts": frozenset((host,))}
            channel = opened(shape, tmp_path, **setup)
            outcomes = [channel.send(LETTER), channel.send(LETTER), channel.send(replace(LETTER, key="<8@taskboard>"))]
            wrong = opened(shape, tmp_path, **setup, secret={"sign": "another"}).send(LETTER)
        finally:
            receiver.terminate()
        printed = receiver.stdout.read() if receiver.stdout else ""

    assert [type(one) for one in outcomes] == [Sent, Sent, Sent]
    assert isinstance(wrong, Rejected)
    assert wrong.breaks
    assert printed.count("zhangsan") == 2


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
