"""Which columns the workbooks of 数据质量 have; the rows are those of the pages."""

from __future__ import annotations

from taskboard.boards.quality_values import Value
from taskboard.exports.sheet import Column
from taskboard.rules.light import Light


def light_words(value: str) -> str:
    """■ 红."""
    light = Light(value)
    return f"{light.shape} {light.word}"


def _light(row: Value) -> str:
    return light_words(row.line.light)


VALUES = (
    Column("亮灯", "text", _light, 8),
    Column("周次", "date", lambda row: row.report.week, 12),
    Column("目标", "text", lambda row: row.line.title, 28),
    Column("专项组", "text", lambda row: row.line.group, 16),
    Column("责任单位", "text", lambda row: row.line.unit_full, 18),
    Column("上次数", "number", lambda row: row.previous, 14),
    Column("本次数", "number", lambda row: row.report.value, 14),
    Column("计量单位", "text", lambda row: row.line.measure, 10),
    Column("数据截止", "date", lambda row: row.report.as_of, 12),
    Column("数据性质", "text", lambda row: row.report.standing.word, 10),
    Column("变动", "text", lambda row: row.change, 20),
    Column("状态", "text", lambda row: row.stage.word, 10),
    Column("校核提示", "text", lambda row: row.report.findings, 40),
    Column("单位说明", "text", lambda row: row.report.explanation, 30),
    Column("填报人", "text", lambda row: row.report.reported_by.name, 16),
    Column("填报时间", "date", lambda row: row.report.reported_at, 12),
    Column("复核人", "text", lambda row: row.report.checked_by.name if row.report.checked_by else "", 16),
    Column("核定人", "text", lambda row: row.report.confirmed_by.name if row.report.confirmed_by else "", 16),
    Column("数据", "text", lambda row: "示例" if row.line.illustrative else "", 8),
)

FRESHNESS = (
    Column("状态", "text", lambda row: row.clock.state.word, 10),
    Column("亮灯", "text", _light, 8),
    Column("目标", "text", lambda row: row.line.title, 28),
    Column("专项组", "text", lambda row: row.line.group, 16),
    Column("责任单位", "text", lambda row: row.line.unit_full, 18),
    Column("缺报次数", "whole", lambda row: row.clock.missed, 10),
    Column("已迟工作日", "whole", lambda row: row.clock.workdays_late, 10),
    Column("当前数", "number", lambda row: row.line.value, 14),
    Column("计量单位", "text", lambda row: row.line.measure, 10),
    Column("数据截止", "date", lambda row: row.row.value_as_of, 12),
    Column("数据性质", "text", lambda row: row.vintage, 10),
    Column("最近填报", "date", lambda row: row.row.reported_at, 12),
    Column("下次应报", "date", lambda row: row.clock.next_due, 12),
    Column("数据", "text", lambda row: "示例" if row.line.illustrative else "", 8),
)

FINDINGS = (
    Column("周次", "date", lambda row: row.report.week, 12),
    Column("目标", "text", lambda row: row.target.title, 28),
    Column("专项组", "text", lambda row: row.group, 16),
    Column("责任单位", "text", lambda row: row.unit_full, 18),
    Column("填报数", "number", lambda row: row.report.value, 14),
    Column("计量单位", "text", lambda row: row.target.measure, 10),
    Column("类别", "text", lambda row: "、".join(kind for kind, _ in row.findings), 16),
    Column("校核提示", "text", lambda row: row.report.findings, 50),
    Column("单位说明", "text", lambda row: row.report.explanation, 40),
    Column("填报人", "text", lambda row: row.report.reported_by.name, 16),
    Column("填报时间", "date", lambda row: row.report.reported_at, 12),
)

SUMS = (
    Column("指标", "text", lambda row: row.indicator, 28),
    Column("专项组", "text", lambda row: row.group, 16),
    Column("数据截止", "date", lambda row: row.as_of, 12),
    Column("已报分项", "whole", lambda row: row.count, 10),
    Column("应报分项", "whole", lambda row: row.expected, 10),
    Column("分项合计", "number", lambda row: row.parts, 14),
    Column("全区数", "number", lambda row: row.whole, 14),
    Column("相差", "number", lambda row: row.difference, 14),
    Column("计量单位", "text", lambda row: row.measure, 10),
    Column("结论", "text", lambda row: row.told, 50),
)

PAIRS = (
    Column("责任单位", "text", lambda row: row.unit, 14),
    Column("目标", "text", lambda row: row.title, 28),
    Column("专项组", "text", lambda row: row.group, 16),
    Column("数据截止", "date", lambda row: row.day, 12),
    Column("预计日期", "date", lambda row: row.said_on, 12),
    Column("预计数", "number", lambda row: row.expected, 14),
    Column("实际数", "number", lambda row: row.actual, 14),
    Column("计量单位", "text", lambda row: row.measure, 10),
    Column("实际数性质", "text", lambda row: row.source, 10),
    Column("偏差（%，正为偏乐观）", "number", lambda row: row.error and round(row.error, 2), 16),
    Column("数据", "text", lambda row: "示例" if row.illustrative else "", 8),
)

BACKTEST = (
    Column("专项组", "text", lambda row: row[0], 20),
    Column("目标数", "whole", lambda row: row[1], 10),
    Column("提前周数", "whole", lambda row: row[2].horizon, 10),
    Column("预测次数", "whole", lambda row: row[2].count, 10),
    Column("平均误差（%）", "number", lambda row: row[2].mean_error and round(row[2].mean_error, 2), 14),
    Column("平均偏差（%，正为偏高）", "number", lambda row: row[2].bias and round(row[2].bias, 2), 18),
    Column("八成区间命中率", "share", lambda row: row[2].coverage, 14),
)
