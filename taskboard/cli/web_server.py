"""What gunicorn runs beside our pages: log lines in our form, and a watch thread in each worker.

Read by gunicorn itself (`-c python:taskboard.cli.web_server`). The watch thread is begun by the server and not by a
request: it beats, and sends the alarm when the jobs process, which would have sent it, is what has died.
"""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger

from taskboard import logs
from taskboard.jobs import vigil

logs.configure()


class OneForm(Logger):
    """Gunicorn's own lines, in the form of ours."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            handler.setFormatter(logs.formatter())


logger_class = OneForm


def post_worker_init(worker: Any) -> None:
    """The worker has loaded the application and is about to serve."""
    worker.vigil = vigil.start(worker.wsgi)


def worker_exit(_server: Any, worker: Any) -> None:
    """The worker was told to stop, or gave up."""
    if hasattr(worker, "vigil"):
        worker.vigil.end()
