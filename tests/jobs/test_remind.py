"""Reminders of reports and milestones: on the right days, to the right people, never twice, never of what is done."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select, update

from taskboard import clock
from taskboard.alerts import telling
from taskboard.db import db
from taskboard.jobs import remind, sweep
from taskboard.models import Commitment, Delivery, Event, Milestone, Person, Unit
from taskboard.models.reporting import Filing, complete_milestone, file_report
from tests.world import MONDAY, NOON, World, make_target

THURSDAY, FRIDAY = date(2020, 6, 4), date(2020, 6, 5)


def morning(on: date) -> dict[str, int]:
    at = clock.at(on, 7, 41)
    sweep.run(on, clock.at(on, 7, 33))
    return remind.run(on, at)


def said(kind: str) -> list[tuple[date, str, int]]:
    """Day, words and level of each reminder so far."""
    found = db.session.scalars(select(Event).where(Event.kind == kind).order_by(Event.id))
    return [(clock.day_of(e.at), e.payload["words"], e.payload["copied"]) for e in found]


def heard(on: date) -> set[str]:
    """Who has something of a reminder in the inbox that was told on this day."""
    telling.fan_out(clock.at(on, 7, 42))
    query = select(Person.login).join(Delivery, Delivery.person_id == Person.id)
    return set(
        db.session.scalars(query.where(Delivery.created_at == clock.at(on, 7, 42), Delivery.subject.contains("提醒")))
    )


def test_a_unit_is_reminded_the_day_before_and_on_the_day_and_then_its_leads(world: World) -> None:
    days = [date(2020, 6, 3) + timedelta(days=n) for n in range(11)]
    who = {}
    for day in days:
        morning(day)
        who[day] = heard(day)

    assert said("report_reminded") == [
        (THURSDAY, "本周还有 2 项未填报，6月5日 17:00 截止", 0),
        (FRIDAY, "本周还有 2 项未填报，今日 17:00 截止", 0),
        (date(2020, 6, 8), "2 项逾期未填报，最早一项应于6月5日填报，已逾期 1 个工作日", 1),
        (
            date(2020, 6, 11),
            "2 项逾期未填报，最早一项应于6月5日填报，已逾期 4 个工作日；本周还有 2 项未填报，6月12日 17:00 截止",
            2,
        ),
        (date(2020, 6, 12), "本周还有 2 项未填报，今日 17:00 截止", 0),
    ]
    assert who[THURSDAY] == who[FRIDAY] == {"reporter"}
    assert who[date(2020, 6, 8)] == {"reporter", "lead", "office"}
    assert who[date(2020, 6, 11)] == {"reporter", "lead", "office", "leader"}
    assert who[date(2020, 6, 6)] == who[date(2020, 6, 9)] == set()


def test_twice_is_harmless_and_what_was_reported_is_not_asked_for(world: World) -> None:
    morning(THURSDAY)
    assert remind.run(THURSDAY, clock.at(THURSDAY, 9))["reports_reminded"] == 0
    file_report(world.target, Filing(MONDAY, Decimal(42), "完成部分"), world.reporter.id, NOON)
    db.session.commit()
    morning(FRIDAY)
    file_report(world.task, Filing(MONDAY, Decimal(42), "完成部分"), world.reporter.id, NOON)
    db.session.commit()
    morning(date(2020, 6, 8))

    assert [words for _, words, _ in said("report_reminded")][1:] == ["本周还有 1 项未填报，今日 17:00 截止"]


def test_a_short_week_is_reminded_by_its_own_last_day(world: World) -> None:
    """Dragon boat festival: Thursday 25 June is off until Saturday, so the report is due on Wednesday."""
    db.session.execute(update(Commitment).values(owed_from=date(2020, 6, 22)))
    db.session.commit()
    for day in (22, 23, 24, 25, 26, 27, 28):
        morning(date(2020, 6, day))

    assert [(on.day, copied) for on, _, copied in said("report_reminded")] == [(23, 0), (24, 0), (28, 1)]


def test_a_jointly_responsible_unit_is_reminded_too(world: World) -> None:
    from taskboard.models import Party, Role

    world.target.parties.append(Party(unit_id=world.other_unit.id, role=Role.RESPONSIBLE))
    db.session.commit()
    morning(THURSDAY)

    found = db.session.scalars(select(Event).where(Event.kind == "report_reminded").order_by(Event.subject_id))
    assert {e.subject_id: e.payload["owed"] for e in found} == {world.unit.id: 2, world.other_unit.id: 1}


def step(world: World, name: str, due_on: date) -> Milestone:
    made = Milestone(name=name, due_on=due_on)
    world.task.milestones.append(made)
    db.session.commit()
    return made


def test_milestones_are_reminded_at_the_distances_of_items(world: World) -> None:
    step(world, "完成开工", date(2020, 6, 16))
    days = [date(2020, 6, 4) + timedelta(days=n) for n in range(20)]
    for day in days:
        morning(day)

    told = said("milestone_reminded")
    assert [(on.day, copied) for on, _, copied in told] == [(5, 0), (11, 0), (15, 0), (16, 0), (17, 1), (22, 2)]
    assert told[0][1] == "节点“完成开工”期限 6月16日，距办理期限还有 7 个工作日"
    assert told[-1][1] == "节点“完成开工”期限 6月16日，已逾期 4 个工作日"


def test_a_milestone_that_is_done_is_never_reminded(world: World) -> None:
    due = step(world, "完成开工", date(2020, 6, 9))
    step(world, "完成竣工", date(2020, 6, 9))
    complete_milestone(due, FRIDAY, world.reporter.id, NOON)
    db.session.commit()
    morning(date(2020, 6, 8))
    morning(date(2020, 6, 8))

    assert [words for _, words, _ in said("milestone_reminded")] == [
        "节点“完成竣工”期限 6月9日，距办理期限还有 1 个工作日"
    ]
    db.session.expire_all()
    assert [m.reminded_on for m in world.task.milestones if m.name == "完成开工"] == [None]


def test_many_are_reminded_in_few_statements(world: World) -> None:
    for n in range(40):
        make_target(world.campaign, world.group, world.unit, title=f"目标{n}")
        world.task.milestones.append(Milestone(name=f"节点{n}", due_on=date(2020, 6, 8)))
    db.session.commit()
    sweep.run(THURSDAY, clock.at(THURSDAY, 7, 33))
    statements: list[Any] = []
    sqlalchemy_event.listen(db.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))

    remind.run(FRIDAY, clock.at(FRIDAY, 7, 41))

    assert len(said("milestone_reminded")) == 40
    assert len(statements) < 30
    assert db.session.scalar(select(Unit.reminded_on).where(Unit.id == world.unit.id)) == FRIDAY
