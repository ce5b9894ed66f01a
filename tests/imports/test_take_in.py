"""A task book goes in whole or not at all; the same file again changes nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select

from taskboard.db import db
from taskboard.errors import Refused
from taskboard.imports import take_in as book
from taskboard.imports.task_book import Reading, read_task_book
from taskboard.models import Event, Group, Role, Tally, Task, UnitAlias, chain, tally
from tests.world import FRIDAY, NOON, Web, World

HEADER = ["序号", "项目名称", "主要工作内容", "牵头领导", "牵头单位", "责任单位", "完成情况", "完成时限"]
LINES = [
    [1, "老旧小区改造", "方案公示", "王区长", "区发改经信局", "各街道", "60%", "2020年6月底"],
    [2, "道路建设", "管线迁改", "李区长", "区发改经信局", "上塘街道、祥符街道", "/", "2020.6.20"],
    [3, "回迁安置", "抽签选房", "李区长", "区发改局", "上塘街道", "已完成", date(2020, 6, 1)],
]


def workbook(lines: list[list[Any]]) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "任务书"
    sheet.append(["2020年经济工作任务书"])
    sheet.append(HEADER)
    for line in lines:
        sheet.append(line)
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def read(lines: list[list[Any]]) -> Reading:
    return read_task_book(workbook(lines), "任务书.xlsx", book.directory(), FRIDAY)


@pytest.fixture
def named(world: World) -> World:
    db.session.add(UnitAlias(unit_id=world.lead_unit.id, name="区发改局"))
    db.session.commit()
    return world


def take_in(world: World, lines: list[list[Any]], **more: Any) -> dict[str, Any]:
    done = book.take_in(read(lines), world.campaign, "任务书.xlsx", world.office.id, NOON, **more)
    db.session.commit()
    return done


def test_a_book_becomes_tasks_with_units_progress_and_lights(named: World) -> None:
    done = take_in(named, LINES)

    assert (done["created"], done["reported"], done["skipped"]) == (3, 2, 0)
    tasks = {t.title: t for t in db.session.scalars(select(Task).where(Task.id != named.task.id))}
    first = tasks["老旧小区改造"]
    assert [p.unit.name for p in first.parties if p.role == Role.RESPONSIBLE] == ["上塘街道", "祥符街道"]
    assert (first.value, first.ends_on, first.unit_id) == (Decimal(60), date(2020, 6, 30), named.unit.id)
    assert (tasks["道路建设"].value, tasks["道路建设"].light) == (None, "grey")
    assert tasks["回迁安置"].done_on is not None
    kept = {tally.place_of(row): row.count for row in db.session.scalars(select(Tally)) if row.count}
    tally.rebuild()
    db.session.expire_all()
    assert {tally.place_of(row): row.count for row in db.session.scalars(select(Tally))} == kept
    assert chain.verify().is_intact


def test_the_same_file_again_changes_nothing_and_says_so(named: World) -> None:
    data = workbook(LINES)
    for _ in range(2):
        reading = read_task_book(data, "任务书.xlsx", book.directory(), FRIDAY)
        done = book.take_in(reading, named.campaign, "任务书.xlsx", named.office.id, NOON)
        db.session.commit()
        events = db.session.scalar(select(func.count()).select_from(Event))

    assert done["again"] == "该文件已于 2020-06-05 导入，内容未变"
    assert db.session.scalar(select(func.count()).select_from(Event)) == events


def test_a_corrected_book_changes_what_differs_and_leaves_the_rest(named: World) -> None:
    take_in(named, LINES)
    corrected = [list(line) for line in LINES]
    corrected[1][6], corrected[1][7] = "30%", "2020.6.25"

    done = take_in(named, corrected)

    assert (done["created"], done["changed"], done["unchanged"], done["reported"]) == (0, 1, 2, 1)
    task = db.session.scalars(select(Task).where(Task.title == "道路建设")).one()
    assert (task.value, task.ends_on) == (Decimal(30), date(2020, 6, 25))


def test_a_wrong_line_stops_the_whole_book_unless_it_is_skipped(named: World) -> None:
    lines = [*LINES, [4, "企业帮扶", "建档", "", "区发改经信局", "上唐街道", "", ""]]

    with pytest.raises(Refused, match=r"第 6 行 F 列.责任单位.：找不到.上唐街道.，是否为.上塘街道."):
        take_in(named, lines)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Task)) == 1

    assert take_in(named, lines, skip_bad=True)["created"] == 3


def test_a_preview_writes_nothing_and_says_what_would_happen(named: World) -> None:
    seen = book.preview(read(LINES), named.campaign)

    assert seen.counts == {"created": 3}
    assert not db.session.new
    assert db.session.scalar(select(func.count()).select_from(Task)) == 1


def test_the_page_previews_then_imports_then_says_it_was_there(web: Web) -> None:
    office = web.as_("office")
    lines = [line for line in LINES if line[4] == "区发改经信局"]
    data = workbook(lines)

    def send() -> Any:
        return office.post("/imports/tasks", data={"file": (BytesIO(data), "任务书.xlsx")})

    shown = send()
    sha = shown.text.split('name="sha256"')[1].split('value="')[1][:64]
    answer = office.post("/imports/tasks/confirm", data={"sha256": sha, "name": "任务书.xlsx", "form_key": "k"})

    assert "将新增 2 项" in shown.text
    assert answer.status_code == 302
    assert "新增 2" in office.get("/tasks").text
    assert "内容未变" in send().text
    assert web.as_("reporter").get("/imports/tasks").status_code == 403


def test_a_line_goes_to_the_group_whose_whole_name_it_says(named: World) -> None:
    """The name of group 4 here contains the short name of group 3; what is said of 4 must not go to 3."""
    for no, name, short in (
        (3, "营利性服务业组", "营利性服务业"),
        (4, "非营利性服务业及一般公共预算收入组", "非营利及预算收入"),
    ):
        db.session.add(Group(campaign_id=named.campaign.id, no=no, name=name, short_name=short))
    db.session.flush()
    lines = [
        [1, "税源培育", "走访纳税大户", "", "区发改经信局", "", "", "", said]
        for said in ("非营利性服务业及一般公共预算收入组", "营利性服务业", "工业企业组", "一、营利性服务业组任务")
    ]
    for n, line in enumerate(lines):
        line[2] = f"走访第 {n} 批"
    made = openpyxl.load_workbook(BytesIO(workbook(lines)))
    made.active.cell(2, 9, "专项组")
    out = BytesIO()
    made.save(out)
    reading = read_task_book(out.getvalue(), "任务书.xlsx", book.directory(), FRIDAY)

    assert [group for _, group, _ in book.preview(reading, named.campaign).fates] == [
        "非营利性服务业及一般公共预算收入组", "营利性服务业组", "工业企业组", "营利性服务业组",
    ]  # fmt: skip


def test_an_older_book_does_not_take_back_progress_that_was_reported(named: World) -> None:
    take_in(named, LINES)
    later = [[*LINES[0][:6], "40%", "2020年7月底"], [*LINES[1][:6], "10%", LINES[1][7]]]
    done = take_in(named, later)

    tasks = {t.title: t for t in db.session.scalars(select(Task))}
    assert (tasks["老旧小区改造"].value, tasks["老旧小区改造"].ends_on) == (Decimal(60), date(2020, 7, 31))
    assert (tasks["道路建设"].value, done["reported"]) == (Decimal(10), 1)
