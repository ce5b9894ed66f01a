"""外部评价 as workbooks: what the page shows, and the empty table to fill in."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import xlsxwriter

from taskboard.boards.evaluation import Board, Prefilled
from taskboard.exports.sheet import Column
from taskboard.rules.evaluation import RATINGS, movement_words
from taskboard.rules.light import Light

OVERALL_HEADS = (("评价名称", 26), ("期间", 14), ("公布日期", 12), ("评级", 8), ("全省位次", 10), ("全省参评数", 12),
                 ("全市位次", 10), ("全市参评数", 12), ("说明", 36), ("来源", 30))  # fmt: skip
SCORE_HEADS = (("评价名称", 26), ("期间", 14), ("维度", 16), ("指标", 28), ("数值", 12), ("计量单位", 10),
               ("全省位次", 10), ("全市位次", 10), ("本区指标", 28))  # fmt: skip
NOTES = (
    "‘总体’表一行一个期间，‘分指标’表一行一项指标；期间写成‘2020年4月’‘2020年1—4月’或‘2020年上半年’。",
    "公布日期写成 2020-05-18。评级为优+、优、良、中、差之一；没有公布的格留空或填写‘/’。",
    "位次填写数字，不得超过参评数；评价首次导入时须填写全省、全市参评数，以后可以留空。",
    "只有一项评价时，‘评价名称’可以留空。",
    "‘本区指标’从下拉列表选择，用来与本区目标对照；留空时按同名指标自动对应，没有对应的填写‘/’。",
    "再次导入同一期间、同一指标的不同内容视为修订：原数据保留，新数据生效。",
)
LINES = 400


def blank(own: Sequence[str], series: str = "", last: Iterable[Prefilled] = ()) -> bytes:
    """An .xlsx with both sheets, drop-downs of ratings and of our own indicators, and notes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    overall, scores = book.add_worksheet("总体"), book.add_worksheet("分指标")
    notes, lists = book.add_worksheet("填写说明"), book.add_worksheet("本区指标")
    text = book.add_format({"text_wrap": True, "valign": "top"})
    _heads(book, overall, OVERALL_HEADS)
    _heads(book, scores, SCORE_HEADS)
    overall.set_column(2, 2, 12, book.add_format({"num_format": "yyyy-mm-dd"}))
    overall.data_validation(1, 3, LINES, 3, {"validate": "list", "source": list(RATINGS)})
    if series:
        overall.write_string(1, 0, series)
    for row, each in enumerate(last, 1):
        for column, value in ((2, each.dimension), (3, each.name), (5, each.measure), (8, each.own)):
            scores.write_string(row, column, value)
    for row, note in enumerate(NOTES):
        notes.write_string(row, 0, f"{row + 1}. {note}", text)
    notes.set_column(0, 0, 90)
    lists.set_column(0, 0, 30)
    lists.write_string(0, 0, "本区指标")
    for row, name in enumerate(own, 1):
        lists.write_string(row, 0, name)
    if own:
        rule = {"validate": "list", "source": f"='本区指标'!$A$2:$A${len(own) + 1}", "error_type": "warning",
                "error_title": "请核对", "error_message": "名称不在列表中。"}  # fmt: skip
        scores.data_validation(1, 8, LINES, 8, rule)
    book.close()
    return out.getvalue()


def _heads(book: Any, sheet: Any, heads: Sequence[tuple[str, int]]) -> None:
    look = book.add_format({"bold": True, "border": 1, "align": "center", "bg_color": "#EEF1F5", "text_wrap": True})
    for column, (name, width) in enumerate(heads):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, look)
    sheet.freeze_panes(1, 0)


@dataclass(frozen=True)
class ExportLine:
    """A result or an indicator, as a row of the workbook."""

    period: str
    kind: str
    name: str
    said: str
    value: Decimal | None
    measure: str
    province_rank: int | None
    province_move: str
    city_rank: int | None
    city_move: str
    own: str
    light: str
    completion: Decimal | None
    published_on: date | None
    remark: str


def lines(board: Board) -> Iterator[ExportLine]:
    """What the page shows: the results of all periods, then the indicators of the one that is open."""
    for one in board.results:
        row = one.row
        yield ExportLine(
            one.period.words, "总体", board.name, row.rating, None, "", row.province_rank,
            movement_words(one.province_move), row.city_rank, movement_words(one.city_move), "", "", None,
            row.published_on, _joined("示例" if row.illustrative else "", row.note, row.source),
        )  # fmt: skip
    for score in board.scores:
        each, own = score.row, score.own
        yield ExportLine(
            each.period.words, each.dimension, each.name, "", each.value, each.measure, each.province_rank,
            movement_words(score.province_move), each.city_rank, movement_words(score.city_move),
            f"{own.line.unit} {own.line.title}" if own else "",
            f"{Light(own.line.light).shape} {Light(own.line.light).word}" if own else "",
            own.line.completion if own else None, None, "示例" if each.illustrative else "",
        )  # fmt: skip


def _joined(*words: str) -> str:
    return "；".join(each for each in words if each)


COLUMNS = (
    Column("期间", "text", lambda row: row.period, 14),
    Column("维度", "text", lambda row: row.kind, 14),
    Column("指标", "text", lambda row: row.name, 30),
    Column("评级", "text", lambda row: row.said, 8),
    Column("数值", "number", lambda row: row.value, 12),
    Column("计量单位", "text", lambda row: row.measure, 10),
    Column("全省位次", "whole", lambda row: row.province_rank, 10),
    Column("全省变动", "text", lambda row: row.province_move, 12),
    Column("全市位次", "whole", lambda row: row.city_rank, 10),
    Column("全市变动", "text", lambda row: row.city_move, 12),
    Column("本区目标", "text", lambda row: row.own, 28),
    Column("亮灯", "text", lambda row: row.light, 8),
    Column("完成", "share", lambda row: row.completion, 10),
    Column("公布日期", "date", lambda row: row.published_on, 12),
    Column("备注", "text", lambda row: row.remark, 40),
)
