"""How far long work is, told to the page that waits for it.

The page sends a random key along with the work (`?progress=…`) and asks `/progress/<key>` meanwhile. The count
is a small file beside the database, so that whichever process answers finds it; it goes when the work ends.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from taskboard.rules.access import Permission
from taskboard.views.guard import may

bp = Blueprint("progress", __name__)
KEY = re.compile(r"[0-9a-f]{32}")
FORGOTTEN = 3600  # seconds after which the file of work that died is swept away


class Progress:
    """Says how many rows are done; without a key it says nothing."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def __call__(self, done: int) -> None:
        if self._file is not None:
            with suppress(OSError):  # a full disk must not stop the work over its counter
                self._file.write_text(str(done))


@contextmanager
def progress() -> Iterator[Progress]:
    """The counter of the request that runs, if its page asked for one."""
    key = request.values.get("progress", "")
    file = _folder() / key if KEY.fullmatch(key) else None
    try:
        yield Progress(file)
    finally:
        if file is not None:
            file.unlink(missing_ok=True)


@bp.get("/progress/<key>")
@may(Permission.USE)
def show(key: str) -> ResponseReturnValue:
    """Rows done so far; null when the work has not begun or has ended."""
    done = None
    if KEY.fullmatch(key):
        with suppress(OSError, ValueError):
            done = int((_folder() / key).read_text())
    return jsonify(done=done)


def _folder() -> Path:
    folder: Path = current_app.config["TASKBOARD"].var / "progress"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        with suppress(OSError):
            if time.time() - old.stat().st_mtime > FORGOTTEN:
                old.unlink(missing_ok=True)
    return folder
