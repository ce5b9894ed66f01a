"""Government-private DingTalk 专有钉钉: a work notice to one account, as an application.

Every request is signed with the application's secret, so no access token is needed or sent. `bizMsgId` is made of the
letter's key: the platform refuses a second message under the same, which tells us that the first arrived. The portal
that lists its error texts needs a login, so the table goes by what integrators have published: an assumption, to be
checked with the customer's own platform (docs/channels.md).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from taskboard import clock
from taskboard.alerts.channels import Letter, Outcome, Rejected, Retry, Sent, Setup, Uncertain
from taskboard.alerts.channels.answers import OK, Rule, code_of, judge
from taskboard.alerts.channels.outbound import Client, Reply
from taskboard.alerts.rendering import TEXT, number_line, render

PATH = "/message/workNotification"
_MINUTE = timedelta(minutes=1)
_KNOWN = "平台已收到过这条消息"
_FAST = Retry("发送过于频繁，超过平台的限制，1 分钟后自动重试", after=_MINUTE, pauses=True)
_BUSY = Retry("平台繁忙，稍后自动重试", pauses=True)
_SIGNED = Rejected("签名校验不通过：请重新录入应用 AppKey 与 AppSecret，并校准服务器时间", breaks=True)
_ALLOWED = Rejected("应用没有工作通知接口的权限：请在开放平台申请接口权限并等待审批", breaks=True)
_NOBODY = Rejected("收件账号不存在或不在应用授权范围内：请在消息设置中更正账号编号")

RULES = (
    Rule("", Sent(answer=_KNOWN), says="bizMsgId重复"),
    Rule("", Sent(answer=_KNOWN), says="bizMsgId 重复"),
    Rule("", Sent(answer=_KNOWN), says="bizMsgId已存在"),
    Rule("", Sent(answer=_KNOWN), says="bizMsgId is duplicate"),
    Rule("", Sent(answer=_KNOWN), says="duplicate bizMsgId"),
    Rule("", Sent(answer=_KNOWN), says="bizMsgId already exist"),
    Rule("", _FAST, says="限流"),
    Rule("", _FAST, says="频率"),
    Rule("", _FAST, says="too many request"),
    Rule("", _FAST, says="flow control"),
    Rule("", _SIGNED, says="签名"),
    Rule("", _SIGNED, says="signature"),
    Rule("", _SIGNED, says="apikey"),
    Rule("", Rejected("服务器出口地址不在白名单内：请在开放平台的应用中加入", breaks=True), says="白名单"),
    Rule("", Rejected("租户编号不正确：请核对后重新录入", breaks=True), says="租户"),
    Rule("", Rejected("租户编号不正确：请核对后重新录入", breaks=True), says="tenant"),
    Rule("", _ALLOWED, says="权限"),
    Rule("", _ALLOWED, says="未授权"),
    Rule("", _ALLOWED, says="forbidden"),
    Rule("", _NOBODY, says="receiver"),
    Rule("", _NOBODY, says="接收人"),
    Rule("", _NOBODY, says="用户不存在"),
    Rule("", Rejected("消息超过平台的长度限制：请联系系统管理员"), says="超长"),
    Rule("", Rejected("平台当日已向此人发过相同内容，未再发送"), says="相同内容"),
    Rule("", _BUSY, says="系统繁忙"),
    Rule("", _BUSY, says="system error"),
)


class Zwdd:
    """One application of one tenant."""

    def __init__(self, setup: Setup) -> None:
        self.client = Client(setup)
        self.key, self.tenant = setup.plain.get("app_key", "").strip(), setup.plain.get("tenant_id", "").strip()
        self.secret, self.limit = setup.secret.get("app_secret", "").strip(), setup.kind.form.body_bytes

    def send(self, letter: Letter) -> Outcome:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", letter.address):
            return Rejected("专有钉钉账号编号不正确：请在消息设置中更正", "address")
        text = render(TEXT, letter.subject, letter.body, self.limit, number_line(letter.id))
        fields = {
            "bizMsgId": message_id(letter.key),
            "msg": json.dumps({"msgtype": "text", "text": {"content": text}}, ensure_ascii=False),
            "receiverIds": letter.address,
            "tenantId": self.tenant,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", **self._signed(fields)}
        reply = self.client.post(PATH, urlencode(fields).encode(), headers, {})
        if not isinstance(reply, Reply):
            return reply
        code, text, sent_id = read(reply.data)
        outcome = judge(reply, code, self.client.hide(text), RULES, sent_id)
        if not isinstance(outcome, Sent) or outcome.id:
            return outcome
        if letter.tries == 1 and outcome.answer == _KNOWN:
            return Uncertain("平台称已收到同一编号的消息，而本系统是首次发送，请向收件人核实")
        return Sent(fields["bizMsgId"], outcome.answer)

    def close(self) -> None:
        """Nothing is kept open between messages."""

    def _signed(self, fields: Mapping[str, str]) -> dict[str, str]:
        now = clock.real_now()
        stamp = now.astimezone(clock.SHANGHAI).isoformat(timespec="milliseconds")
        nonce = f"{int(now.timestamp() * 1000)}{secrets.randbelow(9000) + 1000}"
        return {
            "X-Hmac-Auth-Timestamp": stamp,
            "X-Hmac-Auth-Version": "1.0",
            "X-Hmac-Auth-Nonce": nonce,
            "apiKey": self.key,
            "X-Hmac-Auth-Signature": signature(self.secret, stamp, nonce, PATH, fields),
        }


def message_id(key: str) -> str:
    """The idempotency key: the letter's, in letters and digits."""
    return re.sub(r"[^A-Za-z0-9]+", "-", key).strip("-")


def signature(secret: str, stamp: str, nonce: str, path: str, fields: Mapping[str, str]) -> str:
    """Over method, time, nonce, path and the fields in their order, each as it is before it is encoded for the wire."""
    joined = "&".join(sorted(f"{name}={value}" for name, value in fields.items()))
    said = "\n".join(("POST", stamp, nonce, path, joined))
    return base64.b64encode(hmac.digest(secret.encode(), said.encode(), hashlib.sha256)).decode()


def read(data: Mapping[str, Any] | None) -> tuple[str | None, str, str]:
    """Code, text and message id. The answer of the notice itself lies in that of the gateway, at times as text."""
    code, said, sent_id = None, "", ""
    level: Any = data
    for _ in range(4):
        if isinstance(level, str):
            try:
                level = json.loads(level)
            except ValueError:
                break
        if not isinstance(level, dict):
            break
        names = ("errorMsg", "errorMessage", "Message", "message", "bizErrorMsg")
        said = said or next((str(level[n]) for n in names if level.get(n)), "")
        sent_id = sent_id or str(level.get("msgId") or "")
        if "success" in level:
            code = OK if level["success"] is True else _code(level)
        elif level.get("Code"):
            code = _code(level)
        if code not in (None, OK):
            break
        level = level.get("content") or level.get("data")
    return code, said, sent_id


def _code(level: Mapping[str, Any]) -> str:
    names = ("bizErrorCode", "errorCode", "Code", "code")
    found = next((code_of(level[n]) for n in names if code_of(level.get(n))), None)
    return found if found not in (None, OK) else "failed"
