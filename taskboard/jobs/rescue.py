"""What has fallen through? Jobs whose worker died go back into the queue; what is due and has no job gets one.

Active only where worker processes take their work from a queue. Open-ended: however long ago it was.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from flask import current_app
from sqlalchemy import or_, select, text

from taskboard import clock
from taskboard.db import db
from taskboard.models import Channel, Delivery, DeliveryState, Occasion, posting

SETTLED = timedelta(seconds=20)
WORKER_SILENT = 30
KEEP_FAILED_HOURS = 7 * 24
READY = (DeliveryState.PENDING, DeliveryState.RETRY)


def run() -> dict[str, int]:
    """One look; commits. Returns how many jobs were put back, and how many messages had none."""
    from taskboard.jobs import distributed

    conninfo = distributed.conninfo(current_app._get_current_object())  # type: ignore[attr-defined]
    rescued = asyncio.run(_put_back(conninfo))
    return {"rescued": rescued, "requeued": _requeue()}


async def _put_back(conninfo: str) -> int:
    import procrastinate

    from taskboard.jobs import distributed

    connector = procrastinate.PsycopgConnector(conninfo=conninfo, min_size=1, max_size=1)
    async with distributed.make(connector).open_async() as app:
        stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=WORKER_SILENT))
        for job in stalled:
            await app.job_manager.retry_job(job)
        await app.job_manager.delete_old_jobs(nb_hours=KEEP_FAILED_HOURS, include_failed=True)
    return len(stalled)


def _requeue() -> int:
    """Messages that have been due for a while and have no job: enqueued anew. Twice would be harmless."""
    from taskboard.jobs import distributed

    now = clock.real_now()
    waiting = "SELECT (args->>'delivery_id')::bigint FROM procrastinate_jobs"
    has_job = text(f"{waiting} WHERE task_name = 'deliver' AND status IN ('todo', 'doing')")
    ids = set(db.session.scalars(has_job))
    due = (
        select(Delivery.id, Delivery.next_try_at)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(Delivery.state.in_(READY), Delivery.next_try_at <= now - SETTLED, Channel.not_paused(now))
        .where(posting.may_go(clock.now(), now))
        .where(or_(Channel.is_on, Delivery.occasion == Occasion.TRIAL))
    )
    lost = {id_: at or now for id_, at in db.session.execute(due.order_by(Delivery.id).limit(5000)) if id_ not in ids}
    if lost:
        distributed.enqueue_deliveries(lost, db.session)
    db.session.commit()
    return len(lost)
