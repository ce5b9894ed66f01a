"""What is owed today, in a sentence: of a unit, of a group, of the whole district. First line of every digest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import joinedload

from taskboard.db import db
from taskboard.models import Band, Campaign, Commitment, Item, Party, Role, Seat, Tally
from taskboard.rules.access import SEES_ALL, SeatKind
from taskboard.rules.lifecycle import Holder
from taskboard.rules.section import Section

DISTRICT = ("district", 0)
Realm = tuple[str, int]


@dataclass
class Owing:
    """Counts of what somebody must move."""

    reports: int = 0
    red: int = 0
    overdue: int = 0  # items
    due_today: int = 0

    @property
    def words(self) -> str:
        """本周还有 3 项未填报，2 项红灯，督查事项逾期 1 项。"""
        pieces = [f"本周还有 {self.reports} 项未填报"] if self.reports else []
        pieces += [f"{self.red} 项红灯"] if self.red else []
        pieces += [f"督查事项逾期 {self.overdue} 项"] if self.overdue else []
        pieces += [f"督查事项今日到期 {self.due_today} 项"] if self.due_today else []
        return "，".join(pieces) if pieces else "没有待填报、红灯和到期事项"


def sentences(campaign: Campaign | None, person_ids: Iterable[int], on: date) -> dict[int, str]:
    """What each of these people owes today, by the seats that they hold: four statements, however many they are."""
    wanted = sorted(set(person_ids))
    if campaign is None or not wanted:
        return {}
    counts = owing(campaign, on)
    told: dict[int, list[str]] = defaultdict(list)
    for start in range(0, len(wanted), 5000):
        held = Seat.person_id.in_(wanted[start : start + 5000])
        query = select(Seat).where(held).order_by(Seat.id).options(joinedload(Seat.unit), joinedload(Seat.group))
        for seat in db.session.scalars(query):
            named = _realm(seat) if seat.holds_on(on) else None
            if named is not None:
                realm, name = named
                told[seat.person_id].append(f"{name}：{counts.get(realm, Owing()).words}")
    return {person_id: "；".join(dict.fromkeys(said)) + "。" for person_id, said in told.items()}


def owing(campaign: Campaign, on: date) -> dict[Realm, Owing]:
    """What every unit, every group and the district owe: three statements."""
    found: dict[Realm, Owing] = defaultdict(Owing)
    query = select(Tally.unit_id, Tally.group_id, Tally.light, Tally.owed, Tally.count)
    query = query.where(Tally.campaign_id == campaign.id, Tally.section < int(Section.DONE), Tally.count > 0)
    for unit_id, group_id, light, owed, count in db.session.execute(query):
        for realm in (("unit", unit_id), ("group", group_id), DISTRICT):
            found[realm].reports += count if owed else 0
            found[realm].red += count if light == "red" else 0
    for unit_id, light, owed, count in db.session.execute(_joint(campaign)):
        found["unit", unit_id].reports += count if owed else 0
        found["unit", unit_id].red += count if light == "red" else 0
    for unit_id, group_id, overdue, today in db.session.execute(_items(campaign, on)):
        for realm in (("unit", unit_id or 0), ("group", group_id or 0), DISTRICT):
            found[realm].overdue += overdue
            found[realm].due_today += today
    return dict(found)


def _joint(campaign: Campaign) -> Any:
    """What units are jointly responsible for; the tally counts it for the first unit alone."""
    return (
        select(Party.unit_id, Commitment.light, Commitment.owed, func.count())
        .join(Commitment, Commitment.id == Party.commitment_id)
        .where(Commitment.campaign_id == campaign.id, Commitment.section < int(Section.DONE))
        .where(Party.role == Role.RESPONSIBLE, Party.unit_id != Commitment.unit_id)
        .group_by(Party.unit_id, Commitment.light, Commitment.owed)
    )


def _items(campaign: Campaign, on: date) -> Any:
    """The items that units hold and that are over their time, or are due today."""
    late = func.sum(case((Item.band == int(Band.OVERDUE), 1), else_=0))
    today = func.sum(case(((Item.band != int(Band.OVERDUE)) & (Item.clock_due_on == on), 1), else_=0))
    return (
        select(Item.unit_id, Item.group_id, late, today)
        .where(Item.campaign_id == campaign.id, Item.band < int(Band.PAUSED), Item.holder == Holder.UNIT)
        .group_by(Item.unit_id, Item.group_id)
    )


def _realm(seat: Seat) -> tuple[Realm, str] | None:
    if seat.kind in SEES_ALL:
        return DISTRICT, "全区"
    if seat.kind == SeatKind.GROUP_LEAD and seat.group is not None:
        return ("group", seat.group.id), seat.group.short_name
    if seat.kind == SeatKind.REPORTER and seat.unit is not None:
        return ("unit", seat.unit.id), seat.unit.short_name
    return None
