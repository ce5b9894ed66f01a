"""What a calendar shows of a person (by the seats held today) or a unit: deadlines that are still owed.

Titles and days alone: no requirement, no figure and no answer leaves by this door.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from taskboard import clock
from taskboard.boards.words import day as day_words
from taskboard.db import db
from taskboard.models import (
    Band,
    CalendarOverride,
    Campaign,
    Commitment,
    Event,
    Group,
    Item,
    Milestone,
    Part,
    Unit,
)
from taskboard.models.feeding import Owner
from taskboard.rules.access import SeatKind
from taskboard.rules.lifecycle import Holder, PartState, State
from taskboard.rules.states import WITH_UNIT
from taskboard.rules.workdays import is_report_week, monday, report_due

WEEKS = 6
PAST = timedelta(days=60)
MOST = 500
OPEN_PART = (PartState.ASSIGNED, PartState.HANDLING, PartState.RETURNED)
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """One thing in a calendar. `uid` stays the same while the deadline moves; `at` is empty for a whole day."""

    uid: str
    title: str
    on: date
    url: str
    words: str = ""
    at: datetime | None = None
    sequence: int = 0
    changed_at: datetime = BEGINNING


@dataclass(frozen=True)
class Realm:
    """Whose deadlines: units that report, groups that are led, and whether it is the office or a supervisor."""

    units: frozenset[int]
    groups: frozenset[int]
    holders: frozenset[str] = frozenset()

    @property
    def reports(self) -> bool:
        return bool(self.units or self.groups)


def realm_of(owner: Owner, on: date) -> Realm:
    """What a person's seats of today, or a unit, make theirs."""
    if isinstance(owner, Unit):
        return Realm(frozenset({owner.id}), frozenset())
    seats = [seat for seat in owner.seats if seat.holds_on(on)]
    units = frozenset(s.unit_id for s in seats if s.kind == SeatKind.REPORTER and s.unit_id)
    groups = frozenset(s.group_id for s in seats if s.kind == SeatKind.GROUP_LEAD and s.group_id)
    by_seat = {SeatKind.OFFICE.value: Holder.OFFICE.value, SeatKind.SUPERVISOR.value: Holder.SUPERVISOR.value}
    return Realm(units, groups, frozenset(by_seat[s.kind] for s in seats if s.kind in by_seat))


def entries(owner: Owner, campaign: Campaign, on: date) -> list[Entry]:
    """The calendar: six statements, however much is owed."""
    realm = realm_of(owner, on)
    overrides = CalendarOverride.all()
    items, parts = _items(realm, campaign), _parts(realm, campaign)
    owed = _owed(realm, campaign, on)
    milestones = _milestones([row.id for row in owed if row.kind == "task"], on)
    changed = _changed({i.id for i, _ in items} | {i.id for _, i in parts}, {row.id for row in owed})
    found = [entry for item, unit in items for entry in _of_item(item, unit, realm, changed)]
    found += [_of_part(part, item, changed) for part, item in parts]
    found += _of_tasks(owed, milestones, changed)
    found += _of_targets([row for row in owed if row.kind == "target"], on, changed)
    if realm.reports and owed:
        found += _reports(owner, campaign, on, overrides, changed)
    return sorted(found, key=lambda one: (one.on, one.uid))[:MOST]


Changed = Mapping[tuple[str, int], datetime]


def _items(realm: Realm, campaign: Campaign) -> Sequence[Any]:
    mine = [Item.unit_id.in_(realm.units), Item.group_id.in_(realm.groups), Item.holder.in_(realm.holders)]
    query = select(Item, Unit.short_name).outerjoin(Unit, Unit.id == Item.unit_id).where(or_(*mine))
    query = query.where(Item.campaign_id == campaign.id, Item.band < Band.PAUSED, Item.clock_due_on.is_not(None))
    return db.session.execute(query.order_by(Item.clock_due_on, Item.id).limit(MOST)).all()


def _parts(realm: Realm, campaign: Campaign) -> Sequence[Any]:
    query = select(Part, Item).join(Item, Item.id == Part.item_id)
    query = query.where(Part.unit_id.in_(realm.units), Part.state.in_(OPEN_PART), Item.band < Band.PAUSED)
    query = query.where(Item.campaign_id == campaign.id)
    return db.session.execute(query.order_by(Part.due_on, Part.id).limit(MOST)).all()


def _of_item(item: Item, unit: str | None, realm: Realm, changed: Changed) -> Iterable[Entry]:
    state = State(item.state)
    common: dict[str, Any] = {
        "url": f"/items/{item.id}",
        "sequence": item.version,
        "changed_at": changed.get(("item", item.id), item.registered_at),
        "words": f"督查{item.number}，承办单位：{unit or '未交办'}，现为{state.word}",
    }
    name = f"{item.title}（督查{item.number}）"
    if state not in WITH_UNIT:
        if item.clock_due_on and item.holder in realm.holders:
            yield Entry(f"item-{item.id}-turn", f"待处理（{state.word}）：{name}", item.clock_due_on, **common)
        return
    due = item.clock_due_on if state == State.RETURNED else item.due_on
    if due:
        word = "补办截止" if state == State.RETURNED else "办理截止"
        yield Entry(f"item-{item.id}-due", f"{word}：{name}", due, **common)
    if state == State.ASSIGNED and item.sign_due_on:
        yield Entry(f"item-{item.id}-sign", f"签收截止：{name}", item.sign_due_on, **common)


def _of_part(part: Part, item: Item, changed: Changed) -> Entry:
    return Entry(
        uid=f"part-{part.id}-due",
        title=f"配合事项截止：{item.title}（督查{item.number}）",
        on=part.due_on,
        url=f"/items/{item.id}",
        words=f"督查{item.number}，现为{PartState(part.state).word}",
        sequence=item.version,
        changed_at=changed.get(("item", item.id), item.registered_at),
    )


def _owed(realm: Realm, campaign: Campaign, on: date) -> Sequence[Any]:
    """The unfinished commitments that the units must report and the groups lead."""
    mine: list[ColumnElement[bool]] = [Commitment.owned_by(unit_id) for unit_id in sorted(realm.units)]
    mine += [Commitment.group_id.in_(realm.groups)] if realm.groups else []
    base = Commitment.__table__.c
    query = (
        select(
            base.id, base.kind, base.title, base.ends_on, base.version, Unit.short_name, Group.short_name.label("group")
        )
        .join(Unit, Unit.id == base.unit_id)
        .join(Group, Group.id == base.group_id)
        .where(base.campaign_id == campaign.id, base.done_on.is_(None), base.ends_on >= on - PAST)
        .where(or_(*mine) if mine else false())
    )
    return db.session.execute(query.order_by(base.ends_on, base.id).limit(2000)).all()


def _milestones(task_ids: Sequence[int], on: date) -> dict[int, list[Milestone]]:
    query = select(Milestone).where(Milestone.task_id.in_(task_ids)).order_by(Milestone.due_on, Milestone.id)
    found: dict[int, list[Milestone]] = defaultdict(list)
    for row in db.session.scalars(query.where(Milestone.done_on.is_(None), Milestone.due_on >= on - PAST)):
        found[row.task_id].append(row)
    return found


def _of_tasks(owed: Sequence[Any], milestones: Mapping[int, list[Milestone]], changed: Changed) -> list[Entry]:
    found = []
    for row in (one for one in owed if one.kind == "task"):
        common: dict[str, Any] = {
            "url": f"/tasks/{row.id}",
            "sequence": row.version,
            "changed_at": changed.get(("commitment", row.id), BEGINNING),
            "words": f"{row.short_name}，{row.group}",
        }
        for step in milestones.get(row.id, ()):
            title = f"节点到期：{row.title}－{step.name}"
            found.append(Entry(f"milestone-{step.id}", title, step.due_on, **common))
        found.append(Entry(f"task-{row.id}", f"任务完成时限：{row.title}", row.ends_on, **common))
    return found


def _of_targets(owed: Sequence[Any], on: date, changed: Changed) -> list[Entry]:
    """The ends of target periods: one entry for all that end on a day, so that a quarter's end is one line."""
    by_day: dict[date, list[Any]] = defaultdict(list)
    for row in owed:
        if row.ends_on >= on:
            by_day[row.ends_on].append(row)
    found = []
    for day, rows in sorted(by_day.items()):
        title = f"目标期末：{rows[0].title}" if len(rows) == 1 else f"目标期末：{rows[0].title}等 {len(rows)} 项"
        found.append(
            Entry(
                uid=f"targets-{day:%Y%m%d}",
                title=title,
                on=day,
                url=f"/targets/{rows[0].id}" if len(rows) == 1 else "/worklist",
                words="\n".join(f"{row.short_name}　{row.title}" for row in rows[:50]),
                sequence=sum(row.version for row in rows),
                changed_at=max(changed.get(("commitment", row.id), BEGINNING) for row in rows),
            )
        )
    return found


def _reports(
    owner: Owner, campaign: Campaign, on: date, overrides: Mapping[date, bool], changed: Changed
) -> list[Entry]:
    """The days on which the weekly report is due, this week and the next."""
    found = []
    for n in range(WEEKS):
        week = monday(on) + timedelta(weeks=n)
        if week > campaign.ends_on or not is_report_week(week, overrides):
            continue
        due = report_due(week, overrides)
        found.append(
            Entry(
                uid=f"report-{week:%Y%m%d}",
                title="本周填报截止 17:00",
                on=due,
                url="/worklist?view=owed",
                words=f"{day_words(week)}起的一周",
                at=clock.at(due, 17),
                sequence=_steps(changed.get(("calendar_override", 0))),
                changed_at=changed.get(("calendar_override", 0), BEGINNING),
            )
        )
    return found


def _steps(moment: datetime | None) -> int:
    """A number that rises with the working-day calendar: minutes since the beginning."""
    return int((moment - BEGINNING).total_seconds() // 60) if moment else 0


def _changed(item_ids: set[int], commitment_ids: set[int]) -> Changed:
    """When something last happened to each, and to the calendar of working days: one statement."""
    subject = Event.subject_type
    named = [
        and_(subject == "item", Event.subject_id.in_(item_ids)),
        and_(subject == "commitment", Event.subject_id.in_(commitment_ids)),
        subject == "calendar_override",
    ]
    query = select(subject, Event.subject_id, func.max(Event.at)).where(or_(*named))
    return {
        (kind, id_ or 0): moment for kind, id_, moment in db.session.execute(query.group_by(subject, Event.subject_id))
    }
