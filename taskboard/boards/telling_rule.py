"""What another rule of telling would change: whom it concerns and what waits now; writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from sqlalchemy import func, select

from taskboard.boards.words import moment
from taskboard.clock import SHANGHAI
from taskboard.db import db
from taskboard.models import Channel, Notice, Person, TellingRule, Unit
from taskboard.models.times import Times
from taskboard.rules.telling import Hours, next_allowed


def changes(rule: TellingRule, values: Mapping[str, Any], at: datetime) -> list[str]:
    """Sentences on what changes; none when nothing does."""
    differing = {name for name, value in values.items() if getattr(rule, name) != value}
    told = []
    if differing & {"digest_hour", "digest_first", "digest_last"}:
        told += _digest(rule, values)
    if differing & {"quiet_from", "quiet_until"}:
        told += _quiet(rule, values, at)
    if "unit_digest" in differing:
        told.append(_units(bool(values["unit_digest"])))
    if "robot_gap_minutes" in differing:
        told.append(
            f"{_robots()} 个群机器人的即时消息改为每 {values['robot_gap_minutes']} 分钟合并一条"
            f"（原为 {rule.robot_gap_minutes} 分钟）"
        )
    if "feeds" in differing:
        on = values["feeds"]
        told.append("开放日历订阅，原有地址恢复可用" if on else "停止日历订阅，已订阅的日历不再更新")
    return told


def _digest(rule: TellingRule, values: Mapping[str, Any]) -> list[str]:
    query = select(Person.digest_hour, func.count()).where(Person.active).group_by(Person.digest_hour)
    counts = {hour: count for hour, count in db.session.execute(query)}

    def hour_under(chosen: int | None, of: Mapping[str, Any]) -> int:
        hour = chosen if chosen is not None else of["digest_hour"]
        return int(min(max(hour, of["digest_first"]), of["digest_last"]))

    now = {name: getattr(rule, name) for name in ("digest_hour", "digest_first", "digest_last")}
    moved: dict[int, int] = {}
    for chosen, count in counts.items():
        hour = hour_under(chosen, values)
        if hour != hour_under(chosen, now):
            moved[hour] = moved.get(hour, 0) + count
    told = [f"{count} 人的每日汇总改为 {hour} 点" for hour, count in sorted(moved.items())]
    unmoved = sum(counts.values()) - sum(moved.values())
    return [*told, f"{unmoved} 人的汇总时间不变"] if unmoved else told


def _quiet(rule: TellingRule, values: Mapping[str, Any], at: datetime) -> list[str]:
    local = at.astimezone(SHANGHAI)
    hours, overrides = Hours(values["quiet_from"], values["quiet_until"]), Times(at).overrides
    tonight = local.replace(hour=hours.quiet_from.hour, minute=hours.quiet_from.minute, second=0, microsecond=0)
    opens = next_allowed(max(tonight, local), hours, 0, overrides)
    people = db.session.scalar(select(func.count()).select_from(Person).where(Person.active)) or 0
    waiting = db.session.scalar(select(func.count()).select_from(Notice).where(Notice.delivery_id.is_(None))) or 0
    told = [
        f"静默时段由 {_span(rule.quiet_from, rule.quiet_until)} 改为 {_span(hours.quiet_from, hours.quiet_until)}",
        f"今日 {hours.quiet_from:%H:%M} 起产生的即时消息将于 {moment(opens)} 起发送，涉及 {people} 人",
    ]
    return [*told, f"已在等待的 {waiting} 条消息按原定时间发送"] if waiting else told


def _span(begins: time, ends: time) -> str:
    return f"{begins:%H:%M} 至 {ends:%H:%M}"


def _units(is_on: bool) -> str:
    has_box = select(func.count()).select_from(Unit).where(Unit.active, Unit.email != "")
    with_box = db.session.scalar(has_box) or 0
    return f"{with_box} 个已登记邮箱的单位{'将' if is_on else '不再'}收到每周一的汇总"


def _robots() -> int:
    return sum(channel.is_on and channel.form.is_robot for channel in Channel.listed())
