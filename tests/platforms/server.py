"""A platform as a real HTTP server on this machine."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from taskboard.alerts.channels import Setup
from taskboard.rules.channels import ChannelKind
from tests.platforms.dialects import DIALECTS, SIGN, TOKEN, Message, Request

PLAIN = {
    "zwdd": {"app_key": "app-key", "tenant_id": "196729"},
    "wecom_app": {"corp_id": "ww1234", "agent_id": "1000002"},
    "webhook": {"path": "/sms/send"},
}
SECRETS = {
    "dingtalk": {"token": TOKEN, "sign": SIGN},
    "wecom": {"token": TOKEN},
    "feishu": {"token": TOKEN, "sign": SIGN},
    "zwdd": {"app_secret": SIGN},
    "wecom_app": {"secret": SIGN},
    "webhook": {"sign": SIGN},
}
Seen = Request


@dataclass(frozen=True)
class Accepted:
    """A message that reached its reader; `told_sender`: whether the sender got the answer that says so."""

    at: float
    address: str
    text: str
    key: str
    told_sender: bool = True


@dataclass(frozen=True)
class Answer:
    """One reply, or what happens in its place: `act` is hang, reset or close; `takes`: the message arrives all the
    same."""

    status: int = 200
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    act: str = ""
    takes: bool = False


class Platform:
    """One platform of a kind, from `with` to its end. `accepted` is what readers would see, in its order.

    `answer_with`, `answer_http` and `misbehave` change what it does, for `times` requests or until `normal()`.
    `limits` may be set to () to take any number.
    """

    def __init__(self, kind: str, port: int = 0, cert: str = "", key: str = "") -> None:
        self.kind, self.dialect = kind, DIALECTS[kind]
        self.limits = self.dialect.limits
        self.accepted: list[Accepted] = []
        self.repeats: Counter[str] = Counter()
        self.requests: list[Request] = []
        self.muted_until = 0.0
        self.only_path = ""
        self._lock, self._over = threading.Lock(), threading.Event()
        self._answer: Answer | None = None
        self._times: int | None = None
        self._scheme = "https" if cert else "http"
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.platform = self
        if cert:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(cert, key or None)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Platform:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def host(self) -> str:
        """As the allow-list wants it."""
        return f"127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        return f"{self._scheme}://{self.host}"

    @property
    def plain(self) -> dict[str, str]:
        """The open fields of a channel that speaks to this platform."""
        return dict(PLAIN.get(self.kind, {}))

    @property
    def secret(self) -> dict[str, str]:
        """The secret ones."""
        return dict(SECRETS[self.kind])

    def setup(self, **changes: Any) -> Setup:
        """A channel's setup that this platform accepts, or one with something changed."""
        kind = ChannelKind(self.kind)
        values = {"base_url": self.base_url, "plain": self.plain, "secret": self.secret}
        return Setup(kind, **{**values, "hosts": frozenset((self.host,)), **changes})

    def answer_with(
        self, errcode: Any = 0, text: str = "", status: int = 200, times: int | None = None, **headers: str
    ) -> None:
        """Answer with one of the platform's codes; nothing is taken."""
        body = json.dumps(self.dialect.say(errcode, text), ensure_ascii=False).encode()
        named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        self._set(Answer(status, body, named), times)

    def answer_http(
        self, status: int, body: bytes = b"", times: int | None = None, takes: bool = False, **headers: str
    ) -> None:
        """Answer with a status and any body."""
        named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        self._set(Answer(status, body, named, takes=takes), times)

    def misbehave(self, act: str, times: int | None = None, takes: bool = True) -> None:
        """Read the request whole, take it or not, and then: hang, reset, close (say nothing), empty, html, redirect,
        huge (10 MB)."""
        bodies: dict[str, Answer] = {
            "empty": Answer(200, b"", takes=takes),
            "html": Answer(200, "<html>网关</html>".encode(), takes=takes),
            "redirect": Answer(302, b"", (("Location", f"{self.base_url}/elsewhere"),)),
            "huge": Answer(200, b'{"errcode":0,"code":0,"x":"' + b"x" * 10_000_000 + b'"}', takes=takes),
        }
        self._set(bodies.get(act) or Answer(act=act, takes=takes), times)

    def normal(self) -> None:
        """Answer as the platform does."""
        self._set(None, None)

    def _set(self, answer: Answer | None, times: int | None) -> None:
        with self._lock:
            self._answer, self._times = answer, times

    def answer(self, request: Request) -> Answer:
        """What this request gets. One at a time, so that what is counted is what happened."""
        with self._lock:
            self.requests.append(request)
            special = self.dialect.side(request)
            if self._answer is not None and (not self.only_path or request.path == self.only_path):
                return self._told_to(request)
            reply = special or self.dialect.check(request) or self._limited(request.at) or self._take(request, True)
            return Answer(body=json.dumps(reply, ensure_ascii=False).encode())

    def _told_to(self, request: Request) -> Answer:
        answer = self._answer
        assert answer is not None
        if self._times is not None:
            self._times -= 1
            if self._times <= 0:
                self._answer, self._times = None, None
        if answer.takes and self.dialect.check(request) is None and self.dialect.side(request) is None:
            self._take(request, False)
        return answer

    def _limited(self, at: float) -> dict[str, Any] | None:
        if at < self.muted_until:
            return self.dialect.too_fast()
        for count, seconds in self.limits:
            if sum(one.at > at - seconds for one in self.accepted) >= count:
                self.muted_until = at + self.dialect.mute
                return self.dialect.too_fast()
        return None

    def _take(self, request: Request, told_sender: bool) -> dict[str, Any]:
        message: Message = self.dialect.read(request)
        if message.key and self.dialect.duplicate and any(one.key == message.key for one in self.accepted):
            self.repeats[message.key] += 1
            return self.dialect.duplicate(message)
        self.accepted.append(Accepted(request.at, message.address, message.text, message.key, told_sender))
        return self.dialect.yes(request)

    def wait(self) -> None:
        """Say nothing until the test is over."""
        self._over.wait(120)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    platform: Platform

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is no error of ours."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_CONNECT(self) -> None:
        self._serve()

    def _serve(self) -> None:
        platform: Platform = self.server.platform  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = platform.answer(Request(self.command, self.path, self.headers, body))
        self.close_connection = True
        if answer.act == "hang":
            platform.wait()
            return
        if answer.act == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            return
        if answer.act == "close":
            return
        with suppress(OSError):
            self._reply(answer)

    def _reply(self, answer: Answer) -> None:
        body = answer.body or b""
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/json; charset=utf-8")
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Quiet."""


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(holds: Any, seconds: float = 10) -> None:
    """Wait for what another thread or process does."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.02)
