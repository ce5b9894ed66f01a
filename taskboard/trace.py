"""Which request or job run is at work: an id that follows a deed from the page into events, deliveries and logs."""

from __future__ import annotations

import os
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_GIVEN = re.compile(r"[A-Za-z0-9._:-]{6,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """The id of what is at work in this thread, or nothing."""
    return _current.get()


def start(given: str | None = None) -> str:
    """Begin a new piece of work; takes a well-formed id that a proxy gave, or makes one."""
    made = given if given and _GIVEN.fullmatch(given) else secrets.token_hex(6)
    _current.set(made)
    return made


@contextmanager
def working(name: str) -> Iterator[None]:
    """Mark the work inside, as a job run does."""
    token = _current.set(name)
    try:
        yield
    finally:
        _current.reset(token)


def process_name(kind: str) -> str:
    """What this process calls itself in heartbeats and attempts: kind, host and process number."""
    return f"{kind}@{socket.gethostname()}:{os.getpid()}"
