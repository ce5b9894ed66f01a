"""What was published is kept: a revision supersedes, the database allows one that counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from taskboard.db import db
from taskboard.errors import Refused
from taskboard.models import Evaluation, EvaluationResult, EvaluationScore, Event, Group, Indicator, Unit, chain
from taskboard.models.evaluating import publish
from taskboard.models.evaluation import live_results, live_scores, own_indicators
from taskboard.rules.evaluation import Overall, Period, Score
from tests.world import NOON, World, make_target

APRIL = Period.of_months(2020, 4, 4)
OVERALL = Overall(APRIL, date(2020, 5, 18), "优+", 5, 3)
SCORE = Score(APRIL, "结构动能", "有效投资", Decimal("16.5"), "%", 9, 4)


@pytest.fixture
def series(world: World) -> Evaluation:
    made = Evaluation(name="MEI", dimensions=3, indicators=18, of_province=90, of_city=13)
    db.session.add(made)
    db.session.commit()
    return made


def test_what_was_published_is_kept_with_an_event(world: World, series: Evaluation) -> None:
    row = publish(series, OVERALL, None, world.office.id, NOON)
    publish(series, SCORE, None, world.office.id, NOON)
    db.session.commit()

    assert (row.period, row.revision, row.is_live) == (APRIL, 1, True)
    assert live_results(series.id) == {APRIL: row}
    assert list(live_scores(series.id, [APRIL])) == [(APRIL, "有效投资")]
    events = list(db.session.scalars(select(Event).order_by(Event.id)))
    assert [event.kind for event in events] == ["evaluated", "evaluated"]
    assert events[1].payload["after"]["value"] == "16.5" and "before" not in events[1].payload
    assert chain.verify().is_intact


@pytest.mark.parametrize(
    ("first", "second", "column"),
    [(OVERALL, replace(OVERALL, province_rank=6), "province_rank"), (SCORE, replace(SCORE, city_rank=5), "city_rank")],
)
def test_a_revision_keeps_the_old_row_and_says_before_and_after(
    world: World, series: Evaluation, first: Overall | Score, second: Overall | Score, column: str
) -> None:
    old = publish(series, first, None, world.office.id, NOON)
    db.session.commit()
    new = publish(series, second, old, world.office.id, NOON)
    db.session.commit()

    assert (old.is_live, new.is_live, new.revision) == (False, True, 2)
    assert getattr(old, column) == getattr(first, column)
    event = db.session.scalars(select(Event).where(Event.kind == "evaluation_revised")).one()
    assert event.payload["before"] == {column: getattr(first, column)}
    assert event.payload["after"] == {column: getattr(second, column)}


def test_the_same_again_writes_nothing(world: World, series: Evaluation) -> None:
    row = publish(series, SCORE, None, world.office.id, NOON)
    db.session.commit()
    db.session.expire_all()

    assert publish(series, SCORE, row, world.office.id, NOON) is row
    assert db.session.scalar(select(func.count()).select_from(Event)) == 1


def test_the_database_allows_one_row_that_counts(world: World, series: Evaluation) -> None:
    publish(series, OVERALL, None, world.office.id, NOON)
    db.session.commit()

    with pytest.raises(IntegrityError):
        publish(series, replace(OVERALL, province_rank=9), None, world.office.id, NOON)
        db.session.flush()
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(EvaluationResult)) == 1


@pytest.mark.parametrize("rank", [{"province_rank": 91}, {"city_rank": 14}, {"province_rank": 0}])
def test_a_rank_is_among_those_ranked(world: World, series: Evaluation, rank: dict[str, int]) -> None:
    with pytest.raises(Refused, match="不在 1 至"):
        publish(series, replace(SCORE, **rank), None, world.office.id, NOON)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(EvaluationScore)) == 0


def test_the_database_refuses_a_rating_that_does_not_exist(world: World, series: Evaluation) -> None:
    with pytest.raises(IntegrityError):
        publish(series, replace(OVERALL, rating="特优"), None, world.office.id, NOON)
        db.session.flush()


def test_of_two_indicators_with_one_name_the_districts_is_ours(world: World) -> None:
    district = Unit(name="拱墅区", short_name="全区", kind="district", position=0)
    db.session.add(district)
    db.session.flush()
    whole = make_target(world.campaign, db.session.get_one(Group, world.group.id), district)
    db.session.add(Indicator(group_id=world.group.id, name="无目标指标", measure="%"))
    db.session.commit()

    found = own_indicators(world.campaign.id)

    assert set(found) == {"规上工业增加值", "无目标指标"}
    assert found["规上工业增加值"] == whole.indicator_id
