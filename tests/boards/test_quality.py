"""What the pages of 数据质量 say, from the same rows on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from taskboard import clock
from taskboard.boards import quality_backtest, quality_bias, quality_findings, quality_freshness
from taskboard.boards.quality import Scope
from taskboard.db import db
from taskboard.jobs import sweep
from taskboard.models import Report, Target, figures
from taskboard.models.figures import Published
from taskboard.models.placing import admit
from taskboard.models.reporting import Filing, file_report
from taskboard.rules.access import Seating, SeatKind
from tests.world import FRIDAY, MONDAY, NOON, World

WEEK = timedelta(days=7)
OFFICE = Seating(1, SeatKind.OFFICE)


def whole(world: World, kind: SeatKind = SeatKind.OFFICE, group_id: int | None = None) -> Scope:
    return Scope(world.campaign, Seating(1, kind, group_id=group_id))


def report(world: World, target: Target, value: int | str, week: date = MONDAY, **more: object) -> Report:
    filing = Filing(week=week, value=Decimal(value), done="完成", **more)  # type: ignore[arg-type]
    at = clock.at(week + timedelta(days=4), 12)
    return file_report(target, filing, world.reporter.id, at)[0]


def test_a_report_two_working_days_late_turns_grey_and_is_shown_as_missing(world: World) -> None:
    report(world, world.target, 90)
    world.task.done_on = FRIDAY
    db.session.commit()
    assert world.target.light == "green"
    tuesday = FRIDAY + timedelta(days=11)  # two working days after Friday 12 June, when the next was due
    sweep.run(tuesday, clock.at(tuesday, 8))
    db.session.expire_all()

    page = quality_freshness.freshness(whole(world), quality_freshness.Asked(), tuesday)
    assert world.target.light == "grey"
    (row,) = page.rows
    assert (row.line.light, row.clock.state, row.clock.workdays_late) == ("grey", "missing", 2)
    assert page.units[0].counts["missing"] == 1
    assert page.sentence == "在办目标 1 项，缺报 1 项"


def test_a_lead_sees_the_own_groups_clocks_alone(world: World) -> None:
    mine = quality_freshness.freshness(
        whole(world, SeatKind.GROUP_LEAD, world.group.id), quality_freshness.Asked("due"), FRIDAY
    )
    other = quality_freshness.freshness(
        whole(world, SeatKind.GROUP_LEAD, world.other_group.id), quality_freshness.Asked("due"), FRIDAY
    )
    assert (len(mine.rows), len(other.rows)) == (1, 0)


def test_the_parts_are_added_up_against_the_district(world: World) -> None:
    district = Target(
        campaign_id=world.campaign.id, group_id=world.group.id, unit_id=world.lead_unit.id, title="规上工业增加值",
        indicator=world.target.indicator, measure="万元", target_value=Decimal(200), starts_on=date(2020, 4, 1),
        ends_on=date(2020, 6, 30), owed_from=MONDAY, light_since=FRIDAY, is_district=True,
    )  # fmt: skip
    admit(district, FRIDAY)
    report(world, district, 50)
    (one,) = quality_findings.sums(whole(world), MONDAY)
    assert (one.told, one.difference) == ("缺 1 个分项，暂不核对", None)

    report(world, world.target, 42)
    (one,) = quality_findings.sums(whole(world), MONDAY)
    assert (one.parts, one.whole, one.difference) == (42, 50, -8)
    assert "相比少 8 万元" in one.told


def test_findings_are_listed_with_their_explanation_and_counted_by_unit(world: World) -> None:
    world.target.starts_on = world.target.owed_from = date(2020, 4, 27)
    for n, value in enumerate((10, 20, 15)):
        report(world, world.target, value, MONDAY - WEEK * (2 - n), explanation="核减重复")
    asked = quality_findings.Asked(date(2020, 4, 1), FRIDAY)
    page = quality_findings.findings(whole(world), asked, FRIDAY)
    (row,) = page.rows
    assert [kind for kind, _ in row.findings] == ["累计数下降"]
    assert row.report.explanation == "核减重复"
    assert (page.units[0].filed, page.units[0].odd, page.units[0].unexplained) == (3, 1, 0)
    other = quality_findings.Asked(date(2020, 4, 1), FRIDAY, finding="jump")
    assert not quality_findings.findings(whole(world), other, FRIDAY).rows


def test_a_forecast_waits_is_compared_with_what_was_confirmed_and_then_with_what_was_published(world: World) -> None:
    world.target.owed_from = date(2020, 5, 11)
    said = report(world, world.target, 40, date(2020, 5, 11), expected=Decimal(66))
    assert said.expected_on == date(2020, 5, 31)
    assert quality_bias.biases(whole(world)).sentence == "尚无可比预计数，1 个预计数待官方数或核定数发布后比对"

    sure = report(world, world.target, 60, date(2020, 5, 25))
    figures.confirm(sure, world.office.id, NOON)
    (pair,) = quality_bias.pairs(whole(world))
    assert (pair.actual, pair.source, pair.error) == (60, "核定", 10)

    published = Published(date(2020, 5, 31), Decimal(64), date(2020, 6, 5))
    figures.publish(world.target, published, world.office.id, NOON)
    (unit,) = quality_bias.biases(whole(world)).units
    assert (unit.caseload, unit.bias.count, unit.bias.words) == (1, 1, "偏乐观 3.1 %")
    name, rows = quality_bias.of_unit(whole(world), world.unit.id) or ("", [])
    assert (name, rows[0].source, rows[0].days_ahead) == ("上塘街道", "官方", 16)
    assert quality_bias.of_unit(whole(world, SeatKind.GROUP_LEAD, world.other_group.id), world.unit.id) is None


def test_where_less_is_better_a_forecast_too_low_is_hopeful(world: World) -> None:
    world.target.owed_from, world.target.higher_is_better = date(2020, 5, 11), False
    report(world, world.target, 40, date(2020, 5, 11), expected=Decimal(30))
    figures.publish(world.target, Published(date(2020, 5, 31), Decimal(40), FRIDAY), world.office.id, NOON)
    (pair,) = quality_bias.pairs(whole(world))
    assert pair.error == 25
    assert quality_bias.bias_of([pair]).words == "偏乐观 25.0 %"


@pytest.mark.parametrize("weeks", [0, 1, 3, 6])
def test_the_back_test_never_fails_with_little_history(world: World, weeks: int) -> None:
    world.target.owed_from = date(2020, 4, 20)
    for n in range(weeks):
        report(world, world.target, 10 + 5 * n, MONDAY - WEEK * (weeks - 1 - n))
    page = quality_backtest.backtests(whole(world))
    assert page.weeks == weeks
    assert [test.count for test in page.whole.tests] == ([2, 1, 0] if weeks == 6 else [0, 0, 0])
    assert ("回测 1 次两周预测" if weeks == 6 else "尚不能回测") in page.sentence
