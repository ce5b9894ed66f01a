"""What a sender must know of a channel between two letters, as values that no commit expires."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Channel
from taskboard.rules.channels import ChannelForm, ChannelKind


@dataclass(frozen=True)
class Condition:
    """The columns of a channel's row that decide whether and how its next letter goes."""

    id: int
    kind: str
    is_on: bool
    policy: str
    per_minute: int
    failures: int
    open_until: datetime | None

    @property
    def form(self) -> ChannelForm:
        """What its kind is and needs."""
        return ChannelKind(self.kind).form

    def may_send(self, is_trial: bool) -> bool:
        """Whether it is switched on; a trial goes out before that."""
        return self.is_on or is_trial

    @staticmethod
    def of(channel_id: int) -> Condition:
        """As the database has it now. Raises NoResultFound."""
        columns = (Channel.id, Channel.kind, Channel.is_on, Channel.policy, Channel.per_minute, Channel.failures)
        query = select(*columns, Channel.open_until).where(Channel.id == channel_id)
        return Condition(*db.session.execute(query).one())
