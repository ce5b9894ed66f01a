"""Which rows the workbooks of targets, weekly targets and official figures begin with: those that are there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from taskboard.db import db
from taskboard.exports.blank import Head, write
from taskboard.exports.sheet import Column
from taskboard.models import Campaign, Figure, Group, Indicator, Target, Unit, owed
from taskboard.models.calendar_override import CalendarOverride
from taskboard.models.owed import Owed
from taskboard.rules.curves import due_days
from taskboard.rules.indicator import month_end
from taskboard.rules.periods import Level, period_of
from taskboard.rules.workdays import monday

KIND_WORDS = {"amount": "总量或数量", "growth": "增速", "rank": "位次", "milestone": "节点"}
MOST_DAYS = 88  # columns of days, so that a file stays within what the import reads
STILL_DUE = 92  # days after its end during which a target's last figure is still waited for
KNOWN = (
    Head("编号", 7, is_grey=True),
    Head("专项组", 18, "专项组", True),
    Head("责任单位", 16, "单位", True),
    Head("指标", 24, "指标", True),
)
PERIOD = (Head("开始日期", 12), Head("完成期限", 12))
IDENTITY = "编号由系统填写，用来认定是哪一项目标，请勿改动；没有编号的行按专项组、责任单位、指标和期间认定。"


def book(kind: str, campaign: Campaign, on: date, previous: bool = False) -> bytes:
    """The workbook of a kind; `previous` fills it from the period before."""
    rows = owed.targets(campaign.id)
    return {"targets": _targets, "weekly": _weekly, "values": _values}[kind](campaign, rows, on, previous)


def present(rows: Sequence[Owed], on: date) -> list[Owed]:
    """The targets that have not ended; when all have, those that ended last."""
    open_ = [each for each in rows if each.ends_on >= on]
    last = max((each.ends_on for each in rows), default=on)
    return open_ or [each for each in rows if each.ends_on == last]


def forward(rows: Sequence[Owed], on: date) -> list[Owed]:
    """The newest begun target of each unit and indicator one period on, where that period has none yet."""
    there = {(*_line(each), each.starts_on) for each in rows}
    newest: dict[tuple[str, ...], date] = {}
    for each in (one for one in rows if one.starts_on <= on):
        newest[_line(each)] = max(each.ends_on, newest.get(_line(each), each.ends_on))
    made = []
    for each in rows:
        # Several may run at once, of the quarter and of the year; of those that ended, only the last.
        if each.starts_on > on or each.ends_on < min(on, newest[_line(each)]):
            continue
        starts_on, ends_on = next_period(each.starts_on, each.ends_on)
        if (*_line(each), starts_on) not in there:  # once, where two of the same name run at once
            there.add((*_line(each), starts_on))
            made.append(replace(each, id=0, starts_on=starts_on, ends_on=ends_on, weekly=()))
    return made


def next_period(starts_on: date, ends_on: date) -> tuple[date, date]:
    """The period after one: the next month, quarter, half or year, or as many days again."""
    for level in Level:
        this = period_of(starts_on, level)
        if (this.first_day, this.last_day) == (starts_on, ends_on):
            after = period_of(ends_on + timedelta(days=1), level)
            return after.first_day, after.last_day
    return ends_on + timedelta(days=1), ends_on + (ends_on - starts_on) + timedelta(days=1)


def _line(each: Owed) -> tuple[str, str, str]:
    return each.group, each.unit, each.title


def _lists(campaign: Campaign) -> dict[str, Sequence[str]]:
    groups = Group.listed(campaign.id)
    query = select(Indicator.name).where(Indicator.group_id.in_([group.id for group in groups])).order_by(Indicator.id)
    return {
        "单位": [unit.name for unit in Unit.listed()],
        "专项组": [group.name for group in groups],
        "指标": list(dict.fromkeys(db.session.scalars(query))),
        "指标类型": list(KIND_WORDS.values()),
        "方向": ["越高越好", "越低越好"],
    }


def _known(each: Owed) -> list[Any]:
    return [each.id or None, each.group, each.unit, each.title]


def _targets(campaign: Campaign, rows: Sequence[Owed], on: date, previous: bool) -> bytes:
    heads = (
        *KNOWN, Head("指标类型", 12, "指标类型"), Head("计量单位", 10), Head("方向", 11, "方向"), Head("起始值", 12),
        Head("目标值", 12), *PERIOD, Head("参照值", 12), Head("口径/来源", 36), Head("共同责任单位", 22, "单位"),
        Head("配合单位", 22, "单位"),
    )  # fmt: skip
    lines = (
        [*_known(each), KIND_WORDS[each.rule_kind], each.measure, "越高越好" if each.higher_is_better else "越低越好",
         each.start_value, each.target_value, each.starts_on, each.ends_on, each.reference, each.source,
         "、".join(each.responsible), "、".join(each.supporting)]
        for each in (forward(rows, on) if previous else present(rows, on))
    )  # fmt: skip
    notes = (
        "一行一项目标。修改已有目标的，直接改格内内容；新增目标的，编号留空。",
        IDENTITY,
        "指标须为本组已有的指标；开始日期、完成期限写成 2020-06-30。",
        "共同责任单位、配合单位有多个的，用顿号隔开。参照值、来源、共同责任单位、配合单位清空后导入即为删除。",
        "序时计划已核定的目标，起始值、目标值和期限不能由表格修改，请在目标页提出序时计划调整。",
        "表中没有的目标不变。",
    )
    return write("目标", heads, lines, notes, _lists(campaign))


def _weekly(campaign: Campaign, rows: Sequence[Owed], on: date, previous: bool) -> bytes:
    overrides = CalendarOverride.all()
    shown = [replace(each, weekly=_copied(each, rows)) if previous else each for each in present(rows, on)]
    spans = {each.span: None for each in shown if each.ends_on >= each.starts_on}
    periods = {(span.starts_on, span.ends_on): span for span in spans}
    days = {day for span in periods.values() for day in due_days(span, overrides)}
    ordered = sorted(days | {day for each in shown for day, _ in each.weekly})
    if len(ordered) > MOST_DAYS:
        coming = [day for day in ordered if day >= monday(on)]
        ordered = coming[:MOST_DAYS] if len(coming) >= MOST_DAYS else ordered[-MOST_DAYS:]
    heads = (*KNOWN, Head("计量单位", 10), Head("起始值", 11), Head("目标值", 11), *PERIOD)
    lines = (
        [*_known(each), each.measure, each.start_value, each.target_value, each.starts_on, each.ends_on]
        + [dict(each.weekly).get(day) for day in ordered]
        for each in shown
    )
    notes = (
        "一行一项目标，一列一周（每周最后一个工作日），格内填写截至该日的累计应达数。",
        IDENTITY,
        "周目标应逐周向目标值推进，最后一格等于目标值；目标期间以外的格留空。",
        "整行留空的，按直线推进。起始值、目标值、期间仅供对照，请在目标表修改。",
        "序时计划已核定的目标不能由表格修改，请在目标页提出序时计划调整。",
    )
    return write("周目标", [*heads, *(Head(day, 11) for day in ordered)], lines, notes)


def _copied(each: Owed, rows: Sequence[Owed]) -> tuple[owed.Point, ...]:
    """The points of the target before, the first on the first due day and so on, amounts kept."""
    before = [one for one in rows if _line(one) == _line(each) and one.ends_on < each.starts_on and one.weekly]
    if not before:
        return each.weekly
    points = max(before, key=lambda one: one.ends_on).weekly
    return tuple(zip(due_days(each.span, CalendarOverride.all()), (value for _, value in points), strict=False))


def _values(campaign: Campaign, rows: Sequence[Owed], on: date, previous: bool) -> bytes:
    live = owed.live_figures(campaign.id)
    lines = []
    for each in rows:
        if each.starts_on > on or each.ends_on < on - timedelta(days=STILL_DUE):
            continue
        figures = live.get(each.id, {})
        as_of = next_due(each, max(figures, default=None), on)
        if as_of is None:
            continue
        last = figures[max(figures)] if figures and previous else None
        row = [*_known(each), each.measure, each.starts_on, each.ends_on, as_of]
        lines.append([*row, last.value if last else None, None, last.source if last else None])
    heads = (*KNOWN, Head("计量单位", 10), *PERIOD, Head("数据截止日", 12), Head("官方数", 13), Head("发布日期", 12),
             Head("来源", 32))  # fmt: skip
    notes = (
        "一行一项目标的一个官方数：截至‘数据截止日’的累计数，以统计部门发布的为准。",
        IDENTITY,
        "没有填写官方数的行不读取；同一项目标可以另起一行填写其他月份。",
        "官方数只填数字，计量单位与目标一致；百分数 12.8% 填写 12.8。发布日期必填。",
        "再次导入同一数据截止日的不同官方数，按修订处理：原数保留，新数生效。",
    )
    return write("官方数", heads, lines, notes)


def next_due(each: Owed, last: date | None, on: date) -> date | None:
    """The day of the figure that is due next: after the last one, else the last month's end; None when all are in."""
    if last is not None:
        end = month_end(last + timedelta(days=1))
        return None if last >= each.ends_on else min(end, each.ends_on)
    ended = on if month_end(on) == on else on.replace(day=1) - timedelta(days=1)
    return min(max(ended, month_end(each.starts_on)), each.ends_on)


FIGURE_COLUMNS = (
    Column("专项组", "text", lambda row: row.target.group.name, 18),
    Column("责任单位", "text", lambda row: row.target.unit.name, 16),
    Column("指标", "text", lambda row: row.target.title, 26),
    Column("计量单位", "text", lambda row: row.target.measure, 10),
    Column("数据截止日", "date", lambda row: row.as_of, 12),
    Column("官方数", "number", lambda row: row.value, 14),
    Column("性质", "text", lambda row: row.vintage.word, 8),
    Column("版次", "whole", lambda row: row.revision, 8),
    Column("发布日期", "date", lambda row: row.published_on, 12),
    Column("来源", "text", lambda row: row.source, 36),
)


def figures(campaign: Campaign) -> Any:
    """All figures that count, by target and day."""
    query = (
        select(Figure)
        .join(Target, Target.id == Figure.target_id)
        .where(Target.campaign_id == campaign.id, Figure.live_key.is_not(None))
        .order_by(Figure.target_id, Figure.as_of)
    )
    return db.session.scalars(query.execution_options(yield_per=500))
