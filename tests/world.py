"""A small district: two groups, three units, one person in each relation to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from taskboard.db import db
from taskboard.models import (
    Campaign,
    Group,
    Indicator,
    Installation,
    Party,
    Person,
    Responsibility,
    Role,
    RuleSetRow,
    Seat,
    Target,
    Task,
    Unit,
)
from taskboard.models.placing import admit
from taskboard.rules import ruleset

FRIDAY = date(2020, 6, 5)
MONDAY = date(2020, 6, 1)
NOON = datetime(2020, 6, 5, 4, 0, tzinfo=UTC)
PASSWORD = "Gongshu-2020-ok"


@dataclass
class World:
    """The cast by relation: `lead` leads the group that `target` is in, `other_lead` another one."""

    campaign: Campaign
    group: Group
    other_group: Group
    unit: Unit
    other_unit: Unit
    lead_unit: Unit
    people: dict[str, Person]
    target: Target
    task: Task

    def __getattr__(self, name: str) -> Person:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    def ids(self) -> SimpleNamespace:
        """The ids, for tests that leave the session."""
        rows = {n: getattr(self, n).id for n in ("group", "other_group", "unit", "other_unit", "target", "task")}
        return SimpleNamespace(**rows, **{name: person.id for name, person in self.people.items()})


class Web:
    """Clients of the application, one for each person."""

    def __init__(self, app: Flask, ids: SimpleNamespace) -> None:
        self.app, self.ids = app, ids

    def as_(self, who: str) -> FlaskClient:
        """A client logged in as one of the cast."""
        client = self.app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = str(getattr(self.ids, who))
            session["_fresh"] = True
        return client

    def visitor(self) -> FlaskClient:
        return self.app.test_client()


def build() -> World:
    """Build and commit the district, on the demonstration clock's 2020-06-05."""
    db.session.add(Installation(kind="demonstration", demo_day=FRIDAY, stepped_at=datetime.now(UTC), created_at=NOON))
    campaign = Campaign(name="攻坚行动", starts_on=date(2020, 4, 1), ends_on=date(2020, 6, 30))
    db.session.add(campaign)
    db.session.add(RuleSetRow.from_value(ruleset.load("standard"), NOON))
    lead_unit = Unit(name="区发改经信局", short_name="发改经信局", kind="department", position=1)
    unit = Unit(name="上塘街道", short_name="上塘", kind="subdistrict", position=2)
    other_unit = Unit(name="祥符街道", short_name="祥符", kind="subdistrict", position=3)
    db.session.add_all([lead_unit, unit, other_unit])
    db.session.flush()
    group = Group(campaign_id=campaign.id, no=1, name="工业企业组", short_name="工业企业")
    other_group = Group(campaign_id=campaign.id, no=2, name="批零消费外贸组", short_name="批零消费外贸")
    for each in (group, other_group):
        each.responsibilities.append(Responsibility(unit=lead_unit, role=Role.LEAD))
    db.session.add_all([group, other_group])
    db.session.flush()
    people = _people(group, other_group, unit, other_unit)
    target = make_target(campaign, group, unit)
    task = Task(
        **_common(campaign, group, unit),
        title="老旧小区改造",
        detail="完成开工",
        key="老旧小区改造",
        ends_on=date(2020, 6, 30),
    )
    task.parties = [Party(unit_id=lead_unit.id, role=Role.LEAD)]
    admit(task, FRIDAY)
    db.session.commit()
    return World(campaign, group, other_group, unit, other_unit, lead_unit, people, target, task)


def make_target(campaign: Campaign, group: Group, unit: Unit, **more: Any) -> Target:
    """A target of 100 万元 from 1 April to 30 June, reports owed from this week on."""
    indicator = Indicator(group_id=group.id, name="规上工业增加值", measure="万元")
    db.session.add(indicator)
    db.session.flush()
    values: dict[str, Any] = {
        **_common(campaign, group, unit),
        "title": indicator.name,
        "indicator": indicator,
        "measure": "万元",
        "target_value": Decimal(100),
        "ends_on": date(2020, 6, 30),
        **more,
    }
    target = Target(**values)
    admit(target, FRIDAY)
    return target


def _common(campaign: Campaign, group: Group, unit: Unit) -> dict[str, Any]:
    return {
        "campaign_id": campaign.id,
        "group_id": group.id,
        "unit_id": unit.id,
        "starts_on": date(2020, 4, 1),
        "owed_from": MONDAY,
        "light_since": FRIDAY,
        "illustrative": True,
    }


def _people(group: Group, other_group: Group, unit: Unit, other_unit: Unit) -> dict[str, Person]:
    cast: dict[str, tuple[str, dict[str, Any]]] = {
        "office": ("office", {}),
        "supervisor": ("supervisor", {}),
        "leader": ("leader", {}),
        "lead": ("group_lead", {"group_id": group.id}),
        "other_lead": ("group_lead", {"group_id": other_group.id}),
        "reporter": ("reporter", {"unit_id": unit.id}),
        "other_reporter": ("reporter", {"unit_id": other_unit.id}),
        "system_admin": ("system_admin", {}),
        "security_admin": ("security_admin", {}),
        "audit_admin": ("audit_admin", {}),
    }
    made = {}
    for login, (kind, where) in cast.items():
        person = Person(
            login=login, name=f"{login}（示例）", email=f"{login}@example.invalid", must_change_password=False
        )
        person.seats.append(Seat(kind=kind, from_on=date(2020, 4, 1), **where))
        made[login] = person
    db.session.add_all(made.values())
    db.session.flush()
    return made
