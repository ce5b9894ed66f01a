"""Loading the demonstration: structure, then week by week what was reported, with the real sweep."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from taskboard import clock
from taskboard.alerts import telling
from taskboard.db import db
from taskboard.demo import channels, evaluations, figures, items, plans, quality, schedules, structure, supports, words
from taskboard.demo.figures import Planned
from taskboard.errors import Refused
from taskboard.jobs import items as items_job
from taskboard.models import (
    Commitment,
    Delivery,
    DeliveryState,
    Event,
    Installation,
    Kind,
    Notice,
    Report,
    chain,
    checks,
    sweeping,
    tally,
)
from taskboard.models.event import dump
from taskboard.models.reporting import Filing, file_report, increments_of, live_report, send_back
from taskboard.rules.indicator import as_of
from taskboard.rules.vintage import Vintage

DAY = date(2020, 6, 5)
SEED = 20200605
Progress = Callable[[str], None]


def load(day: date | None, say: Progress) -> bool:
    """Load the demonstration into an empty database and commit; False when it is there already.

    Raises Refused on the database of a real installation.
    """
    installation = Installation.get()
    if installation is not None and not installation.is_demonstration:
        raise Refused("这是正式安装的数据库，不能装入演示数据；请用 TASKBOARD_DATABASE_URL 指定另一个数据库")
    if installation is not None:
        return False
    day = day or DAY
    dice, at = random.Random(SEED), clock.real_now()
    say("一办九组、单位与人员")
    district = structure.build(clock.at(date(2020, 4, 1), 9), dice)
    channels.make(district, clock.at(date(2020, 4, 1), 9, 20))
    say("目标与任务")
    planned = figures.make(district, dice)
    plans.make(district, planned)
    schedules.make(district, planned)
    tally.rebuild()
    for week in _weeks():
        say(f"{week} 起的一周")
        if week == schedules.REVISED_WEEK:
            schedules.revise(district, planned)
        _file_week(planned, district, week, dice)
        friday = week + timedelta(days=4)
        sweeping.sweep(district.campaign, min(friday, DAY), clock.at(min(friday, DAY), 7, 33))
        if friday < DAY:
            _tell_long_ago(clock.at(friday, 7, 41))
    quality.make(planned, district)
    _returned_and_corrected(planned, district, dice)
    schedules.wait(district, planned)
    say("督查事项")
    items.make(district, dice, _tell_then)
    items_job.run(DAY, clock.at(DAY, 7, 37))
    evaluations.make(district)
    supports.load(district)
    say("本周消息")
    telling.tell(clock.at(DAY, 8, 45))
    _let_bygones_be()
    district.campaign.swept_on = DAY
    db.session.add(Installation(kind="demonstration", demo_day=day, stepped_at=at, created_at=at))
    db.session.commit()
    return True


def _let_bygones_be() -> None:
    """What happened before this day is in the inboxes; nothing of it waits to be sent now."""
    old = select(Event.id).where(Event.at < clock.at(DAY, 0))
    db.session.execute(delete(Notice).where(Notice.delivery_id.is_(None), Notice.event_id.in_(old)))


def _weeks() -> list[date]:
    return [figures.FIRST_WEEK + figures.WEEK * n for n in range(6)]


def _file_week(planned: list[Planned], district: structure.District, week: date, dice: random.Random) -> None:
    """A week's reports with their events, in bulk, as file_report would write them one by one."""
    reports, events, carried = [], [], []
    for each in planned:
        if week not in each.values:
            continue
        report = _report(each, district, week, dice)
        reports.append(report)
        events.append(_event(report))
        carried.append({"row_id": each.commitment.id, "v": report["value"], "w": week, "said": report["done"][:60],
                        "day": report["as_of"], "old": report["vintage"], "sure": report["confidence"],
                        "note": report["confidence_note"],
                        "steps": _steps(each, week)})  # fmt: skip
    connection = db.session.connection()
    if not reports:
        return
    connection.execute(insert(Report), reports)
    connection.execute(insert(Event), chain.seal(events))
    table: Any = Commitment.__table__
    carry = update(table).where(table.c.id == bindparam("row_id"))
    connection.execute(
        carry.values(
            value=bindparam("v"),
            reported_week=bindparam("w"),
            last_word=bindparam("said"),
            value_as_of=bindparam("day"),
            vintage=bindparam("old"),
            confidence=bindparam("sure"),
            increments=bindparam("steps"),
            confidence_note=bindparam("note"),
        ),
        carried,
    )
    db.session.expire_all()


def _steps(each: Planned, week: date) -> str:
    return increments_of(sorted((w, v) for w, v in each.values.items() if w <= week)[-5:])


def _report(each: Planned, district: structure.District, week: date, dice: random.Random) -> dict[str, Any]:
    published = not each.commitment.illustrative
    friday = min(week + timedelta(days=4), DAY)
    sure = 3 if published else dice.choices((4, 3, 2, 1), (30, 67, 2, 1))[0]
    return {
        "commitment_id": each.commitment.id,
        "week": week,
        "revision": 1,
        "live_key": f"{each.commitment.id}:{week}",
        "value": each.values[week],
        "as_of": min(as_of(week, each.commitment.ends_on, checks.cadence_of(each.commitment)), DAY),
        "vintage": Vintage.FORECAST if each.is_forecast else Vintage.PRELIMINARY,
        "confidence": sure,
        "confidence_note": "" if sure > 2 else dice.choice(words.DOUBTS),
        "done": each.topic if published else dice.choice(words.topic(each.topic)),
        "obstacle": "" if published else dice.choice(words.OBSTACLES),
        "next_step": "" if published else dice.choice(words.NEXT_STEPS),
        "reported_by_id": district.people[each.reporter].id,
        "reported_at": clock.at(friday - timedelta(days=dice.randint(0, 1)), dice.randint(7, 8), dice.randint(0, 59))
        if friday == DAY
        else clock.at(friday, dice.randint(9, 16), dice.randint(0, 59)),
        "late": False,
    }


def _event(report: dict[str, Any]) -> dict[str, Any]:
    after = {name: report[name] for name in ("value", "done", "obstacle", "next_step")}
    return {
        "at": report["reported_at"],
        "kind": Kind.REPORTED.key,
        "actor_id": report["reported_by_id"],
        "subject_type": "commitment",
        "subject_id": report["commitment_id"],
        "data": dump(None, after, {"week": report["week"]}),
    }


def _returned_and_corrected(planned: list[Planned], district: structure.District, dice: random.Random) -> None:
    """A few reports of this week returned with a reason, a few corrected by their reporter."""
    fresh = [p for p in planned if p.commitment.illustrative and figures.THIS_WEEK in p.values]
    chosen = dice.sample(fresh, 10)
    morning = clock.at(DAY, 8, 40)
    for each in chosen[:5]:
        report = live_report(each.commitment.id, figures.THIS_WEEK)
        if report is not None:
            send_back(report, dice.choice(words.RETURN_REASONS), _lead(district, each), morning)
    for each in chosen[5:]:
        report = live_report(each.commitment.id, figures.THIS_WEEK)
        if report is not None:
            said = "更正：" + report.done
            filing = Filing(
                figures.THIS_WEEK, report.value, said, report.obstacle, report.next_step, replaces=report.id
            )
            file_report(each.commitment, filing, report.reported_by_id, morning)


def _lead(district: structure.District, each: Planned) -> int:
    no = next(no for no, group in district.groups.items() if group.id == each.commitment.group_id)
    return district.people[f"zuzhang{no}"].id


def _tell_then(at: datetime) -> None:
    """The messages of a deed: long read when it was before this day, still to be read when it was this morning."""
    if clock.day_of(at) < DAY:
        _tell_long_ago(at)
    else:
        telling.tell(at)


def _tell_long_ago(at: datetime) -> None:
    """The messages of a week gone by: told, delivered and read, so that nothing of it is sent now."""
    telling.tell(at)
    old = {"state": DeliveryState.SENT, "sent_at": at, "next_try_at": None, "read_at": at}
    db.session.execute(update(Delivery).where(Delivery.created_at == at).values(**old))
