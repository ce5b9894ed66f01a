"""What is not well? The findings that the health page shows, /healthz sums up, the watch sends and `doctor` prints.

Each looks at facts alone, so that whoever asks, web or jobs process, finds the same. Nothing is found wanting before a
jobs process has ever run: a fresh installation is well.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Protocol

from sqlalchemy import func, select

from config import Config
from taskboard import clock
from taskboard.db import db
from taskboard.models import (
    CalendarOverride,
    Channel,
    Delivery,
    DeliveryState,
    Heartbeat,
    Installation,
    JobRun,
    Occasion,
    posting,
)
from taskboard.rules.workdays import unpublished_notice

SETTLING = timedelta(minutes=2)  # what a jobs process has for catching up after its start, or after a stepped day
OLD_DELIVERY, VERY_OLD_DELIVERY = timedelta(minutes=10), timedelta(minutes=30)
CLOCKS_APART = timedelta(seconds=5)
LITTLE_SPACE = 500 * 1024 * 1024
READY = (DeliveryState.PENDING, DeliveryState.RETRY)


class Line(Protocol):
    """A line of the timetable (jobs/timetable.py), as far as it is looked at here."""

    @property
    def name(self) -> str: ...
    @property
    def words(self) -> str: ...
    @property
    def daily(self) -> time | None: ...
    def due(self, now: datetime) -> datetime: ...


@dataclass(frozen=True)
class Limits:
    """How long is too long, and where the program's own files are; from the configuration."""

    late: timedelta
    silent: timedelta
    var: Path | None = None
    has_queue: bool = False

    @classmethod
    def of(cls, config: Config) -> Limits:
        """As the environment decides."""
        late, silent = timedelta(minutes=config.late_minutes), timedelta(seconds=config.silent_seconds)
        return cls(late, silent, config.var, config.queue != "local")


@dataclass(frozen=True)
class Finding:
    """One thing that is not well, and what to do. `slot` is the moment it belongs to, so that it is told once."""

    key: str
    words: str
    remedy: str
    is_alarm: bool = False
    is_down: bool = False
    slot: datetime | None = None


def all_of(lines: Sequence[Line], limits: Limits, now: datetime, real: datetime) -> list[Finding]:
    """Everything, the worst first. `now` is the time of the business, `real` the machine's."""
    found = [*processes(limits, real), *late_jobs(lines, limits, now, real), *messages(now, real)]
    return [*found, *surroundings(limits, now, real)]


def processes(limits: Limits, real: datetime) -> list[Finding]:
    """Which kind of process nobody has heard of for too long."""
    query = select(Heartbeat.kind, func.max(Heartbeat.at)).group_by(Heartbeat.kind)
    newest = {kind: at for kind, at in db.session.execute(query)}
    found = []
    jobs = newest.get("jobs")
    if jobs is not None and real - jobs > limits.silent:
        words = f"作业进程已{ago(real - jobs)}没有响应，亮灯、提醒和消息都不会更新"
        down = real - jobs > limits.silent * 4 / 3
        found.append(Finding("jobs", words, "请系统管理员在服务器上重新启动作业进程", True, down, jobs))
    web = newest.get("web")
    if web is not None and real - web > limits.silent:
        words = f"网页服务已{ago(real - web)}没有响应"
        found.append(Finding("web", words, "请系统管理员在服务器上重新启动网页服务", True, slot=web))
    worker = newest.get("worker")
    if limits.has_queue and (worker is None or real - worker > limits.silent):
        words = "没有正在运行的工作进程，消息暂由作业进程代发"
        found.append(Finding("worker", words, "请系统管理员在服务器上启动工作进程", slot=worker))
    return found


def late_jobs(lines: Iterable[Line], limits: Limits, now: datetime, real: datetime) -> list[Finding]:
    """Daily jobs that were due too long ago and are not done."""
    if not _had_time(limits, real):
        return []
    due = {line: line.due(now) for line in lines if line.daily}
    late = {line: at for line, at in due.items() if now - at > limits.late}
    query = select(JobRun.job, JobRun.due_at).where(JobRun.job.in_([line.name for line in late]))
    done = set(db.session.execute(query.where(JobRun.state.in_(("done", "overran")))))
    return [_late(line, at) for line, at in late.items() if (line.name, at) not in done]


def _late(line: Line, at: datetime) -> Finding:
    local = at.astimezone(clock.SHANGHAI)
    words = f"“{line.words.split('：')[0]}”应于 {local.month}月{local.day}日 {local:%H:%M} 运行，至今没有完成"
    remedy = "请到“作业”查看出错原因；作业进程没有运行的，请系统管理员启动，启动后自动补做"
    return Finding(f"late:{line.name}", words, remedy, True, line.name == "sweep", at)


def _had_time(limits: Limits, real: datetime) -> bool:
    """Whether the jobs processes have had time to catch up since their start, and since the day was stepped to."""
    beats = db.session.execute(select(Heartbeat.at, Heartbeat.started_at).where(Heartbeat.kind == "jobs")).all()
    alive = [began for at, began in beats if real - at < limits.silent and began]
    if alive and real - min(alive) < SETTLING:
        return False
    installation = Installation.get()
    stepped = installation.stepped_at if installation else None
    if stepped is not None and real - stepped < SETTLING:
        return False
    ever = select(JobRun.id).where(~JobRun.job.like("alarm:%")).limit(1)
    return bool(beats) or db.session.scalar(ever) is not None


def oldest_due(now: datetime, real: datetime) -> datetime | None:
    """Since when the oldest message has been due on a channel that is on and not paused."""
    query = select(func.min(Delivery.next_try_at)).join(Channel, Channel.id == Delivery.channel_id)
    query = query.where(Delivery.state.in_(READY), Delivery.next_try_at <= real, Channel.is_on.is_(True))
    found: datetime | None = db.session.scalar(query.where(Channel.not_paused(real), posting.may_go(now, real)))
    return found


def messages(now: datetime, real: datetime) -> list[Finding]:
    """What does not get through."""
    found = []
    oldest = oldest_due(now, real)
    if oldest is not None and real - oldest > OLD_DELIVERY:
        words = f"最早一条应发消息已等待{ago(real - oldest)}"
        remedy = "请到“投递”查看原因；作业进程没有运行的，请系统管理员启动"
        found.append(Finding("oldest", words, remedy, False, real - oldest > VERY_OLD_DELIVERY, oldest))
    for name, why in db.session.execute(select(Channel.name, Channel.last_error).where(Channel.open_until > real)):
        words = f"渠道“{name}”连续失败，已暂停发送" + (f"：{why}" if why else "")
        found.append(Finding("circuit", words, "恢复前每隔一段时间自动试发一条；请核对该渠道的设置与网络"))
    recently = select(func.count()).where(Delivery.next_try_at > real - timedelta(days=1))
    real_ones = Delivery.occasion != Occasion.TRIAL  # whoever tries a channel looks at the answer at once
    count = db.session.scalar(recently.where(Delivery.state == DeliveryState.FAILED, real_ones))
    if count:
        found.append(
            Finding("failed", f"近一天有 {count} 条消息未能送达", "请到“投递”查看原因，改正地址或设置后重新发送")
        )
    unsure = select(func.count()).where(Delivery.state == DeliveryState.UNCERTAIN, real_ones)
    count = db.session.scalar(unsure)
    if count:
        remedy = "请到“投递”向收件人核实，逐条确认送达或重新发送"
        found.append(Finding("uncertain", f"{count} 条消息是否送达不确定", remedy))
    return found


def surroundings(limits: Limits, now: datetime, real: datetime) -> list[Finding]:
    """The machine, and the calendar that nobody remembers."""
    found = []
    apart = clock_offset(real)
    if apart is not None and abs(apart) > CLOCKS_APART:
        words = f"本机时间与数据库服务器相差 {abs(apart).total_seconds():.0f} 秒"
        found.append(Finding("clock", words, "请系统管理员校准两台服务器的时间"))
    if limits.var is not None and (free := free_space(limits.var)) < LITTLE_SPACE:
        words = f"数据目录所在磁盘只剩 {free // 1024 // 1024} 兆字节"
        found.append(Finding("disk", words, "请系统管理员清理或扩充磁盘，写满后填报和附件无法保存"))
    day = clock.day_of(now)
    notice = unpublished_notice(day.year + 1, CalendarOverride.all()) if day.month == 12 else None
    if notice:
        found.append(Finding("calendar", notice, "请专班办公室到“管理”录入明年的工作日安排"))
    return found


def clock_offset(real: datetime) -> timedelta | None:
    """How far this machine's clock is ahead of the database server's; None where they are one."""
    if db.engine.dialect.name == "sqlite":
        return None
    theirs: datetime | None = db.session.scalar(select(func.clock_timestamp()))
    return clock.real_now() - theirs if theirs else None


def free_space(folder: Path) -> int:
    """Bytes left where the program keeps its files."""
    return shutil.disk_usage(folder).free


def ago(span: timedelta) -> str:
    """A length of time in words, rounded down."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 120:
        return f" {seconds} 秒"
    if seconds < 7200:
        return f" {seconds // 60} 分钟"
    return f" {seconds // 3600} 小时" if seconds < 172800 else f" {seconds // 86400} 天"
