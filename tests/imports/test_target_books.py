"""Workbooks of targets, weekly targets and official figures go in whole or not at all; every wrong cell is named."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from taskboard.cli import cli
from taskboard.cli import imports as _commands  # noqa: F401 - registers them
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.exports import target_books as exported
from taskboard.imports import target_books as books
from taskboard.models import Event, Figure, ImportFile, ScheduleVersion, Tally, Target, WeeklyTarget
from taskboard.models.chain import verify
from tests.world import FRIDAY, NOON, Web, World, make_target

TARGETS = ["专项组", "责任单位", "指标", "指标类型", "计量单位", "方向", "起始值", "目标值", "开始日期", "完成期限",
           "参照值", "口径/来源", "共同责任单位", "配合单位"]  # fmt: skip
LINE = ["工业企业组", "上塘街道", "规上工业增加值", "总量或数量", "万元", "越高越好", 0, 120,
        date(2020, 4, 1), date(2020, 6, 30), "", "统计月报，口径为规上", "", "祥符街道"]  # fmt: skip
DAYS = [date(2020, 5, 29), date(2020, 6, 5), date(2020, 6, 30)]
WEEKLY = ["责任单位", "指标", "开始日期", *DAYS]
VALUES = ["责任单位", "指标", "开始日期", "数据截止日", "官方数", "发布日期", "来源"]
FIGURE = ["上塘街道", "规上工业增加值", "", date(2020, 5, 31), 66.6, date(2020, 6, 4), "统计月报"]
HEADS = {"targets": TARGETS, "weekly": WEEKLY, "values": VALUES}


def workbook(heads: Sequence[Any], *lines: Sequence[Any]) -> bytes:
    made = openpyxl.Workbook()
    made.active.title = "表"
    for line in (heads, *lines):
        made.active.append(list(line))
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def preview(kind: str, world: World, *lines: Sequence[Any]) -> books.Preview:
    return books.preview(
        books.BOOKS[kind], books.sent(workbook(HEADS[kind], *lines), "表.xlsx"), world.campaign, FRIDAY
    )


def take(kind: str, world: World, *lines: Sequence[Any]) -> dict[str, Any]:
    file = books.sent(workbook(HEADS[kind], *lines), "表.xlsx")
    done = books.take_in(books.BOOKS[kind], file, world.campaign, "表.xlsx", world.office.id, NOON)
    db.session.commit()
    return done


def changed(line: Sequence[Any], column: int, value: Any) -> list[Any]:
    return [*line[:column], value, *line[column + 1 :]]


def count(table: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


WRONG = [
    ("targets", LINE, 0, "工业组", "A 列‘专项组’：找不到专项组‘工业组’，是否为‘工业企业组’？"),
    ("targets", LINE, 1, "上唐街道", "B 列‘责任单位’：找不到‘上唐街道’，是否为‘上塘街道’？"),
    ("targets", LINE, 1, "", "B 列‘责任单位’：未填写责任单位，请填写。"),
    ("targets", LINE, 1, "上塘街道、祥符街道",
     "B 列‘责任单位’：只能填写一个责任单位，其余单位请填写在‘共同责任单位’。"),
    ("targets", LINE, 2, "规上增加值", "C 列‘指标’：工业企业组没有指标‘规上增加值’，是否为‘规上工业增加值’？"),
    ("targets", LINE, 3, "总数", "D 列‘指标类型’：‘总数’不是指标类型，请填写总量或数量、增速、位次、节点之一。"),
    ("targets", LINE, 5, "向上", "F 列‘方向’：‘向上’不是方向，请填写越高越好或越低越好。"),
    ("targets", LINE, 6, 120, "H 列‘目标值’：与起始值相同，请核对起始值和目标值。"),
    ("targets", LINE, 7, "一百二", "H 列‘目标值’：‘一百二’不是数字，请填写数字，计量单位不写在格内。"),
    ("targets", LINE, 7, "", "H 列‘目标值’：未填写目标值，请填写数字。"),
    ("targets", LINE, 7, "1.00001", "H 列‘目标值’：‘1.00001’的小数超过 4 位，请四舍五入后填写。"),
    ("targets", LINE, 8, "4月初", "I 列‘开始日期’：‘4月初’不是日期，请写成‘2020-06-30’的形式。"),
    ("targets", LINE, 9, date(2020, 3, 1), "J 列‘完成期限’：早于开始日期 2020-04-01，请核对两个日期。"),
    ("targets", LINE, 11, "长" * 201, "L 列‘口径/来源’：共 201 字，超过 200 字，请缩短。"),
    ("targets", LINE, 13, "区科委", "N 列‘配合单位’：找不到‘区科委’，请核对单位名称。"),
    ("weekly", ["上塘街道", "规上工业增加值", "", 40, "约五十", 100], 0, "上塘街道",
     "E 列‘2020-06-05’：‘约五十’不是数字，请填写数字，计量单位不写在格内。"),
    ("weekly", ["上塘街道", "规上工业增加值", "", 40, 30, 100], 0, "上塘街道",
     "E 列‘2020-06-05’：节点2020年6月5日的 30 比前一节点的 40 离目标更远，请改正。"),
    ("weekly", ["上塘街道", "规上工业增加值", "", 40, 50, 90], 0, "上塘街道",
     "F 列‘2020-06-30’：最后节点2020年6月30日为 90，不等于目标 100，请改正。"),
    ("weekly", ["上塘街道", "规上工业增加", "", 40, 50, 100], 0, "上塘街道",
     "B 列‘指标’：上塘街道没有指标为‘规上工业增加’的目标，是否为‘规上工业增加值’？"),
    ("values", FIGURE, 0, "区科委", "A 列‘责任单位’：找不到‘区科委’，请核对单位名称。"),
    ("values", FIGURE, 1, "规上增加值", "B 列‘指标’：上塘街道没有指标为‘规上增加值’的目标，是否为‘规上工业增加值’？"),
    ("values", FIGURE, 2, date(2020, 1, 1),
     "B 列‘指标’：上塘街道的‘规上工业增加值’没有这一专项组和期间的目标，"
     "现有目标为工业企业组，2020-04-01 至 2020-06-30，请核对。"),
    ("values", FIGURE, 3, "", "D 列‘数据截止日’：未填写数据截止日，请填写，例如 2020-05-31。"),
    ("values", FIGURE, 3, date(2020, 3, 31),
     "D 列‘数据截止日’：不在目标期间 2020-04-01 至 2020-06-30 之内，请核对数据截止日。"),
    ("values", FIGURE, 4, "下降", "E 列‘官方数’：‘下降’不是数字，请填写数字，计量单位不写在格内。"),
    ("values", FIGURE, 5, "", "F 列‘发布日期’：未填写发布日期，请填写，例如 2020-05-31。"),
    ("values", FIGURE, 5, date(2020, 6, 8), "F 列‘发布日期’：发布日期晚于今天，请核对。"),
    ("values", FIGURE, 5, date(2020, 5, 30), "F 列‘发布日期’：早于数据截止日 2020-05-31，请核对两个日期。"),
]  # fmt: skip


def test_every_wrong_cell_is_named_with_its_remedy_and_nothing_is_written(world: World) -> None:
    for kind, line, column, value, complaint in WRONG:
        seen = preview(kind, world, changed(line, column, value))
        assert [error.words for error in seen.reading.errors] == [f"工作表‘表’第 2 行 {complaint}"]
        with pytest.raises(Refused, match="没有导入任何内容"):
            take(kind, world, changed(line, column, value))
        db.session.rollback()
    assert (count(Event), count(ImportFile), count(Figure), count(WeeklyTarget)) == (0, 0, 0, 0)


@pytest.mark.parametrize(("kind", "line"), [("targets", LINE), ("values", FIGURE)])
def test_a_doubled_line_names_both(world: World, kind: str, line: list[Any]) -> None:
    seen = preview(kind, world, line, line)

    assert [(error.row, error.reason) for error in seen.reading.errors] == [(3, "第 3 行与第 2 行重复")]


def test_an_ambiguous_target_is_asked_for_its_period(world: World) -> None:
    make_target(world.campaign, world.group, world.unit, starts_on=date(2020, 1, 1), ends_on=date(2020, 12, 31))
    db.session.commit()

    seen = preview("values", world, FIGURE)

    assert "有 2 个同名目标" in seen.reading.errors[0].reason
    assert "请填写‘专项组’‘开始日期’‘完成期限’" in seen.reading.errors[0].remedy
    assert not preview("values", world, changed(FIGURE, 2, date(2020, 4, 1))).reading.errors


def test_a_target_is_changed_with_its_event_and_version_and_another_set_up(world: World) -> None:
    fresh = changed(changed(LINE, 1, "祥符街道"), 13, "")
    seen = preview("targets", world, LINE, fresh)
    assert seen.counts == {"changed": 1, "created": 1}
    assert seen.reading.fates[0].changes == (
        ("目标值", "100", "120"),
        ("口径/来源", "", "统计月报，口径为规上"),
        ("配合单位", "", "祥符街道"),
    )
    assert count(Event) == 0

    assert take("targets", world, LINE, fresh) == {"created": 1, "changed": 1, "unchanged": 0, "again": ""}

    assert (world.target.target_value, world.target.version, world.target.source) == (120, 2, "统计月报，口径为规上")
    new = db.session.scalars(select(Target).where(Target.unit_id == world.other_unit.id)).one()
    assert (new.title, new.target_value, new.indicator_id) == ("规上工业增加值", 120, world.target.indicator_id)
    kinds = db.session.scalars(select(Event.kind).order_by(Event.id)).all()
    assert sorted(kinds) == ["imported", "target_changed", "target_created"]
    assert db.session.scalar(select(func.sum(Tally.count))) == 3
    assert verify().is_intact
    assert preview("targets", world, LINE, fresh).counts == {"unchanged": 2}


def test_weekly_targets_are_taken_in_and_those_of_other_days_stay(world: World) -> None:
    world.target.weekly_targets = [WeeklyTarget(due_on=date(2020, 4, 30), value=Decimal(10))]
    db.session.commit()
    line = ["上塘街道", "规上工业增加值", "", 40, 50, 100]
    assert preview("weekly", world, line).reading.fates[0].changes[0] == ("5月29日", "", "40")

    assert take("weekly", world, line)["changed"] == 1

    assert [int(point.value) for point in world.target.weekly_targets] == [10, 40, 50, 100]
    assert world.target.version == 2


def test_a_frozen_target_is_refused_for_its_row(world: World) -> None:
    version = ScheduleVersion(target_id=world.target.id, no=1, curve="linear", reason="年初下达", target_value=100,
                              state="approved", asked_by_id=world.lead.id, asked_at=NOON,
                              decided_by_id=world.office.id, decided_at=NOON)  # fmt: skip
    db.session.add(version)
    db.session.commit()

    for kind, line in (("targets", LINE), ("weekly", ["上塘街道", "规上工业增加值", "", 40, 50, 100])):
        errors = preview(kind, world, line).reading.errors
        assert [error.remedy for error in errors] == ["请在目标页提出序时计划调整"]
    assert not preview("targets", world, changed(LINE, 7, 100)).reading.errors


def test_a_revision_is_previewed_with_old_and_new_and_keeps_the_old(world: World) -> None:
    assert take("values", world, FIGURE)["created"] == 1
    seen = preview("values", world, changed(FIGURE, 4, 65))
    assert seen.reading.fates[0].changes == (("2020-05-31 官方数", "66.6", "65 万元"),)

    assert take("values", world, changed(FIGURE, 4, 65))["changed"] == 1

    rows = db.session.execute(select(Figure.value, Figure.revision, Figure.live_key).order_by(Figure.revision)).all()
    assert [(str(row.value.normalize()), row.revision, row.live_key is None) for row in rows] == [
        ("66.6", 1, True),
        ("65", 2, False),
    ]
    assert (world.target.value, world.target.vintage) == (65, "revision")
    assert db.session.scalars(select(Figure.import_file_id)).all() == [1, 2]


def test_what_is_odd_about_a_figure_is_told_and_not_refused(world: World) -> None:
    take("values", world, changed(changed(FIGURE, 3, date(2020, 4, 30)), 4, 50))

    seen = preview("values", world, changed(FIGURE, 4, 20))

    assert "低于4月30日的 50 万元" in seen.reading.warnings[0].reason
    assert not seen.reading.errors


@pytest.mark.parametrize(("kind", "line"), [("targets", LINE), ("values", FIGURE)])
def test_the_same_file_twice_changes_nothing_and_says_so(world: World, kind: str, line: list[Any]) -> None:
    file = books.sent(workbook(HEADS[kind], line), "表.xlsx")
    for _ in range(2):
        done = books.take_in(books.BOOKS[kind], file, world.campaign, "表.xlsx", world.office.id, NOON)
        db.session.commit()

    assert done["again"] == "该文件已于 2020-06-05 导入，内容未变"
    assert count(Event) == 2


@pytest.mark.parametrize("kind", ["targets", "weekly"])
def test_the_workbook_given_out_changes_nothing_when_it_comes_back(world: World, kind: str) -> None:
    file = books.sent(exported.book(kind, world.campaign, FRIDAY), "表.xlsx")

    assert books.preview(books.BOOKS[kind], file, world.campaign, FRIDAY).counts == {"unchanged": 1}


def test_the_workbooks_hold_the_districts_own_rows_and_the_period_before_shifted(world: World) -> None:
    take("values", world, changed(FIGURE, 3, date(2020, 4, 30)))
    made = {kind: openpyxl.load_workbook(BytesIO(exported.book(kind, world.campaign, FRIDAY))) for kind in books.BOOKS}
    after = openpyxl.load_workbook(BytesIO(exported.book("targets", world.campaign, FRIDAY, previous=True)))["目标"]

    assert made["targets"]["名称"].sheet_state == "hidden"
    assert len(made["targets"]["目标"].data_validations.dataValidation) == 7
    assert [cell.value for cell in made["values"]["官方数"][2]][1:4] == ["工业企业组", "上塘街道", "规上工业增加值"]
    assert made["values"]["官方数"]["H2"].value.date() == date(2020, 5, 31)
    assert made["weekly"]["周目标"]["J1"].value.date() == date(2020, 4, 3)
    assert [after.cell(2, place).value for place in (1, 9)] == [None, 100]
    assert [after.cell(2, place).value.date() for place in (10, 11)] == [date(2020, 7, 1), date(2020, 9, 30)]


def test_the_command_says_what_it_would_do_and_exits_1_on_an_error(
    world: World, tmp_path: Path, monkeypatch: Any
) -> None:
    from taskboard.cli import imports as command

    monkeypatch.setattr(command, "create_app", lambda: _Here())
    good, bad = tmp_path / "good.xlsx", tmp_path / "bad.xlsx"
    good.write_bytes(workbook(VALUES, FIGURE))
    bad.write_bytes(workbook(VALUES, changed(FIGURE, 0, "上唐街道")))

    said = CliRunner().invoke(cli, ["import", "values", str(good), "--dry-run", "--json"])
    assert json.loads(said.stdout)["created"] == 1 and count(Figure) == 0
    refused = CliRunner().invoke(cli, ["import", "values", str(bad), "--dry-run"])
    assert refused.exit_code == 1 and "是否为‘上塘街道’？" in refused.stderr
    done = CliRunner().invoke(cli, ["import", "values", str(good)])
    assert (done.exit_code, done.stdout.strip()) == (0, "新增 1、修订 0、不变 0")
    assert "导入 1/1 行" in done.stderr


class _Here:
    """An application whose context is the test's own."""

    def app_context(self) -> Any:
        from contextlib import nullcontext

        return nullcontext()


def test_a_file_goes_from_the_page_to_the_database_once(web: Web) -> None:
    client = web.as_("office")
    data = workbook(VALUES, FIGURE)
    assert "官方数" in client.get("/imports").get_data(as_text=True)
    page = client.post("/imports/values", data={"file": (BytesIO(data), "五月.xlsx"), "progress": "a" * 32})
    text = page.get_data(as_text=True)
    assert page.status_code == 200 and "将新增 1、修订 0、不变 0" in text
    with web.app.app_context():
        assert count(Figure) == 0
    sha256 = text.split('name="sha256"')[1].split('value="')[1][:64]
    form = {"sha256": sha256, "name": "五月.xlsx", "form_key": "once"}
    for _ in range(2):
        assert client.post("/imports/values/confirm", data=form).status_code == 302
    with web.app.app_context():
        assert count(Figure) == 1
    again = client.post("/imports/values", data={"file": (BytesIO(data), "五月.xlsx")}).get_data(as_text=True)
    assert "内容未变" in again and "确认导入" not in again


def test_a_wrong_file_is_refused_on_the_page_and_only_the_office_imports(web: Web) -> None:
    wrong = {"file": (BytesIO(b"x"), "a.txt")}
    assert "只接受" in web.as_("office").post("/imports/weekly", data=wrong).get_data(as_text=True)
    for path in ("/imports", "/imports/targets", "/imports/values/template", "/imports/weekly"):
        assert web.as_("office").get(path).status_code == 200
        for who in ("lead", "reporter", "supervisor", "leader"):
            assert web.as_(who).get(path).status_code == 403
    assert 'href="/imports"' in web.as_("office").get("/targets").get_data(as_text=True)
    assert 'href="/imports"' not in web.as_("lead").get("/targets").get_data(as_text=True)
