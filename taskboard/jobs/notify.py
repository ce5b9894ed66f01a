"""Who must be told, and what waits to be sent? Events become notices, notices messages, messages go out.

Twice is harmless: the cursor over events moves with the notices it made, a notice is taken once, and a delivery is
claimed by a conditional update before anything is sent.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from taskboard.alerts import gathering, outbox, telling


def run(at: datetime) -> dict[str, int]:
    """One pass; commits as it goes. Returns the counts."""
    counts: Counter[str] = Counter({"sent": 0, "retry": 0, "failed": 0, "uncertain": 0})
    told = telling.fan_out(at)
    gathered = gathering.gather(at)
    counts["uncertain"] += outbox.expire()
    for channel_id in outbox.due_channels():
        counts.update(outbox.deliver(channel_id))
    return {**told, **gathered, **counts}
