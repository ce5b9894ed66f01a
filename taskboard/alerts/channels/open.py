"""Opening a channel by its kind."""

from __future__ import annotations

from config import Config
from taskboard.alerts.channels import Channel, Setup, mail
from taskboard.rules.channels import ChannelKind


def open_channel(setup: Setup, config: Config) -> Channel:
    """The channel of a kind, ready for a batch of letters. Raises KeyError for the inbox, which needs none."""
    if setup.kind is ChannelKind.MAIL:
        return mail.channel(config)
    raise KeyError(setup.kind)
