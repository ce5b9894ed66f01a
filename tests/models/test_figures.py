"""Vintages: what was said, checked, confirmed, published and revised, and which of it counts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from taskboard import clock
from taskboard.db import db
from taskboard.errors import Doubtful, NotAllowed, Refused, WrongState
from taskboard.jobs import sweep
from taskboard.models import Commitment, Event, Figure, Report, facts, placing
from taskboard.models.figures import Published, check, confirm, publish, unlock
from taskboard.models.reporting import Filing, file_report, send_back
from tests.world import FRIDAY, MONDAY, NOON, World

MAY = date(2020, 5, 31)
WEEK = timedelta(days=7)


def filed(world: World, value: int, week: date = MONDAY, **more: object) -> Report:
    filing = Filing(week=week, value=Decimal(value), done="进展", **more)  # type: ignore[arg-type]
    return file_report(world.target, filing, world.reporter.id, NOON)[0]


def counts(world: World) -> tuple[Decimal | None, str, date | None]:
    return world.target.value, world.target.vintage, world.target.value_as_of


def test_a_report_is_preliminary_and_speaks_of_its_week_at_most_of_today(world: World) -> None:
    report = filed(world, 42)

    assert (report.as_of, counts(world)) == (date(2020, 6, 7), (42, "preliminary", FRIDAY))
    assert world.target.scored_value is None


def test_a_value_goes_from_the_unit_over_the_lead_to_the_office_and_is_locked(world: World) -> None:
    report = filed(world, 42)
    check(report, world.lead.id, NOON)
    with pytest.raises(WrongState, match="不需重复"):
        check(report, world.lead.id, NOON)
    confirm(report, world.office.id, NOON)
    assert counts(world) == (42, "confirmed", FRIDAY)
    assert (world.target.scored_value, world.target.scored_as_of) == (42, FRIDAY)

    with pytest.raises(WrongState, match="核定锁定"):
        filed(world, 43, replaces=report.id)
    with pytest.raises(Refused, match="理由"):
        unlock(report, " ", world.office.id, NOON)
    unlock(report, "统计口径调整", world.office.id, NOON)
    assert (counts(world)[1], world.target.scored_value) == ("preliminary", None)
    filed(world, 43, replaces=report.id)
    kinds = db.session.scalars(select(Event.kind).where(Event.kind.startswith("value_")).order_by(Event.id)).all()
    assert kinds == ["value_checked", "value_confirmed", "value_unlocked"]
    assert "统计口径调整" in db.session.scalars(select(Event.data).where(Event.kind == "value_unlocked")).one()


def test_who_reported_does_not_confirm_neither_by_verb_nor_in_the_database(world: World) -> None:
    report = filed(world, 42)
    with pytest.raises(NotAllowed):
        confirm(report, world.reporter.id, NOON)
    db.session.commit()
    for column in ("checked_by_id", "confirmed_by_id"):
        with pytest.raises(IntegrityError):
            db.session.execute(update(Report).values({column: world.reporter.id}))
        db.session.rollback()


def test_a_returned_report_is_not_confirmed(world: World) -> None:
    report = filed(world, 42)
    send_back(report, "口径不符", world.lead.id, NOON)
    with pytest.raises(WrongState, match="已退回"):
        confirm(report, world.office.id, NOON)


def test_an_official_figure_counts_on_its_day_and_the_newest_day_counts_first(world: World) -> None:
    filed(world, 60, MONDAY - WEEK)
    published = Published(MAY, Decimal(58), FRIDAY, "统计月报")
    assert publish(world.target, published, world.office.id, NOON) == "created"
    assert counts(world) == (58, "official", MAY)
    filed(world, 65)
    assert counts(world) == (65, "preliminary", FRIDAY)
    assert (world.target.scored_value, world.target.scored_as_of) == (58, MAY)


def test_an_official_figure_is_revised_and_never_edited(world: World) -> None:
    for value, outcome in ((58, "created"), (58, "unchanged"), (57, "revised")):
        assert publish(world.target, Published(MAY, Decimal(value), FRIDAY), world.office.id, NOON) == outcome
    found = db.session.execute(select(Figure.value, Figure.revision, Figure.live_key).order_by(Figure.id)).all()

    assert [(value, revision, key is not None) for value, revision, key in found] == [(58, 1, False), (57, 2, True)]
    assert counts(world) == (57, "revision", MAY)
    with pytest.raises(Refused, match="不含"):
        publish(world.target, Published(date(2020, 7, 31), Decimal(1), date(2020, 8, 18)), world.office.id, NOON)
    with pytest.raises(Refused, match="晚于"):
        publish(world.target, Published(date(2020, 6, 30), Decimal(1), FRIDAY), world.office.id, NOON)


def test_a_forecast_is_marked_and_gives_way_to_what_is_surer(world: World) -> None:
    report = filed(world, 60, MONDAY - WEEK, vintage="forecast", expected=Decimal(70))
    assert counts(world) == (60, "forecast", MAY)
    assert (report.expected, report.expected_on) == (70, MAY)
    publish(world.target, Published(MAY, Decimal(55), FRIDAY), world.office.id, NOON)

    assert counts(world) == (55, "official", MAY)


def test_an_odd_value_is_asked_about_and_taken_with_its_reason(world: World) -> None:
    for n, value in enumerate((50, 55, 60, 65)):
        filed(world, value, MONDAY - WEEK * (4 - n))
    with pytest.raises(Doubtful) as doubt:
        filed(world, 700000, explanation="")
    assert doubt.value.findings
    report = filed(world, 700000, explanation="含新入统企业")

    assert (report.explanation, bool(report.findings)) == ("含新入统企业", True)
    calm = filed(world, 70, replaces=report.id, explanation="")
    assert (calm.explanation, calm.findings) == ("", "")


def test_a_low_confidence_needs_a_word_and_marks_a_green_light(world: World) -> None:
    with pytest.raises(Refused, match="困难在哪里"):
        filed(world, 90, confidence=2)
    filed(world, 90, confidence=2, confidence_note="土地未交付")

    assert (world.target.light, world.target.confidence, world.target.confidence_note) == ("green", 2, "土地未交付")


def test_a_monthly_value_is_owed_at_its_release_and_grey_when_it_does_not_come(world: World) -> None:
    world.target.indicator.cadence, world.target.indicator.release_day = "month", 18
    world.target.owed_from = date(2020, 5, 1)
    db.session.commit()
    seen = {}
    for day in (date(2020, 6, 8), date(2020, 6, 15), date(2020, 6, 19), date(2020, 6, 23)):
        sweep.run(day, clock.at(day, 7, 33))
        row = db.session.get_one(Commitment, world.target.id, populate_existing=True)
        seen[day.day] = (row.owed, row.light)
    assert seen == {8: (False, "grey"), 15: (True, "grey"), 19: (True, "grey"), 23: (True, "grey")}

    at = clock.at(date(2020, 6, 23), 12)
    report, verdict = file_report(
        world.target, Filing(week=date(2020, 6, 22), value=Decimal(70), done="5月数"), world.reporter.id, at
    )
    assert (report.as_of, world.target.owed, verdict.light) == (MAY, False, "green")  # 70 % against the 67 % of 31 May


def test_the_pace_is_carried_with_the_commitment_and_judged_by_the_sweep_as_by_the_page(world: World) -> None:
    reports = [filed(world, 40 + 2 * n, MONDAY - WEEK * (5 - n)) for n in range(6)]
    assert world.target.increments == "2 2 2 2"
    judging = placing.bench(world.campaign, FRIDAY)
    verdict = judging.verdict(facts.read_ids([world.target.id])[world.target.id])
    assert "落点预警" in verdict.marks  # 50 and 2 a week do not reach 90 of 100

    send_back(reports[-1], "口径不符", world.lead.id, NOON)
    assert (world.target.increments, world.target.value) == ("2 2 2 2", 48)
    filed(world, 60, replaces=reports[-1].id)
    assert world.target.increments == "2 2 2 12"


def test_sqlite_knows_its_tables_after_a_sweep(world: World) -> None:
    sweep.run(FRIDAY, NOON)
    if db.engine.dialect.name == "sqlite":
        assert "commitment" in db.session.scalars(text("SELECT DISTINCT tbl FROM sqlite_stat1")).all()
