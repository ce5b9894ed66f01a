"""A Feishu 飞书 group robot. Its signature is not DingTalk's: time and secret are the key, and the message is empty."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from taskboard import clock
from taskboard.alerts.channels import Letter, Outcome, Rejected, Retry, Setup
from taskboard.alerts.channels.answers import Rule, code_of, judge
from taskboard.alerts.channels.outbound import Client, Reply, as_json, token_in
from taskboard.alerts.rendering import BULLET, Block, clip, fit, left_out, parse

_MINUTE = timedelta(minutes=1)
_FAST = Retry("发送过快，超过平台的限制，1 分钟后自动重试", after=_MINUTE, pauses=True)

RULES = (
    Rule("11232", _FAST),
    Rule("11233", _FAST),
    Rule("99991400", _FAST),
    Rule("9499", _FAST, says="too many"),
    Rule("9499", _FAST, says="frequency"),
    Rule("9499", Rejected("平台认为消息格式不正确：请联系系统管理员")),
    Rule("19001", Rejected("访问令牌无效：请核对机器人并重新录入访问令牌", breaks=True)),
    Rule("19002", Rejected("平台认为消息参数不正确：请联系系统管理员")),
    Rule("19021", Rejected("签名校验不通过：请重新录入签名密钥，并校准服务器时间", breaks=True)),
    Rule(
        "19022",
        Rejected("服务器出口地址不在机器人的白名单内：请在机器人安全设置中加入，或改用签名校验", breaks=True),
    ),
    Rule(
        "19024",
        Rejected("关键词校验不通过：请将机器人安全设置改为“签名校验”，或关闭自定义关键词", breaks=True),
    ),
    Rule("11246", Rejected("平台认为消息内容不正确：请联系系统管理员")),
    Rule("10003", Rejected("平台认为请求参数不正确：请核对访问令牌与服务地址", breaks=True)),
)


class Feishu:
    """One group's robot."""

    def __init__(self, setup: Setup) -> None:
        self.client = Client(setup)
        self.token, self.secret = token_in(setup.secret.get("token", "")), setup.secret.get("sign", "").strip()
        self.limit = setup.kind.form.body_bytes - 200  # time and signature come to it

    def send(self, letter: Letter) -> Outcome:
        data: dict[str, Any] = rich_text(letter.subject, letter.body, self.limit)
        if self.secret:
            stamp = str(int(clock.real_now().timestamp()))
            data |= {"timestamp": stamp, "sign": signature(stamp, self.secret)}
        reply = self.client.post_json(f"/open-apis/bot/v2/hook/{quote(self.token, safe='')}", data)
        if not isinstance(reply, Reply):
            return reply
        answer = reply.data or {}
        code = code_of(answer.get("code", answer.get("StatusCode")))  # older private deployments give the latter alone
        return judge(reply, code, self.client.hide(str(answer.get("msg", answer.get("StatusMessage", "")))), RULES)

    def close(self) -> None:
        """Nothing is kept open between messages."""


def signature(stamp: str, secret: str) -> str:
    """Keyed by time and secret, over nothing."""
    return base64.b64encode(hmac.digest(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256)).decode()


def rich_text(title: str, body: str, limit: int) -> dict[str, Any]:
    """The letter as rich text (post): people's words are text there and nothing else; within so many bytes of JSON."""
    head, blocks = clip(title, 400), parse(body)

    def made(some: list[Block], more: tuple[str, str]) -> dict[str, Any]:
        lines = [line for block in some for line in _lines(block)]
        lines += [[_text(more[0])]] if more[0] else []
        lines += [[_link("点此登录", more[1])]] if more[1] else []
        return {"msg_type": "post", "content": {"post": {"zh_cn": {"title": head, "content": lines}}}}

    kept, left = fit(blocks, lambda some, more: len(as_json(made(some, more))) <= limit)
    return made(kept, left_out(blocks, kept, left))


def _lines(block: Block) -> list[list[dict[str, str]]]:
    found = [[_text(block.heading)]] if block.heading else []
    for entry in block.entries:
        lead = BULLET if entry.is_item else ""
        found += [[_text((lead if n == 0 else "") + line)] for n, line in enumerate(entry.lines)]
        found += [[_link("点此查看", entry.link)]] if entry.link else []
    return found


def _text(text: str) -> dict[str, str]:
    return {"tag": "text", "text": text}


def _link(text: str, to: str) -> dict[str, str]:
    return {"tag": "a", "text": text, "href": to}
