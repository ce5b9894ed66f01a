"""Values on their way from 初报 to 核定: who may, once, and what is locked then. On both databases."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from taskboard.db import db
from taskboard.errors import NotAllowed, Refused, WrongState
from taskboard.models import Event, Report, chain, figures
from taskboard.models.reporting import Filing, file_report, send_back
from tests.racing import race
from tests.world import MONDAY, NOON, World


@pytest.fixture
def report(world: World) -> Report:
    made, _ = file_report(world.target, Filing(MONDAY, Decimal(42), "完成部分"), world.reporter.id, NOON)
    db.session.commit()
    return made


def test_of_two_who_confirm_at_once_one_does_and_the_other_is_told(app: Flask, world: World, report: Report) -> None:
    report_id, by = report.id, world.office.id
    db.session.commit()

    outcomes = race(app, lambda: figures.confirm(db.session.get_one(Report, report_id), by, NOON))

    lost = [outcome for outcome in outcomes if outcome != "done"]
    assert (len(outcomes), len(lost)) == (2, 1)
    assert isinstance(lost[0], WrongState) and "已核定锁定" in str(lost[0])
    counted = select(func.count()).select_from(Event).where(Event.kind == "value_confirmed")
    assert db.session.scalar(counted) == 1
    assert chain.verify().is_intact


@pytest.mark.parametrize("deed", [figures.check, figures.confirm])
def test_who_reported_neither_checks_nor_confirms(world: World, report: Report, deed: Any) -> None:
    with pytest.raises(NotAllowed, match="由您填报"):
        deed(report, world.reporter.id, NOON)


def test_a_confirmed_value_is_neither_corrected_nor_returned_until_it_is_unlocked(world: World, report: Report) -> None:
    figures.check(report, world.lead.id, NOON)
    figures.confirm(report, world.office.id, NOON)
    assert (world.target.vintage, world.target.scored_value) == ("confirmed", 42)

    again = Filing(MONDAY, Decimal(50), "更正", replaces=report.id)
    with pytest.raises(WrongState, match="解锁"):
        file_report(world.target, again, world.reporter.id, NOON)
    with pytest.raises(WrongState, match="解锁"):
        send_back(report, "不符", world.lead.id, NOON)
    with pytest.raises(Refused, match="解锁理由"):
        figures.unlock(report, " ", world.office.id, NOON)

    figures.unlock(report, "重复计入", world.office.id, NOON)
    assert (world.target.vintage, world.target.scored_value, report.checked_at) == ("preliminary", None, None)
    file_report(world.target, again, world.reporter.id, NOON)
    assert world.target.value == 50
