"""The worklist board on both databases: order of harm, joint responsibility, counts from the tally."""

from __future__ import annotations

from decimal import Decimal

from taskboard.boards.listing import Asked, Scope, all_lines, listing
from taskboard.boards.worklist import worklist
from taskboard.db import db
from taskboard.models import Party, Role
from taskboard.models.placing import place_one
from taskboard.rules.access import Seating, SeatKind
from tests.world import FRIDAY, World, make_target

OPEN = Asked(view="open")


def reporter(world: World, unit_id: int) -> Scope:
    return Scope(world.campaign, Seating(1, SeatKind.REPORTER, unit_id=unit_id), own=True)


def office(world: World) -> Scope:
    return Scope(world.campaign, Seating(1, SeatKind.OFFICE), own=True)


def test_lines_stand_in_the_order_of_harm_under_their_headings(world: World) -> None:
    red = make_target(world.campaign, world.group, world.unit, title="落后", value=Decimal(10), reported_week=None)
    db.session.commit()

    board = worklist(office(world), OPEN, FRIDAY)

    assert red.light == "red"
    assert [(part.title, part.count) for part in board.parts] == [("红灯", 1), ("本周待填报", 2)]
    assert board.sentence == "本周还有 3 项未填报，1 项红灯"
    assert board.listing.total == 3


def test_a_jointly_responsible_unit_has_the_commitment_on_its_list_and_in_its_counts(world: World) -> None:
    world.target.parties.append(Party(unit_id=world.other_unit.id, role=Role.RESPONSIBLE))
    world.task.parties.append(Party(unit_id=world.other_unit.id, role=Role.SUPPORTING))
    db.session.commit()

    board = worklist(reporter(world, world.other_unit.id), OPEN, FRIDAY)

    assert [line.id for part in board.parts for line in part.lines] == [world.target.id]
    assert board.listing.total == 1
    chosen = listing(office(world), Asked(unit=world.other_unit.id), FRIDAY)
    assert (chosen.total, len(chosen.lines)) == (1, 1)


def test_pages_and_text(world: World) -> None:
    for number in range(60):
        make_target(world.campaign, world.group, world.unit, title=f"第{number}项 100%_")
    db.session.commit()

    second = listing(office(world), Asked(page=2), FRIDAY)
    assert (second.total, second.pages, len(second.lines), second.first, second.last) == (62, 2, 12, 51, 62)
    assert listing(office(world), Asked(q="100%_"), FRIDAY).total == 60
    assert listing(office(world), Asked(q="0%%"), FRIDAY).total == 0
    assert len(list(all_lines(office(world), Asked(), FRIDAY))) == 62


def test_a_done_commitment_leaves_the_open_list(world: World) -> None:
    world.task.done_on = FRIDAY
    place_one(world.task, FRIDAY)
    db.session.commit()

    board = worklist(office(world), OPEN, FRIDAY)

    assert world.task.id not in [line.id for line in board.listing.lines]
    assert {key: count for key, _, count in board.views}["done"] == 1
