"""How each person can be reached: which channels, at which address, at what hour.

One reading of it for the page of settings, the preview of an announcement and the messages themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from taskboard.db import db
from taskboard.models.channel import Channel, Subscription, TellingRule
from taskboard.models.person import Person
from taskboard.rules.channels import ChannelKind


@dataclass(frozen=True)
class Contact:
    """One way to one recipient."""

    channel_id: int
    kind: str
    address: str


@dataclass(frozen=True)
class Reach:
    """All ways to one person, the inbox left out, which everybody has; and the hour of the digest."""

    contacts: tuple[Contact, ...]
    digest_hour: int


def reach(people: Iterable[Person], rule: TellingRule) -> dict[int, Reach]:
    """How each of these people can be reached now: two statements."""
    people = list(people)
    channels = [channel for channel in personal(Channel.listed()) if channel.is_on]
    chosen: dict[int, dict[int, Subscription]] = defaultdict(dict)
    if channels:
        for row in db.session.scalars(
            select(Subscription).where(Subscription.channel_id.in_([c.id for c in channels]))
        ):
            chosen[row.person_id][row.channel_id] = row
    return {
        person.id: Reach(tuple(_contacts(person, channels, chosen[person.id])), hour_of(person, rule))
        for person in people
    }


def personal(channels: Iterable[Channel]) -> list[Channel]:
    """The channels that reach persons, beside the inbox."""
    return [channel for channel in channels if not channel.form.is_robot and channel.kind != ChannelKind.INBOX]


def address_of(person: Person, channel: Channel, subscription: Subscription | None) -> str:
    """The address of a person on a channel; empty when there is none."""
    if channel.kind == ChannelKind.MAIL:
        return person.email
    if channel.kind == ChannelKind.WEBHOOK:
        return person.phone
    return subscription.address if subscription else ""


def has_own_address(channel: Channel) -> bool:
    """Whether the person must say who they are on it; mail and phone are on file."""
    return channel.kind not in (ChannelKind.MAIL, ChannelKind.WEBHOOK)


def is_heard(channel: Channel, subscription: Subscription | None) -> bool:
    """Whether a person hears by a channel: by own choice where there is one, else by the channel's default.

    Mail goes to everybody who has an address; any other channel only to who has chosen it, or when it is required.
    """
    if channel.is_required:
        return True
    if subscription is None:
        return channel.kind == ChannelKind.MAIL
    return subscription.is_on


def hour_of(person: Person, rule: TellingRule) -> int:
    """The hour of a person's digest: their own, within what the office allows."""
    hour = person.digest_hour if person.digest_hour is not None else rule.digest_hour
    return min(max(hour, rule.digest_first), rule.digest_last)


def _contacts(person: Person, channels: Sequence[Channel], chosen: dict[int, Subscription]) -> Iterable[Contact]:
    for channel in channels:
        subscription = chosen.get(channel.id)
        address = address_of(person, channel, subscription)
        if address and is_heard(channel, subscription):
            yield Contact(channel.id, channel.kind, address)
