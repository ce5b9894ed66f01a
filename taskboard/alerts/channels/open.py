"""Opening a channel by its kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from config import Config
from taskboard.alerts.channels import Channel, Setup, dingtalk, feishu, mail, webhook, wecom, wecom_app, zwdd
from taskboard.rules.channels import ChannelKind

_KINDS: dict[ChannelKind, Callable[[Setup], Channel]] = {
    ChannelKind.DINGTALK: dingtalk.DingTalk,
    ChannelKind.WECOM: wecom.WeCom,
    ChannelKind.FEISHU: feishu.Feishu,
    ChannelKind.ZWDD: zwdd.Zwdd,
    ChannelKind.WECOM_APP: wecom_app.WeComApp,
    ChannelKind.WEBHOOK: webhook.Webhook,
}


def open_channel(setup: Setup, config: Config) -> Channel:
    """The channel of a kind, ready for a batch of letters. Raises KeyError for the inbox, which needs none."""
    if setup.kind is ChannelKind.MAIL:
        return mail.channel(config)
    return _KINDS[setup.kind](replace(setup, ca=config.channel_ca))
