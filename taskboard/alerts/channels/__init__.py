"""Ways to reach a person. A channel knows letters, not commitments."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    """One message to one address; `message_id` stays the same when it is sent again."""

    id: int
    address: str
    subject: str
    body: str
    message_id: str


class Refusal(Exception):
    """A letter was not taken. `permanent`: trying again is useless. `uncertain`: it may have arrived."""

    def __init__(self, why: str, permanent: bool = False, uncertain: bool = False) -> None:
        super().__init__(why)
        self.why, self.permanent, self.uncertain = why, permanent, uncertain
