"""What each platform checks in a request, how it says yes and no, and how much it takes in a minute."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TOKEN, SIGN = "tok-3f9c1d7e5b", "SEC-8a61f0c2d4e7"
HOUR = 3600


@dataclass
class Request:
    """What came over the wire."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    at: float = field(default_factory=time.time)

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """Decoded once, as a web server does."""
        return dict(parse_qsl(urlsplit(self.target).query))

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True))


@dataclass(frozen=True)
class Message:
    """What a request asks to be told to whom; `key` recognises a repeat, where the platform does."""

    address: str
    text: str
    key: str = ""


@dataclass(frozen=True)
class Dialect:
    """One platform. `check` answers with a refusal or None; `read` with the message; `say` makes the reply's JSON."""

    say: Callable[..., dict[str, Any]]
    check: Callable[[Request], dict[str, Any] | None]
    read: Callable[[Request], Message]
    yes: Callable[[Request], dict[str, Any]]
    too_fast: Callable[[], dict[str, Any]]
    limits: tuple[tuple[int, float], ...] = ()
    mute: float = 0
    duplicate: Callable[[Message], dict[str, Any]] | None = None
    side: Callable[[Request], dict[str, Any] | None] = lambda request: None


def errcode(errcode: int = 0, text: str = "ok", **more: Any) -> dict[str, Any]:
    return {"errcode": errcode, "errmsg": text, **more}


def _b64(key: bytes, said: bytes) -> str:
    return base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()


# DingTalk robot


def _dingtalk_check(request: Request) -> dict[str, Any] | None:
    query = request.query
    if request.path != "/robot/send" or query.get("access_token") != TOKEN:
        return errcode(300001, "token is not exist")
    stamp = query.get("timestamp", "0")
    if abs(time.time() - int(stamp) / 1000) > HOUR:
        return errcode(310000, "invalid timestamp")
    if query.get("sign") != _b64(SIGN.encode(), f"{stamp}\n{SIGN}".encode()):
        return errcode(310000, "sign not match")
    if request.json.get("msgtype") != "markdown" or not request.json["markdown"]["title"]:
        return errcode(40035, "invalid parameter")
    return errcode(460101, "message too long") if len(request.body) > 20_000 else None


# WeCom robot and application


def _wecom_check(request: Request) -> dict[str, Any] | None:
    if request.path != "/cgi-bin/webhook/send" or request.query.get("key") != TOKEN:
        return errcode(93000, "invalid webhook url")
    content = request.json.get("markdown", {}).get("content", "")
    if not content:
        return errcode(44004, "empty content")
    return errcode(40058, "markdown.content exceed max length 4096") if len(content.encode()) > 4096 else None


def _wecom_token(request: Request) -> dict[str, Any] | None:
    if request.path != "/cgi-bin/gettoken":
        return None
    if request.query.get("corpid") != "ww1234":
        return errcode(40013, "invalid corpid")
    if request.query.get("corpsecret") != SIGN:
        return errcode(40001, "invalid credential")
    return errcode(0, "ok", access_token=f"at-{SIGN}-{int(time.time() * 1e6)}", expires_in=7200)


def _wecom_app_check(request: Request) -> dict[str, Any] | None:
    if request.path != "/cgi-bin/message/send" or not request.query.get("access_token", "").startswith("at-"):
        return errcode(40014, "invalid access_token")
    asked = request.json
    if asked.get("agentid") != 1000002:
        return errcode(40056, "invalid agentid")
    if asked.get("enable_duplicate_check") != 1:
        return errcode(40058, "a repeat would be told twice")
    if asked["touser"].startswith("gone"):
        return errcode(81013, "user & party & tag all invalid")
    long = len(asked["text"]["content"].encode()) > 2048
    return errcode(45002, "content size out of limit") if long else None


def _wecom_app_yes(request: Request) -> dict[str, Any]:
    to = request.json["touser"]
    return errcode(0, "ok", msgid="msg-1", invaliduser=to if to.startswith("left") else "")


# Feishu robot


def feishu_says(errcode: int = 0, text: str = "success", **more: Any) -> dict[str, Any]:
    return {"code": errcode, "msg": text, "data": {}, **more}


def _feishu_check(request: Request) -> dict[str, Any] | None:
    if request.path != f"/open-apis/bot/v2/hook/{TOKEN}":
        return feishu_says(19001, "param invalid: incoming webhook access token invalid")
    asked = request.json
    stamp = str(asked.get("timestamp", "0"))
    expected = _b64(f"{stamp}\n{SIGN}".encode(), b"")
    if abs(time.time() - int(stamp)) > HOUR or asked.get("sign") != expected:
        return feishu_says(19021, "sign match fail or timestamp is not within one hour from current time")
    return feishu_says(9499, "Bad Request") if len(request.body) > 20_000 else None


def _feishu_text(request: Request) -> str:
    post = request.json["content"]["post"]["zh_cn"]
    lines = ["".join(part.get("href", "") or part.get("text", "") for part in line) for line in post["content"]]
    return "\n".join([post["title"], *lines])


# Government-private DingTalk


def zwdd_says(errcode: Any = 0, text: str = "", **more: Any) -> dict[str, Any]:
    if errcode == 0:
        return {"success": True, "content": {"success": True, "content": {"msgId": "z-1"}}, **more}
    return {"success": False, "bizErrorCode": str(errcode), "errorMsg": text, **more}


def _zwdd_check(request: Request) -> dict[str, Any] | None:
    if request.path != "/message/workNotification" or request.headers.get("apiKey") != "app-key":
        return zwdd_says("401", "apiKey无效")
    stamp, nonce = (request.headers.get(f"X-Hmac-Auth-{name}", "") for name in ("Timestamp", "Nonce"))
    fields = "&".join(f"{name}={request.form[name]}" for name in sorted(request.form))
    expected = _b64(SIGN.encode(), f"POST\n{stamp}\n{nonce}\n{request.path}\n{fields}".encode())
    if request.headers.get("X-Hmac-Auth-Signature") != expected:
        return zwdd_says("401", "签名错误")
    if abs(time.time() - datetime.fromisoformat(stamp).timestamp()) > HOUR:
        return zwdd_says("401", "签名已过期")
    if request.form.get("tenantId") != "196729":
        return zwdd_says("400", "租户不存在")
    if request.form["receiverIds"].startswith("gone"):
        return zwdd_says("400", "接收人不存在")
    text = json.loads(request.form["msg"])["text"]["content"]
    return zwdd_says("400", "内容超长") if len(text.encode()) > 2048 else None


# The generic call


def webhook_says(errcode: int = 0, text: str = "", **more: Any) -> dict[str, Any]:
    return {"code": errcode, "message": text, **more}


def _webhook_check(request: Request) -> dict[str, Any] | None:
    stamp = request.headers.get("X-Taskboard-Timestamp", "0")
    expected = hmac.new(SIGN.encode(), f"{stamp}.".encode() + request.body, hashlib.sha256).hexdigest()
    if request.headers.get("X-Taskboard-Signature") != f"sha256={expected}" or abs(time.time() - int(stamp)) > 300:
        return webhook_says(3, "signature")
    return webhook_says(2, "no such number") if request.json["to"].startswith("gone") else None


DIALECTS: dict[str, Dialect] = {
    "dingtalk": Dialect(
        errcode,
        _dingtalk_check,
        lambda r: Message("", r.json["markdown"]["text"]),
        lambda r: errcode(),
        lambda: errcode(130101, "send too fast, exceed 20 times per minute"),
        limits=((20, 60),),
        mute=600,
    ),
    "wecom": Dialect(
        errcode,
        _wecom_check,
        lambda r: Message("", r.json["markdown"]["content"]),
        lambda r: errcode(),
        lambda: errcode(45009, "api freq out of limit"),
        limits=((20, 60),),
    ),
    "wecom_app": Dialect(
        errcode,
        _wecom_app_check,
        lambda r: Message(r.json["touser"], r.json["text"]["content"], r.body.decode()),
        _wecom_app_yes,
        lambda: errcode(45009, "api freq out of limit"),
        duplicate=lambda m: errcode(0, "ok", msgid="msg-1"),
        side=_wecom_token,
    ),
    "feishu": Dialect(
        feishu_says,
        _feishu_check,
        lambda r: Message("", _feishu_text(r)),
        lambda r: feishu_says(StatusCode=0, StatusMessage="success"),
        lambda: feishu_says(11232, "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]"),
        limits=((100, 60), (5, 1)),
    ),
    "zwdd": Dialect(
        zwdd_says,
        _zwdd_check,
        lambda r: Message(r.form["receiverIds"], json.loads(r.form["msg"])["text"]["content"], r.form["bizMsgId"]),
        lambda r: zwdd_says(),
        lambda: zwdd_says("429", "触发限流"),
        duplicate=lambda m: zwdd_says("500", "bizMsgId重复"),
    ),
    "webhook": Dialect(
        webhook_says,
        _webhook_check,
        lambda r: Message(r.json["to"], r.json["text"], r.headers.get("Idempotency-Key", "")),
        lambda r: webhook_says(id="sms-1"),
        lambda: webhook_says(1, "slow down", retry_after=60),
        duplicate=lambda m: webhook_says(id="sms-1"),
    ),
}
