"""The demonstration's quality pages have something to show, all of it marked, and no light turns for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from taskboard.boards import quality_backtest, quality_bias, quality_findings, quality_values
from taskboard.boards.quality import Scope
from taskboard.db import db, start_reading
from taskboard.demo import load as demo
from taskboard.models import Campaign, Commitment, Event, Figure, Report, Target, placing
from taskboard.models import facts as reader
from taskboard.rules.access import Seating, SeatKind
from tests import databases
from tests.conftest import make_app


@pytest.fixture(scope="module")
def loaded(sqlite_maker: databases.SqliteMaker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with sqlite_maker.fresh() as url:
        app = make_app(url, Path(tmp_path_factory.mktemp("quality")))
        start_reading(False)
        with app.app_context():
            assert demo.load(None, lambda _: None)
        yield app
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def scope(loaded: Flask) -> Iterator[Scope]:
    with loaded.app_context():
        campaign = Campaign.current()
        assert campaign is not None
        yield Scope(campaign, Seating(1, SeatKind.OFFICE))
        db.session.remove()


def test_the_pages_are_lived_in(scope: Scope) -> None:
    week = quality_values.values(scope, quality_values.Asked(), demo.DAY)
    assert week.counts["check"] > 50 and week.counts["confirm"] > 10 and week.odd
    asked = quality_findings.Asked(scope.campaign.starts_on, demo.DAY)
    found = quality_findings.findings(scope, asked, demo.DAY)
    assert found.paged.total >= 5 and any(row.report.explanation for row in found.rows)
    biases = quality_bias.biases(scope)
    assert len(biases.months) == 2 and len(biases.units) >= 8 and biases.waiting > 20
    assert quality_backtest.backtests(scope).whole.tests[1].count > 50


def test_what_was_published_of_april_is_marked_and_partly_revised(scope: Scope) -> None:
    figures = db.session.scalars(select(Figure)).all()
    assert len(figures) >= 44 and any(figure.revision == 2 for figure in figures)
    assert all(figure.target.illustrative and "示例" in figure.source for figure in figures)
    unlocked = select(func.count()).select_from(Event).where(Event.kind == "value_unlocked")
    assert db.session.scalar(unlocked) == 1


def test_who_reported_neither_checked_nor_confirmed(scope: Scope) -> None:
    same = (Report.checked_by_id == Report.reported_by_id) | (Report.confirmed_by_id == Report.reported_by_id)
    assert db.session.scalar(select(func.count()).select_from(Report).where(same)) == 0


def test_every_light_is_what_the_rules_say_today(scope: Scope) -> None:
    judging = placing.bench(scope.campaign, demo.DAY)
    for facts in reader.read(Commitment.campaign_id == scope.campaign.id):
        assert facts.row.light == judging.verdict(facts).light
    scored = select(func.count()).select_from(Target).where(Target.scored_value.is_not(None))
    assert (db.session.scalar(scored) or 0) > 200
