"""Which lights have turned? Colours all running commitments, raises and lowers flags.

Twice is harmless: an unchanged light writes nothing, and a flag's `open_key` is unique.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from taskboard import clock
from taskboard.db import db, keep_statistics
from taskboard.errors import Refused
from taskboard.jobs import items
from taskboard.models import Campaign, sweeping


def run(on: date, at: datetime) -> dict[str, Any]:
    """Sweep the current campaign as of a day and commit. Raises Refused for a day before the last sweep."""
    campaign = _campaign()
    if campaign.swept_on and on < campaign.swept_on:
        raise Refused(f"已于 {campaign.swept_on} 巡检，不能倒退到 {on}；要查看当时的情况请看各目标、任务的历史")
    counts = sweeping.sweep(campaign, on, at)
    campaign.swept_on = on
    db.session.commit()
    keep_statistics()
    return counts


def catch_up(on: date, at: datetime) -> dict[str, Any]:
    """Settle what was reported since the last sweep, so that nobody waits until tomorrow to be told."""
    campaign = _campaign()
    waiting = sweeping.unsettled(campaign.id)
    if not waiting or (campaign.swept_on or on) > on:
        db.session.rollback()
        return {"checked": 0}
    counts = sweeping.sweep(campaign, on, at, waiting)
    counts.update(items.catch_up(campaign, waiting, on, at))
    db.session.commit()
    return counts


def at_day(day: date) -> datetime:
    """The moment that a sweep of a day bears: now, or the morning of a day that is not today."""
    return clock.now() if day == clock.today() else clock.at(day, 7, 33)


def _campaign() -> Campaign:
    found = Campaign.current()
    if found is None:
        raise Refused("还没有攻坚行动，请先运行 taskboard init 或 taskboard demo")
    return found
