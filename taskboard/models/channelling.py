"""The verbs of channels: set up, change, switch, try, let go on. What is secret never enters an event."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from taskboard.db import db
from taskboard.errors import Conflict, Refused
from taskboard.models import posting
from taskboard.models.channel import Channel
from taskboard.models.delivery import Delivery, Occasion
from taskboard.models.event import Kind, changes, record
from taskboard.models.group import Group
from taskboard.rules.channels import ChannelKind, Policy

REPLACED, SET, REMOVED = "已更换", "已设置", "已清除"
LABELS = {
    "name": "名称",
    "base_url": "服务地址",
    "is_offered": "供个人选用",
    "is_required": "必须使用",
    "policy": "不确定时",
    "per_minute": "每分钟上限",
    "group": "所属",
    "fields": "参数",
}


@dataclass(frozen=True)
class Draft:
    """What was entered: columns, open fields, secrets (empty: unchanged), and which secrets are to be forgotten."""

    values: Mapping[str, Any]
    plain: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    cleared: frozenset[str] = frozenset()

    @property
    def given(self) -> dict[str, str]:
        """The secrets that were entered."""
        return {name: text for name, text in self.secrets.items() if text}


def create(kind: ChannelKind, draft: Draft, by: int | None, at: datetime, illustrative: bool = False) -> Channel:
    """A new channel, switched off until somebody has tried it."""
    _check_name_free(str(draft.values["name"]), None)
    channel = Channel(kind=kind, created_at=at, is_on=False, illustrative=illustrative, **draft.values)
    channel.plain = _packed(draft.plain)
    if draft.given:
        channel.seal(draft.given)
    after = {"kind": kind.word, **_said(draft.values), **_fields(kind, draft.plain)}
    after |= _secrets(kind, dict.fromkeys(draft.given, SET))
    record(Kind.CHANNEL_CREATED, channel, by, at, after=after)
    return channel


def change(channel: Channel, draft: Draft, version: int, by: int, at: datetime) -> bool:
    """Change how a channel is set up; an empty secret stays as it was. False when nothing differs."""
    db.session.refresh(channel, with_for_update=True)
    _check_version(channel, version, draft)
    _check_name_free(str(draft.values.get("name", channel.name)), channel.id)
    kind = ChannelKind(channel.kind)
    old, new = changes(channel, draft.values)
    was, now = _said(old), _said(new)
    before_fields = {name: channel.fields.get(name, "") for name in draft.plain}
    differing = {name: text for name, text in draft.plain.items() if before_fields[name] != text}
    was |= _fields(kind, {name: before_fields[name] for name in differing})
    now |= _fields(kind, differing)
    given, cleared = draft.given, draft.cleared - set(draft.given)
    now |= _secrets(kind, _reseal(channel, given, cleared) if given or cleared else {})
    if not now:
        return False
    for name, value in new.items():
        setattr(channel, name, value)
    channel.plain = _packed({**channel.fields, **draft.plain})
    channel.version += 1
    record(Kind.CHANNEL_CHANGED, channel, by, at, was, {"name": channel.name, **now})
    return True


def switch(channel: Channel, is_on: bool, by: int, at: datetime, real: datetime) -> None:
    """Switch it on or off. What waits stays waiting while it is off; what lacks something is not switched on."""
    db.session.refresh(channel, with_for_update=True)
    if channel.is_on == is_on:
        return
    if is_on:
        check_complete(channel)
    before = {"is_on": channel.is_on}
    channel.is_on = is_on
    channel.version += 1
    if is_on:
        posting.enqueue_waiting(channel.id, real)
    record(Kind.CHANNEL_CHANGED, channel, by, at, before, {"name": channel.name, "is_on": is_on})


def resume(channel: Channel, by: int, at: datetime) -> None:
    """Let a paused channel send again at once; it is paused anew when the trouble is still there."""
    db.session.refresh(channel, with_for_update=True)
    if channel.open_until is None and not channel.failures:
        return
    channel.failures, channel.open_until, channel.pause_minutes, channel.last_error = 0, None, 0, ""
    record(Kind.CHANNEL_RECOVERED, channel, by, at, after={"name": channel.name})


def try_out(channel: Channel, address: str, by: int, own_address: str, at: datetime, real: datetime) -> Delivery:
    """Write one trial message, urgent to nobody; it goes out although the channel is switched off."""
    check_complete(channel)
    if not channel.form.is_robot and not address:
        raise Refused(f"请填写收取试发消息的{channel.form.address_word}")
    delivery = posting.write(
        channel,
        address if not channel.form.is_robot else "",
        "渠道试发",
        f"这是渠道“{channel.name}”的试发消息，用于核对设置，不需要办理。\n\n收到后请告知专班办公室。",
        at,
        real,
        person_id=by if address and address == own_address else None,
        occasion=Occasion.TRIAL,
    )
    after = {"name": channel.name} | ({"address": address} if address else {})
    record(Kind.CHANNEL_TRIED, channel, by, at, after=after)
    return delivery


def missing(channel: Channel) -> list[str]:
    """The labels of what must still be entered before anything can be sent."""
    secrets = channel.secrets()
    entered = {**channel.fields, **secrets}
    lacking = [each.label for each in channel.form.fields if each.is_required and not entered.get(each.name)]
    needs_address = channel.kind not in (ChannelKind.INBOX, ChannelKind.MAIL) and not channel.form.base_url
    return (["服务地址"] if needs_address and not channel.base_url else []) + lacking


def check_complete(channel: Channel) -> None:
    """Raises Refused naming what is missing."""
    lacking = missing(channel)
    if lacking:
        raise Refused(f"渠道“{channel.name}”还没有填写{'、'.join(lacking)}，请先修改设置")


def _reseal(channel: Channel, given: Mapping[str, str], cleared: frozenset[str]) -> dict[str, str]:
    """Seal the secrets anew; returns what happened to each. All anew where the old ones cannot be read any more."""
    needed = {each.name for each in channel.form.fields if each.is_secret and each.is_required}
    try:
        kept = channel.secrets()
    except Refused:
        if not needed <= set(given):
            raise
        kept = {}
    removed = {name for name in cleared if name in kept and name not in needed}
    words = {name: REPLACED if name in kept else SET for name in given} | dict.fromkeys(removed, REMOVED)
    channel.seal({name: text for name, text in {**kept, **given}.items() if name not in removed})
    return words


def _check_version(channel: Channel, version: int, draft: Draft) -> None:
    if channel.version == version:
        return
    values, plain = draft.values, draft.plain
    typed = {**_said(values), **_fields(ChannelKind(channel.kind), plain)}
    saved = {
        **_said({name: getattr(channel, name) for name in values}),
        **_fields(ChannelKind(channel.kind), {name: channel.fields.get(name, "") for name in plain}),
    }
    pairs = [(LABELS.get(name, name), _text(saved[name]), _text(typed[name])) for name in typed]
    raise Conflict(f"渠道“{channel.name}”刚被他人修改，您的内容没有保存", [p for p in pairs if p[1] != p[2]])


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns as an event tells them: words for what is a number or a key in the row."""
    said: dict[str, Any] = {}
    for name, value in values.items():
        if name == "group_id":
            group = db.session.get(Group, value) if value else None
            said["group"] = group.name if group else "专班办公室"
        elif name == "policy":
            said[name] = Policy(value).word
        else:
            said[name] = value
    return said


def _fields(kind: ChannelKind, plain: Mapping[str, str]) -> dict[str, Any]:
    labels = {each.name: each.label for each in kind.form.fields if not each.is_secret}
    told = {labels[name]: text for name, text in plain.items() if name in labels}
    return {"fields": told} if told else {}


def _secrets(kind: ChannelKind, words: Mapping[str, str]) -> dict[str, Any]:
    labels = {each.name: each.label for each in kind.form.fields if each.is_secret}
    return {"secrets": {labels[name]: word for name, word in words.items()}} if words else {}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict):
        return "，".join(f"{name} {text}" for name, text in value.items())
    return str(value)


def _packed(plain: Mapping[str, str]) -> str:
    return json.dumps(dict(plain), ensure_ascii=False, sort_keys=True)


def _check_name_free(name: str, own: int | None) -> None:
    found = db.session.scalar(select(Channel.id).where(Channel.name == name))
    if found is not None and found != own:
        raise Refused(f"已有名称为“{name}”的渠道，请换一个名称")
