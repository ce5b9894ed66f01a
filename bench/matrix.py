"""指标矩阵: 30 indicators × 14 territories with 52 weeks of reports, and a cascade, against one query and one table."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text

from bench.fill import END, START, fill
from bench.measure import client, floor_page, page, say
from taskboard import create_app
from taskboard.db import db, start_reading
from taskboard.models import Commitment, Group, Indicator, Plan, Report, Target, Unit
from taskboard.models.planning import periods_of
from tests import databases

INDICATORS, TERRITORIES, WEEKS = 30, 14, 52
BUDGET = 6.0  # as of any page with its history
RAW = (
    "SELECT i.name, i.measure, u.name, c.light, t.target_value, c.value, c.vintage, c.value_as_of FROM commitment c "
    "JOIN target t ON t.id = c.id JOIN indicator i ON i.id = t.indicator_id JOIN unit u ON u.id = c.unit_id "
    "WHERE c.campaign_id = 1 AND c.starts_on = '2020-04-01' AND c.ends_on = '2020-06-30' ORDER BY i.id, c.id"
)
RAW_PLANS = "SELECT period, unit_id, amount, base, actual FROM plan WHERE indicator_id = 2 AND period LIKE '2020%'"


def measure(url: str, folder: Path) -> None:
    """Print the figures of a database of its own."""
    app = create_app(databases.configuration_for(url, folder))
    start_reading(False)
    with app.app_context():
        office, _lead, _target = fill(1)
        _fill()
    print(f"\n{url.split(':')[0]}, {INDICATORS} indicators x {TERRITORIES} territories x {WEEKS} weeks")
    browser = client(app, office)
    for name, path, raw in (
        ("matrix, completion", "/matrix", RAW),
        ("matrix, actual", "/matrix?show=实际", RAW),
        ("matrix, red alone", "/matrix?light=red", RAW),
        ("cascade of an indicator", "/plans/2", RAW_PLANS),
    ):
        took, statements = page(app, browser, path)
        say(name, took, floor_page(app, raw), BUDGET, f"{statements} statements")
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _fill() -> None:
    dice, now = random.Random(INDICATORS), datetime.now(UTC)
    units = list(db.session.scalars(select(Unit).order_by(Unit.position)))
    for unit in units[TERRITORIES + 1 :] + units[:1]:
        unit.kind = "department"
    groups = list(db.session.scalars(select(Group).order_by(Group.no)))
    indicators = [Indicator(group_id=groups[n % 9].id, name=f"分解指标{n}", measure="万元") for n in range(INDICATORS)]
    db.session.add_all(indicators)
    db.session.flush()
    chosen = [(one, unit) for one in indicators for unit in units[: TERRITORIES + 1]]
    made = [_commitment(n, one, unit, dice) for n, (one, unit) in enumerate(chosen, 2)]
    connection: Any = db.session.connection()
    connection.execute(insert(Commitment.__table__), made)  # type: ignore[arg-type]
    connection.execute(insert(Target.__table__), [  # type: ignore[arg-type]
        {"id": n, "indicator_id": one.id, "rule_kind": "amount", "measure": "万元", "decimals": 0,
         "higher_is_better": True, "start_value": Decimal(0), "is_district": unit is units[0],
         "target_value": Decimal(1400 if unit is units[0] else 100), "reserve": Decimal(0)}
        for n, (one, unit) in enumerate(chosen, 2)
    ])  # fmt: skip
    first = date(2019, 6, 10)
    connection.execute(insert(Report), [
        {"commitment_id": each["id"], "week": first + timedelta(weeks=week), "revision": 1,
         "live_key": f"{each['id']}:{first + timedelta(weeks=week)}", "value": Decimal(week), "done": "推进",
         "reported_by_id": 1, "reported_at": now, "late": False, "obstacle": "", "next_step": ""}
        for each in made for week in range(WEEKS)
    ])  # fmt: skip
    connection.execute(insert(Plan), [
        {"indicator_id": indicators[0].id, "unit_id": unit.id, "period": period.key, "version": 1,
         "key": Plan.key_of(indicators[0].id, unit.id, period.key), "amount": Decimal(period.level.length * 10)}
        for unit in units[: TERRITORIES + 1] for period in periods_of(2020)
    ])  # fmt: skip
    db.session.commit()
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("ANALYZE"))
        db.session.commit()


def _commitment(n: int, indicator: Indicator, unit: Unit, dice: random.Random) -> dict[str, Any]:
    return {
        "id": n, "kind": "target", "campaign_id": 1, "group_id": indicator.group_id, "unit_id": unit.id,
        "title": indicator.name, "detail": "", "starts_on": START, "ends_on": END, "owed_from": START,
        "illustrative": True, "source": "", "version": 1, "value": Decimal(dice.randint(30, 99)),
        "value_as_of": date(2020, 6, 5), "vintage": "preliminary", "last_word": "按计划推进", "returned": False,
        "light": dice.choice(("red", "yellow", "green", "green", "grey")), "light_since": START, "section": 6,
        "owed": False, "swept_light": "grey",
    }  # fmt: skip
