"""Schedules of the demonstration: approved before the campaign's first week, two revised in May, two waiting.

All of it is illustrative. The two that are revised are of groups that go well, and their second versions ask for
less until June, so that no light hangs on it.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import insert, select

from taskboard import clock
from taskboard.db import db
from taskboard.demo.figures import Planned
from taskboard.demo.structure import District
from taskboard.models import Event, Indicator, Kind, ScheduleVersion, Target, chain
from taskboard.models.event import dump
from taskboard.models.schedule_version import PRESENT, PRESENT_WORD
from taskboard.models.scheduling import Draft, ask, decide, present_points
from taskboard.rules.access import SeatKind
from taskboard.rules.curves import Given, Step
from taskboard.rules.indicator import Cadence
from taskboard.rules.lifecycle import Actor

FIRST_ASKED, FIRST_APPROVED = date(2020, 4, 1), date(2020, 4, 2)
REVISED_WEEK, THEN_ASKED, THEN_APPROVED = date(2020, 5, 11), date(2020, 5, 12), date(2020, 5, 14)
WAITING = date(2020, 6, 4)
MONTHLY = ("社会消费品零售总额5月增速", "一般公共预算收入5月增速")
RELEASE_DAY = 18
REVISED = (  # group, indicator, curve, reason
    (4, "商品房销售面积", "seasonal", "网签集中在季末，按上年同期各月占比安排（示例）"),
    (8, "用地指标落实", "event_based", "省里六月分两批下达用地指标，按批次安排（示例）"),
)
ASKED = (  # group, indicator, curve, reason
    (5, "固定资产投资", "seasonal", "重大项目六月集中开工，请按施工计划安排各月任务（示例）"),
    (1, "规上工业增加值", "working_day", "端午假期停产较多，请按工作日均摊（示例）"),
)
MONTHS = {4: Decimal(24), 5: Decimal(31), 6: Decimal(45)}
Row = dict[str, Any]


def make(district: District, planned: list[Planned]) -> None:
    """Definitions of the indicators, and an approved schedule of every target."""
    _define()
    rows, events = [], []
    for target in _targets(planned):
        row = _first(district, target)
        rows.append(row)
        events += _events(row)
    db.session.execute(insert(ScheduleVersion), rows)
    db.session.connection().execute(insert(Event), chain.seal(events))


def revise(district: District, planned: list[Planned]) -> None:
    """In the week of REVISED_WEEK two targets get another schedule."""
    office = Actor(district.people["bangongshi"].id, SeatKind.OFFICE)
    for no, name, curve, reason in REVISED:
        version = _ask(district, planned, (no, name, curve, reason), clock.at(THEN_ASKED, 10, no))
        decide(version, True, "同意（示例）", THEN_APPROVED, office, clock.at(THEN_APPROVED, 16, no))


def wait(district: District, planned: list[Planned]) -> None:
    """Two requests of yesterday that nobody has answered."""
    for no, name, curve, reason in ASKED:
        _ask(district, planned, (no, name, curve, reason), clock.at(WAITING, 15, no))


def _ask(district: District, planned: list[Planned], what: tuple[int, str, str, str], at: datetime) -> ScheduleVersion:
    no, name, curve, reason = what
    group = district.groups[no].id
    target = next(t for t in _targets(planned) if t.illustrative and t.group_id == group and t.title == name)
    lead = Actor(_lead(district, target), SeatKind.GROUP_LEAD, group_id=group)
    return ask(target, Draft(curve, reason, target.target_value, _given(target)), lead, at)


def _targets(planned: list[Planned]) -> list[Target]:
    return [each.commitment for each in planned if isinstance(each.commitment, Target)]


def _define() -> None:
    texts = yaml.safe_load((Path(__file__).parent / "indicators.yaml").read_text(encoding="utf-8"))
    for indicator in db.session.scalars(select(Indicator)):
        if indicator.name in texts:
            definition, source = texts[indicator.name]
            indicator.definition, indicator.source = f"{definition}（示例）", f"{source}（示例）"
        if indicator.name in MONTHLY:
            indicator.cadence, indicator.release_day, indicator.may_be_negative = Cadence.MONTH, RELEASE_DAY, True
    db.session.flush()


def _given(target: Target) -> Given:
    half = (target.target_value / 4).quantize(Decimal(1).scaleb(-target.decimals))
    steps = (Step(date(2020, 6, 12), half, "第一批下达"), Step(date(2020, 6, 24), half, "第二批下达"))
    return Given(weights=MONTHS, steps=steps)


def _lead(district: District, target: Target) -> int:
    no = next(no for no, group in district.groups.items() if group.id == target.group_id)
    return district.people[f"zuzhang{no}"].id


def _first(district: District, target: Target) -> Row:
    return {
        "target_id": target.id,
        "no": 1,
        "curve": PRESENT,
        "reason": "核定二季度序时计划（示例）",
        "target_value": target.target_value,
        "points": ScheduleVersion.written(present_points(target)),
        "state": "approved",
        "asked_by_id": _lead(district, target),
        "asked_at": clock.at(FIRST_ASKED, 10),
        "decided_by_id": district.people["bangongshi"].id,
        "decided_at": clock.at(FIRST_APPROVED, 16),
        "answer": "同意（示例）",
        "from_on": max(FIRST_ASKED, target.starts_on),
    }


def _events(row: Row) -> list[Row]:
    """What ask and decide would have recorded, one by one."""
    said = {"curve": PRESENT_WORD, "target_value": row["target_value"], "reason": row["reason"]}
    decided = {**said, "from_on": row["from_on"], "answer": row["answer"]}
    return [
        {
            "at": row[at],
            "kind": kind.key,
            "actor_id": row[who],
            "subject_type": "commitment",
            "subject_id": row["target_id"],
            "data": dump(None, after, {"words": f"第 {row['no']} 版"}),
        }
        for kind, at, who, after in (
            (Kind.SCHEDULE_ASKED, "asked_at", "asked_by_id", said),
            (Kind.SCHEDULE_APPROVED, "decided_at", "decided_by_id", decided),
        )
    ]
