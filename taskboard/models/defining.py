"""The verbs that set up and change targets and tasks: what is owed, by whom, by when, along which schedule."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from taskboard import clock
from taskboard.db import db
from taskboard.errors import Conflict, Refused
from taskboard.models import indicating, placing, tally
from taskboard.models.commitment import Commitment, Party
from taskboard.models.event import Kind, record
from taskboard.models.group import Group, Role
from taskboard.models.indicator import Indicator
from taskboard.models.report import Report
from taskboard.models.schedule_version import ScheduleVersion
from taskboard.models.target import Target
from taskboard.models.task import Milestone, Task
from taskboard.models.unit import Unit
from taskboard.rules.indicator import IndicatorKind
from taskboard.rules.workdays import monday

LABELS = {
    "title": "名称", "detail": "内容", "group": "专项组", "unit": "责任单位", "starts_on": "开始日期",
    "ends_on": "完成期限", "source": "来源", "measure": "计量单位", "rule_kind": "指标类型",
    "higher_is_better": "方向", "start_value": "起始值", "target_value": "目标值", "reference": "参照值",
    "weekly_targets": "周目标", "responsible": "共同责任单位", "supporting": "配合单位", "no": "编号",
    "leader": "牵头领导", "milestones": "节点",
}  # fmt: skip


SCHEDULED = frozenset({"starts_on", "ends_on", "start_value", "target_value", "weekly_targets"})
"""What an approved schedule freezes."""


@dataclass(frozen=True)
class Common:
    """What targets and tasks are both given."""

    group_id: int
    unit_id: int
    title: str
    detail: str
    starts_on: date
    ends_on: date
    source: str
    responsible: tuple[int, ...] = ()
    supporting: tuple[int, ...] = ()


@dataclass(frozen=True)
class TargetDraft(Common):
    """A target as typed. `weekly` are the points of its schedule; without any it is linear."""

    measure: str = ""
    kind: str = IndicatorKind.AMOUNT
    higher_is_better: bool = True
    start_value: Decimal = Decimal(0)
    target_value: Decimal = Decimal(0)
    reference: Decimal | None = None
    weekly: tuple[tuple[date, Decimal], ...] = ()

    @property
    def rule_kind(self) -> str:
        """The bands that judge it."""
        return IndicatorKind(self.kind).rule_kind


@dataclass(frozen=True)
class TaskDraft(Common):
    """A task as typed. `milestones` are (due, name, weight)."""

    no: str = ""
    leader: str = ""
    milestones: tuple[tuple[date, str, int], ...] = ()


def create_target(draft: TargetDraft, by: int, at: datetime) -> Target:
    """Set up a target of a group; its indicator is found by name or set up with it."""
    group = db.session.get_one(Group, draft.group_id)
    target = Target(**_base(draft, group, clock.day_of(at)), **_target_columns(draft), indicator=_indicator(draft))
    return _created(target, draft, Kind.TARGET_CREATED, by, at)


def create_task(draft: TaskDraft, by: int, at: datetime) -> Task:
    """Set up a task of a group."""
    group = db.session.get_one(Group, draft.group_id)
    task = Task(
        **_base(draft, group, clock.day_of(at)), no=draft.no, leader=draft.leader, key=f"page:{uuid.uuid4().hex}"
    )
    return _created(task, draft, Kind.TASK_CREATED, by, at)


def edit_target(target: Target, draft: TargetDraft, version: int, by: int, at: datetime) -> bool:
    """Change a target; False when nothing differs. Raises Conflict when it was changed since `version`."""
    return _edited(target, draft, version, Kind.TARGET_CHANGED, by, at)


def edit_task(task: Task, draft: TaskDraft, version: int, by: int, at: datetime) -> bool:
    """Change a task; False when nothing differs. Raises Conflict when it was changed since `version`."""
    return _edited(task, draft, version, Kind.TASK_CHANGED, by, at)


def spoken(commitment: Commitment) -> dict[str, Any]:
    """What a target or task says of itself, in the words of its events and of a conflict."""
    said: dict[str, Any] = {name: getattr(commitment, name) for name in ("title", "detail", "starts_on", "ends_on")}
    said["source"] = commitment.source
    said["group"] = db.session.get_one(Group, commitment.group_id).name
    said["unit"] = db.session.get_one(Unit, commitment.unit_id).name
    for role in (Role.RESPONSIBLE, Role.SUPPORTING):
        ids = [party.unit_id for party in commitment.parties if party.role == role]
        said[role.value] = "、".join(unit.name for unit in (db.session.get_one(Unit, one) for one in ids))
    if isinstance(commitment, Target):
        said["rule_kind"] = commitment.indicator.sort.word
        for name in ("measure", "higher_is_better", "start_value", "target_value", "reference"):
            said[name] = getattr(commitment, name)
        said["weekly_targets"] = "\n".join(f"{w.due_on} {w.value.normalize():f}" for w in commitment.weekly_targets)
    if isinstance(commitment, Task):
        said["no"], said["leader"] = commitment.no, commitment.leader
        said["milestones"] = "\n".join(f"{m.due_on} {m.name} {m.weight}" for m in commitment.milestones)
    return said


def _created(commitment: Any, draft: Common, kind: Kind, by: int, at: datetime) -> Any:
    _check(draft)
    db.session.add(commitment)
    _arrange(commitment, draft)
    placing.admit(commitment, clock.day_of(at))
    record(kind, commitment, by, at, after=_differing({}, spoken(commitment))[1])
    return commitment


def _edited(commitment: Commitment, draft: Common, version: int, kind: Kind, by: int, at: datetime) -> bool:
    _check(draft)
    db.session.refresh(commitment, with_for_update={"of": Commitment.__table__})
    stored, place = spoken(commitment), tally.place_of(commitment)
    was = commitment.version
    _apply(commitment, draft)
    wanted = spoken(commitment)
    before, after = _differing(stored, wanted)
    if was != version and after:
        db.session.rollback()
        raise Conflict(
            "您打开页面之后，他人已修改了本项内容，您的修改没有保存，两份内容如下",
            [(LABELS[name], _words(stored[name]), _words(value)) for name, value in after.items()],
        )
    if not after:
        return False
    if isinstance(commitment, Target) and SCHEDULED & after.keys():
        _check_frozen(commitment)
    if "ends_on" in after or "starts_on" in after:
        _check_reports(commitment)
    commitment.version = was + 1
    db.session.flush()
    tally.moved(place, tally.place_of(commitment))
    record(kind, commitment, by, at, before=before, after=after)
    placing.place_one(commitment, clock.day_of(at))
    return True


def _apply(commitment: Commitment, draft: Common) -> None:
    for name in ("group_id", "unit_id", "title", "detail", "starts_on", "ends_on", "source"):
        setattr(commitment, name, getattr(draft, name))
    if isinstance(commitment, Target) and isinstance(draft, TargetDraft):
        for name, value in _target_columns(draft).items():
            setattr(commitment, name, value)
        commitment.indicator = _indicator(draft, commitment)
    if isinstance(commitment, Task) and isinstance(draft, TaskDraft):
        commitment.no, commitment.leader = draft.no, draft.leader
    _arrange(commitment, draft)
    db.session.flush()


def _arrange(commitment: Commitment, draft: Common) -> None:
    """Bring parties, weekly targets and milestones to what was typed, keeping the rows that stay."""
    _arrange_parties(commitment, draft)
    if isinstance(commitment, Target) and isinstance(draft, TargetDraft):
        commitment.schedule_along(draft.weekly)
    if isinstance(commitment, Task) and isinstance(draft, TaskDraft):
        steps = {step.name: step for step in commitment.milestones}
        commitment.milestones = [steps.get(name) or Milestone(name=name) for _, name, _ in draft.milestones]
        for step, (due_on, _, weight) in zip(commitment.milestones, draft.milestones, strict=True):
            step.due_on, step.weight = due_on, weight


def _arrange_parties(commitment: Commitment, draft: Common) -> None:
    kept = {(party.unit_id, party.role): party for party in commitment.parties}
    wanted = [(unit_id, Role.RESPONSIBLE.value) for unit_id in draft.responsible if unit_id != draft.unit_id]
    wanted += [(unit_id, Role.SUPPORTING.value) for unit_id in draft.supporting if unit_id != draft.unit_id]
    others = [key for key in kept if key[1] not in (Role.RESPONSIBLE, Role.SUPPORTING)]
    rows = []
    for place, key in enumerate([*others, *wanted]):
        row = kept.get(key) or Party(unit_id=key[0], role=key[1])
        row.position = place
        rows.append(row)
    commitment.parties = rows


def _base(draft: Common, group: Group, on: date) -> dict[str, Any]:
    return {
        "campaign_id": group.campaign_id,
        "group_id": draft.group_id,
        "unit_id": draft.unit_id,
        "title": draft.title,
        "detail": draft.detail,
        "starts_on": draft.starts_on,
        "ends_on": draft.ends_on,
        "source": draft.source,
        "owed_from": max(monday(on), draft.starts_on),
        "light_since": on,
    }


def _target_columns(draft: TargetDraft) -> dict[str, Any]:
    names = ("measure", "rule_kind", "higher_is_better", "start_value", "target_value", "reference")
    return {name: getattr(draft, name) for name in names}


def _indicator(draft: TargetDraft, own: Target | None = None) -> Indicator:
    measured = {"kind": draft.kind, "measure": draft.measure, "higher_is_better": draft.higher_is_better}
    return indicating.named(draft.group_id, draft.title, own.id if own else None, **measured)


def _check(draft: Common) -> None:
    if draft.ends_on < draft.starts_on:
        raise Refused("完成期限不能早于开始日期")
    if isinstance(draft, TargetDraft):
        if draft.rule_kind in ("amount", "milestone") and draft.start_value == draft.target_value:
            raise Refused("目标值应与起始值不同")
        _check_days((day for day, _ in draft.weekly), draft, "周目标")
    if isinstance(draft, TaskDraft):
        _check_days((day for day, _, _ in draft.milestones), draft, "节点", repeated=True)
        if len({name for _, name, _ in draft.milestones}) < len(draft.milestones):
            raise Refused("节点名称不能重复")


def _check_days(days: Iterable[date], draft: Common, noun: str, repeated: bool = False) -> None:
    seen: set[date] = set()
    for day in days:
        if not draft.starts_on <= day <= draft.ends_on:
            raise Refused(f"{noun}日期 {day} 不在 {draft.starts_on} 至 {draft.ends_on} 之内")
        if day in seen and not repeated:
            raise Refused(f"{noun}日期 {day} 重复")
        seen.add(day)


def _check_frozen(target: Target) -> None:
    """Only an approved version changes a schedule that was approved; one that waits holds it still, too."""
    with db.session.no_autoflush:
        approved, waiting = ScheduleVersion.newest(target.id, "approved"), ScheduleVersion.newest(target.id, "asked")
    if approved is not None:
        raise Refused(f"序时计划已核定（第 {approved.no} 版），请在目标页提出调整")
    if waiting is not None:
        raise Refused(f"序时计划（第 {waiting.no} 版）正待核定，期限、起始值、目标值和周目标暂不能修改")


def _check_reports(commitment: Commitment) -> None:
    first = db.session.scalar(select(func.min(Report.week)).where(Report.commitment_id == commitment.id))
    if first is not None and first < monday(commitment.starts_on):
        raise Refused(f"{first} 起的一周已有填报，开始日期不能晚于该周")


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    names = [name for name, value in new.items() if old.get(name, "") != value and (old or value not in ("", None))]
    return {name: old.get(name) for name in names}, {name: new[name] for name in names}


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "越高越好" if value else "越低越好"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else "" if value is None else str(value)
