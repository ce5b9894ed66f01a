"""What a person may set about the messages they get."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import Length, Optional, Regexp

from taskboard.forms import Form
from taskboard.models.channel import Channel
from taskboard.models.reach import has_own_address
from taskboard.models.subscribing import Choice

ADDRESS = [Optional(), Length(max=100, message="不超过 100 字"), Regexp(r"^\S+$", message="账号中不能有空格")]


class SubscriptionForm(Form):
    """The hour of the digest; a switch and an address for each channel are added by `form_for`."""

    digest_hour = SelectField("每日汇总时间", coerce=int)

    def choices(self, channels: Iterable[Channel]) -> list[Choice]:
        """What was chosen, channel by channel."""
        return [Choice(c, bool(self.switch(c).data), self._address(c)) for c in channels]

    def switch(self, channel: Channel) -> Any:
        """The field that switches a channel."""
        return self[f"on_{channel.id}"]

    def address(self, channel: Channel) -> Any:
        """The field of the account on a channel; None where the address is on file."""
        return self[f"address_{channel.id}"] if has_own_address(channel) else None

    def _address(self, channel: Channel) -> str:
        field = self.address(channel)
        return (field.data or "") if field else ""


def form_for(channels: Iterable[Channel], hours: Iterable[int], **data: Any) -> SubscriptionForm:
    """The form for these channels and hours."""
    fields: dict[str, Any] = {}
    for channel in channels:
        fields[f"on_{channel.id}"] = BooleanField(f"通过{channel.name}接收")
        if has_own_address(channel):
            fields[f"address_{channel.id}"] = StringField(channel.form.address_word, ADDRESS)
    form: SubscriptionForm = type("ChosenForm", (SubscriptionForm,), fields)(data=data)
    form.digest_hour.choices = [(hour, f"{hour} 点") for hour in hours]
    return form
