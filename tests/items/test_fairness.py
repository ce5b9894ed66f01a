"""What an item must not do to the people in it: count others' time as theirs, outlive its ground, say too much."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from taskboard.alerts import telling
from taskboard.db import db
from taskboard.errors import NotAllowed, Refused
from taskboard.jobs import items as items_job
from taskboard.models import Appeal, Campaign, Delivery, Extension, Item, Person, Slip, Unit, item_placing, paper
from taskboard.models.appealing import Plea, against_return, decide
from taskboard.models.item_deeds import check
from taskboard.rules.ladder import Rung, propose
from taskboard.rules.lifecycle import SlipState, Verb
from tests.items.cast import actor, do, later, new_item, supported, thing_of
from tests.items.test_watch import pass_day, red_item, report, to_closing
from tests.world import NOON, World

ASK = {"progress": "七成", "figure": "1.4 公里"}


def watch(days: int) -> Slip | None:
    """A day's watch; the proposal that waits then."""
    db.session.commit()
    items_job.run(later(days).date(), later(days, 7))
    return db.session.scalars(select(Slip).where(Slip.state == SlipState.PROPOSED)).first()


def words_on(item: Item, days: int) -> str:
    campaign = db.session.get_one(Campaign, item.campaign_id)
    nodes = item_placing.nodes_of([item.id])[item.id]
    return item_placing.verdict(item, item_placing.day_of(campaign, later(days).date()), nodes).words


def test_a_proposal_follows_the_facts_and_goes_when_its_ground_goes(world: World) -> None:
    item = new_item(world, due_on=date(2020, 6, 10))
    do(world, item, Verb.SIGN, "reporter")
    near = watch(3)
    assert near is not None and (near.level, near.reason) == (1, "临近办理期限")
    late = watch(6)
    assert late is not None and (late.level, late.reason) == (2, "办理逾期 1 个工作日")
    later_still = watch(7)
    assert later_still is not None and (later_still.id, later_still.reason) == (late.id, "办理逾期 2 个工作日")
    do(world, item, Verb.SUBMIT, "reporter", figure="1", at=later(7))

    assert watch(10) is None
    assert set(db.session.scalars(select(Slip.state))) == {SlipState.WITHDRAWN}


def test_a_person_s_proposal_is_left_alone(world: World) -> None:
    item = new_item(world)
    do(world, item, Verb.PROPOSE_SLIP, "supervisor", "敷衍应付", level=2)

    assert (watch(3) or Slip()).reason == "敷衍应付"


def test_a_signed_slip_says_for_ever_what_it_said(world: World) -> None:
    item = new_item(world)
    do(world, item, Verb.SIGN, "reporter")
    do(world, item, Verb.PROPOSE_SLIP, "supervisor", "没有进展。", level=3)
    do(world, item, Verb.SIGN_SLIP, "office", "")
    slip = db.session.scalars(select(Slip)).one()
    before = paper.paper(slip, world.campaign)
    do(world, item, Verb.SUBMIT, "reporter", figure="1", at=later(3))
    do(world, item, Verb.REQUEST_CLOSURE, "supervisor", at=later(3))
    do(world, item, Verb.CLOSE, "office", at=later(4))
    db.session.expire_all()

    assert paper.paper(slip, world.campaign) == before
    assert any("现状态为“办理中”" in text and "。。" not in text for text in before.paragraphs)
    assert (before.signer, before.copies, before.is_draft) == (world.office.name, ("分管区领导",), False)
    assert slip.state == SlipState.LAPSED


def test_a_talk_is_put_to_the_leader_and_asks_for_no_written_reply(world: World) -> None:
    item = new_item(world)
    do(world, item, Verb.PROPOSE_SLIP, "supervisor", "三次督办未见效", level=4)
    said = paper.paper(db.session.scalars(select(Slip)).one(), world.campaign)

    assert said.addressee == "区主要领导"
    assert not any("书面回复" in text for text in said.paragraphs)


def test_the_time_of_the_reviewer_is_not_the_unit_s(world: World) -> None:
    item = new_item(world, due_on=date(2020, 6, 10))
    do(world, item, Verb.SIGN, "reporter")
    do(world, item, Verb.SUBMIT, "reporter", figure="1", at=later(5))
    do(world, item, Verb.REQUEST_CLOSURE, "supervisor", at=later(10))

    assert item.light != "red"


def test_an_upheld_appeal_gives_the_day_of_the_answer_back(world: World) -> None:
    item = new_item(world, due_on=date(2020, 6, 10))
    do(world, item, Verb.SIGN, "reporter")
    do(world, item, Verb.SUBMIT, "reporter", figure="1", at=later(5))
    do(world, item, Verb.RETURN, "supervisor", at=later(5))
    appeal = against_return(item, Plea("口径不同"), actor(world, "reporter"), later(6))
    decide(appeal, True, "属实", actor(world, "office"), later(12))

    assert (item.state, item.light != "red", item.answered_on) == ("submitted", True, later(5).date())


def test_an_appeal_undoes_only_the_return_it_is_against(world: World) -> None:
    item = new_item(world)
    do(world, item, Verb.SIGN, "reporter")
    do(world, item, Verb.SUBMIT, "reporter", figure="1")
    do(world, item, Verb.RETURN, "supervisor")
    appeal = against_return(item, Plea("口径不同"), actor(world, "reporter"), NOON)
    do(world, item, Verb.SUBMIT, "reporter")
    do(world, item, Verb.RETURN, "supervisor", "仍缺附件")
    decide(appeal, True, "属实", actor(world, "office"), later(3))
    assert (item.state, item.returned) == ("returned", 1)

    second = against_return(item, Plea("已附"), actor(world, "reporter"), later(3))
    do(world, item, Verb.SUSPEND, "office", at=later(3))
    decide(second, True, "属实", actor(world, "leader"), later(4))
    do(world, item, Verb.RESUME, "office", at=later(5))
    assert (item.state, item.returned) == ("submitted", 0)


def test_deadlines_on_a_friday_are_kept_over_the_weekend(world: World) -> None:
    item = new_item(world, due_on=date(2020, 6, 12))
    do(world, item, Verb.SIGN, "reporter")
    watch(7)
    for days in (8, 9):
        watch(days)
        db.session.refresh(item)
        assert (item.light, int(item.band), item.reminded_on) == ("blue", 1, date(2020, 6, 12))
    watch(10)
    db.session.refresh(item)
    assert (item.light, int(item.band)) == ("red", 0)
    assert words_on(item, 10) == "应于6月12日前办理，办理逾期 1 个工作日，故为红灯"


def test_late_signing_is_called_late_signing(world: World) -> None:
    item = new_item(world)

    assert words_on(item, 4) == "应于6月8日前签收，签收逾期 1 个工作日，故为红灯"


def test_a_pending_extension_moves_with_the_clocks_and_never_shortens(world: World) -> None:
    item = new_item(world, due_on=date(2020, 6, 12))
    do(world, item, Verb.SIGN, "reporter")
    do(world, item, Verb.EXTEND, "reporter", due_on=date(2020, 6, 17), **ASK)
    do(world, item, Verb.SUSPEND, "office", at=later(3))
    assert items_job.run(later(12).date(), later(12, 7))["escalated"] == 0
    do(world, item, Verb.RESUME, "office", at=later(13))
    asked = db.session.scalars(select(Extension)).one()
    assert item.due_on < asked.new_due_on and asked.decide_by_on > later(13).date()
    do(world, item, Verb.GRANT_EXTENSION, "office", "", at=later(13))
    assert item.due_on == asked.new_due_on

    do(world, item, Verb.EXTEND, "reporter", due_on=date(2020, 7, 1), at=later(13), **ASK)
    item.due_on = date(2020, 7, 3)
    with pytest.raises(Refused, match="不早于"):
        do(world, item, Verb.GRANT_EXTENSION, "leader", "", at=later(13))


def test_a_transfer_starts_anew_and_tells_the_former_unit(world: World) -> None:
    item = supported(world, nodes=((date(2020, 6, 10), "摸底"),))
    item.parts[0].due_on = date(2020, 6, 9)
    do(world, item, Verb.SIGN, "reporter")
    do(world, item, Verb.PROPOSE_SLIP, "supervisor", "没有进展", level=2)
    do(world, item, Verb.SIGN_SLIP, "office", "")
    do(world, item, Verb.EXTEND, "reporter", due_on=date(2020, 7, 3), **ASK)
    db.session.commit()
    telling.fan_out(NOON)
    last = max(db.session.scalars(select(Delivery.id)))
    third = Unit(name="区住建局", short_name="住建局", kind="department", position=9)
    db.session.add(third)
    db.session.flush()
    do(world, item, Verb.TRANSFER, "supervisor", "职责调整", unit_id=third.id, at=later(5))
    db.session.commit()
    telling.fan_out(later(5))

    heard = db.session.scalars(select(Person.login).join(Delivery).where(Delivery.id > last)).all()
    assert "reporter" in heard
    assert (item.level, item.slips, item.nodes) == (0, 0, [])
    assert db.session.scalars(select(Slip.state)).all() == [SlipState.LAPSED]
    assert db.session.scalars(select(Extension.state)).all() == ["extension_lapsed"]
    assert [part.due_on for part in item.parts] == [item.due_on]
    assert watch(6) is None


def test_an_old_waiver_and_a_red_by_hand_do_not_outlive_a_reopening(world: World) -> None:
    item = red_item(world)
    do(world, item, Verb.REDDEN, "office", "敷衍", at=later(7, 14))
    to_closing(world, item, later(7, 15))
    do(world, item, Verb.WAIVE, "leader", "受不可抗力影响", at=later(7, 16))
    do(world, item, Verb.CLOSE, "office", at=later(7, 17))
    do(world, item, Verb.REOPEN, "supervisor", "又停工", at=later(38))
    assert (item.red_reason, item.is_waived, item.waive_reason) == ("", False, "受不可抗力影响")
    do(world, item, Verb.SUBMIT, "reporter", figure="1", at=later(38, 15))
    do(world, item, Verb.REQUEST_CLOSURE, "supervisor", at=later(38, 15))
    with pytest.raises(Refused, match="仍为红灯"):
        do(world, item, Verb.CLOSE, "office", at=later(38, 16))

    do(world, item, Verb.WAIVE, "leader", "征迁未完", at=later(38, 16))
    do(world, item, Verb.CLOSE, "office", at=later(38, 17))
    assert item.state == "closed"


def test_a_reopened_item_has_terms_of_its_own(world: World) -> None:
    item = new_item(world, due_on=date(2020, 6, 12))
    to_closing(world, item, NOON)
    do(world, item, Verb.CLOSE, "office")
    do(world, item, Verb.REOPEN, "supervisor", due_on=date(2020, 8, 5), at=later(31))
    do(world, item, Verb.EXTEND, "reporter", due_on=date(2020, 8, 12), at=later(32), **ASK)

    assert db.session.scalars(select(Extension.new_due_on)).one() == date(2020, 8, 12)


def test_the_ladder_counts_reds_from_the_assignment_and_climbs_over_what_was_signed(world: World) -> None:
    red_item(world)
    assert watch(7) is None  # the reds that opened it are its ground
    report(world, 26, later(14))
    pass_day(14)
    first = db.session.scalars(select(Slip).where(Slip.state == SlipState.PROPOSED)).one()
    assert first.level == 2

    assert propose(Rung(level=3, reds=3)) is None
    assert propose(Rung(level=3, reds=3, slip_answered=True)).level == 4  # type: ignore[union-attr]
    assert propose(Rung(level=0, declined=3, reds=3, slip_answered=True)) is None
    assert propose(Rung(level=0, near_due=True, start_level=3)).level == 1  # type: ignore[union-attr]
    assert propose(Rung(level=0, workdays_overdue=1, start_level=4)).level == 3  # type: ignore[union-attr]


def test_a_declined_slip_is_not_shown_as_issued(world: World) -> None:
    item = new_item(world)
    do(world, item, Verb.PROPOSE_SLIP, "supervisor", "没有进展", level=3)
    seen = item.version
    do(world, item, Verb.DECLINE_SLIP, "office", "再观察")

    assert (item.level, item.declined_level) == (0, 3)
    assert item.version == seen  # what the unit may not know of does not make its form stale


def test_different_reds_are_not_merged(world: World) -> None:
    item, other = red_item(world), new_item(world, later(7))
    other.commitment_id = world.task.id
    with pytest.raises(Refused, match="不能并案"):
        do(world, item, Verb.MERGE, "supervisor", "重复", into=other.id, at=later(7, 14))


def test_an_objection_is_heard_once(world: World) -> None:
    item = new_item(world)
    do(world, item, Verb.OBJECT, "reporter", "不属本单位职责")
    do(world, item, Verb.UPHOLD, "office", "属职责范围", at=later(3))
    with pytest.raises(Refused, match="已裁定维持"):
        do(world, item, Verb.OBJECT, "reporter", "仍有异议", at=later(3))


def test_who_judges_never_sits_in_the_unit_even_as_a_leader(world: World) -> None:
    item = red_item(world)
    me = actor(world, "leader")
    with pytest.raises(NotAllowed):
        check(item, Verb.WAIVE, replace(me, unit_ids=frozenset({world.unit.id})))


def test_only_the_supporting_unit_that_is_meant_hears_of_its_part(world: World) -> None:
    item = supported(world)
    do(world, item, Verb.SIGN_PART, "other_reporter")
    do(world, item, Verb.SUBMIT_PART, "other_reporter", "名单已报")
    db.session.commit()
    telling.fan_out(NOON)
    last = max(db.session.scalars(select(Delivery.id)))
    do(world, item, Verb.RETURN_PART, "office", "缺 3 家")
    db.session.commit()
    telling.fan_out(NOON)
    bodies = db.session.execute(
        select(Person.login, Delivery.body).join(Delivery).where(Delivery.id > last, Delivery.channel == "inbox")
    ).all()

    assert [login for login, _ in bodies] == ["other_reporter"]
    assert f"{world.other_unit.name} 退回补办" in bodies[0][1]
    assert thing_of(item, Verb.RETURN_PART).state == "part_returned"  # type: ignore[union-attr]


def test_an_extension_that_only_a_leader_decides_goes_to_the_leader(world: World) -> None:
    item = new_item(world)
    do(world, item, Verb.SIGN, "reporter")
    db.session.commit()
    telling.fan_out(NOON)
    last = max(db.session.scalars(select(Delivery.id)))
    do(world, item, Verb.EXTEND, "reporter", due_on=date(2020, 7, 10), **ASK)
    db.session.commit()
    telling.fan_out(NOON)

    assert set(db.session.scalars(select(Person.login).join(Delivery).where(Delivery.id > last))) == {"leader"}
    assert db.session.scalars(select(Appeal)).first() is None
