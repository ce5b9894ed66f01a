"""The one door to the outside: what it never reaches, never follows, never reads and never says."""

from __future__ import annotations

import json
import logging
import subprocess
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from taskboard.alerts.channels import Letter, Rejected, Retry, Sent, Setup, Uncertain, outbound
from taskboard.alerts.channels.open import open_channel
from taskboard.alerts.channels.outbound import Client, Reply
from taskboard.rules.channels import ChannelKind
from tests.databases import configuration_for
from tests.platforms import Platform
from tests.platforms.dialects import SIGN, TOKEN
from tests.platforms.server import free_port

LETTER = Letter(7, "zhangsan", "1 项转为红灯", "· 事项\n  http://127.0.0.1:8000/tasks/7", "<7.1@taskboard>")
KINDS = [kind.value for kind in ChannelKind if kind not in (ChannelKind.INBOX, ChannelKind.MAIL)]


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "TIMEOUT", (1.0, 0.6))


@pytest.fixture
def platform() -> Iterator[Platform]:
    with Platform("webhook") as running:
        yield running


def send(setup: Setup, tmp_path: Path, **environ: str) -> Any:
    return open_channel(setup, configuration_for("sqlite://", tmp_path, **environ)).send(LETTER)


BYPASSES = (
    "http://127.0.0.1:{other}",
    "http://localhost:{port}",
    "http://127.0.0.2:{port}",
    "http://127.1:{port}",
    "http://0:{port}",
    "http://0.0.0.0:{port}",
    "http://2130706433:{port}",
    "http://0x7f000001:{port}",
    "http://0177.0.0.1:{port}",
    "http://[::1]:{port}",
    "http://[::ffff:127.0.0.1]:{port}",
    "http://allowed.example@127.0.0.1:{port}",
    "http://127.0.0.1:{port}@evil.example",
    "http://127.0.0.1:{port}\\@evil.example",
    "http://127.0.0.1:{port}#@evil.example",
    "http://127.0.0.1:{port}?@evil.example",
    "http://127.0.0.1:{port}/%2e%2e",
    "http://127.0.0.1.:{port}",
    "http://127.0.0.1:{port}.evil.example",
    "http://127。0。0。1:{port}",
    "http://①②⑦.0.0.1:{port}",
    "http://127.0.0.1%00.evil.example:{port}",
    "http://127.0.0.1:{port}\r\nHost: evil.example",
    "http://127.0.0.1:{port}\n",
    " http://127.0.0.1:{port}",
    "http:/127.0.0.1:{port}",
    "http:127.0.0.1:{port}",
    "//127.0.0.1:{port}",
    "ftp://127.0.0.1:{port}",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/_GET",
    "unix:///var/run/docker.sock",
    "http://169.254.169.254/latest/meta-data",
    "http://metadata.google.internal",
    "https://127.0.0.1:{port}:443",
    "http://127.0.0.1:{port};x",
    "http://oapi.dingtalk.com",
    "https://oapi.dingtalk.com.evil.example",
    "https://oapi.dingtalk.com:8443",
    "https://oapi-dingtalk.com",
    "",
)


@pytest.mark.parametrize("address", BYPASSES)
def test_nothing_is_sent_past_the_allow_list(platform: Platform, tmp_path: Path, address: str) -> None:
    with Platform("webhook") as other:
        hosts = frozenset((platform.host, "oapi.dingtalk.com"))
        base = address.replace("{port}", str(platform.port)).replace("{other}", str(other.port))

        outcome = send(platform.setup(base_url=base, hosts=hosts), tmp_path)

        assert isinstance(outcome, Rejected)
        assert outcome.breaks
        assert outcome.why.startswith(("服务地址", "主机"))
        assert not platform.requests
        assert not other.requests


@pytest.mark.parametrize("path", ["@evil.example/", "?x=1", "/a b", "/a\r\nX: y", "//a#b", "sms", "/..\\x", "/é"])
def test_a_path_cannot_lead_elsewhere(platform: Platform, tmp_path: Path, path: str) -> None:
    outcome = send(platform.setup(plain={"path": path}), tmp_path)

    assert isinstance(outcome, Rejected)
    assert outcome.breaks
    assert not platform.requests


def test_an_allowed_host_is_reached_by_its_usual_port_alone() -> None:
    hosts = frozenset(("oapi.dingtalk.com", "im.example.gov.cn:8443"))

    assert outbound.check("https://OAPI.dingtalk.com/", hosts) == ("https://oapi.dingtalk.com:443", "")
    assert outbound.check("https://im.example.gov.cn:8443/gateway/", hosts)[0] == (
        "https://im.example.gov.cn:8443/gateway"
    )
    assert outbound.check("https://im.example.gov.cn", hosts)[1]


def test_plain_http_is_for_this_machine_alone() -> None:
    assert "https" in outbound.check("http://im.example.gov.cn", frozenset(("im.example.gov.cn",)))[1]
    assert not outbound.check("http://127.0.0.1:8110", frozenset(("127.0.0.1:8110",)))[1]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(platform: Platform, tmp_path: Path, status: int) -> None:
    with Platform("webhook") as other:
        platform.answer_http(status, Location=f"{other.base_url}/sms/send")

        outcome = send(platform.setup(), tmp_path)

        assert isinstance(outcome, Rejected)
        assert outcome.breaks
        assert "其他地址" in outcome.why
        assert len(platform.requests) == 1
        assert not other.requests


def test_a_huge_reply_is_not_read(platform: Platform, tmp_path: Path) -> None:
    platform.misbehave("huge")
    started = time.monotonic()

    outcome = send(platform.setup(), tmp_path)

    assert isinstance(outcome, Uncertain)
    assert time.monotonic() - started < 2


def test_a_reply_that_drips_ends_in_time(platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "LONGEST_READ", 0.5)
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
            try:
                for _ in range(100):
                    connection.sendall(b" ")
                    time.sleep(0.1)
            except OSError:
                return

        threading.Thread(target=drip, daemon=True).start()
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        started = time.monotonic()
        outcome = send(platform.setup(base_url=f"http://{host}", hosts=frozenset((host,))), tmp_path)

    assert isinstance(outcome, Uncertain)
    assert time.monotonic() - started < 5


FAULTS = ("hang", "reset", "close", "html", "redirect", "echo", "gone", "token", "normal")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_no_secret_is_said_or_logged(
    kind: str,
    fault: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "urllib3.connectionpool", "requests"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    with Platform(kind) as platform:
        setup = platform.setup()
        if kind == "dingtalk":
            address = f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}"
            setup = replace(setup, secret={**setup.secret, "token": address})
        if fault == "echo":
            echoed = json.dumps(
                {"errcode": 1, "code": 1, "success": False, **_all_words(f"no {' '.join(setup.secret.values())}")}
            )
            platform.answer_http(200, echoed.encode())
        elif fault == "gone":
            platform.stop()
        elif fault == "token":
            setup = replace(setup, base_url="http://127.0.0.1:1", hosts=frozenset(("127.0.0.1:1",)))
        elif fault != "normal":
            platform.misbehave(fault)
        outcome = send(setup, tmp_path)

    printed = capfd.readouterr()
    said = "\n".join((repr(outcome), repr(setup), caplog.text, printed.out, printed.err))
    for canary in (TOKEN, SIGN, "access_token=", "sign=", "at-SEC"):
        assert canary not in said


def _all_words(text: str) -> dict[str, str]:
    return {"errmsg": text, "msg": text, "message": text, "errorMsg": text}


def test_a_fault_of_our_own_shows_no_secret_either(tmp_path: Path) -> None:
    """The outbox logs an exception with its trace; nothing in it may hold what the office entered."""
    with Platform("dingtalk") as platform:
        channel = open_channel(platform.setup(), configuration_for("sqlite://", tmp_path))
        try:
            channel.send(replace(LETTER, body=None))  # type: ignore[arg-type]
        except AttributeError as error:
            said = "".join(traceback.format_exception(error))
    assert TOKEN not in said
    assert SIGN not in said


def test_the_environments_proxies_and_passwords_are_not_used(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Platform("webhook") as trap:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, trap.base_url)
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login someone password canary\n")
        monkeypatch.setenv("NETRC", str(netrc))

        outcome = send(platform.setup(), tmp_path)

        assert isinstance(outcome, Sent)
        assert not trap.requests
        assert "Authorization" not in platform.requests[0].headers


def test_the_configured_proxy_is_asked_and_sees_no_token(tmp_path: Path) -> None:
    with Platform("dingtalk") as proxy, Platform("dingtalk") as shape:
        proxy.answer_http(403)
        setup = shape.setup(
            base_url="https://oapi.dingtalk.com", hosts=frozenset(("oapi.dingtalk.com",)), proxy=proxy.base_url
        )

        outcome = send(setup, tmp_path)

        assert isinstance(outcome, Retry)
        assert outcome.pauses
        assert "TASKBOARD_PROXY" in outcome.why
        (asked,) = proxy.requests
        assert (asked.method, asked.target) == ("CONNECT", "oapi.dingtalk.com:443")


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    with Platform("dingtalk", cert=cert, key=key) as platform:
        refused = send(platform.setup(), tmp_path)
        seen = list(platform.requests)
        trusted = send(platform.setup(), tmp_path, CHANNEL_CA=cert)

    assert isinstance(refused, Retry)
    assert refused.pauses
    assert "证书" in refused.why
    assert not seen
    assert isinstance(trusted, Sent)


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path, "DNS:other.example")
    with Platform("dingtalk", cert=cert, key=key) as platform:
        outcome = send(platform.setup(), tmp_path, CHANNEL_CA=cert)

        assert isinstance(outcome, Retry)
        assert not platform.requests


def test_tls_spoken_to_a_plain_server_sends_nothing(tmp_path: Path) -> None:
    with Platform("dingtalk") as platform:
        outcome = send(platform.setup(base_url=f"https://{platform.host}"), tmp_path)

        assert isinstance(outcome, Retry)
        assert outcome.pauses
        assert not platform.requests


def test_a_host_that_does_not_answer_the_door_is_no_uncertain_message(tmp_path: Path) -> None:
    host = f"127.0.0.1:{free_port()}"
    client = Client(Setup(ChannelKind.WEBHOOK, f"http://{host}", hosts=frozenset((host,))))

    outcome = client.post_json("/x", {})

    assert isinstance(outcome, Retry)
    assert "未发出" in outcome.why


def test_a_name_that_nobody_knows_is_no_uncertain_message(tmp_path: Path) -> None:
    hosts = frozenset(("no-such-host.invalid",))
    outcome = Client(Setup(ChannelKind.WEBHOOK, "https://no-such-host.invalid", hosts=hosts)).post_json("/x", {})

    assert isinstance(outcome, Retry)
    assert outcome.pauses


def test_every_message_has_a_connection_of_its_own(platform: Platform) -> None:
    client = Client(platform.setup())

    replies = [client.post_json("/x", {"to": "1"}) for _ in range(3)]

    assert all(isinstance(reply, Reply) for reply in replies)
    assert [request.headers["Connection"] for request in platform.requests] == ["close"] * 3


def certificate(folder: Path, names: str = "IP:127.0.0.1") -> tuple[str, str]:
    """A certificate that only its own file vouches for."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    asked = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"]
    asked += ["-addext", f"subjectAltName={names}", "-keyout", str(key), "-out", str(cert)]
    subprocess.run(asked, check=True, capture_output=True)
    return str(cert), str(key)
