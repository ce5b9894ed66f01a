"""Placing items: light, band, holder and tally after a deed and in the daily sweep, by the same functions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select, update

from taskboard import clock
from taskboard.db import db
from taskboard.models import item_tally, rule_set
from taskboard.models.calendar_override import CalendarOverride
from taskboard.models.campaign import Campaign
from taskboard.models.item import Band, Hold, Item, Node
from taskboard.rules import schedule
from taskboard.rules.lifecycle import ANSWERED, ENDED, Holder, State, holder_of
from taskboard.rules.light import Light, Verdict, colour, judge
from taskboard.rules.numbers import chinese_date
from taskboard.rules.ruleset import RuleSet
from taskboard.rules.standing import Standing
from taskboard.rules.terms import NEAR
from taskboard.rules.workdays import workdays_between

PENDING = (State.HANDLING, State.RETURNED)
LATE_WORDS = {State.ASSIGNED: "签收", State.HANDLING: "办理", State.RETURNED: "补办"}


@dataclass(frozen=True)
class Day:
    """What judging items needs on one day: the rule set in force and the calendar."""

    on: date
    rules: RuleSet
    overrides: Mapping[date, bool]


def day_of(campaign: Campaign, on: date) -> Day:
    """The rules and working days of a campaign on a day."""
    return Day(on, rule_set.in_force(campaign, on), CalendarOverride.all())


Nodes = Sequence[tuple[date, Decimal, date | None]]  # due, weight (all alike), done
WEIGHT = Decimal(1)


def nodes_of(item_ids: Sequence[int]) -> dict[int, list[tuple[date, Decimal, date | None]]]:
    """The plans of some items, in one statement."""
    found: dict[int, list[tuple[date, Decimal, date | None]]] = defaultdict(list)
    query = select(Node.item_id, Node.due_on, Node.done_on).where(Node.item_id.in_(item_ids)).order_by(Node.due_on)
    for item_id, due_on, done_on in db.session.execute(query):
        found[item_id].append((due_on, WEIGHT, done_on))
    return found


def standing(row: Any, day: Day, nodes: Nodes = ()) -> Standing:
    """Where an item (object or row) stands, as the value that rules judge.

    An answered or disputed item is judged as of the day on which it left the unit's hands: what the
    reviewer takes is not the unit's delay. Lateness counts working days, like every clock of an item.
    """
    state = State(row.state)
    on = day.on
    if state in ANSWERED:
        on = min(on, row.answered_on or on)
    elif state == State.OBJECTED:
        on = min(on, clock.day_of(row.held_since))
    due = _due(row, state, day, on)
    left = workdays_between(on, due, day.overrides) if due else None
    return Standing(
        kind="item",
        on=on,
        starts_on=row.assigned_on or clock.day_of(row.registered_at),
        ends_on=due or on,
        scheduled=schedule.milestone_share(nodes, on) if nodes else Decimal(0),
        completion=schedule.milestones_done(nodes, on) if nodes else None,
        done=state in ENDED,
        done_on=row.closed_on,
        days_late=max(0, -left) if left is not None else 0,
        workdays_left=left,
        suspended=state == State.SUSPENDED,
        returned=row.returned,
        red_by_hand=bool(row.red_reason),
        hand_reason=row.red_reason,
        slips=row.slips,
    )


def verdict(row: Any, day: Day, nodes: Nodes = ()) -> Verdict:
    """The light of an item with its words."""
    found = judge(standing(row, day, nodes), day.rules)
    if row.red_reason and found.light is Light.RED and found.rule == "by-hand":
        return Verdict(found.light, f"专班办公室人工亮红灯：{row.red_reason}", found.rule, found.figures)
    state, late = State(row.state), found.figures.get("days_late", 0)
    if late and state in LATE_WORDS and found.light is Light.RED:
        due = _due(row, state, day, day.on)
        words = f"应于{chinese_date(due)}前{LATE_WORDS[state]}，" if due else ""
        return Verdict(
            found.light, f"{words}{LATE_WORDS[state]}逾期 {late} 个工作日，故为红灯", found.rule, found.figures
        )
    return found


def band_of(row: Any, day: Day) -> Band:
    """How pressing its running clock is."""
    state = State(row.state)
    if state in ENDED:
        return Band.ENDED
    if state == State.SUSPENDED:
        return Band.PAUSED
    if row.clock_due_on is None:
        return Band.RUNNING
    left = workdays_between(day.on, row.clock_due_on, day.overrides)
    if left < 0:
        return Band.OVERDUE
    return Band.NEAR if state in PENDING and left <= NEAR else Band.RUNNING


def place(item: Item, at: datetime, day: Day, before: item_tally.Spot | None) -> None:
    """Write where the item stands after a deed, close the spell of its last holder and open the next."""
    state, on = State(item.state), day.on
    holder = holder_of(state)
    unit_id = item.unit_id if holder == Holder.UNIT else None
    db.session.flush()
    present = _present(item.id)
    if present is None or (present.holder, present.unit_id, present.state) != (holder, unit_id, state):
        if present is None or (present.holder, present.unit_id) != (holder, unit_id):
            item.held_since = at
        if present is not None:
            present.to_at = at
        if state not in ENDED:
            db.session.add(Hold(item_id=item.id, holder=holder, unit_id=unit_id, state=state, from_at=at))
    item.holder = holder
    light = colour(standing(item, day, nodes_of([item.id])[item.id]), day.rules).value
    if light != item.light:
        item.light, item.light_since = light, on
    item.band = band_of(item, day)
    db.session.flush()
    after = item_tally.spot_of(item)
    if before != after:
        deltas: Counter[item_tally.Spot] = Counter({after: 1})
        if before is not None:
            deltas[before] -= 1
        item_tally.add(deltas)


def place_rows(rows: Sequence[Any], day: Day) -> int:
    """Light and band of some running items (locked rows) as of a day; writes what changed and counts it."""
    writes: list[dict[str, Any]] = []
    deltas: Counter[item_tally.Spot] = Counter()
    plans = nodes_of([row.id for row in rows])
    for row in rows:
        light, band = colour(standing(row, day, plans[row.id]), day.rules).value, band_of(row, day)
        if (light, band) == (row.light, row.band):
            continue
        since = row.light_since if light == row.light else day.on
        writes.append({"row_id": row.id, "new_light": light, "since": since, "new_band": int(band)})
        deltas[item_tally.spot_of(row)] -= 1
        deltas[(row.campaign_id, row.state, int(band))] += 1
    if writes:
        table: Any = Item.__table__
        values: dict[str, Any] = {
            "light": bindparam("new_light"),
            "light_since": bindparam("since"),
            "band": bindparam("new_band"),
        }
        db.session.connection().execute(update(table).where(table.c.id == bindparam("row_id")).values(values), writes)
    item_tally.add(deltas)
    return len(writes)


def _present(item_id: int) -> Hold | None:
    query = select(Hold).where(Hold.item_id == item_id, Hold.to_at.is_(None))
    return db.session.scalars(query.order_by(Hold.id.desc())).first()


def _due(row: Any, state: State, day: Day, on: date) -> date | None:
    """The day by which the unit must have answered; before signing the day by which it must have signed."""
    if state == State.ASSIGNED and row.sign_due_on and workdays_between(row.sign_due_on, on, day.overrides) > 0:
        due: date | None = row.sign_due_on
    elif state == State.RETURNED:
        due = row.clock_due_on
    else:
        due = row.due_on
    return due
