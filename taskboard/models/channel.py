"""Channels 渠道, who has subscribed to which, and the office's rule of telling."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, time

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app
from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base, LongText, db
from taskboard.errors import Refused
from taskboard.models.group import Group
from taskboard.models.person import Person
from taskboard.rules.channels import LONGEST_PAUSE, ChannelForm, ChannelKind

INBOX_ID, MAIL_ID = 1, 2


class Channel(Base):
    """One way to reach people: the inbox, the mail server, an application, or one group chat's robot.

    A robot belongs to a group, or to the office when it has none. `next_free_at` is the limiter's and `failures`,
    `open_until`, `pause_minutes` the circuit's memory: both are here so that all processes share them.
    """

    __tablename__ = "channel"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str] = mapped_column(unique=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("group.id"))
    is_on: Mapped[bool] = mapped_column(default=False)
    is_offered: Mapped[bool] = mapped_column(default=True)
    is_required: Mapped[bool] = mapped_column(default=False)
    base_url: Mapped[str] = mapped_column(default="")
    plain: Mapped[str] = mapped_column(LongText, default="{}")
    sealed: Mapped[str] = mapped_column(LongText, default="")
    policy: Mapped[str] = mapped_column(default="hold")
    per_minute: Mapped[int] = mapped_column(default=0)
    illustrative: Mapped[bool] = mapped_column(default=False)
    failures: Mapped[int] = mapped_column(default=0)
    open_until: Mapped[datetime | None]
    pause_minutes: Mapped[int] = mapped_column(default=0)
    next_free_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(LongText, default="")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    group: Mapped[Group | None] = relationship()

    @property
    def form(self) -> ChannelForm:
        """What its kind is and needs."""
        return ChannelKind(self.kind).form

    @property
    def fields(self) -> dict[str, str]:
        """What was entered openly."""
        return dict(json.loads(self.plain))

    def secrets(self) -> dict[str, str]:
        """What was entered secretly. Raises Refused when the key has changed since."""
        if not self.sealed:
            return {}
        try:
            opened = _box().decrypt(self.sealed.removeprefix("fernet:").encode())
        except InvalidToken as error:
            raise Refused(f"渠道“{self.name}”的密钥无法解密：TASKBOARD_CHANNEL_KEY 已变更，请重新录入密钥") from error
        return dict(json.loads(opened))

    def seal(self, secrets: Mapping[str, str]) -> None:
        """Keep the secrets, encrypted with a key that is not in the database."""
        self.sealed = "fernet:" + _box().encrypt(json.dumps(dict(secrets)).encode()).decode()

    def may_send(self, is_trial: bool) -> bool:
        """Whether it is switched on; a trial goes out before that."""
        return self.is_on or is_trial

    @staticmethod
    def not_paused(now: datetime) -> ColumnElement[bool]:
        """That a channel is not paused. A pause further off than any that we make is a clock set back."""
        until = Channel.open_until
        return or_(until.is_(None), until <= now, until > now + LONGEST_PAUSE * 2)

    @staticmethod
    def listed() -> list[Channel]:
        """All channels: the inbox, mail, then as they were made."""
        return list(db.session.scalars(select(Channel).order_by(Channel.id)))


class Subscription(Base):
    """That a person hears by a channel, and at which address; without a row the channel's default holds.

    The address of mail is the person's e-mail and that of the webhook the phone; only applications need one here.
    """

    __tablename__ = "subscription"
    __table_args__ = (UniqueConstraint("person_id", "channel_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"), index=True)
    address: Mapped[str] = mapped_column(default="")
    is_on: Mapped[bool] = mapped_column(default=True)
    person: Mapped[Person] = relationship()
    channel: Mapped[Channel] = relationship()


class TellingRule(Base):
    """When people may be disturbed: one row, set by the office; the defaults are those of docs/alerts.md."""

    __tablename__ = "telling_rule"
    __table_args__ = (
        CheckConstraint("id = 1", name="single"),
        CheckConstraint("digest_hour BETWEEN digest_first AND digest_last", name="digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    quiet_from: Mapped[time]
    quiet_until: Mapped[time]
    digest_hour: Mapped[int] = mapped_column(default=8)
    digest_first: Mapped[int] = mapped_column(default=8)
    digest_last: Mapped[int] = mapped_column(default=18)
    unit_digest: Mapped[bool] = mapped_column(default=True)
    robot_gap_minutes: Mapped[int] = mapped_column(default=30)
    feeds: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    @staticmethod
    def get() -> TellingRule:
        """The row; the migration made it."""
        return db.session.get_one(TellingRule, 1)


def _box() -> Fernet:
    key = hashlib.sha256(current_app.config["TASKBOARD"].channel_key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
