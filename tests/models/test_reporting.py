"""A week's report: it counts at once, a correction keeps what it corrects."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from taskboard.db import db
from taskboard.errors import Conflict, Refused
from taskboard.models import Report, Tally
from taskboard.models.chain import verify
from taskboard.models.reporting import Filing, file_report, live_report, send_back
from tests.world import MONDAY, NOON, World


def filing(value: int, **more: object) -> Filing:
    return Filing(week=MONDAY, value=Decimal(value), done="完成部分", **more)  # type: ignore[arg-type]


def test_a_report_counts_at_once_and_gives_the_reason_in_words(world: World) -> None:
    _, verdict = file_report(world.target, filing(42), world.reporter.id, NOON)

    assert verdict.words == "进度 42.0 %，应达 72.5 %，差 30.5 个百分点，超过黄线 10 个百分点，故为红灯"
    assert (world.target.light, world.target.value, world.target.owed) == ("red", 42, False)


def test_a_second_report_corrects_the_first_and_keeps_it(world: World) -> None:
    first, _ = file_report(world.target, filing(42), world.reporter.id, NOON)
    second, _ = file_report(world.target, filing(80, replaces=first.id), world.reporter.id, NOON)
    db.session.commit()

    assert (first.is_live, second.is_live, second.revision) == (False, True, 2)
    assert (world.target.light, world.target.value) == ("green", 80)
    assert db.session.scalars(select(Report.value).order_by(Report.id)).all() == [42, 80]


def test_who_opened_the_form_before_another_reported_is_told_and_nothing_is_written(world: World) -> None:
    first, _ = file_report(world.target, filing(42), world.reporter.id, NOON)
    db.session.commit()

    with pytest.raises(Conflict) as caught:
        file_report(world.target, filing(50), world.lead.id, NOON)

    db.session.rollback()
    assert ("数值", "42", "50") in caught.value.pairs
    assert live_report(world.target.id, MONDAY).id == first.id


def test_a_returned_report_no_longer_counts_and_is_owed_again(world: World) -> None:
    report, _ = file_report(world.target, filing(80), world.reporter.id, NOON)
    send_back(report, "与统计口径不符", world.lead.id, NOON)

    assert (world.target.value, world.target.light, world.target.owed, world.target.returned) == (
        None,
        "grey",
        True,
        True,
    )


def test_no_report_for_a_week_to_come(world: World) -> None:
    with pytest.raises(Refused, match="以后各周"):
        file_report(world.target, Filing(MONDAY + timedelta(days=7), Decimal(1), "x"), world.reporter.id, NOON)


def test_the_tally_follows_every_report(world: World) -> None:
    file_report(world.target, filing(42), world.reporter.id, NOON)
    db.session.commit()

    counts = {(t.kind, t.light, t.owed): t.count for t in db.session.scalars(select(Tally)) if t.count}
    assert counts == {("target", "red", False): 1, ("task", "grey", True): 1}


def test_each_deed_leaves_a_chained_event(world: World) -> None:
    file_report(world.target, filing(42), world.reporter.id, NOON)
    db.session.commit()

    assert verify().is_intact
    assert verify().checked == 1
