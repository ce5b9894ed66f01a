"""Platforms that answer every documented code, exceed limits, or fall silent after the request was written."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import time_machine
from sqlalchemy import select

from bench.faults.sink import RESENT
from bench.faults.stage import START, Stage, by_day, letters, people
from bench.faults.table import Row
from taskboard.alerts import outbox
from taskboard.alerts.channels.answers import Rule
from taskboard.db import db
from taskboard.models import Channel, Delivery
from tests.platforms import Platform

KINDS = ("dingtalk", "wecom", "feishu", "zwdd", "wecom_app", "webhook")
STATUSES = (400, 403, 429, 500, 502, 503, 504)
ACTS = ("hang", "reset", "close", "empty", "html", "redirect", "huge")
STEP = timedelta(minutes=41)
TAG = re.compile(r"〔([0-9a-f]{8})〕")


def run(url: str, folder: Path, urgent_of: int) -> Row:
    """For each kind of channel one letter for each trouble; every `urgent_of`-th is a red one, which may be resent."""
    row = Row(f"robots and applications: codes, statuses, limits, timeouts ({url.split(':')[0]})")
    stage = Stage(url, folder)
    with stage.opened():
        people(3)
    for kind in KINDS:
        with Platform(kind) as platform:
            hosted = Stage(url, folder, CHANNEL_HOSTS=platform.host)
            with hosted.opened():
                _one_kind(row, platform, urgent_of)
    return row


def _one_kind(row: Row, platform: Platform, urgent_of: int) -> None:
    channel_id, at = _channel(platform), START
    limits, platform.limits = platform.limits, ()
    for n, trouble in enumerate((*_troubles(platform), None)):
        _letter(channel_id, n % urgent_of == 0)
        if trouble is None:  # stricter than published: somebody else sends to the same robot
            platform.limits = tuple((max(1, count // 10), seconds) for count, seconds in limits) or ((1, 60),)
            for _ in range(6):
                _letter(channel_id, False)
        else:
            trouble()
        _pass(channel_id, at)
        if trouble is not None:
            platform.normal()
        for _ in range(2):
            at = by_day(at + STEP)
            _pass(channel_id, at)
        row.runs += 1
    platform.limits = ()
    for _ in range(12):
        at = by_day(at + timedelta(hours=5))
        _pass(channel_id, at)
    _account(row, platform, channel_id)


def _troubles(platform: Platform) -> Iterator[Callable[[], None]]:
    """Each code of the platform's own table, each status, each way to say nothing."""
    rules: tuple[Rule, ...] = import_module(f"taskboard.alerts.channels.{platform.kind}").RULES
    for rule in rules:
        yield lambda rule=rule: platform.answer_with(rule.code, rule.says, times=1)  # type: ignore[misc]
    for status in STATUSES:
        yield lambda status=status: platform.answer_http(status, b"", times=1)  # type: ignore[misc]
    for act in ACTS:
        yield lambda act=act: platform.misbehave(act, times=1)  # type: ignore[misc]


def _channel(platform: Platform) -> int:
    made = Channel(kind=platform.kind, name=platform.kind, is_on=True, base_url=platform.base_url, created_at=START)
    made.policy, made.plain = made.form.policy, json.dumps(platform.plain)
    made.seal(platform.secret)
    db.session.add(made)
    db.session.commit()
    return made.id


def _letter(channel_id: int, urgent: bool) -> None:
    letters(1, channel_id, urgent)
    newest = db.session.scalars(select(Delivery).order_by(Delivery.id.desc()).limit(1)).one()
    newest.body = f"〔{newest.id:08x}〕"
    db.session.commit()


def _pass(channel_id: int, at: Any) -> None:
    with time_machine.travel(at, tick=True):
        outbox.expire()
        for _ in range(3):
            outbox.deliver(channel_id, limit=3)


def _account(row: Row, platform: Platform, channel_id: int) -> None:
    seen: Counter[str] = Counter()
    for each in platform.accepted:
        (tag,) = TAG.findall(each.text) or [""]
        seen[tag] += 1
        if seen[tag] > 1:
            if RESENT in each.text:
                row.marked += 1
            else:
                row.doubled += 1
    states: Counter[str] = Counter()
    for id_, state in db.session.execute(select(Delivery.id, Delivery.state).where(Delivery.channel_id == channel_id)):
        row.due += 1
        arrived = seen[f"{id_:08x}"] > 0
        row.arrived += arrived
        row.lost += state == "sent" and not arrived
        states[state] += 1
    row.uncertain += states["uncertain"]
    row.notes.append(f"{platform.kind}: " + ", ".join(f"{n} {state}" for state, n in sorted(states.items())))
    if set(states) - {"sent", "failed", "uncertain"}:
        row.broken.append(f"{platform.kind}: letters were still waiting two days later")
    db.session.rollback()
