"""Under which heading a message tells of an event, in order of harm: the worst first."""

from __future__ import annotations

from taskboard.alerts.table import TOLD
from taskboard.models import Kind

WORDS: dict[Kind, str] = {
    Kind.TURNED_RED: "转为红灯",
    Kind.REPORT_RETURNED: "填报被退回",
    Kind.ITEM_COMMENTED: "领导批注",
    Kind.SLIP_SIGNED: "督办单签发",
    Kind.SLIP_OVERDUE: "督办单逾期未回复",
    Kind.ITEM_REDDENED: "人工红灯",
    Kind.ITEM_RETURNED: "办理结果被退回",
    Kind.ITEM_CLOSURE_REFUSED: "不予销号",
    Kind.ITEM_PART_RETURNED: "配合事项被退回",
    Kind.ITEM_ASSIGNED: "交办",
    Kind.ITEM_TRANSFERRED: "改派",
    Kind.ITEM_REOPENED: "回头看后重新办理",
    Kind.ITEM_URGED: "催办",
    Kind.TARGET_CREATED: "新设目标",
    Kind.TASK_CREATED: "新设任务",
    Kind.ITEM_REMINDED: "按期提醒",
    Kind.REPORT_REMINDED: "填报提醒",
    Kind.MILESTONE_REMINDED: "节点提醒",
    Kind.ITEM_RECURRED: "再次红灯，督办升级",
    Kind.ITEM_OPENED: "红灯立项",
    Kind.ITEM_EXTENSION_ESCALATED: "延期申请逾期未批",
    Kind.APPEAL_OVERDUE: "申诉逾期未答复",
    Kind.SLIP_PROPOSED: "督办单待签发",
    Kind.ITEM_OBJECTED: "异议待答复",
    Kind.ITEM_EXTENSION_ASKED: "延期待审批",
    Kind.ITEM_CLOSURE_REQUESTED: "销号待核准",
    Kind.ITEM_SUBMITTED: "办理结果待审核",
    Kind.ITEM_PART_SUBMITTED: "配合事项待认定",
    Kind.ITEM_REGISTERED: "新登记督查事项",
    Kind.APPEAL_RAISED: "申诉待答复",
    Kind.SCHEDULE_ASKED: "序时计划待核定",
    Kind.SLIP_ANSWERED: "督办单已回复",
    Kind.ITEM_LOOK_BACK_DUE: "抽中回头看",
    Kind.TURNED_YELLOW: "转为黄灯",
    Kind.TURNED_GREEN: "恢复绿灯",
    Kind.ITEM_RECOVERED: "亮灯已恢复，建议销号",
    Kind.VALUE_UNLOCKED: "数值解锁",
    Kind.FIGURE_REVISED: "官方数修订",
    Kind.TARGET_CHANGED: "目标调整",
    Kind.TASK_CHANGED: "任务调整",
    Kind.ALLOCATED: "任务分解调整",
    Kind.PLAN_CHANGED: "计划分解调整",
    Kind.SCHEDULE_APPROVED: "序时计划已核定",
    Kind.SCHEDULE_REFUSED: "序时计划未同意",
    Kind.SUPPORT_CHANGED: "支撑项目调整",
    Kind.INDICATOR_CHANGED: "指标口径调整",
    Kind.ITEM_UPHELD: "维持交办",
    Kind.ITEM_EXTENSION_REFUSED: "延期未同意",
    Kind.ITEM_EXTENSION_GRANTED: "延期已同意",
    Kind.ITEM_SUSPENDED: "中止办理",
    Kind.ITEM_RESUMED: "恢复办理",
    Kind.ITEM_MERGED: "并入其他事项",
    Kind.ITEM_WAIVED: "同意红灯销号",
    Kind.SLIP_DECLINED: "督办单不予签发",
    Kind.ITEM_PART_ACCEPTED: "配合事项已认定",
    Kind.ITEM_LOOKED_BACK: "回头看通过",
    Kind.ITEM_CLOSED: "销号",
    Kind.APPEAL_UPHELD: "申诉成立",
    Kind.APPEAL_REJECTED: "申诉不成立",
    Kind.VALUE_CONFIRMED: "数值核定",
    Kind.VALUE_CHECKED: "数值复核",
    Kind.FEEDBACK_GIVEN: "意见与投诉",
    Kind.SWEEP_LATE: "作业超时未运行",
    Kind.CHANNEL_OPENED: "渠道暂停发送",
    Kind.DELIVERY_FAILED: "消息未能送达",
    Kind.CHANNEL_RECOVERED: "渠道恢复发送",
    Kind.ANNOUNCED: "通知",
}
# Counted otherwise than by 项.
_MEASURES = {Kind.CHANNEL_OPENED: "个", Kind.CHANNEL_RECOVERED: "个", Kind.DELIVERY_FAILED: "条"}
# Where a thing stands is its last turn, not the worst in between.
TURNS = (Kind.TURNED_RED.key, Kind.TURNED_YELLOW.key, Kind.TURNED_GREEN.key)
_RANKS = {kind.key: rank for rank, kind in enumerate(WORDS)}


def rank(key: str) -> int:
    """The place of a kind in a message; 0 is the worst."""
    return _RANKS.get(key, len(_RANKS))


def heading(key: str) -> str:
    """The heading of a kind."""
    kind = Kind.of(key)
    return WORDS.get(kind, kind.words)


def counted(key: str, count: int) -> str:
    """So many of a kind, under their heading."""
    return f"{count} {_MEASURES.get(Kind.of(key), '项')}{heading(key)}"


def missing() -> set[str]:
    """The kinds that are told and have no heading here."""
    return TOLD.keys() - _RANKS.keys()
