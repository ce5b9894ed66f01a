"""The wall says in words what the tally counts."""

from __future__ import annotations

from datetime import date

from taskboard.boards.wall import wall
from taskboard.db import db
from taskboard.models import Kind, Section, record, tally
from tests.world import FRIDAY, NOON, World, make_target


def test_nothing_wrong_is_said_in_words(world: World) -> None:
    page = wall(world.campaign, FRIDAY)
    assert len(page.sentences) == 4 and len(page.figures) == 4
    assert [group.no for group in page.groups] == [1, 2]
    assert page.groups[1].light == "grey"
    assert page.turned == () and page.waiting == ()


def test_a_red_light_shows_in_sentence_figure_group_and_waiting(world: World) -> None:
    target = make_target(world.campaign, world.other_group, world.other_unit)
    target.light, target.light_since, target.section = "red", date(2020, 6, 1), Section.OVERDUE
    record(Kind.TURNED_RED, target, None, NOON, {"light": "green"}, {"light": "red"})
    db.session.flush()
    tally.rebuild()
    page = wall(world.campaign, FRIDAY)
    assert "1 组有红灯" in page.sentences[0]
    assert "红灯 1 项" in page.sentences[1] and "逾期 1 项" in page.sentences[1]
    assert "本周转红 1 项" in page.sentences[2]
    assert page.groups[1].light == "red"
    assert [figure.number for figure in page.figures[:2]] == [1, 1]
    assert [(one.id, one.workdays) for one in page.waiting] == [(target.id, 4)]
    assert [(turn.id, turn.light) for turn in page.turned] == [(target.id, "red")]


def test_who_has_not_reported_is_counted_by_unit(world: World) -> None:
    for _ in range(3):
        make_target(world.campaign, world.group, world.other_unit)
    page = wall(world.campaign, FRIDAY)
    assert [(one.unit, one.owed) for one in page.silent] == [("祥符街道", 3), ("上塘街道", 2)]
    assert page.figures[2].number == 5
    assert "涉及 2 个单位" in page.sentences[3]


def test_a_turn_of_last_week_is_not_this_weeks_news(world: World) -> None:
    record(Kind.TURNED_RED, world.target, None, NOON.replace(month=5, day=29), {}, {"light": "red"})
    db.session.flush()
    page = wall(world.campaign, FRIDAY)
    assert page.turned == () and "本周转红 0 项" in page.sentences[2]
