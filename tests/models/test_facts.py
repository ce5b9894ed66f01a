"""The facts that rules judge are the facts that are stored."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from taskboard.db import db
from taskboard.models import Commitment, Milestone, WeeklyTarget, facts
from taskboard.models.placing import bench
from tests.world import FRIDAY, World


def test_weekly_targets_and_milestones_come_with_their_own_commitment(world: World) -> None:
    world.target.weekly_targets = [WeeklyTarget(due_on=date(2020, 6, 5), value=Decimal(70))]
    world.task.milestones = [
        Milestone(name="设计招标", due_on=date(2020, 5, 20), weight=3, done_on=date(2020, 5, 18)),
        Milestone(name="开工", due_on=date(2020, 6, 20), weight=7),
    ]
    db.session.commit()

    found = {each.row.kind: each for each in facts.read(Commitment.campaign_id == world.campaign.id)}

    assert found["target"].points == ((date(2020, 6, 5), Decimal(70)),)
    assert found["task"].milestones == (
        (date(2020, 5, 20), Decimal(3), date(2020, 5, 18), "设计招标"),
        (date(2020, 6, 20), Decimal(7), None, "开工"),
    )
    judging = bench(world.campaign, FRIDAY)
    assert judging.standing(found["task"]).scheduled == Decimal("0.3")
    assert judging.standing(found["target"]).scheduled == Decimal("0.7")
