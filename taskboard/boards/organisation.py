"""一办九组: the office, its groups in published order, who leads them, and how they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from taskboard.boards.counts import Cell, cells, light_of, lights, total
from taskboard.db import db
from taskboard.models import Campaign, Group, Person, Responsibility, Role, Seat, Unit, UnitKind
from taskboard.rules.access import SeatKind
from taskboard.rules.light import Light


@dataclass(frozen=True)
class GroupCard:
    """One group as the chart shows it."""

    id: int
    no: int
    name: str
    lead_unit: str
    duty: str
    aim: str
    methods: str
    leaders: tuple[str, ...]
    illustrative: bool
    light: str
    counts: dict[str, int]

    @property
    def words(self) -> str:
        """Why it shows this light."""
        if not any(self.counts.values()):
            return "本组没有进行中的目标和任务"
        each = (f"{Light(value).word} {count}" for value, count in self.counts.items())
        return f"按组内最急的一项亮灯：{'、'.join(each)}"


@dataclass(frozen=True)
class UnitRow:
    """A unit, what it leads, its own mechanism, and how it stands."""

    id: int
    name: str
    short_name: str
    kind: str
    mechanism: str
    leads: tuple[str, ...]
    counts: dict[str, int]
    open: int
    owed: int


@dataclass(frozen=True)
class Organisation:
    """The page: the office, the groups, and the units by what they are."""

    office: str
    host: str
    groups: tuple[GroupCard, ...]
    lead_units: tuple[UnitRow, ...]
    territories: tuple[UnitRow, ...]


@dataclass(frozen=True)
class GroupPage:
    """One group: its card, who is responsible, and each unit's part."""

    card: GroupCard
    responsibilities: tuple[tuple[str, str, str], ...]
    units: tuple[UnitRow, ...]
    kinds: tuple[tuple[str, dict[str, int]], ...]
    owed: int


def organisation(campaign: Campaign, on: date) -> Organisation:
    """Office, groups and units on a day."""
    found = cells(campaign.id)
    groups = _groups(campaign)
    leaders = _leaders(campaign, on)
    cards = tuple(_card(group, leaders.get(group.id, ()), found) for group in groups)
    units = Unit.listed()
    leads: dict[int, list[str]] = defaultdict(list)
    for group in groups:
        if group.lead_unit is not None:
            leads[group.lead_unit.id].append(group.short_name)
    rows = [(unit, _unit_row(unit, tuple(leads[unit.id]), found)) for unit in units]
    return Organisation(
        office=campaign.office_name,
        host=campaign.office_host,
        groups=cards,
        lead_units=tuple(row for unit, row in rows if row.leads),
        territories=tuple(row for unit, row in rows if unit.is_territory),
    )


def group_page(campaign: Campaign, group_id: int, on: date) -> GroupPage | None:
    """One group of the campaign on a day; None when there is no such group."""
    group = next((one for one in _groups(campaign, group_id)), None)
    if group is None:
        return None
    found = tuple(cell for cell in cells(campaign.id) if cell.group_id == group.id)
    with_work = {cell.unit_id for cell in found}
    units = [unit for unit in Unit.listed() if unit.is_territory or unit.id in with_work]
    by_kind = (("目标", "target"), ("任务", "task"))
    return GroupPage(
        card=_card(group, _leaders(campaign, on).get(group.id, ()), found),
        responsibilities=tuple((Role(r.role).word, r.unit.name, r.duty) for r in group.responsibilities),
        units=tuple(_unit_row(unit, (), found) for unit in units),
        kinds=tuple((word, lights(cell for cell in found if cell.kind == kind)) for word, kind in by_kind),
        owed=total(found, lambda cell: cell.owed),
    )


def _groups(campaign: Campaign, group_id: int | None = None) -> Sequence[Group]:
    query = select(Group).where(Group.campaign_id == campaign.id).order_by(Group.no)
    query = query.options(selectinload(Group.responsibilities).joinedload(Responsibility.unit))
    if group_id is not None:
        query = query.where(Group.id == group_id)
    return db.session.scalars(query).all()


def _leaders(campaign: Campaign, on: date) -> dict[int, list[Person]]:
    query = (
        select(Seat)
        .join(Group, Group.id == Seat.group_id)
        .join(Person, Person.id == Seat.person_id)
        .where(
            Group.campaign_id == campaign.id,
            Seat.kind == SeatKind.GROUP_LEAD,
            Seat.from_on <= on,
            or_(Seat.to_on.is_(None), Seat.to_on >= on),
            Person.active,
        )
        .options(joinedload(Seat.person))
        .order_by(Seat.id)
    )
    held: dict[int, list[Person]] = defaultdict(list)
    for seat in db.session.scalars(query):
        if seat.group_id is not None:
            held[seat.group_id].append(seat.person)
    return held


def _card(group: Group, leaders: Sequence[Person], found: Sequence[Cell]) -> GroupCard:
    counted = lights(cell for cell in found if cell.group_id == group.id)
    lead = group.lead_unit
    return GroupCard(
        id=group.id,
        no=group.no,
        name=group.name,
        lead_unit=lead.name if lead else "未公布",
        duty=group.duty,
        aim=group.aim,
        methods=group.methods,
        leaders=tuple(person.name for person in leaders),
        illustrative=any(person.illustrative for person in leaders),
        light=light_of(counted),
        counts=counted,
    )


def _unit_row(unit: Unit, leads: tuple[str, ...], found: Sequence[Cell]) -> UnitRow:
    own = [cell for cell in found if cell.unit_id == unit.id]
    counted = lights(own)
    return UnitRow(
        id=unit.id,
        name=unit.name,
        short_name=unit.short_name,
        kind=UnitKind(unit.kind).word,
        mechanism=unit.mechanism,
        leads=leads,
        counts=counted,
        open=sum(counted.values()),
        owed=total(own, lambda cell: cell.owed),
    )
