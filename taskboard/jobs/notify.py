"""Who must be told, and what waits to be sent? Events become messages, messages go out.

Twice is harmless: the cursor over events moves with the deliveries it made, and a delivery is claimed
by a conditional update before anything is sent.
"""

from __future__ import annotations

from datetime import datetime

from flask import current_app

from taskboard.alerts import outbox
from taskboard.alerts.channels import mail


def run(at: datetime) -> dict[str, int]:
    """One pass; commits as it goes. Returns the counts."""
    told = outbox.fan_out(at)
    return {**told, **outbox.deliver(mail.channel(current_app.config["TASKBOARD"]))}
