"""A database with N live rows, filled in bulk."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import insert

from taskboard.db import db
from taskboard.models import (
    Campaign,
    Commitment,
    Group,
    Indicator,
    Installation,
    Person,
    Report,
    Responsibility,
    Role,
    RuleSetRow,
    Seat,
    Target,
    Unit,
    tally,
)
from taskboard.rules import ruleset

DAY, MONDAY = date(2020, 6, 5), date(2020, 6, 1)
START, END = date(2020, 4, 1), date(2020, 6, 30)


def fill(rows: int) -> tuple[int, int, int]:
    """Nine groups, sixteen units and `rows` targets; returns the ids of office, lead and a target with history."""
    now, dice = datetime.now(UTC), random.Random(rows)
    db.session.add(Installation(kind="demonstration", demo_day=DAY, stepped_at=now, created_at=now))
    campaign = Campaign(name="攻坚行动", starts_on=START, ends_on=END)
    units = [Unit(name=f"单位{n}", short_name=f"单位{n}", kind="subdistrict", position=n) for n in range(16)]
    db.session.add_all([campaign, RuleSetRow.from_value(ruleset.load("standard"), now), *units])
    db.session.flush()
    groups = [Group(campaign_id=campaign.id, no=n, name=f"专项组{n}", short_name=f"组{n}") for n in range(1, 10)]
    for group in groups:
        group.responsibilities.append(Responsibility(unit=units[0], role=Role.LEAD))
    db.session.add_all(groups)
    db.session.flush()
    indicator = Indicator(group_id=groups[0].id, name="指标", measure="万元")
    office = Person(login="office", name="专班", must_change_password=False)
    office.seats.append(Seat(kind="office", from_on=START))
    lead = Person(login="lead", name="组长", must_change_password=False)
    lead.seats.append(Seat(kind="group_lead", group_id=groups[0].id, from_on=START))
    db.session.add_all([indicator, office, lead])
    db.session.flush()
    common = {"kind": "target", "campaign_id": campaign.id, "starts_on": START, "ends_on": END, "owed_from": MONDAY}
    common |= {"light_since": START, "light": "grey", "swept_light": "grey", "section": 6, "owed": False}
    common |= {"detail": "", "illustrative": True, "source": "", "version": 1, "returned": False}
    made = [
        {
            **common,
            "id": n,
            "group_id": dice.choice(groups).id,
            "unit_id": dice.choice(units).id,
            "title": f"目标{n}",
            "value": Decimal(dice.randint(45, 110)),
            "reported_week": MONDAY,
            "last_word": "按计划推进",
        }
        for n in range(1, rows + 1)
    ]
    measure = {"indicator_id": indicator.id, "rule_kind": "amount", "measure": "万元", "decimals": 0}
    measure |= {"higher_is_better": True, "start_value": Decimal(0), "target_value": Decimal(100)}
    connection = db.session.connection()
    connection.execute(insert(Commitment.__table__), made)  # type: ignore[arg-type]
    connection.execute(insert(Target.__table__), [{"id": each["id"], **measure} for each in made])  # type: ignore[arg-type]
    reports = [
        {
            "commitment_id": 1,
            "week": week,
            "revision": 1,
            "live_key": f"1:{week}",
            "value": Decimal(10 * n),
            "done": "推进",
        }
        | {
            "done": "推进",
            "reported_by_id": lead.id,
            "reported_at": now,
            "late": False,
            "obstacle": "",
            "next_step": "",
        }
        for n, week in enumerate([date(2020, 5, 4), date(2020, 5, 11), date(2020, 5, 18), date(2020, 5, 25), MONDAY], 1)
    ]
    connection.execute(insert(Report), reports)
    if db.engine.dialect.name == "postgresql":
        db.session.execute(db.text("SELECT setval('commitment_id_seq', :n)"), {"n": rows})
    tally.rebuild()
    db.session.commit()
    if db.engine.dialect.name == "postgresql":
        db.session.execute(db.text("ANALYZE"))
        db.session.commit()
    return office.id, lead.id, 1
