"""Targets and tasks of the demonstration, and the weeks that were reported on them.

Each illustrative commitment gets a course: how many points ahead of or behind its schedule it was
each week. Reports follow the course, and the real sweep makes the lights and flags of those weeks.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from taskboard.db import db
from taskboard.demo.structure import District
from taskboard.models import Commitment, Indicator, Milestone, Party, Role, Target, Task, Unit, WeeklyTarget
from taskboard.rules import schedule

FIRST_WEEK, LAST_WEEK, THIS_WEEK = date(2020, 4, 27), date(2020, 5, 25), date(2020, 6, 1)
START, END = date(2020, 4, 1), date(2020, 6, 30)
WEEK = timedelta(days=7)
COURSES = ("red",) * 11 + ("yellow",) * 18 + ("recovered",) * 6 + ("green",) * 65
CALM, WARM = (4, 6, 8), (3, 7)  # groups that go well, and groups with nothing worse than yellow
Step = tuple[date, Decimal, date | None]


@dataclass
class Planned:
    """A commitment with the values that its reports will give, by week."""

    commitment: Commitment
    reporter: str
    values: dict[date, Decimal] = field(default_factory=dict)
    topic: str = ""
    is_forecast: bool = False


def make(district: District, dice: random.Random) -> list[Planned]:
    """Add every target and task to the session and flush; reports are still to be written."""
    planned = [*_published(district), *_targets(district, dice), *_tasks(district, dice)]
    db.session.add_all(each.commitment for each in planned)
    db.session.flush()
    return planned


def _published(district: District) -> Iterator[Planned]:
    known: dict[tuple[int, str, str], Indicator] = {}
    for each in district.data["figures"]:
        group, unit = district.groups[each["group"]], district.units[each["unit"]]
        starts_on = each.get("starts_on", START)
        named = (group.id, each["indicator"], each["measure"])
        indicator = known[named] = known.get(named) or Indicator(
            group_id=group.id,
            name=each["indicator"],
            kind=each.get("kind", "amount"),
            measure=each["measure"],
            decimals=each["decimals"],
        )
        target = Target(
            **_common(district, group.id, unit.id),
            title=each["indicator"],
            indicator=indicator,
            rule_kind=indicator.kind,
            measure=indicator.measure,
            decimals=indicator.decimals,
            target_value=Decimal(str(each["target"])),
            starts_on=starts_on,
            ends_on=each.get("ends_on", END),
            owed_from=each.get("week", THIS_WEEK),
            light_since=starts_on,
            source=each["source"],
        )
        values = {each["week"]: Decimal(str(each["value"]))} if "week" in each else {}
        yield Planned(target, _reporter(district, unit, each["group"]), values, each["source"], "status" in each)


def _targets(district: District, dice: random.Random) -> Iterator[Planned]:
    for no, indicators in district.indicators.items():
        for position, (indicator, size) in enumerate(indicators):
            for unit in [*district.territories, district.groups[no].lead_unit]:
                assert unit is not None  # noqa: S101 - every group of the file has a lead
                scale = size * (8 if not unit.is_territory else 1) * dice.uniform(0.6, 1.5)
                yield _target(district, no, indicator, unit, Decimal(max(4, round(scale))), position == 2, dice)


def _target(
    district: District, no: int, indicator: Indicator, unit: Unit, size: Decimal, weekly: bool, dice: random.Random
) -> Planned:
    target = Target(
        **_common(district, district.groups[no].id, unit.id),
        title=indicator.name,
        indicator=indicator,
        measure=indicator.measure,
        decimals=indicator.decimals,
        target_value=size,
        starts_on=START,
        ends_on=END,
        owed_from=FIRST_WEEK,
        light_since=START,
        illustrative=True,
    )
    points = _points(size, indicator.decimals) if weekly else []
    target.weekly_targets = [WeeklyTarget(due_on=on, value=value) for on, value in points]
    plan = schedule.Schedule(START, END, Decimal(0), size, tuple(points))
    values: dict[date, Decimal] = {}
    last = Decimal(0)
    for week, gap in _course(dice, no).items():
        share = plan.share(week + timedelta(days=4)) + gap / 100
        last = max(last, _rounded(size * max(share, Decimal("0.02")), indicator.decimals))
        values[week] = last
    return Planned(target, _reporter(district, unit, no), values, indicator.name)


def _tasks(district: District, dice: random.Random) -> Iterator[Planned]:
    number = 0
    for work in district.data["works"]:
        for unit in district.territories:
            number += 1
            yield _task(district, work, unit, number, dice)


def _task(district: District, work: dict[str, Any], unit: Unit, number: int, dice: random.Random) -> Planned:
    group = district.groups[work["group"]]
    course = _course(dice, work["group"])
    late = course.get(THIS_WEEK, Decimal(0)) < -10
    steps = [
        Milestone(name=name, due_on=due, weight=weight, done_on=_done_on(due, late, dice))
        for name, due, weight in work["steps"]
    ]
    task = Task(
        **_common(district, group.id, unit.id),
        no=str(number),
        title=work["project"],
        detail=work["work"].format(unit=unit.name),
        leader=f"{dice.choice('王李张刘陈杨黄赵')}区长（示例）",
        key=f"demo-{number}",
        starts_on=START,
        ends_on=END,
        owed_from=FIRST_WEEK,
        light_since=START,
        illustrative=True,
        source=work["published"],
        milestones=steps,
    )
    lead = group.lead_unit
    others = [u for u in district.units.values() if u.kind == "department" and u is not lead]
    task.parties = [Party(unit_id=lead.id, role=Role.LEAD, position=0)] if lead else []
    task.parties += [Party(unit_id=unit.id, role=Role.RESPONSIBLE, position=1)]
    task.parties += [Party(unit_id=dice.choice(others).id, role=Role.SUPPORTING, position=2)]
    return Planned(task, _reporter(district, unit, work["group"]), _progress(steps, course), work["project"])


def _progress(steps: list[Milestone], course: dict[date, Decimal]) -> dict[date, Decimal]:
    """Progress by week: what the milestones that were done weigh, and a little of the next."""
    total = sum(step.weight for step in steps)
    values = {}
    for week in course:
        friday = week + timedelta(days=4)
        done = sum(step.weight for step in steps if step.done_on and step.done_on <= friday)
        values[week] = min(Decimal(100), _rounded(Decimal(done * 100) / total + (5 if done < total else 0), 0))
    return values


def _done_on(due: date, late: bool, dice: random.Random) -> date | None:
    if due > THIS_WEEK + timedelta(days=4):
        return None
    if late and due > date(2020, 5, 1):
        return None
    return due - timedelta(days=dice.randint(0, 6))


def _course(dice: random.Random, group: int) -> dict[date, Decimal]:
    """Points ahead of (or behind) the schedule by week; a missing week was not reported."""
    kind = dice.choice(COURSES)
    if group in CALM or (group in WARM and kind == "red"):
        kind = "green" if group in CALM else "yellow"
    weeks = [FIRST_WEEK + WEEK * n for n in range(6)]
    level = dice.uniform(2.5, 14)
    gaps = [level + dice.uniform(-0.3, 1.2) * n for n in range(6)]
    if kind == "red":
        gaps = [gaps[0], 0.5, -4, -8, -11 - dice.uniform(0, 4), -13 - dice.uniform(0, 16)]
    elif kind == "yellow":
        depth = dice.uniform(3, 9)
        gaps = [*gaps[:4], -depth, -depth * 0.7]
    elif kind == "recovered":
        gaps = [gaps[0], -3, -12, -8, 0.6, 1.5 + level]
    unreported = dice.random() < (0.52 if kind == "green" else 0.2) and not (kind == "yellow" and group in WARM)
    if unreported and kind in ("green", "recovered"):
        gaps = [gap + 9 for gap in gaps]
    course = {week: Decimal(str(round(gap, 2))) for week, gap in zip(weeks, gaps, strict=True)}
    if unreported:
        del course[THIS_WEEK]
        if dice.random() < 0.12:
            del course[LAST_WEEK]
    return course


def _points(size: Decimal, decimals: int) -> list[tuple[date, Decimal]]:
    """Weekly targets on Fridays, slow at first, the whole by the end."""
    fridays = [date(2020, 4, 3) + WEEK * n for n in range(13)]
    shares = [Decimal(n + 1) / 13 * (Decimal("0.8") + Decimal("0.2") * Decimal(n) / 12) for n in range(13)]
    return [(on, _rounded(size * share, max(decimals, 1))) for on, share in zip(fridays, shares, strict=True)]


def _common(district: District, group_id: int, unit_id: int) -> dict[str, Any]:
    return {"campaign_id": district.campaign.id, "group_id": group_id, "unit_id": unit_id}


def _reporter(district: District, unit: Unit, group_no: int) -> str:
    for login, person in district.people.items():
        if any(seat.unit_id == unit.id for seat in person.seats):
            return login
    return f"zuzhang{group_no}"


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
