"""The demonstration agrees with the press, marks what it invents, and is loaded once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from taskboard import clock
from taskboard.boards.timeline import LABELS
from taskboard.cli.data import _empty
from taskboard.db import db, start_reading
from taskboard.demo import load as demo
from taskboard.demo import logins
from taskboard.errors import Refused
from taskboard.models import (
    Campaign,
    Commitment,
    Delivery,
    EvaluationResult,
    EvaluationScore,
    Event,
    Group,
    Indicator,
    Installation,
    Person,
    Report,
    ScheduleVersion,
    Seat,
    Target,
    Task,
    Unit,
    UnitAlias,
    chain,
    facts,
    password,
    placing,
)
from tests.conftest import make_app


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demonstration on each database, loaded once for the tests that only look."""
    maker = request.getfixturevalue("sqlite_maker" if request.param == "sqlite" else "postgres_maker")
    with maker.fresh() as url:
        app = make_app(url, tmp_path_factory.mktemp("demo"))
        start_reading(False)
        with app.app_context():
            assert demo.load(None, lambda _: None)
        yield app
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def district(loaded: Flask) -> Iterator[None]:
    with loaded.app_context():
        yield
        db.session.remove()


def _target(unit: str, indicator: str) -> Target:
    query = select(Target).join(Indicator, Target.indicator_id == Indicator.id).join(Unit, Target.unit_id == Unit.id)
    named = (Unit.name == unit, Indicator.name == indicator, Target.illustrative.is_(False))
    return db.session.scalars(query.where(*named)).one()


def _counts() -> list[int | None]:
    tables = (Event, Report, Target, Task, Person, Seat, Delivery, Unit, Group)
    return [db.session.scalar(select(func.count()).select_from(table)) for table in tables]


@pytest.mark.usefixtures("district")
@pytest.mark.parametrize(
    ("unit", "value", "completion"), [("拱墅区", "5.38", "119.64"), ("拱宸桥街道", "1001.29", "333.76")]
)
def test_foreign_capital_completes_the_year_as_published(unit: str, value: str, completion: str) -> None:
    target = _target(unit, "实际利用外资")
    assert target.value == Decimal(value)
    assert (target.starts_on, target.ends_on) == (date(2020, 1, 1), date(2020, 12, 31))
    judging = placing.bench(Campaign.current(), date(2020, 5, 31))  # type: ignore[arg-type]
    share = judging.standing(facts.read_ids([target.id])[target.id]).completion
    assert share is not None
    assert round(share * 100, 2) == Decimal(completion)
    assert "推算" in target.source


@pytest.mark.usefixtures("district")
@pytest.mark.parametrize(("indicator", "percent"), [("营利性服务业", 87), ("有效投资", 70)])
def test_the_quarter_is_ahead_of_schedule_on_31_may(indicator: str, percent: int) -> None:
    target = _target("区发改经信局", indicator)
    judging = placing.bench(Campaign.current(), date(2020, 5, 31))  # type: ignore[arg-type]
    found = facts.read_ids([target.id])[target.id]
    standing = judging.standing(found)
    assert standing.completion == Decimal(percent) / 100
    assert standing.completion > standing.scheduled
    assert judging.verdict(found).light == "green"


@pytest.mark.usefixtures("district")
def test_the_mechanism_is_the_published_one() -> None:
    groups = list(db.session.scalars(select(Group).order_by(Group.no)))
    assert [group.no for group in groups] == list(range(1, 10))
    assert groups[0].name == "工业企业组"
    assert groups[8].name == "企业服务组"
    assert all(group.lead_unit and group.duty for group in groups)
    kinds = dict(db.session.execute(select(Unit.kind, func.count()).group_by(Unit.kind)).all())
    assert kinds == {"district": 1, "department": 5, "subdistrict": 10, "park": 1}
    alias = db.session.scalars(select(UnitAlias).where(UnitAlias.name == "区科技工业区管委会")).one()
    assert db.session.get_one(Unit, alias.unit_id).name == "区科技园区管委会"


@pytest.mark.usefixtures("district")
def test_every_group_has_three_targets_in_each_of_eleven_territories() -> None:
    local = select(Target.group_id, Target.unit_id, func.count()).join(Unit, Target.unit_id == Unit.id)
    query = local.where(Unit.kind.in_(("subdistrict", "park")), Target.illustrative).group_by(
        Target.group_id, Target.unit_id
    )
    rows = db.session.execute(query).all()
    assert len(rows) == 9 * 11
    assert min(count for _, _, count in rows) >= 3
    assert (db.session.scalar(select(func.count()).select_from(Task)) or 0) >= 60


@pytest.mark.usefixtures("district")
def test_what_was_not_published_is_marked() -> None:
    real = list(db.session.scalars(select(Commitment).where(Commitment.illustrative.is_(False))))
    assert len(real) == 11
    assert all(each.source for each in real)
    assert all(isinstance(each, Target) for each in real)
    people = list(db.session.scalars(select(Person)))
    assert all(p.illustrative and p.name.endswith("（示例）") and p.email.endswith("@example.invalid") for p in people)
    assert all("示例" in task.leader for task in db.session.scalars(select(Task)))


@pytest.mark.usefixtures("district")
def test_the_evaluation_is_as_published_and_the_rest_of_it_is_marked() -> None:
    real = select(EvaluationResult).where(EvaluationResult.illustrative.is_(False)).order_by(EvaluationResult.ends_on)
    april, half = db.session.scalars(real)
    assert (april.rating, april.province_rank, april.city_rank, april.published_on) == ("优+", 5, 3, date(2020, 5, 18))
    assert (half.period.words, half.province_rank, half.published_on.month) == ("2020年上半年", None, 8)
    assert april.source and half.source
    scores = list(db.session.scalars(select(EvaluationScore).where(EvaluationScore.live_key.is_not(None))))
    assert len(scores) == 3 * 18 and all(score.illustrative for score in scores)
    assert sum(score.indicator_id is not None for score in scores) >= 3 * 12


@pytest.mark.usefixtures("district")
def test_every_report_has_its_event_and_the_chain_holds() -> None:
    checked = chain.verify()
    assert checked.is_intact, checked.why
    reported = select(func.count()).select_from(Event).where(Event.kind.in_(("reported", "report_corrected")))
    assert db.session.scalar(reported) == db.session.scalar(select(func.count()).select_from(Report))


@pytest.mark.usefixtures("district")
def test_the_week_looks_lived_in() -> None:
    lights = dict(db.session.execute(select(Commitment.light, func.count()).group_by(Commitment.light)).all())
    assert all(lights[light] >= 10 for light in ("red", "yellow", "green", "grey"))
    told = select(func.count()).select_from(Delivery).where(Delivery.channel == "inbox")
    assert (db.session.scalar(told) or 0) > 5


@pytest.mark.usefixtures("district")
def test_every_target_has_an_approved_schedule_two_were_revised_and_two_requests_wait() -> None:
    rows = list(db.session.scalars(select(ScheduleVersion)))
    first = [row for row in rows if row.no == 1]
    assert {row.target_id for row in first} == set(db.session.scalars(select(Target.id)))
    assert all(row.state == "approved" and "示例" in row.reason for row in first)
    later = sorted((row.state, row.curve) for row in rows if row.no == 2)
    assert [state for state, _ in later] == ["approved", "approved", "asked", "asked"]
    for row in rows:
        if row.state == "approved" and row.no == 2:
            points = [(point.due_on, point.value) for point in row.target.weekly_targets]
            assert points == list(row.curve_points) and row.from_on == date(2020, 5, 14)


@pytest.mark.usefixtures("district")
def test_indicators_have_definitions_marked_as_illustrative_and_two_are_monthly() -> None:
    told = list(db.session.scalars(select(Indicator).where(Indicator.definition != "")))
    assert len(told) >= 27 and all("示例" in each.definition and "示例" in each.source for each in told)
    monthly = list(db.session.scalars(select(Indicator).where(Indicator.cadence == "month")))
    assert [(each.kind, each.release_day) for each in monthly] == [("growth", 18)] * 2
    due = db.session.scalars(select(Report).join(Target, Target.id == Report.commitment_id)
                             .where(Target.indicator_id.in_([each.id for each in monthly])))  # fmt: skip
    assert {report.as_of for report in due} == {date(2020, 5, 31)}


@pytest.mark.usefixtures("district")
def test_no_event_shows_an_english_word() -> None:
    told: set[str] = set()
    for event in db.session.scalars(select(Event)):
        for side in ("before", "after"):
            told |= set(event.payload.get(side) or {})

    assert not told - set(LABELS)


@pytest.mark.usefixtures("district")
def test_each_printed_login_opens_a_seat() -> None:
    for login, secret, _ in logins():
        person = db.session.scalars(select(Person).where(Person.login == login)).one()
        assert person.seats
        assert not person.must_change_password
        assert password.matches(person.password_hash, secret)


@pytest.mark.usefixtures("district")
def test_loading_twice_changes_nothing() -> None:
    before = _counts()
    assert demo.load(None, lambda _: None) is False
    assert _counts() == before


def test_a_real_installation_is_neither_loaded_nor_emptied(app: Flask) -> None:
    with app.app_context():
        now = clock.real_now()
        db.session.add(Installation(kind="production", created_at=now))
        db.session.commit()
        with pytest.raises(Refused):
            demo.load(None, lambda _: None)
        with pytest.raises(Refused):
            _empty()
        assert _counts() == [0] * 9
