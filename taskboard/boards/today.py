"""今日: what the person owes today, what they did, and what they have not read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from taskboard.boards import schedule
from taskboard.boards.items import ItemLine, to_do
from taskboard.boards.line import Line
from taskboard.boards.listing import Asked, Scope, listing
from taskboard.boards.turns import Turn, turns
from taskboard.boards.words import short_day
from taskboard.clock import at
from taskboard.db import db
from taskboard.models import CalendarOverride, Campaign, Commitment, Delivery, DeliveryState, Event, Kind, Occasion
from taskboard.rules.access import SEES_ALL, Permission, Seating, SeatKind, permits
from taskboard.rules.workdays import add_workdays, coming_notice, monday, report_due

MOST = 10
NOT_DEEDS = tuple(kind.key for kind in (Kind.LOGGED_IN, Kind.LOGGED_OUT, Kind.LOGIN_FAILED))
STUCK = (DeliveryState.FAILED, DeliveryState.UNCERTAIN)


@dataclass(frozen=True)
class Part:
    """Some lines of the worklist under a heading; `view` names the worklist that holds them all."""

    title: str
    view: str
    lines: tuple[Line, ...]
    total: int


@dataclass(frozen=True)
class Deed:
    """Something that the person did today."""

    at: datetime
    words: str
    title: str
    kind: str
    id: int | None


@dataclass(frozen=True)
class Stuck:
    """A message that did not arrive, or may not have."""

    id: int
    person: str
    subject: str
    state: str
    at: datetime


@dataclass(frozen=True)
class Today:
    """The page of a person's day."""

    sentence: str
    due: date
    due_words: str
    parts: tuple[Part, ...] = ()
    turned: tuple[Turn, ...] = ()
    stuck: tuple[Stuck, ...] = ()
    deeds: tuple[Deed, ...] = ()
    unread: tuple[Delivery, ...] = field(default=())
    items: tuple[ItemLine, ...] = field(default=())
    items_total: int = 0
    schedules: int = 0
    calendar: str = ""


def today(campaign: Campaign | None, seating: Seating, person_id: int, on: date) -> Today:
    """The day of a person in a seat. Before there is a campaign nothing is owed."""
    due = _next_due(on)
    parts: tuple[Part, ...] = ()
    turned: tuple[Turn, ...] = ()
    stuck: tuple[Stuck, ...] = ()
    if campaign is not None and permits(seating, Permission.SEE_WORKLIST):
        parts = _parts(campaign, seating, on)
        if seating.kind in SEES_ALL:
            turned = turns(campaign.id, at(add_workdays(on, -1), 0), MOST)
    if permits(seating, Permission.SEE_JOBS):
        stuck = _stuck()
    items: tuple[ItemLine, ...] = ()
    items_total = 0
    if campaign is not None and permits(seating, Permission.SEE_ITEMS):
        items, items_total = to_do(campaign, seating, on, MOST)
    unread = _unread(person_id)
    calendar = ""
    if permits(seating, Permission.MANAGE_STRUCTURE):
        calendar = coming_notice(on, CalendarOverride.all()) or ""
    schedules = schedule.waiting(seating) if permits(seating, Permission.DECIDE_SCHEDULE) else 0
    return Today(
        sentence=_sentence(seating, parts, len(turned), len(stuck)) + _of_items(items_total),
        due=due,
        due_words=f"下一次填报截止：{short_day(due)} 17:00",
        parts=parts,
        turned=turned,
        stuck=stuck,
        deeds=_deeds(person_id, at(on, 0)),
        unread=unread,
        items=items,
        items_total=items_total,
        schedules=schedules,
        calendar=calendar,
    )


def _next_due(on: date) -> date:
    overrides = CalendarOverride.all()
    due = report_due(monday(on), overrides)
    return due if due >= on else report_due(date.fromordinal(monday(on).toordinal() + 7), overrides)


def _parts(campaign: Campaign, seating: Seating, on: date) -> tuple[Part, ...]:
    """What the seat itself must move: its own reports, the group's stragglers, or what was sent back."""
    wanted = {
        SeatKind.REPORTER: (("本周待填报", "owed"), ("退回待更正", "returned")),
        SeatKind.GROUP_LEAD: (("本组待填报", "owed"), ("红灯黄灯", "behind")),
        SeatKind.OFFICE: (("退回待更正", "returned"), ("今明到期", "soon")),
        SeatKind.SUPERVISOR: (("退回待更正", "returned"), ("今明到期", "soon")),
    }.get(seating.kind, ())
    scope = Scope(campaign, seating, own=True)
    found = []
    for title, view in wanted:
        page = listing(scope, Asked(view=view), on)
        found.append(Part(title, view, page.lines[:MOST], page.total))
    return tuple(found)


def _sentence(seating: Seating, parts: tuple[Part, ...], turned: int, stuck: int) -> str:
    counts = {part.view: part.total for part in parts}
    if seating.kind == SeatKind.REPORTER:
        return f"本周还有 {counts['owed']} 项未填报" if counts.get("owed") else "本周应填报的事项已全部填报"
    if seating.kind == SeatKind.GROUP_LEAD:
        return f"本组还有 {counts.get('owed', 0)} 项未填报，红灯黄灯 {counts.get('behind', 0)} 项"
    if seating.kind in SEES_ALL:
        many = "以上" if turned == MOST else ""
        back = f"，退回待更正 {counts['returned']} 项" if "returned" in counts else ""
        return f"上一工作日以来变灯 {turned} 项{many}，未送达消息 {stuck} 条{back}"
    return f"今日没有待办事项，未送达消息 {stuck} 条" if stuck else "今日没有待办事项"


def _of_items(waiting: int) -> str:
    return f"，待办督查事项 {waiting} 项" if waiting else ""


def _stuck() -> tuple[Stuck, ...]:
    query = (
        select(Delivery)
        .where(Delivery.state.in_(STUCK), Delivery.occasion != Occasion.TRIAL)  # a trial was looked at when it was made
        .options(joinedload(Delivery.person), joinedload(Delivery.unit), joinedload(Delivery.by))
        .order_by(Delivery.id.desc())
        .limit(MOST)
    )
    return tuple(
        Stuck(one.id, one.to_words, one.subject, DeliveryState(one.state).word, one.created_at)
        for one in db.session.scalars(query)
    )


def _deeds(person_id: int, since: datetime) -> tuple[Deed, ...]:
    query = (
        select(Event, Commitment.title, Commitment.kind)
        .outerjoin(Commitment, (Commitment.id == Event.subject_id) & (Event.subject_type == "commitment"))
        .where(Event.actor_id == person_id, Event.at >= since, Event.kind.not_in(NOT_DEEDS))
        .order_by(Event.id.desc())
        .limit(MOST)
    )
    return tuple(
        Deed(event.at, event.words, title or "", kind or "", event.subject_id if title else None)
        for event, title, kind in db.session.execute(query)
    )


def _unread(person_id: int) -> tuple[Delivery, ...]:
    query = (
        select(Delivery)
        .where(Delivery.person_id == person_id, Delivery.channel == "inbox", Delivery.read_at.is_(None))
        .order_by(Delivery.id.desc())
        .limit(5)
    )
    return tuple(db.session.scalars(query))
