"""Figures by the thousand come to what publishing them one by one does, on both databases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text

from taskboard.db import db
from taskboard.errors import Refused
from taskboard.models import Commitment, Event, Figure, Tally, Target
from taskboard.models.chain import verify
from taskboard.models.defining import TargetDraft, create_target, edit_target
from taskboard.models.defining_many import change_targets, create_targets
from taskboard.models.figures import Published, confirm, publish
from taskboard.models.publishing import publish_all
from taskboard.models.reporting import Filing, file_report
from tests.world import MONDAY, NOON, World, make_target

APRIL, MAY = date(2020, 4, 30), date(2020, 5, 31)
CARRIED = ("value", "value_as_of", "vintage", "scored_value", "scored_as_of", "light", "light_since", "section",
           "owed", "done_on", "reported_week")  # fmt: skip


def said(as_of: date, value: int) -> Published:
    return Published(as_of, Decimal(value), date(2020, 6, 4), "统计月报")


def outcome() -> tuple[list[Any], ...]:
    db.session.expire_all()
    targets = [
        [getattr(row, name) for name in CARRIED]
        for row in db.session.scalars(select(Commitment).order_by(Commitment.id))
    ]
    query = select(Figure).order_by(Figure.target_id, Figure.as_of, Figure.revision)
    figures = [(f.target_id, f.as_of, f.value, f.revision, f.live_key) for f in db.session.scalars(query)]
    all_events = db.session.scalars(select(Event))
    events = sorted((e.kind, 0 if e.kind == "target_created" else e.subject_id, e.data) for e in all_events)
    counts = sorted((t.light, t.section, t.owed, t.count) for t in db.session.scalars(select(Tally)) if t.count)
    return targets, figures, events, counts


def test_many_at_once_come_to_what_one_by_one_does(world: World) -> None:
    second = make_target(world.campaign, world.group, world.other_unit, target_value=Decimal(40))
    third = make_target(world.campaign, world.other_group, world.unit)
    report, _ = file_report(world.target, Filing(MONDAY, Decimal(42), "完成部分"), world.reporter.id, NOON)
    file_report(third, Filing(MONDAY, Decimal(81), "完成部分"), world.reporter.id, NOON)
    confirm(report, world.office.id, NOON)
    publish(second, said(APRIL, 30), world.office.id, NOON)
    db.session.commit()
    statements = [
        (world.target.id, said(APRIL, 20)),
        (second.id, said(APRIL, 29)),  # a revision
        (world.target.id, said(MAY, 60)),
        (second.id, said(MAY, 40)),
        (second.id, said(APRIL, 29)),  # the same again
        (third.id, said(MAY, 99)),
    ]
    counts = {"created": 0, "revised": 0, "unchanged": 0}
    for target_id, published in statements:
        counts[publish(db.session.get_one(Target, target_id), published, world.office.id, NOON)] += 1
    single = outcome()
    db.session.rollback()
    assert outcome() != single

    assert publish_all(world.campaign, statements, world.office.id, NOON) == counts
    db.session.commit()

    assert counts == {"created": 4, "revised": 1, "unchanged": 1}
    assert outcome() == single
    assert verify().is_intact


def test_a_revision_keeps_the_old_figure(world: World) -> None:
    publish_all(world.campaign, [(world.target.id, said(MAY, 50))], world.office.id, NOON)
    publish_all(world.campaign, [(world.target.id, said(MAY, 55))], world.office.id, NOON)
    db.session.commit()

    kept = db.session.execute(select(Figure.value, Figure.revision, Figure.live_key).order_by(Figure.revision)).all()
    assert [(int(value), revision, key is None) for value, revision, key in kept] == [(50, 1, True), (55, 2, False)]
    assert (world.target.value, world.target.vintage) == (55, "revision")


def test_one_figure_out_of_its_period_and_none_is_written(world: World) -> None:
    statements = [(world.target.id, said(MAY, 50)), (world.target.id, said(date(2020, 3, 31), 5))]

    with pytest.raises(Refused, match="不含 2020-03-31"):
        publish_all(world.campaign, statements, world.office.id, NOON)
    db.session.rollback()
    assert db.session.scalar(text("SELECT count(*) FROM figure")) == 0


def test_targets_set_up_and_changed_at_once_come_to_what_one_by_one_does(world: World) -> None:
    common = {"group_id": world.group.id, "title": "规上工业增加值", "detail": "", "starts_on": date(2020, 4, 1)}
    common |= {"ends_on": date(2020, 6, 30), "source": "任务书", "measure": "万元"}
    fresh = TargetDraft(**common, unit_id=world.other_unit.id, target_value=Decimal(9))
    weekly = ((date(2020, 6, 5), Decimal(50)), (date(2020, 6, 30), Decimal(80)))
    parties = {"supporting": (world.other_unit.id,)}
    other = TargetDraft(**common, **parties, unit_id=world.unit.id, target_value=Decimal(80), weekly=weekly)
    create_target(fresh, world.office.id, NOON)
    edit_target(world.target, other, 1, world.office.id, NOON)
    single = outcome()
    db.session.rollback()

    create_targets(world.campaign, [fresh], world.office.id, NOON, lambda done, total: None)
    changed = [(world.target.id, 1, other)]
    assert change_targets(world.campaign, changed, world.office.id, NOON, lambda done, total: None) == 1
    assert change_targets(world.campaign, changed, world.office.id, NOON, lambda done, total: None) == 0
    db.session.commit()

    assert outcome() == single
    assert world.target.version == 2
    assert verify().is_intact
