"""The timeline of a thing: its events as sentences, with what was before and after."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from taskboard.boards.words import day, moment
from taskboard.models import Event
from taskboard.rules.access import SeatKind
from taskboard.rules.light import Light

LABELS = {
    "value": "数值",
    "done": "完成情况",
    "obstacle": "存在困难",
    "next_step": "下步打算",
    "attachment": "附件",
    "reason": "理由",
    "light": "亮灯",
    "milestone": "节点",
    "milestones": "节点",
    "done_on": "完成日期",
    "title": "名称",
    "detail": "内容",
    "name": "名称",
    "short_name": "简称",
    "login": "账号",
    "email": "电子邮件",
    "phone": "电话",
    "active": "启用",
    "kind": "类别",
    "position": "次序",
    "mechanism": "本级机制",
    "aliases": "别名",
    "duty": "职责",
    "aim": "目标要求",
    "methods": "工作方法",
    "goal": "总目标",
    "lead_unit": "牵头单位",
    "starts_on": "开始日期",
    "ends_on": "截止日期",
    "owed_from": "起报周",
    "start_value": "起始值",
    "target_value": "目标值",
    "reference": "参照值",
    "reserve": "预留",
    "is_district": "全区目标",
    "measure": "计量单位",
    "decimals": "小数位",
    "higher_is_better": "越高越好",
    "rule_kind": "规则类别",
    "indicator": "指标",
    "indicator_id": "指标",
    "group": "专项组",
    "group_id": "专项组",
    "unit": "责任单位",
    "unit_id": "责任单位",
    "responsible": "责任单位",
    "supporting": "配合单位",
    "lead": "牵头单位",
    "leader": "牵头领导",
    "no": "序号",
    "weekly_targets": "周目标",
    "source": "来源",
    "illustrative": "示例",
    "seat": "岗位",
    "from_on": "起始日期",
    "to_on": "结束日期",
    "day": "日期",
    "is_workday": "是否工作日",
    "text": "说明",
    "office_name": "专班名称",
    "office_host": "主办",
    "mechanisms": "工作机制",
    "rule_set_name": "规则集",
    "rule_set": "规则集",
    "valid_from": "启用日期",
    "file": "文件",
    "created": "新增",
    "changed": "更新",
    "unchanged": "未变",
    "skipped": "跳过",
    "reported": "填报",
    "status": "完成情况",
    "progress": "进度",
    "due_on": "完成时限",
    "subject": "消息",
    "state": "状态",
    "list": "清单",
    "rows": "行数",
    "requirement": "办理要求",
    "progress_words": "目前进展",
    "level": "督办级别",
    "part_state": "配合事项",
    "slip": "督办单",
    "number": "编号",
    "slip_due_on": "回复期限",
    "new_due_on": "拟延至",
    "decided_by": "审批人",
    "outcome": "办理成效",
    "into": "并入",
    "workdays": "顺延工作日",
    "late": "逾期反馈",
    "day_of": "日期",
    "rating": "评级",
    "province_rank": "全省位次",
    "city_rank": "全市位次",
    "dimension": "维度",
    "published_on": "公布日期",
    "note": "说明",
    "item": "督查事项",
    "nodes": "节点计划",
    "nodes_done": "完成节点",
    "curve": "曲线",
    "version_no": "版本",
    "answer": "答复",
    "definition": "口径",
    "cadence": "填报周期",
    "release_day": "发布日",
    "may_be_negative": "可为负数",
    "as_of": "数据截至",
    "vintage": "数值性质",
    "expected": "预计数",
    "confidence": "完成把握",
    "explanation": "核对说明",
    "amount": "预计带来",
    "happened_on": "发生日期",
    "base_url": "服务地址",
    "is_on": "启用",
    "is_offered": "供个人选用",
    "is_required": "必须使用",
    "policy": "不确定时",
    "per_minute": "每分钟上限",
    "fields": "参数",
    "secrets": "密钥",
    "address": "收件地址",
    "why": "原因",
    "until": "暂停至",
    "channels": "接收渠道",
    "quiet_from": "静默开始",
    "quiet_until": "静默结束",
    "digest_hour": "每日汇总时间",
    "digest_first": "汇总最早",
    "digest_last": "汇总最晚",
    "unit_digest": "单位周一汇总",
    "robot_gap_minutes": "群消息间隔（分钟）",
    "feeds": "日历订阅",
    "people": "收件人数",
    "audience": "发给",
    "is_urgent": "紧急",
    "days": "日期",
}
SYSTEM = ""
_DAY, _MOMENT = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


@dataclass(frozen=True)
class Entry:
    """One line of a timeline; `who` is empty for the system, `rows` are (label, before, after)."""

    at: datetime
    who: str
    sentence: str
    rows: tuple[tuple[str, str, str], ...] = ()
    url: str = ""
    request_id: str = ""


def entries(events: Iterable[Event]) -> list[Entry]:
    """The events as lines, in the order given."""
    return [entry(event) for event in events]


def entry(event: Event) -> Entry:
    """One event as a line."""
    data = event.payload
    before, after = data.get("before") or {}, data.get("after") or {}
    names = [*before, *(name for name in after if name not in before)]
    rows = tuple(
        (LABELS.get(name, name), said(before.get(name)), said(after.get(name)))
        for name in names
        if said(before.get(name)) or said(after.get(name))
    )
    return Entry(
        event.at, event.actor.name if event.actor else SYSTEM, _sentence(event, data), rows, request_id=event.request_id
    )


def said(value: Any) -> str:
    """A value of an event as people read it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "；".join(said(each) for each in value)
    if isinstance(value, dict):
        return "，".join(f"{LABELS.get(k, k)} {said(v)}" for k, v in value.items())
    if isinstance(value, str) and (words := _dated(value)):
        return words
    if value in set(Light):
        return f"{Light(value).word}灯"
    return SeatKind(value).word if value in set(SeatKind) else str(value)


def _dated(value: str) -> str:
    """A day or moment as people write it; nothing where somebody typed what only looks like one."""
    try:
        if _MOMENT.match(value):
            return moment(datetime.fromisoformat(value))
        return day(date.fromisoformat(value)) if _DAY.fullmatch(value) else ""
    except ValueError:
        return ""


def _sentence(event: Event, data: dict[str, Any]) -> str:
    if data.get("week"):
        return f"{event.words}（{data['week']} 起的一周）"
    return f"{event.words}：{data['words']}" if data.get("words") else event.words
