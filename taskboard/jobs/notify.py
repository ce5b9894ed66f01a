"""Who must be told, and what waits to be sent? Events become notices, notices messages, messages go out.

Twice is harmless: the cursor over events moves with the notices it made, a notice is taken once, and a delivery is
claimed by a conditional update before anything is sent.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from flask import current_app

from taskboard.alerts import gathering, outbox, telling
from taskboard.jobs import lanes


def run(at: datetime, patience: float | None = None) -> dict[str, int]:
    """One pass; commits as it goes. Returns the counts of what was sent within the patience (None: all of it)."""
    counts: Counter[str] = Counter({"sent": 0, "retry": 0, "failed": 0, "uncertain": 0})
    told = telling.fan_out(at)
    gathered = gathering.gather(at)
    counts["uncertain"] += outbox.expire()
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    queue = app.extensions.get("taskboard.queue")
    if queue is None or not queue.has_workers():
        counts.update(lanes.send(app, outbox.due_channels(), patience))
    return {**told, **gathered, **counts}
