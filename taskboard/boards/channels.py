"""Channels 渠道 as the page shows them: how each fares, whom it reaches, what waits, what came of a trial."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.orm import joinedload

from taskboard import clock
from taskboard.boards.words import moment
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.models import Attempt, Channel, Delivery, DeliveryState, Notice, Person, Subscription, channelling
from taskboard.rules.channels import ChannelKind

WAITS = (DeliveryState.PENDING, DeliveryState.RETRY, DeliveryState.SENDING)
LOOKS_AGAIN = timedelta(minutes=3)


@dataclass(frozen=True)
class ChannelLine:
    """One channel: `heard` people (a robot: its chat), `waiting` messages, `gathering` notices for a later one."""

    channel: Channel
    heard: int
    waiting: int
    gathering: int
    sent_today: int
    uncertain: int
    lacking: tuple[str, ...]
    state: str

    @property
    def kind(self) -> ChannelKind:
        return ChannelKind(self.channel.kind)

    @property
    def whom(self) -> str:
        """Whom it reaches, in words."""
        if self.kind.form.is_robot:
            return f"1 个群（{self.channel.group.short_name if self.channel.group else '专班办公室'}）"
        return f"{self.heard} 人"

    @property
    def is_paused(self) -> bool:
        return self.channel.open_until is not None

    @property
    def switch_words(self) -> str:
        """What will happen when it is switched, for the question before it."""
        waits = f"现有等待发送的消息 {self.waiting} 条" if self.waiting else "现在没有等待发送的消息"
        if self.channel.is_on:
            held = "，停用期间不会发出" if self.waiting else ""
            lost = f"；另有 {self.gathering} 件待汇总，停用期间到时的不再发出" if self.gathering else ""
            return f"停用后“{self.channel.name}”不再向 {self.whom}发送消息。{waits}{held}{lost}。"
        after = "，启用后随即发出" if self.waiting else ""
        return f"启用后“{self.channel.name}”将向 {self.whom}发送消息。{waits}{after}。"


def listing(real: datetime) -> list[ChannelLine]:
    """All channels, in a few statements and one more for each; there are a dozen at most."""
    channels = list(db.session.scalars(select(Channel).options(joinedload(Channel.group)).order_by(Channel.id)))
    return _lines(channels, real)


def line(channel: Channel, real: datetime) -> ChannelLine:
    """One channel."""
    return _lines([channel], real)[0]


def _lines(channels: list[Channel], real: datetime) -> list[ChannelLine]:
    ids = [channel.id for channel in channels if channel.kind != ChannelKind.INBOX]
    states = _states(ids)
    gathering = _counted(select(Notice.channel_id, func.count()).where(Notice.delivery_id.is_(None)), Notice.channel_id)
    midnight = clock.at(clock.day_of(real), 0)
    sent = (  # by the machine's clock, which is what attempts bear
        select(Delivery.channel_id, func.count())
        .join(Attempt, Attempt.delivery_id == Delivery.id)
        .where(Delivery.channel_id.in_(ids), Attempt.outcome == "sent", Attempt.finished_at >= midnight)
    )
    today = _counted(sent, Delivery.channel_id)
    return [
        ChannelLine(
            channel=each,
            heard=heard(each),
            waiting=sum(states[each.id, state] for state in WAITS),
            gathering=gathering.get(each.id, 0),
            sent_today=today.get(each.id, 0),
            uncertain=states[each.id, DeliveryState.UNCERTAIN],
            lacking=_lacking(each),
            state=state_words(each, real),
        )
        for each in channels
    ]


def _states(ids: list[int]) -> Counter[tuple[int, str]]:
    """Messages by channel and state; what is settled is not counted."""
    query = select(Delivery.channel_id, Delivery.state, func.count()).where(
        Delivery.channel_id.in_(ids), Delivery.state.in_((*WAITS, DeliveryState.UNCERTAIN))
    )
    found = db.session.execute(query.group_by(Delivery.channel_id, Delivery.state))
    return Counter({(channel_id, state): count for channel_id, state, count in found})


def _counted(query: Any, column: Any) -> dict[int, int]:
    return {key: count for key, count in db.session.execute(query.group_by(column))}


def heard(channel: Channel) -> int:
    """How many people hear by a channel, as models/reach.py decides it for each; 0 for a robot."""
    if channel.form.is_robot:
        return 0
    query = select(func.count()).select_from(Person).where(Person.active)
    if channel.kind == ChannelKind.INBOX:
        return db.session.scalar(query) or 0
    mine = and_(Subscription.person_id == Person.id, Subscription.channel_id == channel.id)
    query = query.outerjoin(Subscription, mine).where(_has_address(channel))
    if not channel.is_required:
        unasked: ColumnElement[bool] = Subscription.id.is_(None) if channel.kind == ChannelKind.MAIL else false()
        query = query.where(or_(unasked, Subscription.is_on == true()))
    return db.session.scalar(query) or 0


def _has_address(channel: Channel) -> ColumnElement[bool]:
    if channel.kind == ChannelKind.MAIL:
        return Person.email != ""
    if channel.kind == ChannelKind.WEBHOOK:
        return Person.phone != ""
    return Subscription.address != ""


def state_words(channel: Channel, real: datetime) -> str:
    """Whether it sends, and if not why."""
    words = "启用" if channel.is_on else "停用"
    if channel.open_until is not None and channel.open_until > real:
        return f"{words}，暂停发送至 {moment(channel.open_until)}，连续失败 {channel.failures} 次"
    if channel.open_until is not None:
        return f"{words}，暂停已到时，下一条消息将试探发送"
    return f"{words}，连续失败 {channel.failures} 次" if channel.failures else words


def _lacking(channel: Channel) -> tuple[str, ...]:
    try:
        return tuple(channelling.missing(channel))
    except Refused:
        return ("密钥（原密钥无法解密，请重新录入）",)


def secret_states(channel: Channel) -> list[tuple[str, str]]:
    """Of each secret whether it is there; never what it is."""
    held = held_secrets(channel)
    return [(each.label, "已设置" if each.name in held else "未设置") for each in channel.form.fields if each.is_secret]


def held_secrets(channel: Channel) -> set[str]:
    """The names of the secrets that are there and can be read."""
    try:
        return {name for name, text in channel.secrets().items() if text}
    except Refused:
        return set()


def subscribed_address(channel: Channel, person_id: int) -> str:
    """The address that a person has entered for an application; empty when none."""
    query = select(Subscription.address).where(
        Subscription.channel_id == channel.id, Subscription.person_id == person_id
    )
    return db.session.scalar(query) or ""


def limit_words(channel: Channel) -> str:
    """How fast it may send, and why."""
    form = channel.form
    if not form.per_minute:
        return f"每分钟最多 {channel.per_minute} 条" if channel.per_minute else "不限"
    own = channel.per_minute or form.own_per_minute
    return f"每分钟最多 {own} 条（平台上限 {form.per_minute} 条，本系统最多用其四分之三，即 {form.own_per_minute} 条）"


@dataclass(frozen=True)
class Trial:
    """What became of a trial message: `advice` says what to do now; `looks_again` while it is on its way."""

    sentence: str
    advice: str
    looks_again: bool


ADVICE = {
    DeliveryState.SENT: "请到收件处核对是否收到。",
    DeliveryState.FAILED: "请按对方答复核对服务地址、参数和密钥，修改设置后再次试发。",
    DeliveryState.UNCERTAIN: "消息已交出，但没有得到明确答复。请到收件处核对；未收到时检查网络与服务地址后再次试发。",
    DeliveryState.GIVEN_UP: "此条试发已放弃，可再次试发。",
}


def trial(delivery: Delivery, is_alive: bool, real: datetime, mail_folder: str = "") -> Trial:
    """The page of a trial in words; `mail_folder` is set where mails are only written to files."""
    state = DeliveryState(delivery.state)
    channel = delivery.by
    if state is DeliveryState.SENT and channel.kind == ChannelKind.MAIL and mail_folder:
        advice = f"邮件文件在 {mail_folder}。需要寄出时，请系统管理员设置 TASKBOARD_SMTP_HOST 后重启程序。"
        return Trial("已写入文件，没有寄出：尚未设置邮件服务器", advice, False)
    if state is DeliveryState.FAILED and delivery.tries and delivery.tries[-1].outcome == "retry":
        return Trial("这次没有发出", "属对方限速或暂时故障，请按对方答复处理，稍后再次试发。", False)
    if state in ADVICE:
        said = {
            DeliveryState.SENT: "对方服务器已接收",
            DeliveryState.FAILED: "对方没有接收",
            DeliveryState.UNCERTAIN: "是否送达不确定",
            DeliveryState.GIVEN_UP: "已放弃",
        }
        hint = "收到后即可启用此渠道。" if state is DeliveryState.SENT and not channel.is_on else ""
        return Trial(said[state], ADVICE[state] + hint, False)
    again = is_alive and real - delivery.queued_at < LOOKS_AGAIN
    if not is_alive:
        return Trial("作业进程没有响应，试发消息尚未发出", "请系统管理员启动作业进程，启动后会自动发出。", False)
    if channel.open_until is not None and channel.open_until > real:
        words = f"渠道暂停发送至 {moment(channel.open_until)}，到时自动发出"
        return Trial(words, "排除故障后可在渠道页选择“立即恢复”。", again)
    if state is DeliveryState.RETRY:
        words = f"第 {delivery.attempts} 次尝试没有成功，将于 {moment(delivery.next_try_at)} 再试"
        return Trial(words, "请按下列答复核对设置；也可修改设置后再次试发。", again)
    return Trial("等待作业进程发送，一般不超过 20 秒", "本页会自动刷新。", again)


def env_settings(config: Any) -> Mapping[str, str]:
    """Where mail goes, as the environment of the program says; the password is left out."""
    if not config.uses_smtp:
        return {"发送方式": "未设置邮件服务器，邮件写入文件夹", "文件夹": str(config.mail_dir)}
    security = {"none": "不加密", "starttls": "STARTTLS 加密", "tls": "TLS 加密"}
    return {
        "邮件服务器": f"{config.smtp_host}:{config.smtp_port}",
        "加密": security[config.smtp_tls],
        "登录账号": config.smtp_user or "不登录",
        "登录密码": "已设置" if config.smtp_password else "未设置",
        "发件人": config.mail_from,
    }
