"""The verbs of telling: what a person chooses to hear by, and the office's rule of when people may be disturbed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from taskboard.db import db
from taskboard.errors import Conflict, Refused
from taskboard.models.channel import Channel, Subscription, TellingRule
from taskboard.models.event import Kind, record
from taskboard.models.person import Person
from taskboard.models.reach import has_own_address, hour_of, is_heard

RULE_WORDS = {
    "quiet_from": "静默开始",
    "quiet_until": "静默结束",
    "digest_hour": "每日汇总时间",
    "digest_first": "汇总最早",
    "digest_last": "汇总最晚",
    "unit_digest": "单位周一汇总",
    "robot_gap_minutes": "群消息间隔（分钟）",
    "feeds": "日历订阅",
}


@dataclass(frozen=True)
class Choice:
    """Whether to hear by a channel, and as whom there."""

    channel: Channel
    is_on: bool
    address: str = ""


def subscriptions_of(person_id: int) -> dict[int, Subscription]:
    """What a person has chosen, by channel."""
    query = select(Subscription).where(Subscription.person_id == person_id)
    return {row.channel_id: row for row in db.session.scalars(query)}


def subscribe(person: Person, choices: Sequence[Choice], hour: int, by: int, at: datetime) -> bool:
    """Write what a person chose, with one event; False when nothing is new.

    Raises Refused for an hour or a channel that the office does not allow, or an application without an account.
    """
    rule, rows = TellingRule.get(), subscriptions_of(person.id)
    if not rule.digest_first <= hour <= rule.digest_last:
        raise Refused(f"汇总时间应在 {rule.digest_first} 点至 {rule.digest_last} 点之间，请重新选择")
    heard = {c.channel.id: is_heard(c.channel, rows.get(c.channel.id)) for c in choices}
    known = {id_: row.address for id_, row in rows.items()}
    before = _said(
        hour_of(person, rule), [Choice(c.channel, heard[c.channel.id], known.get(c.channel.id, "")) for c in choices]
    )
    after = _said(hour, choices)
    for choice in choices:
        if choice.channel.is_required and not choice.is_on:
            raise Refused(f"“{choice.channel.name}”由专班办公室规定必须接收，不能关闭")
        needs = has_own_address(choice.channel)
        if needs and choice.is_on and not choice.address and not choice.channel.is_required:
            raise Refused(f"请填写{choice.channel.form.address_word}，否则无法通过“{choice.channel.name}”接收")
    if before == after:
        return False
    for choice in choices:
        row = rows.get(choice.channel.id)
        if row is None:
            row = Subscription(person_id=person.id, channel_id=choice.channel.id)
            db.session.add(row)
        row.is_on, row.address = choice.is_on, choice.address
    person.digest_hour = None if hour == rule.digest_hour else hour
    changed = {name for name in after if before[name] != after[name]}
    told = [{name: one[name] for name in one if name in changed} for one in (before, after)]
    record(Kind.SUBSCRIBED, person, by, at, told[0], told[1])
    return True


def change_rule(values: Mapping[str, Any], version: int, by: int, at: datetime) -> bool:
    """Change the office's rule, with one event; False when nothing is new. Raises Conflict when it changed since."""
    rule = db.session.execute(select(TellingRule).where(TellingRule.id == 1).with_for_update()).scalar_one()
    if rule.version != version:
        pairs = [(RULE_WORDS[n], in_words(n, getattr(rule, n)), in_words(n, v)) for n, v in values.items()]
        raise Conflict("告知规则刚被他人修改，您的内容没有保存", [pair for pair in pairs if pair[1] != pair[2]])
    changed = {name: value for name, value in values.items() if getattr(rule, name) != value}
    if not changed:
        return False
    before = {name: in_words(name, getattr(rule, name)) for name in changed}
    for name, value in changed.items():
        setattr(rule, name, value)
    rule.version += 1
    record(Kind.TELLING_CHANGED, rule, by, at, before, {name: in_words(name, v) for name, v in changed.items()})
    return True


def in_words(name: str, value: Any) -> str:
    """A value of the rule as it is read."""
    if isinstance(value, bool):
        return "开" if value else "关"
    if hasattr(value, "strftime"):
        return f"{value:%H:%M}"
    return f"{value} 点" if name.startswith("digest") else str(value)


def _said(hour: int, choices: Sequence[Choice]) -> dict[str, Any]:
    return {"digest_hour": f"{hour} 点", "channels": [_words(choice) for choice in choices]}


def _words(choice: Choice) -> str:
    account = f"，账号 {choice.address}" if choice.address else ""
    return f"{choice.channel.name} {'接收' if choice.is_on else '不接收'}{account}"
