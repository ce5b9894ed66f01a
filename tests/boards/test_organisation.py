"""The organisation as it is published, and how each part of it stands."""

from __future__ import annotations

from datetime import date, timedelta

from taskboard.boards.organisation import group_page, organisation
from taskboard.db import db
from taskboard.models import tally
from tests.world import FRIDAY, World, make_target


def test_groups_stand_in_published_order_with_unit_and_leaders(world: World) -> None:
    page = organisation(world.campaign, FRIDAY)
    assert [(card.no, card.lead_unit, card.leaders) for card in page.groups] == [
        (1, "区发改经信局", (world.lead.name,)),
        (2, "区发改经信局", (world.other_lead.name,)),
    ]
    assert [(row.name, row.leads) for row in page.lead_units] == [("区发改经信局", ("工业企业", "批零消费外贸"))]
    assert [row.name for row in page.territories] == ["上塘街道", "祥符街道"]


def test_a_leader_is_one_who_holds_the_seat_on_the_day(world: World) -> None:
    world.lead.seats[0].to_on = FRIDAY - timedelta(days=1)
    db.session.flush()
    assert organisation(world.campaign, FRIDAY).groups[0].leaders == ()
    assert organisation(world.campaign, FRIDAY - timedelta(days=1)).groups[0].leaders == (world.lead.name,)


def test_one_red_makes_the_group_red_and_the_counts_stay(world: World) -> None:
    target = make_target(world.campaign, world.group, world.other_unit)
    target.light, target.light_since = "red", date(2020, 6, 1)
    db.session.flush()
    tally.rebuild()
    page = group_page(world.campaign, world.group.id, FRIDAY)
    assert page is not None
    assert page.card.light == "red" and page.card.counts["red"] == 1
    assert {row.name: row.counts["red"] for row in page.units} == {"上塘街道": 0, "祥符街道": 1}


def test_a_group_that_is_not_there_is_none(world: World) -> None:
    assert group_page(world.campaign, 999_999, FRIDAY) is None
