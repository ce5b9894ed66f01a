"""How each person can be reached: which channels, at which address, at what hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Channel, Person, Subscription, TellingRule
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
    channels = [c for c in Channel.listed() if c.is_on and not c.form.is_robot and c.kind != ChannelKind.INBOX]
    chosen: dict[int, dict[int, Subscription]] = defaultdict(dict)
    if channels:
        for row in db.session.scalars(
            select(Subscription).where(Subscription.channel_id.in_([c.id for c in channels]))
        ):
            chosen[row.person_id][row.channel_id] = row
    return {
        person.id: Reach(tuple(_contacts(person, channels, chosen[person.id])), _hour(person, rule))
        for person in people
    }


def address_of(person: Person, channel: Channel, subscription: Subscription | None) -> str:
    """The address of a person on a channel; empty when there is none."""
    if channel.kind == ChannelKind.MAIL:
        return person.email
    if channel.kind == ChannelKind.WEBHOOK:
        return person.phone
    return subscription.address if subscription else ""


def is_heard(channel: Channel, subscription: Subscription | None) -> bool:
    """Whether a person hears by a channel: by own choice where there is one, else by the channel's default.

    Mail goes to everybody who has an address; any other channel only to who has chosen it, or when it is required.
    """
    if channel.is_required:
        return True
    if subscription is None:
        return channel.kind == ChannelKind.MAIL
    return subscription.is_on


def _contacts(person: Person, channels: list[Channel], chosen: dict[int, Subscription]) -> Iterable[Contact]:
    for channel in channels:
        subscription = chosen.get(channel.id)
        address = address_of(person, channel, subscription)
        if address and is_heard(channel, subscription):
            yield Contact(channel.id, channel.kind, address)


def _hour(person: Person, rule: TellingRule) -> int:
    hour = person.digest_hour if person.digest_hour is not None else rule.digest_hour
    return min(max(hour, rule.digest_first), rule.digest_last)
