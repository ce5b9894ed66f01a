"""A WeCom 企业微信 group robot: its key is its only secret, and its text is counted in bytes."""

from __future__ import annotations

from datetime import timedelta

from taskboard.alerts.channels import Letter, Outcome, Rejected, Retry, Setup
from taskboard.alerts.channels.answers import Rule, code_of, judge
from taskboard.alerts.channels.outbound import Client, Reply, token_in
from taskboard.alerts.rendering import WECOM, render

_MINUTE = timedelta(minutes=1)
_GONE = "机器人地址无效或机器人已被移出群：请在群中核对机器人，重新录入访问令牌"

RULES = (
    Rule("45009", Retry("发送过快，超过平台每分钟 20 条的限制，1 分钟后自动重试", after=_MINUTE, pauses=True)),
    Rule("45033", Retry("同时发送过多，1 分钟后自动重试", after=_MINUTE, pauses=True)),
    Rule("-1", Retry("平台繁忙，稍后自动重试", pauses=True)),
    Rule("6000", Retry("平台数据有冲突，稍后自动重试", pauses=True)),
    Rule("93000", Rejected(_GONE, breaks=True)),
    Rule("93004", Rejected("机器人已停用：请联系企业微信管理员启用", breaks=True)),
    Rule("93008", Rejected("机器人不在群中：请重新添加机器人，并更新令牌", breaks=True)),
    Rule("60020", Rejected("服务器出口地址不在可信名单内：请联系企业微信管理员加入", breaks=True)),
    Rule("40001", Rejected("密钥不正确：请重新录入访问令牌", breaks=True)),
    Rule("40008", Rejected("平台不支持此消息类型：请联系系统管理员")),
    Rule("40058", Rejected("消息超过平台的长度限制或参数不正确：请联系系统管理员")),
    Rule("45002", Rejected("消息超过平台的长度限制：请联系系统管理员")),
    Rule("44004", Rejected("消息正文为空：请联系系统管理员")),
    Rule("40039", Rejected("平台认为消息中的链接不正确：请核对系统访问地址")),
)


class WeCom:
    """One group's robot."""

    def __init__(self, setup: Setup) -> None:
        self.client = Client(setup)
        self.key, self.limit = token_in(setup.secret.get("token", "")), setup.kind.form.body_bytes

    def send(self, letter: Letter) -> Outcome:
        text = render(WECOM, letter.subject, letter.body, self.limit)
        data = {"msgtype": "markdown", "markdown": {"content": text}}
        reply = self.client.post_json("/cgi-bin/webhook/send", data, {"key": self.key})
        if not isinstance(reply, Reply):
            return reply
        answer = reply.data or {}
        return judge(reply, code_of(answer.get("errcode")), self.client.hide(str(answer.get("errmsg", ""))), RULES)

    def close(self) -> None:
        """Nothing is kept open between messages."""
