"""The watch thread of a process that is not the jobs process: it beats, and looks whether the jobs process does.

Started by the server that runs the process, never by a request. It holds nothing between two looks, and any trouble
with the database is waited out.
"""

from __future__ import annotations

import logging
import threading
import time

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from taskboard import clock, trace
from taskboard.db import db, start_reading
from taskboard.jobs import heartbeats, watch

LOOK_EVERY = 30

log = logging.getLogger(__name__)


class Vigil(threading.Thread):
    """Beats for one process and, for the web, watches over the jobs process."""

    def __init__(self, app: Flask, kind: str) -> None:
        super().__init__(name="vigil", daemon=True)
        self.app, self.kind = app, kind
        self.stopped = threading.Event()

    def run(self) -> None:
        start_reading(False)
        silent = float(self.app.config["TASKBOARD"].silent_seconds)
        pause, look_at, beaten_at = min(heartbeats.BEAT_EVERY, silent / 3), 0.0, 0.0
        while True:
            now = time.monotonic()
            if abs(time.time() - beaten_at) > pause * 3:  # just started, cut off from the database, or asleep:
                look_at = now + silent  # others need as long as that to be heard again
            if self._once(beaten_at == 0.0, now >= look_at):
                beaten_at = time.time()
                look_at = max(look_at, now + min(LOOK_EVERY, silent / 2)) if now >= look_at else look_at
            if self.stopped.wait(pause):
                return

    def end(self) -> None:
        """Stop, and take leave."""
        self.stopped.set()
        self.join(timeout=5)
        try:
            with self.app.app_context():
                heartbeats.end(self.kind)
        except SQLAlchemyError as error:
            log.warning("could not take leave: %s", type(error).__name__)

    def _once(self, is_first: bool, looks: bool) -> bool:
        """One beat and one look; False when the database could not be used."""
        try:
            with self.app.app_context():
                try:
                    (heartbeats.begin if is_first else heartbeats.beat)(self.kind)
                    if looks and self.kind == "web":
                        with trace.working(f"watch:{clock.real_now():%Y%m%dT%H%M%S}"):
                            watch.run(clock.now(), send_here=True)
                finally:
                    db.session.remove()
        except SQLAlchemyError as error:
            log.error("the database could not be used, trying again: %s", type(error).__name__)
            return False
        except Exception:
            log.exception("the watch stumbled and goes on")
        return True


def start(app: Flask, kind: str = "web") -> Vigil:
    """Begin to beat and to watch."""
    vigil = Vigil(app, kind)
    vigil.start()
    return vigil
