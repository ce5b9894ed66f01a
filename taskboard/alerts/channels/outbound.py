"""The one client that speaks HTTP to platforms: what it may reach, how long it waits, what it makes of the transport.

Only hosts that the configuration names, over verified TLS, without redirects, through the configured proxy alone, on a
connection of its own for every message: a connection kept open may be closed by the other side just while a message
is written, and nobody would know whether it arrived. No address leaves this file in a text or a log, since robots
carry their token in it; and whatever a platform answers is stripped of our secrets before anybody sees it.
"""

from __future__ import annotations

import io
import ipaddress
import json
import logging
import re
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import requests
import urllib3
from requests.adapters import HTTPAdapter

from taskboard import clock
from taskboard.alerts.channels import Rejected, Retry, Setup, Uncertain

TIMEOUT = (3.0, 10.0)
LONGEST_READ = 15.0
LARGEST_REPLY = 64 * 1024
LONGEST_PAUSE = timedelta(minutes=30)
_BASE = re.compile(r"(https?)://([A-Za-z0-9.-]+)(?::([0-9]{1,5}))?((?:/[A-Za-z0-9._~-]+)*)/?")
_PATH = re.compile(r"/[A-Za-z0-9._~%/-]*")
_FAULTS = (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError)

Trouble = Retry | Rejected | Uncertain


class _Silent(logging.Filter):
    """The library names every address that it calls, token and all, in its log."""

    def filter(self, record: logging.LogRecord) -> bool:
        return False


for _name in ("urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(_Silent())


@dataclass(frozen=True)
class Reply:
    """What a platform answered: `data` is the JSON object in it, None when there is none that can be read."""

    status: int
    data: Mapping[str, Any] | None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def after(self) -> timedelta | None:
        """For how long the platform wants to be left alone, if it says; never longer than a circuit stays open."""
        for name in ("Retry-After", "x-ogw-ratelimit-reset"):
            seconds = _seconds(self.headers.get(name, ""))
            if seconds is not None:
                return min(timedelta(seconds=max(seconds, 1)), LONGEST_PAUSE)
        return None


class _Body(io.BytesIO):
    """A request's body that knows whether any of it was handed to the socket."""

    was_read = False

    def read(self, size: int | None = -1) -> bytes:
        self.was_read = True
        return super().read(size)

    def __iter__(self) -> Iterator[bytes]:
        self.was_read = True
        return super().__iter__()


class _Trusting(HTTPAdapter):
    """Trusts the authorities of a private deployment beside the public ones."""

    def __init__(self, ca: str) -> None:
        self.context = ssl.create_default_context()
        self.context.load_verify_locations(ca)
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self.context, **kwargs)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return super().proxy_manager_for(*args, ssl_context=self.context, **kwargs)


class Client:
    """Speaks to the base address of one channel."""

    def __init__(self, setup: Setup) -> None:
        self.base, self.refused = check(setup.base_url, setup.hosts)
        self.ca = setup.ca
        self.proxies: dict[str, str] = {}
        if setup.proxy and not _is_loopback(_host(setup.base_url)):
            self.proxies = {"http": setup.proxy, "https": setup.proxy}
        entered = {form for text in setup.secret.values() for form in (text, text.strip(), token_in(text))}
        self.secrets = sorted((text for text in entered if len(text) >= 4), key=len, reverse=True)

    def hide(self, text: str) -> str:
        """A text of the platform's without our secrets, on one line and not long."""
        for secret in self.secrets:
            for form in (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]):
                text = text.replace(form, "***")
        return " ".join(text.split())[:200]

    def post(self, path: str, body: bytes, headers: Mapping[str, str], query: Mapping[str, str]) -> Reply | Trouble:
        """Send one message. Whatever the network did is an outcome, not an exception."""
        sent = _Body(body)
        reply = self._call("POST", path, query, headers, sent)
        return reply if isinstance(reply, Reply | Rejected) else _told(reply, sent.was_read)

    def post_json(self, path: str, data: Any, query: Mapping[str, str] | None = None) -> Reply | Trouble:
        """Send one message as JSON."""
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return self.post(path, as_json(data), headers, query or {})

    def get(self, path: str, query: Mapping[str, str]) -> Reply | Trouble:
        """Ask for something, which sends nothing: any fault is surely no message."""
        reply = self._call("GET", path, query, {}, None)
        return reply if isinstance(reply, Reply | Rejected) else _told(reply, False)

    def _call(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: _Body | None
    ) -> Reply | Rejected | Exception:
        if self.refused:
            return Rejected(self.refused, "host", breaks=True)
        if path and not _PATH.fullmatch(path):
            return Rejected("接口路径不正确：应以 / 开头，只含字母、数字和 . _ - / %", "path", breaks=True)
        url = f"{self.base}{path}" + (f"?{urlencode(query)}" if query else "")
        try:
            with requests.Session() as session:
                session.trust_env = False
                if self.ca:
                    session.mount("https://", _Trusting(self.ca))
                answer = session.request(
                    method,
                    url,
                    data=body,
                    headers={
                        "Connection": "close",
                        "Accept-Encoding": "identity",
                        "User-Agent": "taskboard",
                        **headers,
                    },
                    timeout=TIMEOUT,
                    allow_redirects=False,
                    proxies=self.proxies,
                    stream=True,
                )
                if 300 <= answer.status_code < 400:
                    why = f"对方要求转到其他地址（{answer.status_code}），已拒绝：请核对渠道的服务地址"
                    return Rejected(why, str(answer.status_code), breaks=True)
                return Reply(answer.status_code, _object(_read(answer)), dict(answer.headers))
        except _FAULTS as error:
            return error


def check(base_url: str, hosts: frozenset[str]) -> tuple[str, str]:
    """The base address in its plain form, or why it must not be spoken to.

    What may be called is decided on the text that is called: anything that two programs could read differently
    (a user name, a bracket, an escaped or wide character) is no address here.
    """
    found = _BASE.fullmatch(base_url)
    if found is None:
        return "", "服务地址不正确：应为 https://主机名 或 https://主机名:端口"
    scheme, host, port, path = found.groups()
    host = host.casefold()
    usual = "443" if scheme == "https" else "80"
    named = {f"{host}:{port or usual}"} | ({host} if (port or usual) == usual else set())
    if not named & hosts:
        return "", f"主机 {host} 不在允许名单内：请系统管理员在 TASKBOARD_CHANNEL_HOSTS 中加入后重启"
    if scheme == "http" and not _is_loopback(host):
        return "", "服务地址应以 https:// 开头：不加密的连接会泄露密钥"
    return f"{scheme}://{host}:{port or usual}{path}", ""


def as_json(data: Any) -> bytes:
    """JSON in UTF-8 as is: platforms count its bytes."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def token_in(text: str) -> str:
    """The token of a robot, also when the whole address was pasted."""
    tail = re.split(r"access_token=|[?&]key=|/hook/", text.strip())[-1]
    return tail.split("&")[0]


def _told(error: Exception, was_written: bool) -> Trouble:
    """What a fault of the network means. Its own text may hold the address, so none of it is kept."""
    kind = type(error).__name__
    if was_written:
        word = "等候答复超时" if isinstance(error, requests.Timeout) else "连接在答复前中断"
        return Uncertain(f"消息已发出，{word}，是否送达不确定", kind)
    if _holds(error, ssl.SSLCertVerificationError):
        return Retry("对方证书校验不通过：请核对服务地址，或由系统管理员检查网络出口", kind, pauses=True)
    if isinstance(error, requests.exceptions.ProxyError):
        return Retry("代理服务器不通：请系统管理员检查 TASKBOARD_PROXY", kind, pauses=True)
    word = "超时" if isinstance(error, requests.Timeout) else "失败"
    return Retry(f"连接平台{word}，消息未发出：请检查网络出口与服务地址", kind, pauses=True)


def _holds(error: BaseException | None, kind: type[BaseException]) -> bool:
    """Whether a fault is, or came of, one of a kind. The libraries wrap by cause, by context and as an argument."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, kind):
            return True
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None)]
        waiting += [arg for arg in one.args if isinstance(arg, BaseException)]
        waiting = [each for each in waiting if isinstance(each, BaseException)]
    return False


def _read(answer: requests.Response) -> bytes:
    """The reply's body; nothing when it is larger or slower than any that a platform sends."""
    ends = time.monotonic() + LONGEST_READ
    found = b""
    while len(found) <= LARGEST_REPLY and time.monotonic() < ends:
        part = answer.raw.read1(8192)  # what is there: to wait for more is to wait as long as it drips
        if not part:
            return found
        found += part
    return b""


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _seconds(text: str) -> float | None:
    text = text.strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    try:
        return (parsedate_to_datetime(text) - clock.real_now()).total_seconds()
    except (TypeError, ValueError):
        return None


def _host(base_url: str) -> str:
    found = _BASE.fullmatch(base_url)
    return found.group(2).casefold() if found else ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
