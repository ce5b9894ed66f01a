"""Who hears of what happens to an item: by the table, together, and never the one who did it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from taskboard.alerts import telling
from taskboard.boards.proof import proofs
from taskboard.db import db
from taskboard.jobs import items as items_job
from taskboard.models import Delivery, Event, Person
from taskboard.rules.lifecycle import Verb
from tests.items.cast import do, later, new_item, supported
from tests.world import NOON, World


def told() -> dict[str, list[str]]:
    """Who is told what now: login → subjects of inbox messages; then nothing is left to tell."""
    last = max(db.session.scalars(select(Delivery.id)), default=0)
    telling.fan_out(NOON)
    query = select(Person.login, Delivery.subject).join(Person, Person.id == Delivery.person_id)
    query = query.where(Delivery.channel == "inbox", Delivery.id > last).order_by(Delivery.id)
    found: dict[str, list[str]] = {}
    for login, subject in db.session.execute(query):
        found.setdefault(login, []).append(subject)
    return found


def test_an_assignment_reaches_the_unit_its_supporters_and_the_group_but_not_who_made_it(world: World) -> None:
    supported(world)
    db.session.commit()
    heard = told()

    assert set(heard) == {"reporter", "other_reporter", "lead", "office"}
    assert heard["reporter"] == ["1 项交办"]
    body = db.session.scalars(select(Delivery.body).where(Delivery.channel == "inbox")).first()
    assert "督查〔2020〕1号 核查停工项目" in body
    assert "/items/1" in body


def test_what_falls_together_is_one_message(world: World) -> None:
    first, second = new_item(world), new_item(world)
    db.session.commit()
    told()
    for item in (first, second):
        do(world, item, Verb.URGE, "supervisor", "请抓紧")
    db.session.commit()

    assert told() == {"reporter": ["2 项催办"]}
    urged = db.session.scalars(select(Event.id).where(Event.kind == "item_urge"))
    shown = [(proof.person, proof.channel, proof.state) for _, _, proof in proofs(list(urged))]
    assert ("reporter（示例）", "站内", "未读") in shown


def test_a_proposed_slip_is_for_who_signs_it_and_a_red_one_is_copied_to_leaders(world: World) -> None:
    item = new_item(world)
    do(world, item, Verb.SIGN, "reporter")
    db.session.commit()
    told()
    do(world, item, Verb.PROPOSE_SLIP, "supervisor", "没有进展", level=3)
    db.session.commit()
    assert set(told()) == {"office"}
    do(world, item, Verb.SIGN_SLIP, "office", "")
    db.session.commit()
    assert set(told()) == {"reporter", "lead", "supervisor", "leader"}
    do(world, item, Verb.PROPOSE_SLIP, "supervisor", "仍无进展", level=4)
    db.session.commit()
    assert set(told()) == {"leader"}


def test_reminders_climb_a_level_with_each_step_of_lateness(world: World) -> None:
    item = new_item(world, due_on=date(2020, 6, 10))
    do(world, item, Verb.SIGN, "reporter")
    db.session.commit()
    told()
    heard = []
    for days in (4, 6, 10):  # T-1; one working day late; three days later, four working days late
        items_job.run(later(days).date(), later(days, 7))
        heard.append({who for who, subjects in told().items() if any("按期提醒" in s for s in subjects)})

    assert heard[0] == {"reporter"}
    assert heard[1] == {"reporter", "lead", "office"}
