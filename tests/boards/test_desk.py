"""The desk counts with the tally, puts the longest first, shows the proof, and costs the same at any length."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import event

from taskboard.boards.desk import desk, desk_rows
from taskboard.boards.listing import Asked
from taskboard.db import db
from taskboard.models import Commitment, Delivery, Kind, Notice, Section, record, tally
from taskboard.models.channel import INBOX_ID, MAIL_ID
from tests.world import FRIDAY, NOON, World, make_target


def _redden(commitment: Commitment, since: date, section: Section = Section.RED, light: str = "red") -> None:
    commitment.light, commitment.light_since, commitment.section = light, since, section
    db.session.flush()


def _many(world: World, count: int) -> None:
    for _ in range(count):
        _redden(make_target(world.campaign, world.group, world.unit), date(2020, 6, 1))
    tally.rebuild()
    db.session.commit()


def _statements(world: World) -> int:
    seen: list[str] = []

    def count(conn, cursor, statement, *rest) -> None:  # type: ignore[no-untyped-def]
        seen.append(statement)

    db.session.refresh(world.campaign)
    event.listen(db.engine, "before_cursor_execute", count)
    try:
        desk(world.campaign, Asked(), FRIDAY)
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    return len(seen)


def test_the_longest_comes_first_and_the_tally_counts(world: World) -> None:
    younger = make_target(world.campaign, world.group, world.unit)
    older = make_target(world.campaign, world.other_group, world.other_unit)
    _redden(younger, date(2020, 6, 4))
    _redden(older, date(2020, 6, 1), Section.OVERDUE)
    tally.rebuild()
    page = desk(world.campaign, Asked(), FRIDAY)
    assert [row.line.id for row in page.rows] == [older.id, younger.id]
    assert page.sentence == "当前红灯 2 项，逾期 1 项，其中到期未填报 0 项"
    assert {words: count for _, words, count in page.views} == {
        "逾期和红灯": 2, "逾期": 1, "红灯": 2, "到期未填报": 0,
    }  # fmt: skip
    assert page.total == 2


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (Asked(view="overdue"), {"late", "silent"}),
        (Asked(view="red"), {"late", "red"}),
        (Asked(view="silent"), {"silent"}),
        (Asked(light="grey"), {"silent"}),
        (Asked(q="没有这样的事项"), set()),
    ],
)
def test_views_and_filters_narrow_rows_and_total_alike(world: World, asked: Asked, found: set[str]) -> None:
    made = {name: make_target(world.campaign, world.group, world.unit) for name in ("late", "red", "silent", "calm")}
    _redden(made["late"], date(2020, 6, 1), Section.OVERDUE)
    _redden(made["red"], date(2020, 6, 1))
    _redden(made["silent"], date(2020, 6, 1), Section.OVERDUE, "grey")
    tally.rebuild()
    page = desk(world.campaign, asked, FRIDAY)
    assert {row.line.id for row in page.rows} == {made[name].id for name in found}
    assert page.total == len(found)
    assert [row.line.id for row in desk_rows(world.campaign, asked, FRIDAY)] == [row.line.id for row in page.rows]


def test_group_and_unit_narrow_the_list(world: World) -> None:
    mine = make_target(world.campaign, world.group, world.unit)
    other = make_target(world.campaign, world.other_group, world.other_unit)
    _redden(mine, date(2020, 6, 1))
    _redden(other, date(2020, 6, 1))
    tally.rebuild()
    by_group = desk(world.campaign, Asked(group=world.group.id), FRIDAY)
    by_unit = desk(world.campaign, Asked(unit=world.other_unit.id), FRIDAY)
    assert ([row.line.id for row in by_group.rows], by_group.total) == ([mine.id], 1)
    assert ([row.line.id for row in by_unit.rows], by_unit.total) == ([other.id], 1)


def test_it_says_who_was_told_of_the_latest_turn_and_how_far_it_came(world: World) -> None:
    target = make_target(world.campaign, world.group, world.unit)
    _redden(target, date(2020, 6, 1))
    tally.rebuild()
    turned = record(Kind.TURNED_RED, target, None, NOON, {"light": "green"}, {"light": "red"})
    db.session.flush()
    for person, channel, channel_id, state, read_at in (
        (world.lead, "inbox", INBOX_ID, "sent", NOON),
        (world.reporter, "inbox", INBOX_ID, "sent", None),
        (world.reporter, "mail", MAIL_ID, "failed", None),
    ):
        delivery = Delivery(
            person_id=person.id,
            channel=channel,
            channel_id=channel_id,
            queued_at=NOON,
            subject="转为红灯",
            body="",
            created_at=NOON,
            state=state,
            read_at=read_at,
        )
        db.session.add(delivery)
        db.session.flush()
        told = {"recipient": f"person:{person.id}", "channel_id": delivery.channel_id, "person_id": person.id}
        db.session.add(Notice(event_id=turned.id, due_at=NOON, delivery_id=delivery.id, **told))
    db.session.flush()
    (row,) = desk(world.campaign, Asked(), FRIDAY).rows
    assert row.people == 2
    assert {(one.person, one.channel, one.state) for one in row.told} == {
        (world.lead.name, "站内", "已读"),
        (world.reporter.name, "站内", "未读"),
        (world.reporter.name, "邮件", "失败"),
    }


def test_three_hundred_rows_cost_as_many_statements_as_three(world: World) -> None:
    _many(world, 3)
    few = _statements(world)
    _many(world, 297)
    many = _statements(world)
    assert few == many <= 8
    page = desk(world.campaign, Asked(page=6), FRIDAY)
    assert (page.total, page.pages, len(page.rows)) == (300, 6, 50)
