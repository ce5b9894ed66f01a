"""What does each unit owe this week? One mail to its mailbox, on the first working day of the week.

Twice is harmless: a week in which one was written gets no other. It asks every morning, so that a Monday on which
nothing ran is made up for on Tuesday.
"""

from __future__ import annotations

from datetime import date, datetime

from taskboard.alerts import unit_digest
from taskboard.db import db


def run(on: date, at: datetime) -> dict[str, int]:
    """Write the mails of the week, unless that was done; one transaction for all of them."""
    count = unit_digest.write_week(on, at)
    db.session.commit()
    return {"unit_digests": count}
