"""通知: what an announcement will do before it is sent, and what came of those that were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select

from taskboard.boards.words import moment
from taskboard.db import db
from taskboard.models import (
    Announcement,
    Channel,
    Delivery,
    DeliveryState,
    Event,
    Kind,
    Notice,
    Person,
    Subscription,
    announcing,
)
from taskboard.models.announcing import Draft
from taskboard.models.channel import INBOX_ID
from taskboard.models.reach import is_heard, personal, reach
from taskboard.models.times import Times

NAMES_SHOWN = 30


@dataclass(frozen=True)
class Line:
    """One channel: how many receive by it and when, who has no address there, and how many did not choose it."""

    name: str
    count: int
    measure: str
    missing: tuple[str, ...] = ()
    missing_count: int = 0
    missing_what: str = ""
    unchosen: int = 0
    when: str = ""


@dataclass(frozen=True)
class Preview:
    """What sending would do. `nowhere` are those whom nothing but the inbox reaches."""

    people: int
    lines: tuple[Line, ...]
    audience: str
    quiet: str
    nowhere: int


@dataclass(frozen=True)
class Past:
    """An announcement and what came of it."""

    row: Announcement
    audience: str
    told: int
    read: int
    sent: int
    waiting: int
    failed: int


def preview(draft: Draft, by: int, at: datetime, on: date) -> Preview:
    """Exactly whom it would reach now, by channel, and when."""
    people = announcing.hearers(draft.audience, by, on)
    channels, times = Channel.listed(), Times(at)
    ways = reach(people, times.rule)
    lines = [Line("站内消息", len(people), "人", when="即刻")]
    chosen = _chosen(people)
    for channel in (one for one in personal(channels) if one.is_on):
        got = [p for p in people if any(c.channel_id == channel.id for c in ways[p.id].contacts)]
        reached = {person.id for person in got}
        others = [person for person in people if person.id not in reached]
        lost = [person.name for person in others if is_heard(channel, chosen.get((person.id, channel.id)))]
        due = [times.for_person(p.id, ways[p.id].digest_hour, draft.is_urgent) for p in got]
        lines.append(
            Line(
                name=channel.name,
                count=len(got),
                measure="人",
                missing=tuple(lost[:NAMES_SHOWN]),
                missing_count=len(lost),
                missing_what=channel.form.address_word,
                unchosen=len(others) - len(lost),
                when=_when(due, at),
            )
        )
    robots = announcing.chats(draft.audience, channels)
    if draft.audience.robots:
        due = [times.for_robot(channel.id, draft.is_urgent) for channel in robots]
        lines.append(Line("群机器人", len(robots), "个", when=_when(due, at) or "没有符合条件且已启用的群机器人"))
    return Preview(
        people=len(people),
        lines=tuple(lines),
        audience=announcing.in_words(draft.audience),
        quiet="现为静默时段或休息日，站内消息以外的渠道顺延发送" if times.are_quiet else "",
        nowhere=sum(not ways[person.id].contacts for person in people),
    )


def _chosen(people: Iterable[Person]) -> dict[tuple[int, int], Subscription]:
    meant = {person.id for person in people}
    rows = db.session.scalars(select(Subscription))
    return {(row.person_id, row.channel_id): row for row in rows if row.person_id in meant}


def past(limit: int = 50) -> list[Past]:
    """The newest announcements with what came of them: three statements, and the words of each audience."""
    rows = list(db.session.scalars(select(Announcement).order_by(Announcement.id.desc()).limit(limit)))
    counts = _counts([row.id for row in rows])
    return [_past(row, counts[row.id]) for row in rows]


def one(row: Announcement) -> Past:
    """One announcement with what came of it."""
    return _past(row, _counts([row.id])[row.id])


def was_told(announcement_id: int, person_id: int) -> bool:
    """Whether a person was told of it: only they may read it again."""
    query = select(Notice.event_id).join(Event, Event.id == Notice.event_id)
    query = query.where(_is_of([announcement_id]), Notice.person_id == person_id, Notice.channel_id == INBOX_ID)
    return db.session.scalar(query.limit(1)) is not None


def _is_of(ids: list[int]) -> ColumnElement[bool]:
    return (Event.kind == Kind.ANNOUNCED.key) & (Event.subject_type == "announcement") & Event.subject_id.in_(ids)


def _counts(ids: list[int]) -> dict[int, dict[str, int]]:
    """Of each announcement: told and read in the inbox; sent, waiting and failed by other channels."""
    is_read = Delivery.read_at.is_not(None).label("is_read")
    query = (
        select(Event.subject_id, Notice.channel_id, Delivery.state, is_read, func.count())
        .join(Notice, Notice.event_id == Event.id)
        .outerjoin(Delivery, Delivery.id == Notice.delivery_id)
        .where(_is_of(ids))
        .group_by(Event.subject_id, Notice.channel_id, Delivery.state, is_read)
    )
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for subject_id, channel_id, state, read, count in db.session.execute(query):
        id_ = subject_id or 0
        if channel_id == INBOX_ID:
            found[id_]["told"] += count
            found[id_]["read"] += count if read else 0
        else:
            found[id_][_fate(state)] += count
    return found


def _fate(state: str | None) -> str:
    if state == DeliveryState.SENT:
        return "sent"
    stuck = (DeliveryState.FAILED, DeliveryState.UNCERTAIN, DeliveryState.GIVEN_UP)
    return "failed" if state in stuck else "waiting"


def _past(row: Announcement, counts: dict[str, int]) -> Past:
    names = ("told", "read", "sent", "waiting", "failed")
    words = announcing.in_words(announcing.Audience.loaded(row.audience))
    return Past(row, words, **{name: counts.get(name, 0) for name in names})


def _when(due: list[datetime], at: datetime) -> str:
    if not due:
        return ""
    first, last = min(due), max(due)
    if last <= at:
        return "即刻"
    return f"{moment(first)} 起" if moment(first) != moment(last) else moment(first)
