"""督查 items: the supervisor's desk, an item page with 500 events, the day's watch, and the ledger as a workbook."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import insert, select, text

from bench.fill import DAY
from bench.measure import bare_workbook, floor_page, page, say, timed
from taskboard import clock
from taskboard.db import db
from taskboard.exports.items import COLUMNS
from taskboard.jobs import items as watch
from taskboard.models import Band, Campaign, Group, Item, Kind, Unit, item_tally, record
from taskboard.rules.lifecycle import Holder, State, holder_of

EVENTS = 500
LEDGER = 10_000
OPEN = (State.ASSIGNED, State.HANDLING, State.HANDLING, State.SUBMITTED, State.RETURNED, State.CLOSING, State.SUSPENDED)
RAW = (
    "SELECT i.id, i.title, u.name, i.state, i.light, i.clock_due_on, i.level, i.last_word FROM item i "
    "JOIN unit u ON u.id = i.unit_id WHERE i.campaign_id = 1 ORDER BY i.band, i.clock_due_on, i.id LIMIT 50"
)


def measure(app: Flask, rows: int, office: Any) -> None:
    """Print the figures of items, half of them open, on a database that bench.fill has filled."""
    with app.app_context():
        _fill(rows)
        floor = timed(_touch_open, 3)
        first = timed(lambda: watch.run(DAY, clock.now()), 1)
        following = timed(lambda: watch.run(DAY + timedelta(days=3), clock.now()), 1)
    half = rows // 2
    say(f"watch of {half} open items, first", first, floor, 3, "floor: one UPDATE of every open row")
    say(f"watch of {half} open items, next day", following, floor, 3)
    bare = floor_page(app, RAW)
    for name, path in (
        (f"supervisor's desk, {half} open", "/items"),
        ("its tab 逾期", "/items?view=overdue"),
        ("ledger, first page", "/items?view=all"),
        (f"item with {EVENTS} events", "/items/1"),
        ("item, all of its events", "/items/1?events=all"),
    ):
        took, statements = page(app, office, path)
        say(name, took, bare, 6, f"{statements} statements")
    if rows == LEDGER:
        path = f"/items.xlsx?view=all&progress={'0' * 32}"
        took = timed(lambda: office.get(path), 1)
        say("ledger out, 10 000 rows, progress", took, timed(bare_workbook(LEDGER, len(COLUMNS)), 1), 1.5)


def _fill(rows: int) -> None:
    dice, now = random.Random(rows), clock.now()
    campaign = Campaign.current()
    assert campaign is not None
    units = list(db.session.scalars(select(Unit.id)))
    groups = list(db.session.scalars(select(Group.id)))
    db.session.connection().execute(
        insert(Item), [_item(n, campaign.id, dice, units, groups, now) for n in range(rows)]
    )
    item_tally.rebuild()
    first = db.session.get(Item, 1)
    for n in range(EVENTS):
        record(Kind.ITEM_COMMENTED, first, 1, now, after={"text": f"现场核查第 {n + 1} 次"})
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SELECT setval('item_id_seq', :n)"), {"n": rows})
    db.session.commit()
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("ANALYZE"))
        db.session.commit()


def _item(
    n: int, campaign_id: int, dice: random.Random, units: list[int], groups: list[int], now: Any
) -> dict[str, Any]:
    is_open = n % 2 == 0
    state = dice.choice(OPEN) if is_open else State.CLOSED
    assigned = DAY - timedelta(days=dice.randint(1, 60))
    due = assigned + timedelta(days=dice.randint(7, 90))
    band = {State.CLOSED: Band.ENDED, State.SUSPENDED: Band.PAUSED}.get(state, Band.RUNNING)
    return {
        "id": n + 1,
        "campaign_id": campaign_id,
        "group_id": dice.choice(groups),
        "unit_id": dice.choice(units),
        "year": 2020,
        "no": n + 1,
        "title": f"核查停工项目 {n + 1}",
        "requirement": "核清停工原因，限期复工",
        "state": state.value,
        "registered_at": now,
        "assigned_on": assigned,
        "sign_due_on": assigned + timedelta(days=1),
        "original_due_on": due,
        "due_on": due,
        "heard_on": assigned,
        "clock_due_on": due if is_open else None,
        "closed_on": None if is_open else due,
        "holder": (holder_of(state) or Holder.OFFICE).value,
        "held_since": now,
        "light_since": assigned,
        "band": int(band),
        "last_word": "按计划推进",
    }


def _touch_open() -> None:
    db.session.execute(text("UPDATE item SET level = level WHERE band < 3"))
    db.session.commit()
