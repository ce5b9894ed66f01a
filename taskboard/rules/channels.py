"""What kinds of channel 渠道 there are: whom they reach, what must be entered, what the platform allows.

Limits are the platforms' published ones; we use three quarters of them, because others send to the same robot too.
Where the figure of a platform is not published the note says so.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import timedelta

SHARE = 0.75
FAILURES_TO_OPEN = 5
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=30)


class ChannelKind(enum.StrEnum):
    """The kinds, in the order of the page."""

    INBOX = "inbox"
    MAIL = "mail"
    DINGTALK = "dingtalk"
    WECOM = "wecom"
    FEISHU = "feishu"
    ZWDD = "zwdd"
    WECOM_APP = "wecom_app"
    WEBHOOK = "webhook"

    @property
    def word(self) -> str:
        return FORMS[self].word

    @property
    def form(self) -> ChannelForm:
        return FORMS[self]


class Policy(enum.StrEnum):
    """What happens to a message of which nobody knows whether it arrived."""

    RESEND = "resend"
    RESEND_URGENT = "resend_urgent"
    HOLD = "hold"

    @property
    def word(self) -> str:
        words = {
            "resend": "自动重发一次并注明",
            "resend_urgent": "红灯等急件重发并注明，其余由专班办公室决定",
            "hold": "不重发，由专班办公室决定",
        }
        return words[self.value]


@dataclass(frozen=True)
class Field:
    """One thing that must be entered for a channel; `is_secret` ones are encrypted and never shown again."""

    name: str
    label: str
    hint: str = ""
    is_secret: bool = False
    is_required: bool = True


@dataclass(frozen=True)
class ChannelForm:
    """A kind of channel.

    `is_robot`: speaks to a group chat; otherwise it reaches persons, each at an address called `address_word`.
    `per_minute`, `per_second`: what the platform allows one robot or application (0: no such limit).
    `body_bytes`: the longest text in UTF-8 bytes (0: none). `dedupe`: how long the platform recognises a repeat
    of the same message by its key (zero: not at all).
    """

    word: str
    is_robot: bool
    policy: Policy
    base_url: str = ""
    fields: tuple[Field, ...] = ()
    address_word: str = ""
    per_minute: int = 0
    per_second: int = 0
    body_bytes: int = 0
    dedupe: timedelta = timedelta()

    @property
    def own_per_minute(self) -> int:
        """Our own limit a minute; 0 where there is none."""
        return int(self.per_minute * SHARE)


_TOKEN = Field("token", "访问令牌", "机器人 Webhook 地址中 access_token=、key= 或 hook/ 之后的部分", is_secret=True)
_SIGN = Field("sign", "加签密钥", "机器人安全设置中的密钥", is_secret=True)

FORMS: dict[ChannelKind, ChannelForm] = {
    ChannelKind.INBOX: ChannelForm("站内消息", is_robot=False, policy=Policy.HOLD),
    ChannelKind.MAIL: ChannelForm("电子邮件", is_robot=False, policy=Policy.RESEND, address_word="电子邮件"),
    ChannelKind.DINGTALK: ChannelForm(
        "钉钉群机器人",
        is_robot=True,
        policy=Policy.RESEND_URGENT,
        base_url="https://oapi.dingtalk.com",
        fields=(_TOKEN, _SIGN),
        per_minute=20,
        body_bytes=20_000,
    ),
    ChannelKind.WECOM: ChannelForm(
        "企业微信群机器人",
        is_robot=True,
        policy=Policy.RESEND_URGENT,
        base_url="https://qyapi.weixin.qq.com",
        fields=(_TOKEN,),
        per_minute=20,
        body_bytes=4_096,
    ),
    ChannelKind.FEISHU: ChannelForm(
        "飞书群机器人",
        is_robot=True,
        policy=Policy.RESEND_URGENT,
        base_url="https://open.feishu.cn",
        fields=(_TOKEN, Field("sign", "签名密钥", "机器人安全设置中的密钥，未启用签名校验可不填", True, False)),
        per_minute=100,
        per_second=5,
        body_bytes=20_000,
    ),
    ChannelKind.ZWDD: ChannelForm(
        "专有钉钉工作通知",
        is_robot=False,
        policy=Policy.RESEND,
        base_url="https://openplatform.dg-work.cn",
        fields=(
            Field("app_key", "应用 AppKey"),
            Field("tenant_id", "租户编号"),
            Field("app_secret", "应用 AppSecret", is_secret=True),
        ),
        address_word="专有钉钉账号编号",
        per_minute=100,  # assumption: the portal that states it needs a login
        body_bytes=2_048,
        dedupe=timedelta(days=1),
    ),
    ChannelKind.WECOM_APP: ChannelForm(
        "企业微信应用消息",
        is_robot=False,
        policy=Policy.RESEND,
        base_url="https://qyapi.weixin.qq.com",
        fields=(
            Field("corp_id", "企业编号"),
            Field("agent_id", "应用编号"),
            Field("secret", "应用密钥", is_secret=True),
        ),
        address_word="企业微信账号",
        per_minute=200,  # assumption: published per member (30 a minute), not per application
        body_bytes=2_048,
        dedupe=timedelta(minutes=30),
    ),
    ChannelKind.WEBHOOK: ChannelForm(
        "通用接口（含短信网关）",
        is_robot=False,
        policy=Policy.RESEND,
        fields=(
            Field("path", "接口路径", "接在服务地址之后，例如 /sms/send", is_required=False),
            Field("sign", "签名密钥", "用于签名校验，由对方系统约定", is_secret=True),
        ),
        address_word="手机号",
        per_minute=60,  # assumption: no common figure
        body_bytes=1_000,
        dedupe=timedelta(days=1),
    ),
}
