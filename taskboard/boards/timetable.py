"""The timetable as a page shows it, and how many messages are in which state."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from taskboard.db import db
from taskboard.models import Delivery, DeliveryState, Heartbeat, JobRun
from taskboard.models.channel import INBOX_ID

SILENT_AFTER = timedelta(seconds=90)
COUNT_WORDS = {
    "checked": "检查",
    "red": "红",
    "yellow": "黄",
    "green": "绿",
    "grey": "灰",
    "changed": "变化",
    "raised": "新预警",
    "lowered": "解除",
    "opened": "新立督查事项",
    "recovered": "恢复",
    "recurred": "再次红灯",
    "item_lights": "事项变色",
    "reminded": "事项提醒",
    "slips_proposed": "拟发督办单",
    "escalated": "延期上报",
    "slips_overdue": "督办单逾期",
    "appeals_overdue": "申诉逾期",
    "look_backs": "回头看",
    "reports_reminded": "填报提醒",
    "milestones_reminded": "节点提醒",
    "unit_digests": "单位汇总",
    "events": "留痕",
    "deliveries": "站内消息",
    "messages": "外发消息",
    "sent": "发送",
    "retry": "待重试",
    "failed": "失败",
    "uncertain": "不确定",
    "alarms": "告警",
    "rescued": "重新派发",
    "requeued": "补派",
    "form_keys": "表单",
    "sessions": "会话",
    "job_runs": "作业记录",
}


@dataclass(frozen=True)
class Run:
    """The last run of a job."""

    due_at: datetime
    state: str
    started_at: datetime
    finished_at: datetime | None
    counts: str
    error: str

    @property
    def state_words(self) -> str:
        return {
            "running": "运行中",
            "done": "完成",
            "failed": "出错",
            "skipped": "已错过",
            "overran": "完成（超时）",
            "queued": "已派发",
        }[self.state]


def last_runs() -> dict[str, Run]:
    """The newest run of each job, one statement."""
    newest = select(JobRun.job, func.max(JobRun.due_at).label("due_at")).group_by(JobRun.job).subquery()
    query = select(JobRun).join(newest, (newest.c.job == JobRun.job) & (newest.c.due_at == JobRun.due_at))
    return {
        run.job: Run(run.due_at, run.state, run.started_at, run.finished_at, count_words(run.counts), run.error)
        for run in db.session.scalars(query)
    }


def count_words(counts: str) -> str:
    """A run's counts in words."""
    return "，".join(f"{COUNT_WORDS[k]} {v}" for k, v in json.loads(counts).items() if v and k in COUNT_WORDS)


def is_alive(now: datetime) -> bool:
    """Whether the jobs process has been heard of within a minute and a half."""
    beat = db.session.scalar(select(func.max(Heartbeat.at)).where(Heartbeat.kind == "jobs"))
    return beat is not None and now - beat < SILENT_AFTER


def message_counts() -> dict[DeliveryState, int]:
    """How many messages that leave the house are in which state, whatever the channel."""
    query = select(Delivery.state, func.count()).where(Delivery.channel_id != INBOX_ID).group_by(Delivery.state)
    return {DeliveryState(state): count for state, count in db.session.execute(query)}
