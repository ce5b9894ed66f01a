"""Schedules of the demonstration: approved before the campaign's first week, two revised in May, two waiting.

All of it is illustrative. A revised target runs along its second version from the start of the demonstration;
both are of groups that go well, and their second versions ask for less until June, so no light depends on it.
"""

from __future__ import annotations

from datetime import date
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
from taskboard.models.schedule_version import PRESENT, Point
from taskboard.models.scheduling import Draft, ask, draw, present_points
from taskboard.rules.access import SeatKind
from taskboard.rules.curves import CURVES, Given, Step
from taskboard.rules.indicator import Cadence
from taskboard.rules.lifecycle import Actor

FIRST_ASKED, FIRST_APPROVED = date(2020, 4, 1), date(2020, 4, 2)
THEN_ASKED, THEN_APPROVED = date(2020, 5, 12), date(2020, 5, 14)
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
    targets = [each.commitment for each in planned if isinstance(each.commitment, Target)]
    revised = {_local(targets, district, no, name).id: (curve, reason) for no, name, curve, reason in REVISED}
    rows, events = [], []
    for target in targets:
        lead, first = _lead(district, target), present_points(target)
        days = (FIRST_ASKED, FIRST_APPROVED, max(FIRST_ASKED, target.starts_on))
        made = [_row(district, target, (1, PRESENT, "核定二季度序时计划（示例）", first), lead, days)]
        if target.id in revised:
            curve, reason = revised[target.id]
            points = draw(target, Draft(curve, reason, target.target_value, _given(target)))
            target.schedule_along(points)
            days = (THEN_ASKED, THEN_APPROVED, THEN_APPROVED)
            made.append(_row(district, target, (2, curve, reason, points), lead, days))
        rows += made
        events += [event for row in made for event in _events(row)]
    db.session.flush()
    db.session.execute(insert(ScheduleVersion), rows)
    db.session.connection().execute(insert(Event), chain.seal(events))


def wait(district: District, planned: list[Planned]) -> None:
    """Two requests of yesterday that nobody has answered."""
    targets = [each.commitment for each in planned if isinstance(each.commitment, Target)]
    for no, name, curve, reason in ASKED:
        target = _local(targets, district, no, name)
        lead = Actor(_lead(district, target), SeatKind.GROUP_LEAD, group_id=target.group_id)
        ask(target, Draft(curve, reason, target.target_value, _given(target)), lead, clock.at(WAITING, 15, no))


def _define() -> None:
    texts = yaml.safe_load((Path(__file__).parent / "indicators.yaml").read_text(encoding="utf-8"))
    for indicator in db.session.scalars(select(Indicator)):
        if indicator.name in texts:
            definition, source = texts[indicator.name]
            indicator.definition, indicator.source = f"{definition}（示例）", f"{source}（示例）"
        if indicator.name in MONTHLY:
            indicator.cadence, indicator.release_day, indicator.may_be_negative = Cadence.MONTH, RELEASE_DAY, True
    db.session.flush()


def _local(targets: list[Target], district: District, no: int, name: str) -> Target:
    """The first illustrative target of a group's indicator."""
    group = district.groups[no].id
    return next(each for each in targets if each.illustrative and each.group_id == group and each.title == name)


def _given(target: Target) -> Given:
    half = (target.target_value / 4).quantize(Decimal(1).scaleb(-target.decimals))
    steps = (Step(date(2020, 6, 12), half, "第一批下达"), Step(date(2020, 6, 24), half, "第二批下达"))
    return Given(weights=MONTHS, steps=steps)


def _lead(district: District, target: Target) -> int:
    no = next(no for no, group in district.groups.items() if group.id == target.group_id)
    return district.people[f"zuzhang{no}"].id


def _row(
    district: District,
    target: Target,
    what: tuple[int, str, str, list[Point]],
    lead: int,
    days: tuple[date, date, date],
) -> Row:
    (no, curve, reason, points), (asked, decided, from_on) = what, days
    return {
        "target_id": target.id,
        "no": no,
        "curve": curve,
        "reason": reason,
        "target_value": target.target_value,
        "points": ScheduleVersion.written(points),
        "state": "approved",
        "asked_by_id": lead,
        "asked_at": clock.at(asked, 10),
        "decided_by_id": district.people["bangongshi"].id,
        "decided_at": clock.at(decided, 16),
        "answer": "同意（示例）",
        "from_on": from_on,
    }


def _events(row: Row) -> list[Row]:
    """What ask and decide would have recorded, one by one."""
    word = CURVES[row["curve"]].word if row["curve"] in CURVES else "现行计划"
    said = {"curve": word, "target_value": row["target_value"], "reason": row["reason"]}
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
