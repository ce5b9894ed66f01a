"""Which columns the workbook of the supervisor's desk has; the rows are those of the page."""

from __future__ import annotations

from taskboard.boards.desk import DeskRow
from taskboard.boards.words import moment
from taskboard.exports.sheet import Column
from taskboard.rules.light import Light


def _light(row: DeskRow) -> str:
    light = Light(row.line.light)
    return f"{light.shape} {light.word}"


def _told(row: DeskRow) -> str:
    return "\n".join(f"{moment(one.at)} {one.person} {one.channel} {one.state}" for one in row.told)


COLUMNS = (
    Column("亮灯", "text", _light, 8),
    Column("分类", "text", lambda row: row.line.section_word, 12),
    Column("类别", "text", lambda row: row.line.noun, 8),
    Column("事项", "text", lambda row: row.line.title, 32),
    Column("内容", "text", lambda row: row.line.detail, 40),
    Column("专项组", "text", lambda row: row.line.group, 16),
    Column("责任单位", "text", lambda row: row.line.unit_full, 20),
    Column("原因", "text", lambda row: row.line.words, 50),
    Column("亮灯起始", "date", lambda row: row.line.since, 12),
    Column("持续工作日", "whole", lambda row: row.workdays, 10),
    Column("期限", "date", lambda row: row.line.ends_on, 12),
    Column("告知情况", "text", _told, 40),
    Column("最近填报周", "date", lambda row: row.line.reported_week, 12),
    Column("最近进展", "text", lambda row: row.line.last_word, 40),
    Column("来源", "text", lambda row: "示例" if row.line.illustrative else "", 8),
)
