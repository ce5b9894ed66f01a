"""The whole timetable. Minutes avoid :00 and :30, when every other system sends too.

Daily jobs go by the time of the business, which on a demonstration is the demonstration's; the short
cycles go by the machine's, because they only finish what is undone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from taskboard import clock
from taskboard.jobs import items, notify, remind, rescue, sweep, tidy, unit_digest, watch


@dataclass(frozen=True)
class Job:
    """`daily` at a Shanghai time, or `every` so many seconds; `run` returns counts for the page.

    `with_queue`: only where worker processes take their work from a queue.
    """

    name: str
    words: str
    run: Callable[[datetime], dict[str, Any]]
    daily: time | None = None
    every: int = 0
    with_queue: bool = False

    @property
    def schedule_words(self) -> str:
        """When, in words."""
        return f"每天 {self.daily:%H:%M}" if self.daily else f"每 {self.every} 秒"

    def due(self, now: datetime) -> datetime:
        """The newest moment, not after `now`, at which it was due."""
        if self.daily is None:
            return datetime.fromtimestamp(int(now.timestamp()) // self.every * self.every, now.tzinfo)
        today = clock.at(clock.day_of(now), self.daily.hour, self.daily.minute)
        return today if today <= now else today - timedelta(days=1)

    def next(self, now: datetime) -> datetime:
        """The first moment after `now` at which it is due."""
        return self.due(now) + (timedelta(days=1) if self.daily else timedelta(seconds=self.every))


TIMETABLE = (
    Job("sweep", "巡检：为全部目标、任务亮灯，升降预警", lambda at: sweep.run(clock.day_of(at), at), daily=time(7, 33)),
    Job(
        "items",
        "督查事项：红灯立项、亮灯、提醒、拟发督办单",
        lambda at: items.run(clock.day_of(at), at),
        daily=time(7, 37),
    ),
    Job(
        "remind",
        "提醒：任务节点与填报，到期前、到期和逾期",
        lambda at: remind.run(clock.day_of(at), at),
        daily=time(7, 41),
    ),
    Job(
        "unit_digest",
        "单位周汇总：每周首个工作日发至单位邮箱",
        lambda at: unit_digest.run(clock.day_of(at), at),
        daily=time(8, 7),
    ),
    Job("resweep", "复检：处理新填报引起的亮灯变化", lambda at: sweep.catch_up(clock.day_of(at), at), every=60),
    Job("notify", "告知：把亮灯变化与退回合并成消息并发送", lambda at: notify.run(at, patience=2), every=5),
    Job("watch", "值守：作业超时、进程中断时发出告警", watch.run, every=60),
    Job("rescue", "补救：重新派发中断的工作", lambda at: rescue.run(), every=60, with_queue=True),
    Job("tidy", "清理：过期会话与表单", lambda at: tidy.run(), daily=time(3, 17)),
)
