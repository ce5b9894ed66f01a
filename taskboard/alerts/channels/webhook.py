"""A signed call to any other system, such as an adapter for an SMS gateway. docs/channels.md is its contract."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta

from taskboard import clock
from taskboard.alerts.channels import Letter, Outcome, Rejected, Retry, Setup
from taskboard.alerts.channels.answers import Rule, code_of, judge
from taskboard.alerts.channels.outbound import LONGEST_PAUSE, Client, Reply, as_json
from taskboard.alerts.rendering import TEXT, links, render

RULES = (
    Rule("1", Retry("对方系统要求稍后再发", pauses=True)),
    Rule("2", Rejected("对方系统不接受此号码：请在人员信息中更正手机号")),
    Rule("3", Rejected("对方系统校验签名不通过：请核对签名密钥，并校准服务器时间", breaks=True)),
    Rule("4", Rejected("对方系统不接受此内容：请与对方系统的管理员核对")),
)


class Webhook:
    """One receiving system."""

    def __init__(self, setup: Setup) -> None:
        self.client = Client(setup)
        self.path, self.secret = setup.plain.get("path", "").strip(), setup.secret.get("sign", "")
        self.limit = setup.kind.form.body_bytes

    def send(self, letter: Letter) -> Outcome:
        found = links(letter.body)
        body = as_json(
            {
                "id": letter.key,
                "to": letter.address,
                "subject": letter.subject,
                "text": render(TEXT, letter.subject, letter.body, self.limit),
                "link": found[0] if found else "",
            }
        )
        stamp = str(int(clock.real_now().timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": letter.key,
            "X-Taskboard-Timestamp": stamp,
            "X-Taskboard-Signature": "sha256=" + signature(stamp, body, self.secret),
        }
        reply = self.client.post(self.path, body, headers, {})
        if not isinstance(reply, Reply):
            return reply
        answer = reply.data or {}
        text = self.client.hide(str(answer.get("message", "")))
        outcome = judge(reply, code_of(answer.get("code")), text, RULES, str(answer.get("id", "")))
        asked = answer.get("retry_after")
        if isinstance(outcome, Retry) and isinstance(asked, int) and not isinstance(asked, bool) and asked > 0:
            return replace(outcome, after=min(timedelta(seconds=min(asked, 86_400)), LONGEST_PAUSE))
        return outcome

    def close(self) -> None:
        """Nothing is kept open between messages."""


def signature(stamp: str, body: bytes, secret: str) -> str:
    """Over the time, a point and the body as it goes over the wire."""
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
