"""Campaign, units, groups, responsibilities and people of the demonstration."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from taskboard.db import db
from taskboard.models import (
    Campaign,
    Group,
    Indicator,
    Person,
    Responsibility,
    Role,
    RuleSetRow,
    Seat,
    Unit,
    UnitAlias,
    password,
)
from taskboard.models.demonstration import DEMO_PASSWORD
from taskboard.rules import ruleset

SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗"
GIVEN = ("建国", "志强", "晓燕", "丽华", "海涛", "文静", "国栋", "雪梅", "俊杰", "雅琴", "立新", "春燕", "永明", "佳宁")
DEPARTMENT_LOGINS = {
    "区发改经信局": "fagaiju",
    "区商务局": "shangwuju",
    "区住建局": "zhujianju",
    "区财政局": "caizhengju",
    "区投促局": "toucuju",
}


@dataclass
class District:
    """What the figures hang on."""

    data: dict[str, Any]
    campaign: Campaign
    units: dict[str, Unit]
    groups: dict[int, Group]
    indicators: dict[int, list[tuple[Indicator, int]]]
    people: dict[str, Person]

    @property
    def territories(self) -> list[Unit]:
        return [unit for unit in self.units.values() if unit.is_territory]


def build(at: datetime, dice: random.Random) -> District:
    """Add the mechanism to the session and flush it."""
    data = yaml.safe_load((Path(__file__).parent / "district.yaml").read_text(encoding="utf-8"))
    campaign = Campaign(**data["campaign"])
    db.session.add(campaign)
    db.session.add_all(RuleSetRow.from_value(each, at) for each in ruleset.presets())
    units = {each["name"]: _unit(each, n) for n, each in enumerate(data["units"], 1)}
    db.session.add_all(units.values())
    db.session.flush()
    groups = {each["order"]: _group(each, campaign, units) for each in data["groups"]}
    db.session.add_all(groups.values())
    db.session.flush()
    indicators = {each["order"]: _indicators(each, groups[each["order"]]) for each in data["groups"]}
    people = _people(data, units, groups, dice)
    db.session.add_all(people.values())
    db.session.flush()
    return District(data, campaign, units, groups, indicators, people)


def _unit(each: dict[str, Any], position: int) -> Unit:
    unit = Unit(
        name=each["name"],
        short_name=each["short"],
        kind=each["kind"],
        position=position,
        mechanism=each.get("mechanism", ""),
    )
    unit.aliases = [UnitAlias(name=alias) for alias in each.get("aliases", ())]
    return unit


def _group(each: dict[str, Any], campaign: Campaign, units: dict[str, Unit]) -> Group:
    columns = {name: each[name] for name in ("name", "duty", "aim", "methods")}
    group = Group(campaign_id=campaign.id, no=each["order"], short_name=each["short"], **columns)
    group.responsibilities.append(Responsibility(unit=units[each["lead"]], role=Role.LEAD, duty=each["duty"]))
    for unit in units.values():
        if unit.is_territory:
            group.responsibilities.append(Responsibility(unit=unit, role=Role.RESPONSIBLE))
    return group


def _indicators(each: dict[str, Any], group: Group) -> list[tuple[Indicator, int]]:
    made = []
    for name, measure, decimals, size in each["indicators"]:
        indicator = Indicator(group_id=group.id, name=name, measure=measure, decimals=decimals)
        db.session.add(indicator)
        made.append((indicator, size))
    db.session.flush()
    return made


def _people(
    data: dict[str, Any], units: dict[str, Unit], groups: dict[int, Group], dice: random.Random
) -> dict[str, Person]:
    """Everybody shares one hash: the password is public, and hashing forty times would take seconds."""
    hashed = password.hash_password(DEMO_PASSWORD)
    names = iter(dice.sample([s + g for s in SURNAMES for g in GIVEN], 60))
    people: dict[str, Person] = {}

    def seat(login: str, kind: str, **where: Any) -> None:
        person = people.get(login) or Person(
            login=login,
            name=f"{next(names)}（示例）",
            email=f"{login}@example.invalid",
            illustrative=True,
            password_hash=hashed,
            must_change_password=False,
        )
        person.seats.append(Seat(kind=kind, from_on=date(2020, 4, 1), **where))
        people[login] = person

    for login, kind in (("bangongshi", "office"), ("ducha", "supervisor"), ("lingdao", "leader")):
        seat(login, kind)
    for no, group in groups.items():
        seat(f"zuzhang{no}", "group_lead", group_id=group.id)
    for no in (1, 5):
        seat(f"fuzuzhang{no}", "group_lead", group_id=groups[no].id)
    for name, login in DEPARTMENT_LOGINS.items():
        seat(login, "reporter", unit_id=units[name].id)
    for each in data["units"]:
        if "login" in each:
            seat(each["login"], "reporter", unit_id=units[each["name"]].id)
    seat("bangongshi", "reporter", unit_id=units["拱墅区"].id)
    for login, kind in (("xitong", "system_admin"), ("anquan", "security_admin"), ("shenji", "audit_admin")):
        seat(login, kind)
    return people
