"""A WeCom 企业微信 application: a message to one member, recognised by the platform when it comes again.

The platform compares what was asked for, so a repeat must be the same to the byte: no mark on it while the platform
remembers (alerts/fate.py), and its number in it, by which two messages of the same words stay two.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from taskboard.alerts.channels import Letter, Outcome, Rejected, Retry, Sent, Setup, Uncertain
from taskboard.alerts.channels.answers import Rule, code_of, judge
from taskboard.alerts.channels.outbound import Client, Reply, Trouble
from taskboard.alerts.rendering import TEXT, number_line, render

LONGEST_WINDOW = timedelta(hours=4)
STALE = frozenset(("40014", "42001", "41001"))
_MINUTE = timedelta(minutes=1)
_SECRET = "应用密钥或企业编号不正确：请在企业微信管理后台核对后重新录入"  # noqa: S105

RULES = (
    Rule("45009", Retry("调用过于频繁，超过平台的限制，1 分钟后自动重试", after=_MINUTE, pauses=True)),
    Rule("45033", Retry("同时发送过多，1 分钟后自动重试", after=_MINUTE, pauses=True)),
    Rule("-1", Retry("平台繁忙，稍后自动重试", pauses=True)),
    Rule("6000", Retry("平台数据有冲突，稍后自动重试", pauses=True)),
    Rule("40014", Retry("访问令牌失效，已重新获取，稍后自动重试", pauses=True)),
    Rule("42001", Retry("访问令牌过期，已重新获取，稍后自动重试", pauses=True)),
    Rule("41001", Retry("平台没有收到访问令牌，稍后自动重试", pauses=True)),
    Rule("40001", Rejected(_SECRET, breaks=True)),
    Rule("40013", Rejected(_SECRET, breaks=True)),
    Rule("41002", Rejected("缺少企业编号：请在渠道设置中补录", breaks=True)),
    Rule("41004", Rejected("缺少应用密钥：请在渠道设置中补录", breaks=True)),
    Rule("41011", Rejected("缺少应用编号：请在渠道设置中补录", breaks=True)),
    Rule("40056", Rejected("应用编号不正确：请在企业微信管理后台核对后重新录入", breaks=True)),
    Rule("301002", Rejected("应用编号与应用密钥不属于同一应用：请核对后重新录入", breaks=True)),
    Rule("48002", Rejected("应用没有发送消息的权限：请联系企业微信管理员开通", breaks=True)),
    Rule("60020", Rejected("服务器出口地址不在可信名单内：请联系企业微信管理员在应用中加入", breaks=True)),
    Rule("81013", Rejected("收件人不在应用可见范围内：请核对企业微信账号，或由管理员扩大可见范围")),
    Rule("60111", Rejected("收件人的企业微信账号不存在：请在消息设置中更正")),
    Rule("40003", Rejected("收件人的企业微信账号不正确：请在消息设置中更正")),
    Rule("60011", Rejected("应用无权向此人发送：请由企业微信管理员扩大可见范围")),
    Rule("82001", Rejected("收件人为空：请在消息设置中填写企业微信账号")),
    Rule("40008", Rejected("平台不支持此消息类型：请联系系统管理员")),
    Rule("40058", Rejected("消息超过平台的长度限制或参数不正确：请联系系统管理员")),
    Rule("45002", Rejected("消息超过平台的长度限制：请联系系统管理员")),
    Rule("44004", Rejected("消息正文为空：请联系系统管理员")),
)


class WeComApp:
    """One application; its access token is kept while the channel is open."""

    def __init__(self, setup: Setup) -> None:
        self.client = Client(setup)
        self.corp, self.agent = setup.plain.get("corp_id", "").strip(), setup.plain.get("agent_id", "").strip()
        self.secret, self.token = setup.secret.get("secret", "").strip(), ""
        self.limit = setup.kind.form.body_bytes
        self.window = int(min(setup.kind.form.dedupe, LONGEST_WINDOW).total_seconds())

    def send(self, letter: Letter) -> Outcome:
        if not letter.address or any(c in letter.address for c in "|@ "):
            return Rejected("收件人的企业微信账号不正确：请在消息设置中更正", "address")
        if not self.agent.isdigit():
            return Rejected("应用编号应为数字：请在企业微信管理后台核对后重新录入", "agent", breaks=True)
        reply: Reply | Trouble = self._post(letter)
        if isinstance(reply, Reply) and code_of((reply.data or {}).get("errcode")) in STALE:
            self.token = ""
            reply = self._post(letter)
        if not isinstance(reply, Reply):
            return reply
        return self._outcome(reply, letter)

    def close(self) -> None:
        self.token = ""

    def _outcome(self, reply: Reply, letter: Letter) -> Outcome:
        answer = reply.data or {}
        text = self.client.hide(str(answer.get("errmsg", "")))
        outcome = judge(reply, code_of(answer.get("errcode")), text, RULES, str(answer.get("msgid", "")))
        if not isinstance(outcome, Sent):
            return outcome
        if _names(answer.get("invaliduser"), letter.address):
            return Rejected("收件人不在应用可见范围内：请核对企业微信账号，或由管理员扩大可见范围", "invaliduser")
        if _names(answer.get("unlicenseduser"), letter.address):
            return Rejected("收件人没有接口许可或许可已过期：请联系企业微信管理员", "unlicenseduser")
        return outcome

    def _post(self, letter: Letter) -> Reply | Trouble:
        trouble = None if self.token else self._fetch()
        if trouble is not None:
            return trouble
        text = render(TEXT, letter.subject, letter.body, self.limit, number_line(letter.id))
        data: dict[str, Any] = {
            "touser": letter.address,
            "msgtype": "text",
            "agentid": int(self.agent),
            "text": {"content": text},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": self.window,
        }
        return self.client.post_json("/cgi-bin/message/send", data, {"access_token": self.token})

    def _fetch(self) -> Trouble | None:
        """Get a token. Nothing was sent yet, so no fault here is uncertain."""
        reply = self.client.get("/cgi-bin/gettoken", {"corpid": self.corp, "corpsecret": self.secret})
        if not isinstance(reply, Reply):
            return reply
        answer = reply.data or {}
        token = answer.get("access_token")
        text = self.client.hide(str(answer.get("errmsg", "")))
        outcome = judge(reply, code_of(answer.get("errcode")), text, RULES)
        if isinstance(outcome, Sent) and isinstance(token, str) and token:
            self.token = token
            self.client.secrets = [token, *self.client.secrets]
            return None
        if isinstance(outcome, Sent | Uncertain):
            return Retry("没有取得访问令牌，消息未发出，稍后自动重试", "gettoken", pauses=True)
        return outcome


def _names(users: object, address: str) -> bool:
    """Whether a list of the platform's, which it writes in small letters, names this member."""
    return isinstance(users, str) and address.casefold() in users.casefold().split("|")
