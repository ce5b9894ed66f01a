"""What one event says in a message: a line of plain Chinese, without line breaks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from taskboard.boards.timeline import LABELS
from taskboard.boards.timeline import said as written
from taskboard.boards.words import moment
from taskboard.models import Event, Kind

LONGEST = 200
LONGEST_VALUE = 40
MOST_CHANGES = 3
_BREAKS = re.compile(r"[ \t\r\n]+")
Data = dict[str, Any]


def said(event: Event) -> str:
    """The line of an event; empty where the heading says it all."""
    return _line(event.kind, event.subject_type, event.data)


@lru_cache(maxsize=4096)
def _line(kind: str, subject_type: str, written_data: str) -> str:
    """Remembered, because many readers are told of the same event."""
    say = _item if subject_type == "item" else _SAY.get(kind, _plain)
    return _short("　".join(one for one in say(json.loads(written_data)) if one), LONGEST)


def _plain(data: Data) -> Iterable[str]:
    after = data.get("after") or {}
    yield str(data.get("words", ""))
    yield str(after.get("text", ""))
    yield str(after.get("why", ""))


def _item(data: Data) -> Iterable[str]:
    after = data.get("after") or {}
    for name in ("part_state", "slip", "number"):
        yield written(after.get(name))
    yield str(data.get("words", ""))
    yield str(after.get("text", ""))
    if after.get("due_on"):
        yield f"办理期限 {written(after['due_on'])}"


def _returned(data: Data) -> Iterable[str]:
    yield f"退回理由：{(data.get('after') or {}).get('reason', '')}"


def _value(data: Data) -> Iterable[str]:
    after, before = data.get("after") or {}, data.get("before") or {}
    was = f"，此前为 {before['value']}" if before.get("value") is not None else ""
    yield f"数值 {after.get('value', '')}（数据截至 {written(after.get('as_of'))}）{was}"
    if after.get("reason"):
        yield f"理由：{after['reason']}"


def _created(data: Data) -> Iterable[str]:
    after = data.get("after") or {}
    if after.get("target_value") is not None:
        yield f"目标值 {after['target_value']}{after.get('measure') or ''}"
    if after.get("ends_on"):
        yield f"截止日期 {written(after['ends_on'])}"


def _changed(data: Data) -> Iterable[str]:
    before, after = data.get("before") or {}, data.get("after") or {}
    yield str(data.get("words", ""))
    names = [name for name in after if written(before.get(name)) != written(after.get(name))]
    told = [_change(name, written(before.get(name)), written(after.get(name))) for name in names[:MOST_CHANGES]]
    more = f"等 {len(names)} 处" if len(names) > MOST_CHANGES else ""
    yield "；".join(told) + more


def _change(name: str, before: str, after: str) -> str:
    label = LABELS.get(name, name)
    was, now = _short(before, LONGEST_VALUE), _short(after, LONGEST_VALUE)
    if not was:
        return f"{label} {now}"
    return f"{label} {was} 改为 {now}" if now else f"{label} {was} 已取消"


def _decided(data: Data) -> Iterable[str]:
    after = data.get("after") or {}
    yield str(data.get("words", ""))
    for name, label in (("curve", "曲线"), ("from_on", "启用日期"), ("reason", "理由"), ("answer", "答复")):
        if after.get(name):
            yield f"{label}：{written(after[name])}"


def _technical(data: Data) -> Iterable[str]:
    after = data.get("after") or {}
    yield str(after.get("name") or after.get("subject") or data.get("words", ""))
    yield str(after.get("why") or after.get("text") or "")
    if after.get("until"):
        yield f"暂停至 {moment(datetime.fromisoformat(str(after['until'])))}"


_SAY: dict[str, Callable[[Data], Iterable[str]]] = {
    Kind.REPORT_RETURNED.key: _returned,
    **dict.fromkeys(
        (Kind.VALUE_CHECKED.key, Kind.VALUE_CONFIRMED.key, Kind.VALUE_UNLOCKED.key, Kind.FIGURE_REVISED.key), _value
    ),
    **dict.fromkeys((Kind.TARGET_CREATED.key, Kind.TASK_CREATED.key), _created),
    **dict.fromkeys(
        (
            Kind.TARGET_CHANGED.key,
            Kind.TASK_CHANGED.key,
            Kind.ALLOCATED.key,
            Kind.PLAN_CHANGED.key,
            Kind.SUPPORT_CHANGED.key,
            Kind.INDICATOR_CHANGED.key,
        ),
        _changed,
    ),
    **dict.fromkeys((Kind.SCHEDULE_ASKED.key, Kind.SCHEDULE_APPROVED.key, Kind.SCHEDULE_REFUSED.key), _decided),
    **dict.fromkeys(
        (Kind.DELIVERY_FAILED.key, Kind.CHANNEL_OPENED.key, Kind.CHANNEL_RECOVERED.key, Kind.SWEEP_LATE.key),
        _technical,
    ),
}


def _short(text: str, longest: int) -> str:
    """On one line, and cut."""
    line = _BREAKS.sub(" ", text).strip()
    return line if len(line) <= longest else line[: longest - 1] + "…"
