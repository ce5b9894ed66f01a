"""台账: which columns the workbook of items has; the rows are those of the page."""

from __future__ import annotations

from taskboard.boards.items import ItemLine
from taskboard.exports.sheet import Column
from taskboard.rules.ladder import LEVELS
from taskboard.rules.lifecycle import State
from taskboard.rules.light import Light
from taskboard.rules.terms import ItemKind, Source


def _light(row: ItemLine) -> str:
    light = Light(row.light)
    return f"{light.shape} {light.word}"


COLUMNS = (
    Column("编号", "text", lambda row: row.item.number, 14),
    Column("亮灯", "text", _light, 8),
    Column("状态", "text", lambda row: State(row.item.state).word, 10),
    Column("事项", "text", lambda row: row.item.title, 36),
    Column("办理要求", "text", lambda row: row.item.requirement, 40),
    Column("来源", "text", lambda row: Source(row.item.source).word, 10),
    Column("来源说明", "text", lambda row: row.item.source_words, 36),
    Column("类别", "text", lambda row: ItemKind(row.item.kind).word, 10),
    Column("专项组", "text", lambda row: row.item.group.name if row.item.group else "", 16),
    Column("承办单位", "text", lambda row: row.item.unit.name if row.item.unit else "", 18),
    Column("交办日期", "date", lambda row: row.item.assigned_on, 12),
    Column("签收日期", "date", lambda row: row.item.signed_on, 12),
    Column("原办理期限", "date", lambda row: row.item.original_due_on, 12),
    Column("现办理期限", "date", lambda row: row.item.due_on, 12),
    Column("反馈日期", "date", lambda row: row.item.answered_on, 12),
    Column("销号日期", "date", lambda row: row.item.closed_on, 12),
    Column("现由谁办理", "text", lambda row: row.holder_words, 14),
    Column("持有工作日", "whole", lambda row: row.held_workdays, 10),
    Column("时限", "text", lambda row: row.clock_words, 16),
    Column("退回次数", "whole", lambda row: row.item.returned, 8),
    Column("延期次数", "whole", lambda row: row.item.extended, 8),
    Column("重办次数", "whole", lambda row: row.item.reopened, 8),
    Column("督办级别", "text", lambda row: LEVELS[row.item.level].word if row.item.level else "", 12),
    Column("亮灯原因", "text", lambda row: row.words, 40),
    Column("红灯销号理由", "text", lambda row: row.item.waive_reason, 30),
    Column("最近办理情况", "text", lambda row: row.item.last_word, 40),
    Column("数据", "text", lambda row: "示例" if row.item.illustrative else "", 8),
)

MEASURE_COLUMNS = (
    Column("单位", "text", lambda row: row.unit.name, 20),
    Column("承办件数", "whole", lambda row: row.caseload, 10, total=True),
    Column("在办", "whole", lambda row: row.open, 8, total=True),
    Column("按时签收", "whole", lambda row: row.signed.part, 10, total=True),
    Column("应签收", "whole", lambda row: row.signed.whole, 10, total=True),
    Column("按时签收率", "share", lambda row: row.signed.value, 12),
    Column("按时反馈", "whole", lambda row: row.answered.part, 10, total=True),
    Column("应反馈", "whole", lambda row: row.answered.whole, 10, total=True),
    Column("按时反馈率", "share", lambda row: row.answered.value, 12),
    Column("退回次数", "whole", lambda row: row.returned, 10, total=True),
    Column("延期次数", "whole", lambda row: row.extended, 10, total=True),
    Column("重办次数", "whole", lambda row: row.reopened, 10, total=True),
    Column("持有工作日中位数", "number", lambda row: row.median_days, 16),
)
