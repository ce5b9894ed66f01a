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

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, select
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
    TURNED_RED = ("turned_red", "转为红灯")
    TURNED_YELLOW = ("turned_yellow", "转为黄灯")
    TURNED_GREEN = ("turned_green", "恢复绿灯")
    TURNED_GREY = ("turned_grey", "转为灰灯")
    IMPORTED = ("imported", "导入了表格")
    EXPORTED = ("exported", "导出了表格")
    CALENDAR_CHANGED = ("calendar_changed", "调整了工作日")
    RULE_SET_ADDED = ("rule_set_added", "启用了规则集")
    CLOCK_STEPPED = ("clock_stepped", "演示日期前进")
    DELIVERY_RESENT = ("delivery_resent", "重新发送了消息")
    DELIVERY_CONFIRMED = ("delivery_confirmed", "确认了消息已送达")
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
    return "commitment" if hasattr(subject, "light_since") else str(subject.__tablename__)


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
