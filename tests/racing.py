"""Two people who do the same thing at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask

from taskboard.db import db, start_reading
from taskboard.errors import Refused


def race(app: Flask, deed: Callable[[], Any]) -> list[Any]:
    """Both do it, each in a session of their own; for each "done", or the refusal that they were told."""
    ready, outcomes = threading.Barrier(2), []

    def one() -> None:
        with app.app_context():
            start_reading(False)
            ready.wait(10)
            try:
                deed()
                db.session.commit()
                outcomes.append("done")
            except Refused as refused:
                db.session.rollback()
                outcomes.append(refused)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes
