"""The matrix shows who has what of a whole, to whom it may, in a flat number of statements."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import event

from taskboard.boards.matrix import Asked, matrix
from taskboard.db import db
from taskboard.exports import matrix as exported
from taskboard.models import Unit
from taskboard.rules.access import Seating, SeatKind
from tests.world import World, make_target

OFFICE = Seating(1, SeatKind.OFFICE)


def fill(world: World) -> None:
    """祥符 and the district beside 上塘's 100; a growth rate of the other group."""
    indicator = world.target.indicator
    more = {"indicator": indicator, "title": indicator.name}
    part = make_target(world.campaign, world.group, world.other_unit, **more, target_value=Decimal(48))
    whole = make_target(
        world.campaign, world.group, world.lead_unit, **more, target_value=Decimal(170), reserve=Decimal(10)
    )
    part.light, part.value, part.vintage, part.value_as_of = "red", Decimal(12), "forecast", date(2020, 6, 5)
    world.target.value, whole.value = Decimal(42), Decimal(60)
    rate = make_target(world.campaign, world.other_group, world.unit, rule_kind="growth", measure="%")
    rate.indicator.kind, rate.indicator.measure, rate.value = "growth", "%", Decimal("12.8")
    db.session.commit()


def test_a_row_shows_the_whole_the_parts_and_what_is_left(world: World) -> None:
    fill(world)
    page = matrix(world.campaign, OFFICE, Asked())
    row = page.parts[0].rows[0]
    assert row.district is not None and row.district.target == 170
    assert (row.balance.parts, row.reserve, row.balance.words) == (148, 10, "未分配 12")
    assert (row.actual, row.actual_left, row.silent) == (54, 6, 0)
    assert page.sentence == "1 项指标分解小于全区目标；红灯最多：祥符街道 1 项"
    cell = row.cells[world.other_unit.id]
    assert (cell.shown("完成率"), cell.shown("目标"), cell.shown("实际")) == ("25.0 %", "48", "12")
    assert cell.title == "祥符街道 红灯，目标 48 万元，实际 12 万元（预计，截至2020年6月5日），完成 25.0 %，示例"
    assert [column.name for column in page.columns] == ["上塘", "祥符"]


def test_a_rate_is_shown_and_not_summed(world: World) -> None:
    fill(world)
    row = matrix(world.campaign, OFFICE, Asked()).parts[1].rows[0]
    assert not row.adds_up and row.actual is None and row.cells[world.unit.id].shown("完成率") == "12.8 %"


@pytest.mark.parametrize(
    ("asked", "rows"),
    [(Asked(), 2), (Asked(light="red"), 1), (Asked(light="blue"), 0), (Asked(period="2020-01-01_2020-12-31"), 2)],
)
def test_it_is_narrowed_as_asked(world: World, asked: Asked, rows: int) -> None:
    fill(world)
    assert matrix(world.campaign, OFFICE, asked).rows == rows


def test_another_period_is_a_choice(world: World) -> None:
    whole = make_target(world.campaign, world.group, world.unit, starts_on=date(2020, 1, 1), ends_on=date(2020, 12, 31))
    db.session.commit()
    page = matrix(world.campaign, OFFICE, Asked(period="2020-01-01_2020-12-31"))
    assert len(page.periods) == 2 and page.parts[0].rows[0].every[0].id == whole.id


def test_each_seat_sees_its_part(world: World) -> None:
    fill(world)
    lead = matrix(world.campaign, Seating(1, SeatKind.GROUP_LEAD, group_id=world.other_group.id), Asked())
    assert [part.name for part in lead.parts] == ["批零消费外贸组"]
    own = matrix(world.campaign, Seating(1, SeatKind.REPORTER, unit_id=world.other_unit.id), Asked())
    assert [column.name for column in own.columns] == ["祥符"] and not own.has_district
    assert {cell.unit_id for part in own.parts for row in part.rows for cell in row.every} == {world.other_unit.id}
    assert own.sentence == "本单位 1 项指标，红灯 1 项"
    department = matrix(world.campaign, Seating(1, SeatKind.REPORTER, unit_id=world.lead_unit.id), Asked())
    assert department.has_district and department.parts[0].rows[0].district is not None


def test_the_workbook_has_a_figure_and_a_light_for_each_unit(world: World) -> None:
    fill(world)
    page = matrix(world.campaign, OFFICE, Asked(show="目标"))
    line = exported.lines(page)[0]
    said = {column.head: column.value(line) for column in exported.columns(page)}
    assert said["全区目标"] == 170 and said["未分配（负为超分配）"] == 12 and said["祥符街道"] == 48
    assert said["祥符亮灯"] == "■ 红"


def test_it_takes_as_many_statements_for_many_targets_as_for_few(world: World) -> None:
    fill(world)
    few = _statements(world)
    units = [Unit(name=f"街道{n}", short_name=f"街{n}", kind="subdistrict", position=9 + n) for n in range(5)]
    db.session.add_all(units)
    db.session.flush()
    for unit in units:
        for _ in range(3):
            make_target(world.campaign, world.group, unit)
    db.session.commit()
    assert few == _statements(world) <= 4


def _statements(world: World) -> int:
    count = [0]

    def one(*_: object) -> None:
        count[0] += 1

    db.session.refresh(world.campaign)
    event.listen(db.engine, "before_cursor_execute", one)
    try:
        matrix(world.campaign, OFFICE, Asked())
    finally:
        event.remove(db.engine, "before_cursor_execute", one)
    return count[0]
