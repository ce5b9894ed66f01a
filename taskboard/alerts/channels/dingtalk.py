"""A DingTalk 钉钉 group robot, signed: the HMAC of time and secret goes into the address, encoded once."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta

from taskboard import clock
from taskboard.alerts.channels import Letter, Outcome, Rejected, Retry, Setup
from taskboard.alerts.channels.answers import Rule, code_of, judge
from taskboard.alerts.channels.outbound import Client, Reply, token_in
from taskboard.alerts.rendering import DINGTALK, render

MUTED = timedelta(minutes=10)
_GONE = "机器人不存在或令牌有误：请在群设置中核对机器人，重新录入访问令牌"

RULES = (
    Rule("130101", Retry("发送过快，平台已限制此机器人 10 分钟，期满自动重试", after=MUTED, pauses=True)),
    Rule("410100", Retry("发送过快，平台已限制此机器人，10 分钟后自动重试", after=MUTED, pauses=True)),
    Rule("-1", Retry("平台繁忙，稍后自动重试", pauses=True)),
    Rule(
        "310000",
        Rejected("关键词校验不通过：请将机器人安全设置改为“加签”，或关闭自定义关键词", breaks=True),
        says="keyword",
    ),
    Rule(
        "310000",
        Rejected("服务器出口地址不在机器人的白名单内：请在机器人安全设置中加入，或改用“加签”", breaks=True),
        says="whitelist",
    ),
    Rule(
        "310000",
        Rejected("时间校验不通过：请校准服务器时间，与标准时间相差不得超过 1 小时", breaks=True),
        says="timestamp",
    ),
    Rule("310000", Rejected("签名校验不通过：请重新录入加签密钥，并校准服务器时间", breaks=True)),
    Rule("300001", Rejected(_GONE, breaks=True)),
    Rule("300005", Rejected(_GONE, breaks=True)),
    Rule("400013", Rejected("群已解散：请换一个群添加机器人，并更新令牌", breaks=True)),
    Rule("400101", Rejected("访问令牌不存在：请核对并重新录入访问令牌", breaks=True)),
    Rule("400102", Rejected("机器人已停用：请联系群管理员启用", breaks=True)),
    Rule("400106", Rejected(_GONE, breaks=True)),
    Rule("400105", Rejected("平台不支持此消息类型：请联系系统管理员")),
    Rule("40035", Rejected("平台认为消息参数不正确：请联系系统管理员")),
    Rule("43004", Rejected("平台认为消息格式不正确：请联系系统管理员")),
    Rule("430101", Rejected("平台认为消息含有不安全的链接：请核对系统访问地址是否已备案")),
    Rule("430102", Rejected("平台认为消息含有不合适的文字：请修改后重发")),
    Rule("430103", Rejected("平台认为消息含有不合适的图片：请修改后重发")),
    Rule("430104", Rejected("平台认为消息含有不合适的内容：请修改后重发")),
)


class DingTalk:
    """One group's robot."""

    def __init__(self, setup: Setup) -> None:
        self.client = Client(setup)
        self.token, self.secret = token_in(setup.secret.get("token", "")), setup.secret.get("sign", "").strip()
        self.limit = setup.kind.form.body_bytes - 1_000  # the limit is that of the whole body

    def send(self, letter: Letter) -> Outcome:
        query = {"access_token": self.token}
        if self.secret:
            stamp = str(int(clock.real_now().timestamp() * 1000))
            query |= {"timestamp": stamp, "sign": signature(stamp, self.secret)}
        text = render(DINGTALK, letter.subject, letter.body, self.limit)
        data = {"msgtype": "markdown", "markdown": {"title": letter.subject[:100], "text": text}}
        reply = self.client.post_json("/robot/send", data, query)
        if not isinstance(reply, Reply):
            return reply
        answer = reply.data or {}
        return judge(reply, code_of(answer.get("errcode")), self.client.hide(str(answer.get("errmsg", ""))), RULES)

    def close(self) -> None:
        """Nothing is kept open between messages."""


def signature(stamp: str, secret: str) -> str:
    """As the platform wants it: keyed by the secret, over time and secret; the address encodes it, once."""
    return base64.b64encode(hmac.digest(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256)).decode()
