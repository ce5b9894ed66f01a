"""A sweep raises and lowers flags, tells by events, and does nothing the second time."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from taskboard.db import db
from taskboard.errors import Refused
from taskboard.jobs import sweep
from taskboard.models import Event, Flag, Tally, tally
from taskboard.models.chain import verify
from taskboard.models.reporting import Filing, file_report, live_report
from tests.world import FRIDAY, MONDAY, NOON, World


def report(world: World, value: int) -> None:
    previous = live_report(world.target.id, MONDAY)
    filing = Filing(MONDAY, Decimal(value), "完成部分", replaces=previous.id if previous else None)
    file_report(world.target, filing, world.reporter.id, NOON)
    db.session.commit()


def test_a_turn_to_red_raises_a_flag_and_the_second_run_changes_nothing(world: World) -> None:
    report(world, 42)

    first = sweep.run(FRIDAY, NOON)
    second = sweep.run(FRIDAY, NOON)

    assert {"on", "checked", "green", "yellow", "red", "grey", "changed", "raised", "lowered"} == set(first)
    assert (first["checked"], first["red"], first["changed"], first["raised"]) == (2, 1, 1, 1)
    assert (second["red"], second["changed"], second["raised"], second["lowered"]) == (1, 0, 0, 0)
    flag = db.session.scalars(select(Flag)).one()
    assert (flag.light, flag.raised_on, flag.lowered_on) == ("red", FRIDAY, None)
    assert "差 30.5 个百分点" in flag.words


def test_a_return_to_green_lowers_the_flag(world: World) -> None:
    report(world, 42)
    sweep.run(FRIDAY, NOON)
    report(world, 80)

    counts = sweep.run(FRIDAY, NOON)

    assert (counts["changed"], counts["raised"], counts["lowered"]) == (1, 0, 1)
    assert db.session.scalars(select(Flag)).one().lowered_on == FRIDAY
    kinds = db.session.scalars(select(Event.kind).where(Event.source == "sweep").order_by(Event.id)).all()
    assert kinds == ["turned_red", "turned_green"]


def test_the_event_names_the_reporter_who_need_not_be_told(world: World) -> None:
    report(world, 42)
    sweep.run(FRIDAY, NOON)

    turned = db.session.scalars(select(Event).where(Event.kind == "turned_red")).one()
    assert turned.payload["reporter"] == world.reporter.id
    assert (turned.payload["before"], turned.payload["after"]) == ({"light": "grey"}, {"light": "red"})
    assert verify().is_intact


def test_silence_does_not_lower_a_red_flag(world: World) -> None:
    report(world, 42)
    sweep.run(FRIDAY, NOON)

    counts = sweep.run(FRIDAY + timedelta(days=14), NOON)

    assert (counts["red"], counts["lowered"]) == (1, 0)


def test_a_day_before_the_last_sweep_is_refused(world: World) -> None:
    sweep.run(FRIDAY, NOON)

    with pytest.raises(Refused, match="不能倒退"):
        sweep.run(date(2020, 6, 4), NOON)


def test_what_was_reported_is_settled_without_waiting_for_the_morning(world: World) -> None:
    report(world, 42)

    assert sweep.catch_up(FRIDAY, NOON)["raised"] == 1
    assert sweep.catch_up(FRIDAY, NOON) == {"checked": 0}


def test_the_tally_counted_anew_is_the_tally_that_was_kept(world: World) -> None:
    report(world, 42)
    sweep.run(FRIDAY + timedelta(days=30), NOON)
    kept = {tally.place_of(row): row.count for row in db.session.scalars(select(Tally)) if row.count}

    tally.rebuild()

    db.session.expire_all()
    assert {tally.place_of(row): row.count for row in db.session.scalars(select(Tally))} == kept
