"""Which columns the workbook of a list of commitments has; the lines are those of the page."""

from __future__ import annotations

from taskboard.boards.line import Line
from taskboard.boards.words import vintage_word
from taskboard.exports.sheet import Column
from taskboard.rules.light import Light


def _light(line: Line) -> str:
    light = Light(line.light)
    return f"{light.shape} {light.word}"


COLUMNS = (
    Column("分类", "text", lambda line: line.section_word, 12),
    Column("亮灯", "text", _light, 8),
    Column("类别", "text", lambda line: line.noun, 8),
    Column("编号", "text", lambda line: line.no, 8),
    Column("事项", "text", lambda line: line.title, 32),
    Column("内容", "text", lambda line: line.detail, 40),
    Column("专项组", "text", lambda line: line.group, 16),
    Column("责任单位", "text", lambda line: line.unit_full, 20),
    Column("完成值", "number", lambda line: line.value, 14),
    Column("数据性质", "text", lambda line: vintage_word(line.vintage), 10),
    Column("目标值", "number", lambda line: line.target_value, 14),
    Column("计量单位", "text", lambda line: line.measure, 10),
    Column("完成进度", "share", lambda line: line.completion, 10),
    Column("应达进度", "share", lambda line: line.scheduled, 10),
    Column("期限", "date", lambda line: line.ends_on, 12),
    Column("亮灯起始", "date", lambda line: line.since, 12),
    Column("原因", "text", lambda line: line.words, 50),
    Column("最近填报周", "date", lambda line: line.reported_week, 12),
    Column("最近进展", "text", lambda line: line.last_word, 40),
    Column("来源", "text", lambda line: "示例" if line.illustrative else "", 8),
)
