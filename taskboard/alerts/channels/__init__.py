"""Ways to reach a person or a group chat. A channel knows letters, not commitments.

Each channel is one small file with the same contract: `send(letter)` answers with one of four outcomes and never
raises for what a server, a network or an address did. `open_channel` finds the file by its kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from taskboard.rules.channels import ChannelKind


@dataclass(frozen=True)
class Letter:
    """One message to one address (empty for a robot, which speaks to its chat).

    `key` stays the same when the letter is sent again: the Message-ID of a mail, the idempotency key of a platform.
    `body` is plain text: blocks apart by an empty line, each a heading and lines that begin with “· ”, further
    lines of the same entry indented by two spaces, a link alone on its line (see alerts/rendering.py).
    """

    id: int
    address: str
    subject: str
    body: str
    key: str
    tries: int = 1  # this one included


@dataclass(frozen=True)
class Sent:
    """Taken by the server: HTTP 2xx and the platform's own code says so, nothing less."""

    id: str = ""
    answer: str = ""


@dataclass(frozen=True)
class Retry:
    """Surely not taken, and may be later; `after`: not before that.

    `pauses`: it is the channel that is in trouble, not this letter. Several of these in a row open its circuit;
    one with `after` pauses the whole channel for that time.
    """

    why: str
    code: str = ""
    after: timedelta | None = None
    pauses: bool = False


@dataclass(frozen=True)
class Rejected:
    """Surely not taken, and trying again the same way is useless. `breaks`: the channel itself is set up wrongly."""

    why: str
    code: str = ""
    breaks: bool = False


@dataclass(frozen=True)
class Uncertain:
    """Handed over, and no answer that can be understood: it may have arrived."""

    why: str
    code: str = ""


Outcome = Sent | Retry | Rejected | Uncertain


class Channel(Protocol):
    """What a channel can do. One is opened for a batch of letters and closed after it."""

    def send(self, letter: Letter) -> Outcome: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Setup:
    """How one channel is set up: what the office entered, and what the configuration allows.

    `plain` and `secret` hold the fields of its ChannelForm by name. `hosts` are the only hosts that may be spoken
    to; `proxy` is the address of a forward proxy, or empty; `ca` a file with further authorities, or empty.
    """

    kind: ChannelKind
    base_url: str = ""
    plain: Mapping[str, str] = field(default_factory=dict)
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)
    hosts: frozenset[str] = frozenset()
    proxy: str = ""
    ca: str = ""
