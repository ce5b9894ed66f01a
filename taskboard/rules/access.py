"""Who may what: one table. Whatever it does not grant is refused."""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass


class SeatKind(enum.StrEnum):
    """The seats 岗位, with the word on screen."""

    OFFICE = "office"
    SUPERVISOR = "supervisor"
    GROUP_LEAD = "group_lead"
    REPORTER = "reporter"
    LEADER = "leader"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"

    @property
    def word(self) -> str:
        return _SEAT_WORDS[self.value]


_SEAT_WORDS = {
    "office": "专班办公室",
    "supervisor": "督查",
    "group_lead": "组长",
    "reporter": "联络员",
    "leader": "区领导",
    "system_admin": "系统管理员",
    "security_admin": "安全管理员",
    "audit_admin": "审计管理员",
}


class Permission(enum.Enum):
    """What can be permitted; the value is the sentence that says it."""

    USE = "登录后使用本人页面、消息与意见投诉"
    SEE_GROUPS = "查看一办九组"
    SEE_COMMITMENTS = "查看目标与任务（限本岗位范围）"
    SEE_WORKLIST = "查看工作清单（限本岗位范围）"
    EXPORT = "导出所见清单"
    REPORT = "填报进展（限本组或本单位）"
    RETURN_REPORT = "退回填报并说明理由"
    MANAGE_TARGETS = "设立、修改目标与周目标"
    MANAGE_TASKS = "设立、修改任务与节点"
    DECIDE_SCHEDULE = "核定序时计划（不得为提出人）"
    IMPORT_TASKS = "导入任务书"
    IMPORT_EVALUATIONS = "导入外部评价"
    IMPORT_TARGETS = "导入目标、周目标与官方数"
    SEE_DESK = "查看督查台"
    SEE_ITEMS = "查看督查事项（限本岗位范围）"
    REGISTER_ITEM = "登记督查事项（区领导登记批示，专班办公室和督查可交办）"
    ACT_ON_ITEM = "办理督查事项（每一步由谁办理见流转表）"
    APPEAL = "对亮灯或退回提出申诉（限本单位）"
    DECIDE_APPEAL = "答复申诉（不得为原作出人）"
    SEE_MEASURES = "查看各单位督办质效"
    SEE_QUALITY = "查看数据质量（限本岗位范围）"
    CHECK_VALUES = "复核数值（本组）"
    CONFIRM_VALUES = "核定、解锁数值"
    SEE_WALL = "查看领导一分钟"
    MANAGE_STRUCTURE = "管理攻坚行动、单位、专项组与工作日"
    MANAGE_RULES = "启用规则集"
    MANAGE_PEOPLE = "管理人员与岗位"
    SEE_JOBS = "查看作业与投递"
    MANAGE_DELIVERIES = "重发、确认或放弃消息"
    MANAGE_CHANNELS = "管理渠道并试发"
    SEE_AUDIT = "查看全部留痕"
    ANNOUNCE = "设定告知规则、向全员或部分人员发出通知"
    STEP_CLOCK = "让演示日期前进"


_COMMON = {Permission.USE, Permission.SEE_GROUPS}
_READ = _COMMON | {Permission.SEE_COMMITMENTS, Permission.SEE_WORKLIST, Permission.EXPORT}
_ITEMS = {Permission.SEE_ITEMS, Permission.ACT_ON_ITEM}

GRANTS: dict[SeatKind, frozenset[Permission]] = {
    SeatKind.OFFICE: frozenset(
        _READ
        | {
            Permission.REPORT,
            Permission.RETURN_REPORT,
            Permission.MANAGE_TARGETS,
            Permission.MANAGE_TASKS,
            Permission.IMPORT_TASKS,
            Permission.IMPORT_EVALUATIONS,
            Permission.IMPORT_TARGETS,
            Permission.SEE_DESK,
            Permission.SEE_WALL,
            Permission.MANAGE_STRUCTURE,
            Permission.MANAGE_RULES,
            Permission.SEE_JOBS,
            Permission.MANAGE_DELIVERIES,
            Permission.MANAGE_CHANNELS,
            Permission.ANNOUNCE,
            Permission.STEP_CLOCK,
            *_ITEMS,
            Permission.REGISTER_ITEM,
            Permission.DECIDE_APPEAL,
            Permission.DECIDE_SCHEDULE,
            Permission.SEE_MEASURES,
            Permission.SEE_QUALITY,
            Permission.CONFIRM_VALUES,
        }
    ),
    SeatKind.SUPERVISOR: frozenset(
        _READ
        | _ITEMS
        | {
            Permission.SEE_DESK,
            Permission.SEE_WALL,
            Permission.RETURN_REPORT,
            Permission.SEE_JOBS,
            Permission.REGISTER_ITEM,
            Permission.SEE_MEASURES,
            Permission.SEE_QUALITY,
        }
    ),
    SeatKind.GROUP_LEAD: frozenset(
        _READ
        | _ITEMS
        | {
            Permission.REPORT,
            Permission.RETURN_REPORT,
            Permission.MANAGE_TARGETS,
            Permission.MANAGE_TASKS,
            Permission.APPEAL,
            Permission.SEE_MEASURES,
            Permission.SEE_QUALITY,
            Permission.CHECK_VALUES,
        }
    ),
    SeatKind.REPORTER: frozenset(_READ | _ITEMS | {Permission.REPORT, Permission.APPEAL, Permission.SEE_MEASURES}),
    SeatKind.LEADER: frozenset(
        _READ
        | _ITEMS
        | {
            Permission.SEE_WALL,
            Permission.SEE_DESK,
            Permission.REGISTER_ITEM,
            Permission.DECIDE_APPEAL,
            Permission.DECIDE_SCHEDULE,
            Permission.SEE_MEASURES,
            Permission.SEE_QUALITY,
        }
    ),
    SeatKind.SYSTEM_ADMIN: frozenset(
        _COMMON | {Permission.MANAGE_STRUCTURE, Permission.MANAGE_CHANNELS, Permission.SEE_JOBS}
    ),
    SeatKind.SECURITY_ADMIN: frozenset(_COMMON | {Permission.MANAGE_PEOPLE}),
    SeatKind.AUDIT_ADMIN: frozenset(_COMMON | {Permission.SEE_AUDIT}),
}

SEES_ALL = frozenset({SeatKind.OFFICE, SeatKind.SUPERVISOR, SeatKind.LEADER})


@dataclass(frozen=True)
class Seating:
    """The seat in which a person acts now, as a value."""

    seat_id: int
    kind: SeatKind
    group_id: int | None = None
    unit_id: int | None = None
    words: str = ""


def permits(seating: Seating | None, permission: Permission) -> bool:
    """Whether the seat holds the permission at all; the door in front of every endpoint."""
    return seating is not None and permission in GRANTS.get(seating.kind, frozenset())


def reaches(seating: Seating, group_id: int, unit_ids: Collection[int]) -> bool:
    """Whether the seat's realm includes something of this group, in which these units take part."""
    if seating.kind in SEES_ALL:
        return True
    if seating.kind == SeatKind.GROUP_LEAD:
        return seating.group_id == group_id
    if seating.kind == SeatKind.REPORTER:
        return seating.unit_id in unit_ids
    return False
