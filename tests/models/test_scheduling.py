"""Versions of a schedule: asked for, approved by somebody else, frozen, one request at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from taskboard.db import db, start_reading
from taskboard.errors import NotAllowed, Refused, WrongState
from taskboard.models import Event, Person, ScheduleVersion, Seat, Target, chain
from taskboard.models.defining import TargetDraft, edit_target
from taskboard.models.schedule_version import PRESENT
from taskboard.models.scheduling import Draft, ask, decide
from taskboard.rules.access import SeatKind
from taskboard.rules.curves import BadCurve, Given, Step
from taskboard.rules.lifecycle import Actor
from tests.world import FRIDAY, NOON, World

LINEAR = Draft("linear", "依据区委部署", Decimal(100))


def lead(world: World) -> Actor:
    return Actor(world.lead.id, SeatKind.GROUP_LEAD, group_id=world.group.id)


def office(world: World) -> Actor:
    return Actor(world.office.id, SeatKind.OFFICE)


def second(world: World, kind: SeatKind) -> Actor:
    person = Person(login=f"second-{kind}", name="另一人（示例）", must_change_password=False)
    person.seats.append(Seat(kind=kind, from_on=date(2020, 4, 1)))
    db.session.add(person)
    db.session.flush()
    return Actor(person.id, kind)


def approved(world: World, draft: Draft = LINEAR, at: Any = NOON) -> ScheduleVersion:
    version = ask(world.target, draft, lead(world), at)
    return decide(version, True, "同意", None, office(world), at)


def typed(target: Target, **more: Any) -> TargetDraft:
    weekly = tuple((point.due_on, point.value) for point in target.weekly_targets)
    made = TargetDraft(
        group_id=target.group_id, unit_id=target.unit_id, title=target.title, detail="", starts_on=target.starts_on,
        ends_on=target.ends_on, source="", measure=target.measure, target_value=target.target_value, weekly=weekly,
    )  # fmt: skip
    return replace(made, **more)


def kinds(world: World) -> list[str]:
    query = select(Event.kind).where(Event.subject_id == world.target.id, Event.subject_type == "commitment")
    return list(db.session.scalars(query.order_by(Event.id)))


def test_an_approved_version_becomes_the_schedule_and_places_the_target(world: World) -> None:
    seasonal = Draft("seasonal", "下半程集中", Decimal(120), Given(weights=dict.fromkeys((4, 5, 6), Decimal(1))))
    world.target.value = Decimal(60)
    version = ask(world.target, seasonal, lead(world), NOON)
    assert not world.target.weekly_targets and world.target.target_value == 100

    decide(version, True, "", None, office(world), NOON)

    assert (version.state, version.from_on, version.live_key) == ("approved", FRIDAY, None)
    assert world.target.target_value == 120
    assert [(p.due_on, p.value) for p in world.target.weekly_targets] == list(version.curve_points)
    assert world.target.weekly_targets[-1].value == 120
    assert world.target.light in ("red", "yellow")  # 60 of 120 with 87 due
    asked, decided = db.session.scalars(select(Event).where(Event.kind.like("schedule_%")).order_by(Event.id))
    assert (asked.payload["before"]["target_value"], asked.payload["after"]["target_value"]) == ("100", "120")
    assert decided.payload["after"]["reason"] == "下半程集中" and decided.payload["before"]["weekly_targets"] == ""


def test_the_present_schedule_may_be_approved_as_it_stands_once(world: World) -> None:
    version = approved(world, Draft(PRESENT, "核定现行计划", Decimal(100)))

    assert version.curve_points == () and not world.target.weekly_targets
    with pytest.raises(WrongState, match="已经核定"):
        ask(world.target, Draft(PRESENT, "再核定", Decimal(100)), lead(world), NOON)


def test_one_request_waits_at_a_time(world: World) -> None:
    first = ask(world.target, LINEAR, lead(world), NOON)
    with pytest.raises(WrongState, match="第 1 版正待核定"):
        ask(world.target, LINEAR, lead(world), NOON)

    decide(first, False, "理由不充分", None, office(world), NOON)

    assert ask(world.target, LINEAR, lead(world), NOON).no == 2
    assert kinds(world) == ["schedule_asked", "schedule_refused", "schedule_asked"]
    assert not world.target.weekly_targets


def test_nobody_decides_their_own_request(world: World) -> None:
    version = ask(world.target, LINEAR, office(world), NOON)
    with pytest.raises(NotAllowed, match="提出人以外"):
        decide(version, True, "", None, office(world), NOON)
    with pytest.raises(NotAllowed, match="专班办公室或区领导"):
        decide(version, True, "", None, lead(world), NOON)

    assert decide(version, True, "", None, second(world, SeatKind.LEADER), NOON).state == "approved"


def test_the_table_refuses_one_person_for_both(world: World) -> None:
    version = ask(world.target, LINEAR, lead(world), NOON)
    version.state, version.decided_by_id = "approved", version.asked_by_id
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_another_office_person_may_decide_and_only_once(world: World) -> None:
    version = ask(world.target, LINEAR, office(world), NOON)
    other = second(world, SeatKind.OFFICE)
    decide(version, True, "", None, other, NOON)
    with pytest.raises(WrongState, match="已核定"):
        decide(version, False, "晚了", None, other, NOON)


@pytest.mark.parametrize("kind", [SeatKind.REPORTER, SeatKind.SUPERVISOR, SeatKind.LEADER])
def test_only_the_groups_lead_and_the_office_ask(world: World, kind: SeatKind) -> None:
    with pytest.raises(NotAllowed):
        ask(world.target, LINEAR, Actor(world.office.id, kind, unit_id=world.unit.id), NOON)
    with pytest.raises(NotAllowed):
        ask(world.target, LINEAR, Actor(world.other_lead.id, SeatKind.GROUP_LEAD, group_id=world.other_group.id), NOON)


def test_a_bad_curve_a_missing_reason_and_a_bad_day_are_refused(world: World) -> None:
    step = Step(date(2020, 7, 5), Decimal(10), "开业")
    with pytest.raises(BadCurve, match="不在周期内"):
        ask(world.target, Draft("event_based", "项目", Decimal(100), Given(steps=(step,))), lead(world), NOON)
    with pytest.raises(Refused, match="理由"):
        ask(world.target, replace(LINEAR, reason=" "), lead(world), NOON)
    with pytest.raises(Refused, match="起始值"):
        ask(world.target, replace(LINEAR, target_value=Decimal(0)), lead(world), NOON)
    version = ask(world.target, LINEAR, lead(world), NOON)
    world.campaign.swept_on = FRIDAY - timedelta(days=1)
    for day, words in ((FRIDAY - timedelta(days=2), "不能早于"), (FRIDAY + timedelta(days=1), "不能晚于今天")):
        with pytest.raises(Refused, match=words):
            decide(version, True, "", day, office(world), NOON)
    with pytest.raises(Refused, match="请填写理由"):
        decide(version, False, " ", None, office(world), NOON)
    assert version.state == "asked"
    assert decide(version, True, "", FRIDAY - timedelta(days=1), office(world), NOON).from_on < FRIDAY  # type: ignore[operator]


def test_a_version_does_not_begin_before_the_one_that_it_replaces(world: World) -> None:
    approved(world)
    later = ask(world.target, LINEAR, lead(world), NOON)
    with pytest.raises(Refused, match="第 1 版自 2020-06-05 起执行"):
        decide(later, True, "", FRIDAY - timedelta(days=1), office(world), NOON)


CHANGES: dict[str, Callable[[Target], dict[str, Any]]] = {
    "starts_on": lambda _: {"starts_on": date(2020, 4, 2)},
    "ends_on": lambda _: {"ends_on": date(2020, 7, 31)},
    "start_value": lambda _: {"start_value": Decimal(5)},
    "target_value": lambda _: {"target_value": Decimal(90)},
    "weekly_targets": lambda _: {"weekly": ((date(2020, 6, 5), Decimal(10)),)},
}


@pytest.mark.parametrize("name", CHANGES)
def test_an_approved_schedule_is_frozen_and_the_rest_stays_editable(world: World, name: str) -> None:
    approved(world)
    second_version = ask(world.target, replace(LINEAR, curve="working_day"), lead(world), NOON)
    decide(second_version, True, "", None, office(world), NOON)
    db.session.commit()
    target, version = world.target, world.target.version

    with pytest.raises(Refused, match="序时计划已核定（第 2 版），请在目标页提出调整"):
        edit_target(target, typed(target, **CHANGES[name](target)), version, world.office.id, NOON)
    db.session.rollback()

    assert edit_target(target, typed(target, detail="口径见附件"), version, world.office.id, NOON)


def test_a_waiting_request_holds_the_schedule_still(world: World) -> None:
    ask(world.target, LINEAR, lead(world), NOON)
    db.session.commit()
    changed = typed(world.target, target_value=Decimal(90))
    with pytest.raises(Refused, match="正待核定"):
        edit_target(world.target, changed, world.target.version, world.office.id, NOON)


def test_of_two_deciders_one_wins(app: Flask, world: World) -> None:
    version = ask(world.target, LINEAR, lead(world), NOON)
    deciders = [office(world), second(world, SeatKind.OFFICE)]
    version_id = version.id
    db.session.commit()
    ready, outcomes = threading.Barrier(2), []

    def one(actor: Actor, yes: bool) -> None:
        with app.app_context():
            start_reading(False)
            ready.wait(10)
            try:
                decide(db.session.get_one(ScheduleVersion, version_id), yes, "同时答复", None, actor, NOON)
                db.session.commit()
                outcomes.append("done")
            except Refused as refused:
                db.session.rollback()
                outcomes.append(refused)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one, args=(who, yes)) for who, yes in zip(deciders, (True, False), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    lost = [one for one in outcomes if one != "done"]
    db.session.expire_all()
    assert (len(outcomes), len(lost)) == (2, 1) and isinstance(lost[0], WrongState)
    assert len(kinds(world)) == 2
    assert chain.verify().is_intact
