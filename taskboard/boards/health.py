"""The health of the program on one page: findings first, then what they rest on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url

from taskboard import clock
from taskboard.boards import findings, timetable
from taskboard.boards.findings import Finding, Limits, Line, ago
from taskboard.boards.timetable import Run
from taskboard.db import db
from taskboard.models import Attempt, Campaign, Channel, Delivery, DeliveryState, Heartbeat

KIND_WORDS = {"web": "网页服务", "jobs": "作业进程", "worker": "工作进程"}
AT_ONCE = 10.0
LOOKED_AT = 20_000


@dataclass(frozen=True)
class Process:
    """One process that has been heard of within a day."""

    kind_words: str
    host: str
    number: str
    started_at: datetime | None
    age_words: str
    is_alive: bool


@dataclass(frozen=True)
class Pace:
    """How long messages of today took from due to handed over."""

    count: int
    within_ten: float | None = None
    p99_seconds: float | None = None

    @property
    def words(self) -> str:
        if self.within_ten is None or self.p99_seconds is None:
            return "今日尚未发送消息"
        return f"今日 {self.count} 条，10 秒内发出 {self.within_ten:.0%}，99% 在 {self.p99_seconds:.1f} 秒内发出"


@dataclass(frozen=True)
class ChannelRow:
    """The deliveries of one channel by state."""

    name: str
    is_on: bool
    paused_until: datetime | None
    counts: dict[DeliveryState, int]


@dataclass(frozen=True)
class Health:
    """What the page shows."""

    findings: tuple[Finding, ...]
    processes: tuple[Process, ...]
    swept: Run | None
    swept_on: str
    oldest_words: str
    channels: tuple[ChannelRow, ...]
    pace: Pace
    runs: tuple[tuple[str, str, Run | None], ...]
    facts: tuple[tuple[str, str], ...]

    @property
    def sentence(self) -> str:
        return f"{len(self.findings)} 项需要处理" if self.findings else "一切正常"


def board(lines: Sequence[Line], limits: Limits, now: datetime, real: datetime) -> Health:
    """The whole page: a dozen statements, none of which grows with the campaign."""
    runs = timetable.last_runs()
    oldest = findings.oldest_due(now, real)
    campaign = Campaign.current()
    return Health(
        findings=tuple(findings.all_of(lines, limits, now, real)),
        processes=tuple(_processes(limits, real)),
        swept=runs.get("sweep"),
        swept_on=f"{campaign.swept_on}" if campaign and campaign.swept_on else "",
        oldest_words=f"已等待{ago(real - oldest)}" if oldest else "没有到时未发的消息",
        channels=tuple(_channels(real)),
        pace=pace(real),
        runs=tuple((line.words, line.name, runs.get(line.name)) for line in lines if line.daily or line.name in runs),
        facts=tuple(_facts(limits, real)),
    )


def is_up(lines: Sequence[Line], limits: Limits, now: datetime, real: datetime) -> bool:
    """Whether nothing of what makes the program useless is found; for /healthz."""
    found = [*findings.processes(limits, real), *findings.late_jobs(lines, limits, now, real)]
    oldest = findings.oldest_due(now, real)
    too_old = oldest is not None and real - oldest > findings.VERY_OLD_DELIVERY
    return not too_old and not any(finding.is_down for finding in found)


def pace(real: datetime) -> Pace:
    """From due to handed over, of what was sent today by the machine's clock; the inbox needs no sending."""
    midnight = clock.at(clock.day_of(real), 0)
    query = select(Delivery.queued_at, Attempt.finished_at).join(Attempt, Attempt.delivery_id == Delivery.id)
    query = query.where(Attempt.outcome == "sent", Attempt.finished_at >= midnight, Attempt.finished_at <= real)
    rows = db.session.execute(query.order_by(Attempt.id.desc()).limit(LOOKED_AT))
    took = sorted(max(0.0, (sent - due).total_seconds()) for due, sent in rows)
    if not took:
        return Pace(0)
    quick = sum(1 for seconds in took if seconds <= AT_ONCE)
    return Pace(len(took), quick / len(took), took[min(len(took) - 1, int(len(took) * 0.99))])


def _processes(limits: Limits, real: datetime) -> list[Process]:
    query = (
        select(Heartbeat).where(Heartbeat.at > real - timedelta(days=1)).order_by(Heartbeat.kind, Heartbeat.at.desc())
    )
    return [
        Process(
            KIND_WORDS.get(row.kind, row.kind),
            row.host,
            row.process.rsplit(":", 1)[-1],
            row.started_at,
            f"{ago(real - row.at).strip()}前",
            real - row.at <= limits.silent,
        )
        for row in db.session.scalars(query)
    ]


def _channels(real: datetime) -> list[ChannelRow]:
    counted: dict[int, Counter[DeliveryState]] = {}
    query = select(Delivery.channel_id, Delivery.state, func.count()).group_by(Delivery.channel_id, Delivery.state)
    for channel_id, state, count in db.session.execute(query):
        counted.setdefault(channel_id, Counter())[DeliveryState(state)] = count
    return [
        ChannelRow(
            channel.name,
            channel.is_on,
            channel.open_until if channel.open_until and channel.open_until > real else None,
            dict(counted.get(channel.id, {})),
        )
        for channel in Channel.listed()
    ]


def _facts(limits: Limits, real: datetime) -> list[tuple[str, str]]:
    url = make_url(db.engine.url)
    apart = findings.clock_offset(real)
    name = "SQLite" if db.engine.dialect.name == "sqlite" else f"PostgreSQL（{url.host or '本机'}）"
    version = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    facts = [("数据库", name), ("结构版本", str(version))]
    if apart is not None:
        facts.append(("时间偏差", f"{abs(apart).total_seconds():.1f} 秒"))
    if isinstance(limits.var, Path):
        facts.append(("磁盘剩余", f"{findings.free_space(limits.var) / 1024**3:.1f} GB"))
    facts.append(("发送方式", "工作进程" if limits.has_queue else "作业进程"))
    return facts
