"""Illustrative channels: as a district would set them up, but switched off and without a token or a secret."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from taskboard.demo.structure import District
from taskboard.models import channelling
from taskboard.models.channelling import Draft
from taskboard.rules.channels import ChannelKind


def make(district: District, at: datetime) -> None:
    """A group's chat, the office's chat and two applications; nothing can be sent by any of them."""
    office = district.people["bangongshi"].id
    first = district.groups[1]
    wanted: tuple[tuple[ChannelKind, str, int | None, dict[str, str]], ...] = (
        (ChannelKind.DINGTALK, f"{first.short_name}组钉钉群（示例）", first.id, {}),
        (ChannelKind.WECOM, "专班办公室企业微信群（示例）", None, {}),
        (ChannelKind.WECOM_APP, "企业微信应用（示例）", None, {"corp_id": "示例企业编号", "agent_id": "1000001"}),
        (ChannelKind.ZWDD, "专有钉钉（示例）", None, {"app_key": "示例应用", "tenant_id": "100001"}),
    )
    for kind, name, group_id, plain in wanted:
        values: dict[str, Any] = {"name": name, "base_url": kind.form.base_url, "policy": kind.form.policy}
        if kind.form.is_robot:
            values["group_id"] = group_id
        channelling.create(kind, Draft(values, plain), office, at, illustrative=True)
