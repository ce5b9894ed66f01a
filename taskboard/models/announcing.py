"""Who hears an announcement, and making one. The preview and the messages call the same `hearers`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from sqlalchemy import select

from taskboard.db import db
from taskboard.errors import Refused
from taskboard.models.announcement import Announcement
from taskboard.models.channel import Channel
from taskboard.models.event import Event, Kind, record
from taskboard.models.group import Group
from taskboard.models.person import Person
from taskboard.models.seat import Seat
from taskboard.models.unit import Unit
from taskboard.rules.access import SeatKind

SEATS = (SeatKind.GROUP_LEAD, SeatKind.REPORTER, SeatKind.LEADER, SeatKind.SUPERVISOR)


@dataclass(frozen=True)
class Audience:
    """For whom it is: everybody, or whoever holds one of these seats, reports for one of these units, or leads one
    of these groups. `robots`: group chats hear too, those of the named groups where groups alone are named.
    """

    everybody: bool = False
    seats: tuple[str, ...] = ()
    units: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()
    robots: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.everybody or self.seats or self.units or self.groups)

    def dumped(self) -> str:
        """As the column keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @staticmethod
    def loaded(text: str) -> Audience:
        """From the column."""
        data = json.loads(text)
        seats, units, groups = (tuple(data.get(name) or ()) for name in ("seats", "units", "groups"))
        return Audience(bool(data.get("everybody")), seats, units, groups, bool(data.get("robots")))


@dataclass(frozen=True)
class Draft:
    """An announcement as typed."""

    title: str
    text: str
    is_urgent: bool = False
    audience: Audience = field(default_factory=Audience)


def hearers(audience: Audience, by: int, on: date) -> list[Person]:
    """The active people who hear, by seats held on the day; never the one who wrote it. One statement."""
    query = select(Person, Seat).join(Seat, Seat.person_id == Person.id).where(Person.active, Person.id != by)
    found = {
        person.id: person
        for person, seat in db.session.execute(query.order_by(Person.id))
        if seat.holds_on(on) and _is_meant(audience, seat)
    }
    return list(found.values())


def chats(audience: Audience, channels: Iterable[Channel]) -> list[Channel]:
    """The robots whose chats hear: those of the named groups where only groups are named, else all."""
    if not audience.robots:
        return []
    robots = [channel for channel in channels if channel.is_on and channel.form.is_robot]
    if audience.groups and not (audience.everybody or audience.seats or audience.units):
        return [channel for channel in robots if channel.group_id in audience.groups]
    return robots


def in_words(audience: Audience) -> str:
    """For whom it is, as people read it."""
    if audience.everybody:
        told = ["全体人员"]
    else:
        told = [SeatKind(kind).word for kind in audience.seats]
        units = select(Unit.short_name).where(Unit.id.in_(audience.units)).order_by(Unit.position, Unit.id)
        groups = select(Group.short_name).where(Group.id.in_(audience.groups)).order_by(Group.no)
        told += [f"{name}联络员" for name in (db.session.scalars(units) if audience.units else ())]
        told += [
            f"{name}组组长".replace("组组", "组") for name in (db.session.scalars(groups) if audience.groups else ())
        ]
    return "、".join([*told, *(["群机器人"] if audience.robots else [])])


def announce(draft: Draft, people: int, by: int, at: datetime, on: date) -> Announcement:
    """Say it. `people` is how many the preview named.

    Raises Refused when nobody hears, or when the number is another one by now.
    """
    meant = hearers(draft.audience, by, on)
    if not meant:
        raise Refused("没有人会收到这条通知，请重新选择发送对象")
    if len(meant) != people:
        raise Refused(f"收件人数已由 {people} 人变为 {len(meant)} 人，请重新预览后确认")
    made = Announcement(
        title=draft.title,
        text=draft.text,
        audience=draft.audience.dumped(),
        is_urgent=draft.is_urgent,
        made_by_id=by,
        made_at=at,
        people=len(meant),
    )
    after = {
        "title": draft.title,
        "text": draft.text,
        "audience": in_words(draft.audience),
        "is_urgent": draft.is_urgent,
        "people": len(meant),
    }
    record(Kind.ANNOUNCED, made, by, at, after=after)
    return made


def is_urgent(event: Event) -> bool:
    """Whether an event is an announcement that goes out at once."""
    return event.kind == Kind.ANNOUNCED.key and bool((event.payload.get("after") or {}).get("is_urgent"))


def _is_meant(audience: Audience, seat: Seat) -> bool:
    if audience.everybody or seat.kind in audience.seats:
        return True
    if seat.kind == SeatKind.REPORTER:
        return seat.unit_id in audience.units
    return seat.kind == SeatKind.GROUP_LEAD and seat.group_id in audience.groups
