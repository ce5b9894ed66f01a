"""A channel: what its kind asks for (rules/channels.py FORMS), secrets write-only."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from wtforms import BooleanField, HiddenField, IntegerField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from taskboard.forms import Form
from taskboard.models.channel import Channel
from taskboard.models.channelling import Draft
from taskboard.rules.addresses import wrong_with
from taskboard.rules.channels import ChannelForm as Kind
from taskboard.rules.channels import ChannelKind, Field, Policy

PLAIN, SECRET, CLEAR = "plain_", "secret_", "clear_"
MOST_UNLIMITED = 6000
UNCHANGED = "已设置，不显示；不填则不变"
_IN_ADDRESS = re.compile(r"(?:access_token=|[?&]key=|/hook/)([A-Za-z0-9_-]+)")


class BaseForm(Form):
    """What every kind has; `shape` adds the rest."""

    name = StringField("名称", [InputRequired("请填写名称"), Length(max=50, message="不超过 50 字")])
    policy = SelectField("不确定是否送达时", choices=[(each.value, each.word) for each in Policy])
    per_minute = IntegerField("每分钟最多发送", [Optional()])
    version = HiddenField(default="1")

    kind: ChannelKind
    hosts: Collection[str] = frozenset()

    def draft(self) -> Draft:
        """Everything that was entered."""
        return Draft(self.values(), self.plain(), self.secrets(), self.cleared())

    def values(self) -> dict[str, Any]:
        """What goes to the columns."""
        found: dict[str, Any] = {
            "name": self.name.data,
            "policy": self.policy.data,
            "per_minute": self.per_minute.data or 0,
        }
        if "base_url" in self:
            found["base_url"] = (self["base_url"].data or "").rstrip("/")
        for name in ("is_offered", "is_required"):
            if name in self:
                found[name] = self[name].data
        if "group" in self:
            found["group_id"] = self["group"].data or None
        return found

    def plain(self) -> dict[str, str]:
        """What is entered openly."""
        return self._named(PLAIN)

    def secrets(self) -> dict[str, str]:
        """What is entered secretly; empty means unchanged. A pasted address gives its token alone."""
        typed = self._named(SECRET)
        found = _IN_ADDRESS.search(typed.get("token", ""))
        return {**typed, "token": found[1]} if found else typed

    def cleared(self) -> frozenset[str]:
        """Which optional secrets are to be forgotten."""
        return frozenset(f.name.removeprefix(CLEAR) for f in self if f.name.startswith(CLEAR) and f.data)

    def seen(self) -> int:
        """The version that the person saw."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    def validate_per_minute(self, field: IntegerField) -> None:
        """Between one and three quarters of what the platform allows."""
        most = self.kind.form.own_per_minute or MOST_UNLIMITED
        if field.data is not None and not 1 <= field.data <= most:
            raise ValidationError(f"应为 1 至 {most} 的整数，或不填")

    def _named(self, prefix: str) -> dict[str, str]:
        return {f.name.removeprefix(prefix): f.data or "" for f in self if f.name.startswith(prefix)}


def channel_form(
    kind: ChannelKind,
    hosts: Collection[str],
    groups: Collection[tuple[int, str]],
    channel: Channel | None = None,
    held: Collection[str] = (),
) -> BaseForm:
    """The form of a kind; `channel` is the one to change, `held` the secrets that it has."""
    form = kind.form
    fields: dict[str, Any] = {"kind": kind, "hosts": hosts}
    if kind is not ChannelKind.MAIL:
        fields["base_url"] = StringField(
            "服务地址", [InputRequired("请填写服务地址"), Length(max=200, message="不超过 200 字"), _address]
        )
    if form.is_robot:
        fields["group"] = SelectField("所属", coerce=int, choices=[(0, "专班办公室（不属于专项组）"), *groups])
    else:
        fields["is_offered"] = BooleanField("供个人选用")
        fields["is_required"] = BooleanField("必须使用，个人不能关闭")
    for each in form.fields:
        fields |= _entries(each, is_held=each.name in held)
    made: BaseForm = type("ChannelForm", (BaseForm,), fields)(data=_first(kind, channel))
    return made


def _entries(each: Field, is_held: bool) -> dict[str, Any]:
    checks: list[Any] = [Length(max=500, message="不超过 500 字")]
    if not each.is_secret:
        must = InputRequired(f"请填写{each.label}") if each.is_required else Optional()
        return {PLAIN + each.name: StringField(each.label, [must, *checks], description=each.hint)}
    must = InputRequired(f"请填写{each.label}") if each.is_required and not is_held else Optional()
    hint = "；".join(one for one in (UNCHANGED if is_held else "", each.hint) if one)
    found: dict[str, Any] = {SECRET + each.name: PasswordField(each.label, [must, *checks], description=hint)}
    if is_held and not each.is_required:
        found[CLEAR + each.name] = BooleanField(f"清除已设置的{each.label}")
    return found


def _first(kind: ChannelKind, channel: Channel | None) -> dict[str, Any]:
    """What the fields hold before anything is typed."""
    form: Kind = kind.form
    if channel is None:
        return {"policy": form.policy, "base_url": form.base_url, "is_offered": True, "group": 0}
    plain: Mapping[str, str] = channel.fields
    return {
        "name": channel.name,
        "policy": channel.policy,
        "per_minute": channel.per_minute or None,
        "version": str(channel.version),
        "base_url": channel.base_url or form.base_url,
        "group": channel.group_id or 0,
        "is_offered": channel.is_offered,
        "is_required": channel.is_required,
        **{PLAIN + name: text for name, text in plain.items()},
    }


def _address(form: BaseForm, field: StringField) -> None:
    wrong = wrong_with((field.data or "").rstrip("/"), form.hosts)
    if wrong:
        raise ValidationError(wrong)
