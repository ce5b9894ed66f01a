"""What a platform's answer means. Robots answer HTTP 200 with an error inside: a message is sent when the status is
2xx and the platform's own code says so, and never otherwise.

Each platform has one table of rules; the first that fits gives the outcome and the sentence that the office reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from taskboard.alerts.channels import Outcome, Rejected, Retry, Sent, Uncertain
from taskboard.alerts.channels.outbound import Reply

OK = "0"


@dataclass(frozen=True)
class Rule:
    """A code, and what it means; `says`: only where the platform's text holds this (one code, several troubles)."""

    code: str
    means: Outcome
    says: str = ""

    def fits(self, code: str, text: str) -> bool:
        return self.code in ("", code) and self.says.casefold() in text.casefold()


def judge(reply: Reply, code: str | None, text: str, rules: Sequence[Rule], message_id: str = "") -> Outcome:
    """The outcome of a reply. `code` is the platform's own, None where it gave none; `text` its words."""
    if code is not None and code != OK:
        for rule in rules:
            if rule.fits(code, text):
                return _said(rule.means, code, reply.after)
    if not reply.is_ok:
        return _by_status(reply)
    if code is None:
        return Uncertain("平台的答复无法识别，是否送达不确定", "unreadable")
    if code == OK:
        return Sent(message_id, text)
    return Rejected(f"平台未接受，代码 {code}，原文：{text or '无'}", code)


def code_of(value: Any) -> str | None:
    """A code as text. Only a whole number or a text is one: False is not zero here."""
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        return None
    return str(value)


def _said(means: Outcome, code: str, asked: timedelta | None) -> Outcome:
    if isinstance(means, Sent):
        return means
    told = replace(means, why=f"{means.why}（平台代码 {code}）" if code.lstrip("-").isdigit() else means.why, code=code)
    if isinstance(told, Retry) and told.pauses and asked is not None:
        return replace(told, after=asked)
    return told


def _by_status(reply: Reply) -> Outcome:
    """The status alone. A gateway that answers 502 or 504 has handed the message on and does not know more."""
    status = reply.status
    if status in (502, 504):
        return Uncertain(f"平台网关没有等到答复（{status}），是否送达不确定", str(status))
    if status == 429:
        return Retry("发送过于频繁，平台要求稍后再发（429）", "429", after=reply.after, pauses=True)
    if status >= 500 or status == 408:
        return Retry(f"平台暂时不可用（{status}），稍后自动重试", str(status), after=reply.after, pauses=True)
    if status in (401, 403, 404, 405, 407):
        why = f"平台拒绝了请求（{status}）：请核对服务地址、密钥与调用权限"
        return Rejected(why, str(status), breaks=True)
    return Rejected(f"平台拒绝了这条消息（{status}）", str(status))
