"""Sending by several channels at once: a thread a channel, at most four, so that a hanging channel delays no other."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from flask import Flask

from taskboard import trace
from taskboard.alerts import outbox
from taskboard.db import db

CHANNELS_AT_ONCE = 4

stopping = threading.Event()
_pool = ThreadPoolExecutor(CHANNELS_AT_ONCE, thread_name_prefix="channel")
_busy: dict[int, Future[dict[str, int]]] = {}


def send(app: Flask, channel_ids: Iterable[int], patience: float | None) -> Counter[str]:
    """Let each channel send on its lane unless it still does; wait for them so long (None: to the end).

    Returns the counts of those that ended, now or since the last time.
    """
    for channel_id in channel_ids:
        if channel_id not in _busy:
            _busy[channel_id] = _pool.submit(_deliver, app, channel_id, trace.current())
    wait(list(_busy.values()), timeout=patience)
    counts: Counter[str] = Counter()
    for channel_id, future in list(_busy.items()):
        if future.done():
            del _busy[channel_id]
            counts.update(future.result())
    return counts


def close() -> None:
    """Wait for the letters that are on their way."""
    _pool.shutdown(wait=True)


def _deliver(app: Flask, channel_id: int, name: str) -> dict[str, int]:
    with app.app_context(), trace.working(name):
        try:
            return outbox.deliver(channel_id, stop=stopping)
        finally:
            db.session.remove()
