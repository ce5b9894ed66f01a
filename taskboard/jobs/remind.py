"""What is due and not done? Reminds of milestones and of weekly reports; items have theirs (jobs/items.py).

Twice is harmless: what was reminded of today is not again. It runs after the sweep, which says what is owed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from taskboard.db import db
from taskboard.models import CalendarOverride, Campaign, reminding
from taskboard.models.weeks import Weeks

Progress = Callable[[int], None]


def run(on: date, at: datetime, progress: Progress = lambda done: None) -> dict[str, int]:
    """One day's reminders of the current campaign; commits batch by batch and returns the counts."""
    campaign = Campaign.current()
    if campaign is None:
        return {}
    weeks = Weeks(on, CalendarOverride.all())
    counts = {"reports_reminded": reminding.reports(campaign, weeks, at), "milestones_reminded": 0}
    db.session.commit()
    last = 0
    while True:
        last, reminded = reminding.milestones(campaign, weeks, at, last)
        db.session.commit()
        counts["milestones_reminded"] += reminded
        progress(counts["milestones_reminded"])
        if not last:
            return counts
