"""Events 留痕: every change, with who, when, before and after. Append-only and chained.

One place knows an event's words: `Kind` binds each kind to its sentence. No code updates or
deletes an event; the database refuses it too (see the first migration).
"""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, inspect, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base, LongText, db
from taskboard.models.person import Person

MAY_NAME_NO_ACTOR = "系统"


class Kind(enum.Enum):
    """The kinds of events; the value is (name in the database, sentence on screen)."""

    CAMPAIGN_CHANGED = ("campaign_changed", "修改了攻坚行动")
    UNIT_CREATED = ("unit_created", "新增了单位")
    UNIT_CHANGED = ("unit_changed", "修改了单位")
    GROUP_CREATED = ("group_created", "新增了专项组")
    GROUP_CHANGED = ("group_changed", "修改了专项组")
    PERSON_CREATED = ("person_created", "新增了人员")
    PERSON_CHANGED = ("person_changed", "修改了人员")
    PASSWORD_RESET = ("password_reset", "重置了密码")
    PASSWORD_CHANGED = ("password_changed", "修改了本人密码")
    SEAT_GIVEN = ("seat_given", "设置了岗位")
    SEAT_ENDED = ("seat_ended", "结束了岗位")
    LOGGED_IN = ("logged_in", "登录")
    LOGGED_OUT = ("logged_out", "退出登录")
    LOGIN_FAILED = ("login_failed", "登录失败")
    ACCOUNT_LOCKED = ("account_locked", "连续登录失败，账号锁定")
    ACCESS_REFUSED = ("access_refused", "越权访问被拒绝")
    TARGET_CREATED = ("target_created", "设立了目标")
    TARGET_CHANGED = ("target_changed", "修改了目标")
    TASK_CREATED = ("task_created", "设立了任务")
    TASK_CHANGED = ("task_changed", "修改了任务")
    MILESTONE_DONE = ("milestone_done", "完成了节点")
    MILESTONE_REOPENED = ("milestone_reopened", "恢复了节点为未完成")
    REPORTED = ("reported", "填报了进展")
    REPORT_CORRECTED = ("report_corrected", "更正了填报")
    REPORT_RETURNED = ("report_returned", "退回了填报")
    VALUE_CHECKED = ("value_checked", "复核了数值")
    VALUE_CONFIRMED = ("value_confirmed", "核定并锁定了数值")
    VALUE_UNLOCKED = ("value_unlocked", "解锁了已核定的数值")
    FIGURE_PUBLISHED = ("figure_published", "导入了官方数")
    FIGURE_REVISED = ("figure_revised", "导入了修订的官方数")
    INDICATOR_CHANGED = ("indicator_changed", "修改了指标口径")
    SCHEDULE_ASKED = ("schedule_asked", "提出序时计划")
    SCHEDULE_APPROVED = ("schedule_approved", "核定了序时计划")
    SCHEDULE_REFUSED = ("schedule_refused", "未同意序时计划")
    ALLOCATED = ("allocated", "调整了任务分解")
    PLAN_CHANGED = ("plan_changed", "调整了计划分解")
    SUPPORT_CHANGED = ("support_changed", "调整了支撑项目")
    TURNED_RED = ("turned_red", "转为红灯")
    TURNED_YELLOW = ("turned_yellow", "转为黄灯")
    TURNED_GREEN = ("turned_green", "恢复绿灯")
    TURNED_GREY = ("turned_grey", "转为灰灯")
    ITEM_REGISTERED = ("item_register", "登记了督查事项")
    ITEM_OPENED = ("item_opened", "由巡检立为督查事项")
    ITEM_ASSIGNED = ("item_assign", "交办")
    ITEM_SIGNED = ("item_sign", "签收")
    ITEM_OBJECTED = ("item_object", "对交办提出异议")
    ITEM_UPHELD = ("item_uphold", "维持交办")
    ITEM_TRANSFERRED = ("item_transfer", "改派")
    ITEM_HANDLED = ("item_handle", "报告了办理情况")
    ITEM_SUBMITTED = ("item_submit", "反馈了办理结果")
    ITEM_RETURNED = ("item_return", "退回了办理结果")
    ITEM_CLOSURE_REQUESTED = ("item_request_closure", "审核通过，申请销号")
    ITEM_CLOSED = ("item_close", "销号")
    ITEM_CLOSURE_REFUSED = ("item_refuse_closure", "不予销号")
    ITEM_SUSPENDED = ("item_suspend", "中止办理")
    ITEM_RESUMED = ("item_resume", "恢复办理")
    ITEM_MERGED = ("item_merge", "并入其他事项")
    ITEM_REOPENED = ("item_reopen", "回头看后重新办理")
    ITEM_LOOKED_BACK = ("item_look_back", "回头看通过")
    ITEM_LOOK_BACK_DUE = ("item_look_back_due", "抽中回头看")
    ITEM_URGED = ("item_urge", "催办")
    ITEM_REMINDED = ("item_reminded", "按期提醒")
    ITEM_COMMENTED = ("item_comment", "批注")
    ITEM_REDDENED = ("item_redden", "调整了人工红灯")
    ITEM_WAIVED = ("item_waive", "同意在红灯未消除时销号")
    ITEM_RECOVERED = ("item_recovered", "关联亮灯已恢复，建议销号")
    ITEM_RECURRED = ("item_recurred", "关联事项再次红灯，督办升级")
    ITEM_EXTENSION_ASKED = ("item_extend", "申请延期")
    ITEM_EXTENSION_GRANTED = ("item_grant_extension", "同意延期")
    ITEM_EXTENSION_REFUSED = ("item_refuse_extension", "不同意延期")
    ITEM_EXTENSION_ESCALATED = ("item_extension_escalated", "延期申请逾期未批，报上一级")
    ITEM_PART_SIGNED = ("item_sign_part", "配合单位签收")
    ITEM_PART_SUBMITTED = ("item_submit_part", "配合单位反馈")
    ITEM_PART_ACCEPTED = ("item_accept_part", "认定了配合事项")
    ITEM_PART_RETURNED = ("item_return_part", "退回了配合事项")
    SLIP_PROPOSED = ("item_propose_slip", "拟发督办单")
    SLIP_SIGNED = ("item_sign_slip", "签发了督办单")
    SLIP_DECLINED = ("item_decline_slip", "不予签发督办单")
    SLIP_ANSWERED = ("item_answer_slip", "回复了督办单")
    SLIP_OVERDUE = ("item_slip_overdue", "督办单逾期未回复")
    APPEAL_RAISED = ("appeal_raised", "提出申诉")
    APPEAL_UPHELD = ("appeal_upheld", "申诉成立")
    APPEAL_REJECTED = ("appeal_rejected", "申诉不成立，维持原决定")
    APPEAL_OVERDUE = ("appeal_overdue", "申诉逾期未答复")
    EVALUATED = ("evaluated", "登记了外部评价")
    EVALUATION_REVISED = ("evaluation_revised", "修订了外部评价")
    IMPORTED = ("imported", "导入了表格")
    EXPORTED = ("exported", "导出了表格")
    CALENDAR_CHANGED = ("calendar_changed", "调整了工作日")
    RULE_SET_ADDED = ("rule_set_added", "启用了规则集")
    RULE_SET_WITHDRAWN = ("rule_set_withdrawn", "撤回了尚未施行的规则集")
    CLOCK_STEPPED = ("clock_stepped", "演示日期前进")
    DELIVERY_RESENT = ("delivery_resent", "重新发送了消息")
    DELIVERY_CONFIRMED = ("delivery_confirmed", "确认了消息已送达")
    DELIVERY_GIVEN_UP = ("delivery_given_up", "放弃了消息")
    DELIVERY_FAILED = ("delivery_failed", "消息未能送达")
    CHANNEL_CREATED = ("channel_created", "新增了渠道")
    CHANNEL_CHANGED = ("channel_changed", "修改了渠道")
    CHANNEL_TRIED = ("channel_tried", "试发了消息")
    CHANNEL_OPENED = ("channel_opened", "渠道连续失败，暂停发送")
    CHANNEL_RECOVERED = ("channel_recovered", "渠道恢复发送")
    SUBSCRIBED = ("subscribed", "修改了接收设置")
    TELLING_CHANGED = ("telling_changed", "修改了告知规则")
    ANNOUNCED = ("announced", "发出了通知")
    REPORT_REMINDED = ("report_reminded", "提醒填报")
    MILESTONE_REMINDED = ("milestone_reminded", "提醒任务节点")
    SWEEP_LATE = ("sweep_late", "作业超时未运行")
    FEED_RENEWED = ("feed_renewed", "更换了日历订阅地址")
    FEEDBACK_GIVEN = ("feedback_given", "提交了意见与投诉")
    BACKED_UP = ("backed_up", "备份了数据")

    def __init__(self, key: str, words: str) -> None:
        self.key = key
        self.words = words

    @classmethod
    def of(cls, key: str) -> Kind:
        """The kind with this name in the database."""
        return _KINDS[key]

    @classmethod
    def turned(cls, light: str) -> Kind:
        """The kind for a turn to a light."""
        return _KINDS[f"turned_{light}"]


_KINDS = {kind.key: kind for kind in Kind}


class Event(Base):
    """One thing that happened. `id`, `previous` and `hash` are set by models/chain.py."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_subject", "subject_type", "subject_id", "id"),
        Index("ix_event_kind", "kind", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    subject_type: Mapped[str]
    subject_id: Mapped[int | None]
    data: Mapped[str] = mapped_column(LongText, default="{}")
    source: Mapped[str] = mapped_column(default="")
    request_id: Mapped[str] = mapped_column(default="")
    alg: Mapped[str] = mapped_column(default="hmac-sha256")
    previous: Mapped[str]
    hash: Mapped[str]
    actor: Mapped[Person | None] = relationship()

    @property
    def words(self) -> str:
        return Kind.of(self.kind).words

    @property
    def payload(self) -> dict[str, Any]:
        """before, after, and whatever else the kind carries."""
        return json.loads(self.data)

    @staticmethod
    def of_subject(subject_type: str, subject_id: int, limit: int = 100) -> list[Event]:
        """The newest events of one thing, newest first."""
        query = (
            select(Event)
            .where(Event.subject_type == subject_type, Event.subject_id == subject_id)
            .order_by(Event.id.desc())
            .limit(limit)
        )
        return list(db.session.scalars(query))

    @staticmethod
    def newest(kind: str, limit: int) -> list[Event]:
        """The newest events of one kind, newest first."""
        return list(db.session.scalars(select(Event).where(Event.kind == kind).order_by(Event.id.desc()).limit(limit)))


def record(
    kind: Kind,
    subject: Any,
    by: int | None,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    source: str = "",
    **more: Any,
) -> Event:
    """Append an event in the running transaction; `by` is a person's id, None the system.

    `subject` is a row (flushed when it is new, so that it has an id) or a bare table name.
    """
    if isinstance(subject, str):
        subject_type, subject_id = subject, None
    else:
        if subject.id is None:
            db.session.add(subject)
            db.session.flush()
        subject_type, subject_id = subject_name(subject), subject.id
    event = Event(
        at=at,
        kind=kind.key,
        actor_id=by,
        subject_type=subject_type,
        subject_id=subject_id,
        data=dump(before, after, more),
        source=source,
    )
    db.session.add(event)
    return event


def subject_name(subject: Any) -> str:
    """The subject's noun: the table, and for targets and tasks their common base."""
    return str(inspect(subject).mapper.base_mapper.local_table.name)


def dump(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, more: Mapping[str, Any] | None = None
) -> str:
    """The canonical JSON of an event's data: sorted keys, decimals and dates as text."""
    data: dict[str, Any] = dict(more or {})
    if before is not None:
        data["before"] = dict(before)
    if after is not None:
        data["after"] = dict(after)
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def changes(row: Any, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `values` would change on `row`: (before, after) of the differing columns alone."""
    differing = {name: value for name, value in values.items() if getattr(row, name) != value}
    return {name: getattr(row, name) for name in differing}, differing


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"an event cannot hold {type(value).__name__}")
