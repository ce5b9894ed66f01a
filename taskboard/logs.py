"""Log lines: one form for all processes, as text for a person at a terminal or as JSON for a collector.

Every line carries the id of the request or job run that it belongs to. Callers add fields by `extra`; values that
belong to people (what was typed, addresses of a query, secrets) are never among them.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

from taskboard import trace

QUIET = ("apscheduler", "procrastinate", "asyncio", "urllib3")
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}


def configure(level: int = logging.INFO) -> None:
    """Send our lines to stderr in the form that TASKBOARD_LOG names; others' only when something is wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("taskboard").setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


def formatter() -> logging.Formatter:
    """Text or JSON; JSON where nobody looks on."""
    asked = os.environ.get("TASKBOARD_LOG", "auto").strip() or "auto"
    as_json = asked == "json" or (asked == "auto" and not sys.stderr.isatty())
    return JsonLine() if as_json else TextLine()


class JsonLine(logging.Formatter):
    """One object a line, the traceback inside."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": os.getpid(),
            **_extra(record),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = f"{record.exc_info[0].__name__}: {record.exc_info[1]}"
            line["traceback"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


class TextLine(logging.Formatter):
    """One line for people; a traceback follows on lines of its own. A value cannot begin a new line."""

    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(f"{name}={_one_line(value)}" for name, value in _extra(record).items())
        text = (
            f"{_moment(record)} {record.levelname:<7} {record.name} {_one_line(record.getMessage())} {fields}".rstrip()
        )
        if record.exc_info and record.exc_info[0]:
            text += "\n" + "".join(traceback.format_exception(*record.exc_info)).rstrip()
        return text


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    """The request's id, and what the caller added."""
    added = {name: value for name, value in vars(record).items() if name not in _OWN and not name.startswith("_")}
    request_id = trace.current()
    return {"request": request_id, **added} if request_id and "request" not in added else added


def _one_line(value: object) -> str:
    return str(value).replace("\r", "\\r").replace("\n", "\\n")


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
