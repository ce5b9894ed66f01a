"""What does time do to 督查 items? Opens what stays red, colours, reminds, proposes slips, sends silence a level up.

Twice is harmless: what was opened, said or proposed today is not again. Batches are committed one by one, so
that a sweep of many items never keeps people waiting.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from taskboard.db import db, keep_statistics
from taskboard.models import Campaign, item_opening, item_placing, item_watch
from taskboard.models.item_watch import Moment
from taskboard.models.placing import Bench, bench

Progress = Callable[[int], None]
COUNTED = ("opened", "items", "item_lights", "reminded", "slips_proposed")


def run(on: date, at: datetime, progress: Progress = lambda done: None) -> dict[str, Any]:
    """One day's watch of all items of the current campaign; commits as it goes and returns the counts."""
    campaign = Campaign.current()
    if campaign is None:
        return {}
    judging, moment = _day(campaign, on, at)
    counts: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))
    counts.update(opened=item_opening.open_due(campaign, judging, at))
    db.session.commit()
    counts.update(item_watch.follow(campaign, moment, judging))
    counts.update(item_watch.overdue_papers(moment))
    counts.update(item_watch.look_backs(campaign, moment))
    db.session.commit()
    last = 0
    while True:
        last, batch = item_watch.watch(campaign, moment, judging, last)
        db.session.commit()
        if not last:
            keep_statistics()
            return dict(counts)
        counts.update(batch)
        progress(counts["items"])


def catch_up(campaign: Campaign, commitments: Sequence[int], on: date, at: datetime) -> dict[str, int]:
    """What a light that turned between two sweeps means for items; the caller commits."""
    judging, moment = _day(campaign, on, at)
    opened = item_opening.open_due(campaign, judging, at, commitments)
    return {"opened": opened, **item_watch.follow(campaign, moment, judging, commitments)}


def _day(campaign: Campaign, on: date, at: datetime) -> tuple[Bench, Moment]:
    judging = bench(campaign, on)
    return judging, Moment(item_placing.Day(on, judging.rules, judging.weeks.overrides), at)
