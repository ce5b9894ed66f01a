"""What time does to items: lights, reminders, steps of the ladder, silence that goes up, recovery, look-backs.

A person decides everything; this only tells and proposes. Twice on a day is harmless: what was said today is
not said again. Each function works on one batch, and its caller commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from taskboard import clock
from taskboard.db import db
from taskboard.models import facts as reader
from taskboard.models import item_placing
from taskboard.models.appeal import Appeal
from taskboard.models.campaign import Campaign
from taskboard.models.commitment import Commitment
from taskboard.models.event import Event, Kind, record
from taskboard.models.extension import Extension
from taskboard.models.item import Band, Item
from taskboard.models.item_attached import propose
from taskboard.models.item_closing import withdraw
from taskboard.models.item_placing import LATE_WORDS, Day
from taskboard.models.placing import Bench
from taskboard.models.slip import Slip
from taskboard.rules import terms
from taskboard.rules.ladder import Rung
from taskboard.rules.ladder import propose as step_due
from taskboard.rules.lifecycle import ANSWERED, WITH_UNIT, ExtensionState, SlipState, State
from taskboard.rules.terms import ExtensionLevel, reminder, reminder_level
from taskboard.rules.workdays import add_workdays, is_workday, monday, workdays_between

BATCH = 1000


@dataclass(frozen=True)
class Related:
    """The commitment behind an item: reporting weeks red (the last one included), or yellow, as of its last report."""

    reds: int
    is_yellow: bool
    week: date

    def reds_since(self, assigned_on: date) -> int:
        """Red weeks reported after the assignment: the weeks that led to it are its ground, not its fruit."""
        return max(0, min(self.reds, (self.week - monday(assigned_on)).days // 7))


@dataclass(frozen=True)
class Moment:
    """When a batch is watched: the day with its rules, and the moment that events bear."""

    day: Day
    at: datetime

    @property
    def on(self) -> date:
        return self.day.on


def watch(campaign: Campaign, moment: Moment, judging: Bench, last: int) -> tuple[int, dict[str, int]]:
    """Watch the next batch of running items after an id; returns the last id (0 at the end) and counts."""
    query = select(Item).where(Item.campaign_id == campaign.id, Item.band < Band.PAUSED, Item.id > last)
    items = list(db.session.scalars(query.order_by(Item.id).limit(BATCH).with_for_update(of=Item)))
    if not items:
        return 0, {}
    counts = {"items": len(items)}
    counts["item_lights"] = item_placing.place_rows(items, moment.day)
    db.session.expire_all()
    items = list(db.session.scalars(select(Item).where(Item.id.in_([item.id for item in items])).order_by(Item.id)))
    counts["reminded"] = sum(_remind(item, moment) for item in items)
    counts["slips_proposed"] = _ladder(items, moment, judging)
    db.session.flush()
    return items[-1].id, counts


def follow(campaign: Campaign, moment: Moment, judging: Bench, only: Sequence[int] | None = None) -> dict[str, int]:
    """Look whether the red that opened an item is gone, or has come back."""
    counts = {"recovered": 0, "recurred": 0}
    query = (
        select(Item, Commitment.light)
        .join(Commitment, Commitment.id == Item.open_key)
        .where(Item.campaign_id == campaign.id)
    )
    query = query.where((Commitment.light == "green") == Item.recovered_on.is_(None))
    if only is not None:
        query = query.where(Commitment.id.in_(only))
    found = [(item, light) for item, light in db.session.execute(query.with_for_update(of=Item))]
    facts = reader.read_ids(item.open_key for item, _ in found if item.open_key)
    for item, light in found:
        words = judging.verdict(facts[item.open_key]).words if item.open_key in facts else ""
        if light == "green":
            item.recovered_on, item.recovered_words = moment.on, words
            record(Kind.ITEM_RECOVERED, item, None, moment.at, source="sweep", words=words)
            counts["recovered"] += 1
        elif light == "red":
            item.recovered_on, item.recovered_words = None, ""
            item.recurred += 1
            item.start_level = min(3, max(item.level, item.start_level) + 1)
            item.version += 1
            record(Kind.ITEM_RECURRED, item, None, moment.at, source="sweep", words=words)
            counts["recurred"] += 1
    return counts


def overdue_papers(moment: Moment) -> dict[str, int]:
    """Extensions nobody decided go a level up; slips and appeals nobody answered are said to be late."""
    counts = {"escalated": 0, "slips_overdue": 0, "appeals_overdue": 0}
    if not is_workday(moment.on, moment.day.overrides):
        return counts  # a clock of working days does not run out on a day off
    silent = select(Extension).where(
        Extension.state == ExtensionState.ASKED, Extension.decide_by_on < moment.on, Extension.escalated_on.is_(None)
    )
    for asked in db.session.scalars(silent.join(Item).where(Item.state != State.SUSPENDED)):
        asked.level, asked.escalated_on = ExtensionLevel.LEADER, moment.on
        asked.decide_by_on = add_workdays(moment.on, terms.DECIDE_EXTENSION, moment.day.overrides)
        record(Kind.ITEM_EXTENSION_ESCALATED, asked.item, None, moment.at, source="sweep")
        counts["escalated"] += 1
    late = select(Slip).where(Slip.state == SlipState.SIGNED, Slip.due_on < moment.on)
    for slip in db.session.scalars(late):
        paused = not slip.item.is_open or slip.item.state == State.SUSPENDED
        if paused or _said_before(slip.item, Kind.SLIP_OVERDUE, slip.number):
            continue
        told = {"number": slip.number, "slip": slip.rung.word, "slip_due_on": slip.due_on}
        record(Kind.SLIP_OVERDUE, slip.item, None, moment.at, after=told, source="sweep")
        counts["slips_overdue"] += 1
    unanswered = select(Appeal).where(
        Appeal.state == "raised", Appeal.decide_by_on < moment.on, Appeal.overdue_on.is_(None)
    )
    for appeal in db.session.scalars(unanswered):
        appeal.overdue_on = moment.on
        subject = appeal.item or appeal.commitment or appeal
        record(Kind.APPEAL_OVERDUE, subject, None, moment.at, source="sweep", appeal=appeal.id, unit=appeal.unit_id)
        counts["appeals_overdue"] += 1
    return counts


def look_backs(campaign: Campaign, moment: Moment) -> dict[str, int]:
    """Say which closed items are due to be looked at again."""
    query = select(Item).where(Item.campaign_id == campaign.id, Item.look_back_on <= moment.on)
    due = 0
    for item in db.session.scalars(query.where(Item.state == State.CLOSED)):
        if not _said_before(item, Kind.ITEM_LOOK_BACK_DUE, since=item.closed_on):
            record(Kind.ITEM_LOOK_BACK_DUE, item, None, moment.at, source="sweep")
            due += 1
    return {"look_backs": due}


def _remind(item: Item, moment: Moment) -> bool:
    """The reminder that is owed today, once; copied one level up for each step of lateness."""
    state = State(item.state)
    if state not in WITH_UNIT or item.clock_due_on is None or item.reminded_on == moment.on:
        return False
    if not is_workday(moment.on, moment.day.overrides):
        return False
    start = item.assigned_on or moment.on
    term = workdays_between(start, item.original_due_on or start, moment.day.overrides)
    words = reminder(moment.on, item.clock_due_on, term, moment.day.overrides)
    if not words or (state == State.ASSIGNED and moment.on <= item.clock_due_on):
        return False
    item.reminded_on = moment.on
    copied = reminder_level(moment.on, item.clock_due_on, moment.day.overrides)
    said = f"{LATE_WORDS[state]}期限 {item.clock_due_on.month}月{item.clock_due_on.day}日，{words}"
    record(Kind.ITEM_REMINDED, item, None, moment.at, source="sweep", words=said, copied=copied)
    return True


def _ladder(items: Sequence[Item], moment: Moment, judging: Bench) -> int:
    """Propose the steps that are due. A proposal of the system that waits is kept true, or taken back."""
    candidates = [item for item in items if State(item.state) in WITH_UNIT | ANSWERED]
    ids = [item.id for item in candidates]
    waiting = {slip.item_id: slip for slip in db.session.scalars(select(Slip).where(Slip.live_key.in_(ids)))}
    latest = _latest_slips(ids)
    reds = _reds([item for item in candidates if item.commitment_id], judging)
    proposed = 0
    for item in candidates:
        step = step_due(_rung(item, moment, latest.get(item.id), reds.get(item.commitment_id or 0)))
        present = waiting.get(item.id)
        if present is not None and present.proposed_by_id is not None:
            continue  # a person's proposal is theirs
        if present is not None and step is not None and present.level == step.level:
            present.reason = step.reason
            continue
        if present is not None:
            withdraw(item)
            db.session.flush()
        if step is not None and (slip := propose(item, step.level, step.reason, moment, None)) is not None:
            told = {"slip": slip.rung.word, "text": step.reason}
            record(Kind.SLIP_PROPOSED, item, None, moment.at, after=told, source="sweep")
            proposed += 1
    return proposed


def _rung(item: Item, moment: Moment, slip: Slip | None, related: Related | None) -> Rung:
    state, overrides = State(item.state), moment.day.overrides
    if state not in WITH_UNIT:  # what the reviewer takes is not the unit's delay
        return Rung(level=item.level, declined=item.declined_level)
    late = -workdays_between(moment.on, item.clock_due_on, overrides) if item.clock_due_on else 0
    quiet, slip_overdue = 0, False
    if slip is not None and slip.decided_on:
        since = max(slip.decided_on, item.heard_on) if item.heard_on else slip.decided_on
        quiet = max(0, workdays_between(since, moment.on, overrides))
        slip_overdue = (
            slip.state == SlipState.SIGNED and workdays_between(slip.due_on or since, moment.on, overrides) > 0
        )
    return Rung(
        level=item.level,
        declined=item.declined_level,
        near_due=item.band == Band.NEAR and state == State.HANDLING,
        workdays_overdue=max(0, late),
        late_words=f"{LATE_WORDS[state]}逾期",
        reds=related.reds_since(item.round_on or moment.on) if related else 0,
        is_yellow=bool(related and related.is_yellow),
        slips=item.slips,
        quiet_workdays=quiet,
        slip_overdue=slip_overdue,
        slip_answered=slip is not None and slip.state == SlipState.ANSWERED,
        start_level=item.start_level,
    )


def _latest_slips(ids: list[int]) -> dict[int, Slip]:
    """The newest signed slip of each item that its present unit has still to do with."""
    signed = (SlipState.SIGNED, SlipState.ANSWERED)
    query = select(Slip).where(Slip.item_id.in_(ids), Slip.state.in_(signed)).order_by(Slip.id)
    return {slip.item_id: slip for slip in db.session.scalars(query)}


def _reds(items: list[Item], judging: Bench) -> Mapping[int, Related]:
    """How the commitment behind each item stands."""
    found: dict[int, Related] = {}
    for commitment_id, facts in reader.read_ids({i.commitment_id for i in items if i.commitment_id}).items():
        weeks = judging.standing(facts).red_weeks + 1 if facts.row.light == "red" else 0
        week = facts.row.reported_week or monday(judging.on)
        found[commitment_id] = Related(weeks, facts.row.light == "yellow", week)
    return found


def _said_before(item: Item, kind: Kind, number: str = "", since: date | None = None) -> bool:
    query: Any = (
        select(func.count())
        .select_from(Event)
        .where(Event.subject_type == "item", Event.subject_id == item.id, Event.kind == kind.key)
    )
    if number:
        query = query.where(Event.data.contains(number))
    if since is not None:
        query = query.where(Event.at >= clock.at(since, 0))
    return bool(db.session.scalar(query))
