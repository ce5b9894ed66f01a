"""An evaluation's workbook goes in whole or not at all; every wrong cell is named."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from taskboard.boards.evaluation import last_indicators
from taskboard.cli import cli
from taskboard.cli import evaluations as command
from taskboard.cli import imports as _commands  # noqa: F401 - registers them
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.exports.evaluations import blank
from taskboard.imports import evaluations_take_in as book
from taskboard.imports.evaluations import Known, Reading, Series, read_evaluations
from taskboard.imports.workbook import WorkbookRefused
from taskboard.models import Evaluation, EvaluationResult, EvaluationScore, Event
from taskboard.rules.evaluation import Period
from tests.world import FRIDAY, NOON, Web, World

MEI = "MEI经济运行综合评价"
TOP = ["评价名称", "期间", "公布日期", "评级", "全省位次", "全省参评数", "全市位次", "全市参评数", "说明", "来源"]
BELOW = ["评价名称", "期间", "维度", "指标", "数值", "计量单位", "全省位次", "全市位次", "本区指标"]
APRIL = [MEI, "2020年4月", date(2020, 5, 18), "优＋", 5, 90, "第3位", 13, "", "区报"]
SCORES = [
    ["", "2020年4月", "增长速度", "规上工业增加值", -4.1, "%", 31, 8, ""],
    ["", "2020年4月", "结构动能", "技改投资", "242.7", "%", "3/90", 1, "规上工业增加值"],
    ["", "2020年4月", "结构动能", "用电量", "1,024.5", "万千瓦时", "", "", "/"],
]
THERE = Known({MEI: Series(MEI, 90, 13, frozenset({Period.of_months(2020, 4, 4)}))}, {"规上工业增加值": 7})


def workbook(top: Sequence[Sequence[Any]], below: Sequence[Sequence[Any]] = ()) -> bytes:
    made = openpyxl.Workbook()
    sheets = (made.active, made.create_sheet("分指标"))
    sheets[0].title = "总体"
    for sheet, head, lines in zip(sheets, (TOP, BELOW), (top, below), strict=True):
        for line in (head, *lines):
            sheet.append(list(line))
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def read(top: Sequence[Sequence[Any]], below: Sequence[Sequence[Any]] = (), known: Known = THERE) -> Reading:
    return read_evaluations(workbook(top, below), "评价.xlsx", known, FRIDAY)


def changed(line: Sequence[Any], column: int, value: Any) -> list[Any]:
    return [*line[:column], value, *line[column + 1 :]]


@pytest.mark.parametrize(
    ("column", "value", "complaint"),
    [
        (1, "四月份", "B 列‘期间’：‘四月份’不是可识别的期间，请写成‘2020年4月’‘2020年1—4月’或‘2020年上半年’的形式。"),
        (1, "", "B 列‘期间’：未填写期间，请填写，例如‘2020年4月’。"),
        (1, 2020.1, "B 列‘期间’：‘2020.1’不是可识别的期间，请写成‘2020年4月’‘2020年1—4月’或‘2020年上半年’的形式。"),
        (2, "", "C 列‘公布日期’：未填写公布日期，请填写。"),
        (2, date(2020, 6, 8), "C 列‘公布日期’：公布日期晚于今天，请核对。"),
        (2, date(2020, 3, 1), "C 列‘公布日期’：公布日期早于2020年4月，请核对期间和日期。"),
        (2, "明天", "C 列‘公布日期’：‘明天’不是可识别的时间，请写成‘2020-06-30’或‘2020年6月底’的形式。"),
        (3, "特优", "D 列‘评级’：‘特优’不是评级，请填写优+、优、良、中、差之一。"),
        (4, 91, "E 列‘全省位次’：91 不在 1 至 90 之间，请核对。"),
        (4, "前五", "E 列‘全省位次’：‘前五’不是整数，请填写数字。"),
        (4, 5.5, "E 列‘全省位次’：‘5.5’不是整数，请填写数字。"),
        (5, 89, "F 列‘全省参评数’：与已登记的 90 个不一致，请核对；参评范围确有调整的，请另立评价名称。"),
        (6, 0, "G 列‘全市位次’：0 不在 1 至 13 之间，请核对。"),
        (8, "长" * 501, "I 列‘说明’：共 501 字，超过 500 字，请缩短。"),
    ],
)
def test_every_wrong_cell_of_a_result_is_named(column: int, value: Any, complaint: str) -> None:
    reading = read([changed(APRIL, column, value)])

    assert [error.words for error in reading.errors] == [f"工作表‘总体’第 2 行 {complaint}"]
    assert not reading.overalls


@pytest.mark.parametrize(
    ("column", "value", "complaint"),
    [
        (0, "省评价", "A 列‘评价名称’：‘总体’表中没有‘省评价’，请核对评价名称。"),
        (1, "2020年5月", "B 列‘期间’：‘总体’表中没有2020年5月，请先在‘总体’表填写该期间。"),
        (2, "", "C 列‘维度’：未填写维度，请填写。"),
        (3, "/", "D 列‘指标’：未填写指标，请填写。"),
        (4, "下降", "E 列‘数值’：‘下降’不是数字，请填写数字，计量单位另填一列。"),
        (6, 95, "G 列‘全省位次’：95 不在 1 至 90 之间，请核对。"),
        (7, 14, "H 列‘全市位次’：14 不在 1 至 13 之间，请核对。"),
        (8, "规上工业增加", "I 列‘本区指标’：找不到本区指标‘规上工业增加’，是否为‘规上工业增加值’？"),
    ],
)
def test_every_wrong_cell_of_an_indicator_is_named(column: int, value: Any, complaint: str) -> None:
    reading = read([APRIL], [changed(SCORES[0], column, value)])

    assert [error.words for error in reading.errors] == [f"工作表‘分指标’第 2 行 {complaint}"]
    assert not reading.scores


def test_several_wrong_cells_are_named_each() -> None:
    reading = read([APRIL], [["", "2020年4月", "", "有效投资", "高", "%", 91, 1, ""], SCORES[0]])

    assert [error.column for error in reading.errors] == ["C 列‘维度’", "E 列‘数值’", "G 列‘全省位次’"]
    assert len(reading.scores) == 1


def test_the_same_period_or_indicator_twice_is_refused() -> None:
    reading = read([APRIL, APRIL], [SCORES[0], SCORES[0]])

    assert [(e.sheet, e.row, e.reason) for e in reading.errors] == [
        ("总体", 3, "与第 2 行重复"),
        ("分指标", 3, "与第 2 行重复"),
    ]


def test_a_line_that_says_nothing_is_refused() -> None:
    reading = read([[MEI, "2020年4月", date(2020, 5, 18)]], [["", "2020年4月", "增长", "用电量", "/", "", "", "", ""]])

    assert [error.reason for error in reading.errors] == ["评级、位次和说明均未填写", "数值和位次均未填写"]


def test_a_new_series_must_say_among_how_many_it_ranks() -> None:
    line = changed(changed(APRIL, 5, ""), 7, "")

    errors = read([line], known=Known()).errors

    assert [error.reason for error in errors] == [
        f"首次导入‘{MEI}’，未填写全省参评数",
        f"首次导入‘{MEI}’，未填写全市参评数",
    ]
    assert read([changed(APRIL, 0, "")], known=Known()).errors[0].reason == "未填写评价名称"


def test_with_two_series_a_line_says_which_it_is_of() -> None:
    two = Known({**THERE.series, "市评价": Series("市评价", 90, 13)})

    reading = read([APRIL, changed(APRIL, 0, "")], known=two)

    assert [(e.row, e.column, e.reason) for e in reading.errors] == [
        (3, "A 列‘评价名称’", "有多项评价，未写明是哪一项")
    ]


def test_a_doubled_column_and_an_error_value_are_named() -> None:
    made = openpyxl.load_workbook(BytesIO(workbook([APRIL])))
    made["总体"]["K1"], made["总体"]["D2"] = "全省排名", "#N/A"
    made["总体"]["D2"].data_type = "e"
    out = BytesIO()
    made.save(out)

    errors = read_evaluations(out.getvalue(), "评价.xlsx", THERE, FRIDAY).errors

    assert [error.reason for error in errors] == ["与 E 列同为‘全省位次’", "单元格为错误值 #N/A"]


def test_a_file_without_the_tables_is_refused_with_a_way_out() -> None:
    made = openpyxl.Workbook()
    made.active.append(["项目名称", "牵头单位"])
    out = BytesIO()
    made.save(out)

    with pytest.raises(WorkbookRefused, match=r"没有找到外部评价表头.*请下载模板填写"):
        read_evaluations(out.getvalue(), "任务书.xlsx", THERE, FRIDAY)
    with pytest.raises(WorkbookRefused, match="只有表头"):
        read([])


def take_in(world: World, top: Sequence[Sequence[Any]], below: Sequence[Sequence[Any]] = ()) -> dict[str, Any]:
    reading = read(top, below, book.known(world.campaign))
    done = book.take_in(reading, world.campaign, "评价.xlsx", world.office.id, NOON)
    db.session.commit()
    return done


def test_a_file_begins_a_series_with_its_results_and_indicators(world: World) -> None:
    assert take_in(world, [APRIL], SCORES) == {"created": 4, "changed": 0, "unchanged": 0, "again": ""}

    series = db.session.scalars(select(Evaluation)).one()
    result = db.session.scalars(select(EvaluationResult)).one()
    scores = list(db.session.scalars(select(EvaluationScore).order_by(EvaluationScore.position)))
    assert (series.name, series.of_province, series.of_city) == (MEI, 90, 13)
    assert (series.dimensions, series.indicators) == (2, 3)
    assert (result.rating, result.province_rank, result.city_rank, result.illustrative) == ("优+", 5, 3, False)
    assert [str(score.value.normalize()) for score in scores if score.value] == ["-4.1", "242.7", "1024.5"]
    own = world.target.indicator_id
    assert [score.indicator_id for score in scores] == [own, own, None]


def test_a_later_file_revises_what_differs_and_keeps_the_link(world: World) -> None:
    take_in(world, [APRIL], SCORES)
    later = [changed(changed(SCORES[1], 6, 4), 8, ""), SCORES[0]]

    done = take_in(world, [APRIL], later)

    assert (done["created"], done["changed"], done["unchanged"]) == (0, 1, 2)
    rows = db.session.scalars(select(EvaluationScore).where(EvaluationScore.name == "技改投资")).all()
    assert {(row.revision, row.is_live, row.province_rank) for row in rows} == {(1, False, 3), (2, True, 4)}
    assert {row.indicator_id for row in rows} == {world.target.indicator_id}


def test_the_same_file_again_changes_nothing_and_says_so(world: World) -> None:
    data = workbook([APRIL], SCORES)
    for _ in range(2):
        reading = read_evaluations(data, "评价.xlsx", book.known(world.campaign), FRIDAY)
        done = book.take_in(reading, world.campaign, "评价.xlsx", world.office.id, NOON)
        db.session.commit()

    assert done["again"] == "该文件已于 2020-06-05 导入，内容未变"
    assert db.session.scalar(select(func.count()).select_from(Event)) == 5


def test_one_wrong_cell_and_nothing_is_written(world: World) -> None:
    with pytest.raises(Refused, match=r"没有导入任何内容：工作表‘分指标’第 2 行 C 列‘维度’"):
        take_in(world, [APRIL], [changed(SCORES[0], 2, ""), SCORES[1]])
    db.session.rollback()

    tables = (Evaluation, EvaluationResult, EvaluationScore, Event)
    assert [db.session.scalar(select(func.count()).select_from(table)) for table in tables] == [0] * 4


def test_a_preview_says_what_would_be_revised_and_writes_nothing(world: World) -> None:
    take_in(world, [APRIL], SCORES)
    reading = read([changed(APRIL, 4, 6)], SCORES, book.known(world.campaign))

    seen = book.preview(reading, world.campaign)

    assert seen.counts == {"changed": 1, "unchanged": 3}
    assert seen.fates[0].words == "全省位次 5 改为 6"
    assert not db.session.new and not db.session.dirty


def test_the_template_is_taken_in_as_it_is_once_filled(world: World) -> None:
    take_in(world, [APRIL], SCORES)
    made = openpyxl.load_workbook(BytesIO(blank(*last_indicators(world.campaign))))
    assert [made["分指标"].cell(row, 4).value for row in (2, 3, 4)] == ["规上工业增加值", "技改投资", "用电量"]
    assert made["本区指标"]["A2"].value == "规上工业增加值"
    for column, value in enumerate(("", "2020年5月", date(2020, 6, 4), "优", 6, "", 3), 1):
        made["总体"].cell(2, column).value = value or made["总体"].cell(2, column).value
    for row in (2, 3, 4):
        made["分指标"].cell(row, 2).value, made["分指标"].cell(row, 5).value = "2020年5月", row
    out = BytesIO()
    made.save(out)

    reading = read_evaluations(out.getvalue(), "模板.xlsx", book.known(world.campaign), FRIDAY)

    assert [error.words for error in reading.errors] == []
    assert [(name, said.rating) for name, _, said in reading.overalls] == [(MEI, "优")]
    assert [said.indicator_id for _, _, said in reading.scores] == [world.target.indicator_id] * 2 + [None]


def test_the_command_says_what_it_would_do_then_does_it(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "评价.xlsx"
    file.write_bytes(workbook([APRIL], SCORES))

    with pytest.raises(SystemExit) as dry:
        command.take_in(world.campaign, file, True, lambda: world.office.id, as_json=True)
    said = json.loads(capsys.readouterr().out)
    command.take_in(world.campaign, file, False, lambda: world.office.id, as_json=False)

    assert (dry.value.code, said["created"], said["errors"]) == (0, 4, 0)
    assert capsys.readouterr().out == "新增 4、修订 0、不变 0\n"
    assert "evaluations" in CliRunner().invoke(cli, ["import", "--help"]).output


def test_the_page_previews_then_imports_then_says_it_was_there(web: Web) -> None:
    office = web.as_("office")
    data = workbook([APRIL], SCORES)

    def send(content: bytes) -> Any:
        return office.post("/imports/evaluations", data={"file": (BytesIO(content), "评价.xlsx")})

    shown = send(data)
    sha = shown.text.split('name="sha256"')[1].split('value="')[1][:64]
    assert "将新增 4 项" in shown.text
    with web.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(EvaluationResult)) == 0
    answer = office.post("/imports/evaluations/confirm", data={"sha256": sha, "name": "评价.xlsx", "form_key": "k"})
    assert answer.status_code == 302
    assert "新增 4" in office.get("/evaluations").text
    assert "内容未变" in send(data).text
    wrong = send(workbook([changed(APRIL, 4, 91)])).text
    assert "91 不在 1 至 90 之间" in wrong and "确认导入" not in wrong
    assert send(b"no workbook").status_code == 422
    assert office.get("/imports/evaluations/template").status_code == 200


@pytest.mark.parametrize("who", ["lead", "reporter", "leader", "supervisor"])
def test_only_the_office_imports(web: Web, who: str) -> None:
    client = web.as_(who)

    assert client.get("/evaluations").status_code == 200
    assert client.get("/imports/evaluations").status_code == 403
    assert client.post("/imports/evaluations/confirm").status_code == 403
