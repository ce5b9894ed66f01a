"""The verbs of administration: units, groups, people, seats, working days. Each leaves an event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from taskboard.db import db
from taskboard.errors import Conflict, Refused
from taskboard.models import password
from taskboard.models.calendar_override import CalendarOverride
from taskboard.models.event import Kind, changes, record
from taskboard.models.group import Group, Responsibility, Role
from taskboard.models.person import Person
from taskboard.models.seat import Seat
from taskboard.models.unit import Unit, UnitAlias
from taskboard.rules.access import SeatKind


def change(row: Any, values: Mapping[str, Any], kind: Kind, by: int, at: datetime) -> bool:
    """Write the differing values to a row, with one event; False when nothing differs."""
    before, after = changes(row, values)
    if not after:
        return False
    for name, value in after.items():
        setattr(row, name, value)
    record(kind, row, by, at, before, after)
    return True


def save_unit(unit: Unit | None, values: dict[str, Any], aliases: list[str], by: int, at: datetime) -> Unit:
    """Create or change a unit. Names and aliases are one namespace: an import must know whom it means."""
    own = unit.id if unit else None
    for name in [values["name"], *aliases]:
        _check_name_free(name, own)
    if unit is None:
        unit = Unit(**values)
        unit.aliases = [UnitAlias(name=name) for name in aliases]
        record(Kind.UNIT_CREATED, unit, by, at, after={**values, "aliases": aliases})
        return unit
    before = {alias.name for alias in unit.aliases}
    if before != set(aliases):
        unit.aliases = [a for a in unit.aliases if a.name in aliases] + [
            UnitAlias(name=name) for name in aliases if name not in before
        ]
        record(Kind.UNIT_CHANGED, unit, by, at, {"aliases": sorted(before)}, {"aliases": sorted(aliases)})
    change(unit, values, Kind.UNIT_CHANGED, by, at)
    return unit


def save_group(group: Group, values: dict[str, Any], lead_id: int, by: int, at: datetime) -> None:
    """Change a group and its lead unit."""
    lead = group.lead_unit
    if lead is None or lead.id != lead_id:
        new = db.session.get_one(Unit, lead_id)
        group.responsibilities = [r for r in group.responsibilities if r.role != Role.LEAD]
        db.session.flush()
        group.responsibilities.append(Responsibility(unit=new, role=Role.LEAD))
        before = {"lead_unit": lead.name if lead else ""}
        record(Kind.GROUP_CHANGED, group, by, at, before, {"lead_unit": new.name})
    change(group, values, Kind.GROUP_CHANGED, by, at)


def create_group(campaign_id: int, values: dict[str, Any], lead_id: int, by: int, at: datetime) -> Group:
    """A new group of the campaign, the next in order, with its lead unit."""
    numbers = db.session.scalars(select(Group.no).where(Group.campaign_id == campaign_id)).all()
    group = Group(campaign_id=campaign_id, no=max(numbers, default=0) + 1, **values)
    group.responsibilities.append(Responsibility(unit=db.session.get_one(Unit, lead_id), role=Role.LEAD))
    record(Kind.GROUP_CREATED, group, by, at, after={"no": group.no, **values})
    return group


def create_person(values: dict[str, Any], by: int | None, at: datetime) -> tuple[Person, str]:
    """A new person with a one-time password, which is shown once and must be changed."""
    login = values["login"].casefold()
    if Person.by_login(login):
        raise Refused(f"账号“{login}”已有人使用，请换一个")
    person = Person(**{**values, "login": login})
    secret = password.one_time_password()
    password.set_password(person, secret, at, must_change=True)
    record(Kind.PERSON_CREATED, person, by, at, after=values)
    return person, secret


def change_person(person: Person, values: dict[str, Any], version: int, by: int, at: datetime) -> None:
    """Change a person, unless somebody else did since the form was opened."""
    if person.version != version:
        pairs = [(name, str(getattr(person, name)), str(value)) for name, value in values.items()]
        raise Conflict(f"“{person.name}”刚被他人修改，您的内容没有保存", [p for p in pairs if p[1] != p[2]])
    if change(person, values, Kind.PERSON_CHANGED, by, at):
        person.version += 1


def reset_password(person: Person, by: int, at: datetime) -> str:
    """A new one-time password; it also unlocks the account."""
    secret = password.one_time_password()
    password.set_password(person, secret, at, must_change=True)
    record(Kind.PASSWORD_RESET, person, by, at)
    return secret


def give_seat(
    person: Person, kind: str, place: int | None, from_on: date, to_on: date | None, by: int, at: datetime
) -> Seat:
    """Give a seat; `place` is the group of a lead, the unit of a reporter."""
    seat = Seat(kind=kind, from_on=from_on, to_on=to_on, person=person)
    if kind in (SeatKind.GROUP_LEAD, SeatKind.REPORTER) and place is None:
        raise Refused("组长须选专项组，联络员须选单位")
    if to_on and to_on < from_on:
        raise Refused("结束日期不能早于起始日期")
    if kind == SeatKind.GROUP_LEAD:
        seat.group_id = place
    elif kind == SeatKind.REPORTER:
        seat.unit_id = place
    db.session.add(seat)
    after = {"seat": SeatKind(kind).word, "from_on": from_on, "to_on": to_on}
    record(Kind.SEAT_GIVEN, person, by, at, after=after)
    return seat


def end_seat(seat: Seat, on: date, by: int, at: datetime) -> None:
    """End a seat with the day before `on`, so that it no longer counts from that day."""
    before = {"to_on": seat.to_on}
    seat.to_on = on - timedelta(days=1)
    after = {"seat": SeatKind(seat.kind).word, "to_on": seat.to_on}
    record(Kind.SEAT_ENDED, seat.person, by, at, before, after)


def set_workday(day: date, is_workday: bool, name: str, by: int, at: datetime) -> None:
    """Say that a day is worked or not, whatever the published calendar says."""
    row = db.session.get(CalendarOverride, day)
    if row is None:
        db.session.add(CalendarOverride(day=day, is_workday=is_workday, name=name))
    else:
        row.is_workday, row.name = is_workday, name
    after = {"day": day, "is_workday": is_workday, "name": name}
    record(Kind.CALENDAR_CHANGED, "calendar_override", by, at, after=after)


def _check_name_free(name: str, own: int | None) -> None:
    unit_id = db.session.scalar(select(Unit.id).where(Unit.name == name))
    alias_of = db.session.scalar(select(UnitAlias.unit_id).where(UnitAlias.name == name))
    for found in (unit_id, alias_of):
        if found is not None and found != own:
            raise Refused(f"“{name}”已是另一单位的名称或别名，请换一个")
