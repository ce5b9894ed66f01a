"""Asking for a version of a target's schedule 序时计划, and deciding it. Each leaves an event on the target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from taskboard import clock
from taskboard.db import db
from taskboard.errors import NotAllowed, Refused, WrongState
from taskboard.models import placing
from taskboard.models.calendar_override import CalendarOverride
from taskboard.models.campaign import Campaign
from taskboard.models.commitment import Commitment
from taskboard.models.event import Kind, record
from taskboard.models.schedule_version import PRESENT, Point, ScheduleVersion
from taskboard.models.target import Target
from taskboard.rules import curves
from taskboard.rules.access import SeatKind
from taskboard.rules.lifecycle import Actor

DECIDERS = (SeatKind.OFFICE, SeatKind.LEADER)
MUST_MOVE = ("amount", "milestone")  # kinds of which the start differs from the target


@dataclass(frozen=True)
class Draft:
    """A schedule as asked for: a curve by name with what it takes, or the present schedule as it stands."""

    curve: str
    reason: str
    target_value: Decimal
    given: curves.Given = field(default_factory=curves.Given)


def draw(target: Target, draft: Draft) -> list[Point]:
    """The points that the draft leads to; none for a present schedule that is linear. Raises BadCurve, Refused."""
    if draft.curve == PRESENT:
        if draft.target_value != target.target_value:
            raise Refused("按现行计划核定的，目标值不能改动；需调整的请另选曲线")
        return present_points(target)
    if target.rule_kind in MUST_MOVE and draft.target_value == target.start_value:
        raise Refused("目标值应与起始值不同")
    span = curves.Span(target.starts_on, target.ends_on, target.start_value, draft.target_value)
    given = replace(draft.given, decimals=target.decimals, overrides=CalendarOverride.all())
    return curves.draw(draft.curve, span, given)


def present_points(target: Target) -> list[Point]:
    """The points of the schedule in force."""
    return [(point.due_on, point.value) for point in target.weekly_targets]


def ask(target: Target, draft: Draft, actor: Actor, at: datetime) -> ScheduleVersion:
    """Ask for a version; it waits until somebody else decides it. Raises NotAllowed, WrongState, Refused."""
    _lock(target)
    if actor.kind != SeatKind.OFFICE and (actor.kind != SeatKind.GROUP_LEAD or actor.group_id != target.group_id):
        raise NotAllowed("序时计划由本组组长或专班办公室提出")
    if not draft.reason.strip():
        raise Refused("请填写调整理由")
    waiting = ScheduleVersion.newest(target.id, "asked")
    if waiting is not None:
        raise WrongState(f"第 {waiting.no} 版正待核定，请等待答复后再提出")
    if draft.curve == PRESENT and ScheduleVersion.newest(target.id, "approved") is not None:
        raise WrongState("现行计划已经核定，需调整的请另选曲线")
    points = draw(target, draft)
    last = db.session.scalar(select(func.max(ScheduleVersion.no)).where(ScheduleVersion.target_id == target.id))
    version = ScheduleVersion(
        target=target,
        no=(last or 0) + 1,
        live_key=target.id,
        curve=draft.curve,
        reason=draft.reason.strip(),
        target_value=draft.target_value,
        points=ScheduleVersion.written(points),
        asked_by_id=actor.person_id,
        asked_at=at,
    )
    db.session.add(version)
    db.session.flush()
    after = {"curve": version.curve_word, **_said(draft.target_value, points), "reason": version.reason}
    _record(Kind.SCHEDULE_ASKED, version, actor, at, _said(target.target_value, present_points(target)), after)
    return version


def decide(
    version: ScheduleVersion, approved: bool, answer: str, from_on: date | None, actor: Actor, at: datetime
) -> ScheduleVersion:
    """Approve or refuse, by the office or a leader and never by who asked. Raises NotAllowed, WrongState, Refused.

    Approval freezes the schedule: it is the target's from `from_on` on, and the target is placed anew.
    """
    _lock(version.target)
    db.session.refresh(version, with_for_update={"of": ScheduleVersion.__table__})
    if version.state != "asked":
        raise WrongState(f"第 {version.no} 版已于 {clock.day_of(version.decided_at or at)} 答复：{version.state_word}")
    if actor.kind not in DECIDERS:
        raise NotAllowed("序时计划由专班办公室或区领导核定")
    if actor.person_id == version.asked_by_id:
        raise NotAllowed("序时计划应由提出人以外的人核定")
    if not approved and not answer.strip():
        raise Refused("不同意的，请填写理由")
    if approved:
        version.from_on = _checked_day(version.target, from_on or clock.day_of(at), clock.day_of(at))
    version.state, version.answer, version.live_key = "approved" if approved else "refused", answer.strip(), None
    version.decided_by_id, version.decided_at = actor.person_id, at
    if approved:
        _put_in_force(version, actor, at)
    else:
        after = {"answer": version.answer, "reason": version.reason}
        _record(Kind.SCHEDULE_REFUSED, version, actor, at, None, after)
    return version


def _checked_day(target: Target, from_on: date, on: date) -> date:
    """The day from which a version may be in force: no light that was given is to change afterwards."""
    swept = db.session.get_one(Campaign, target.campaign_id).swept_on
    if swept is not None and from_on < swept:
        raise Refused(f"截至 {swept} 已按原计划亮灯，启用日期不能早于该日")
    before = ScheduleVersion.newest(target.id, "approved")
    if before is not None and before.from_on is not None and from_on < before.from_on:
        raise Refused(f"第 {before.no} 版自 {before.from_on} 起执行，启用日期不能早于该日")
    if from_on > on:
        raise Refused("启用日期不能晚于今天，请届时再核定")
    return from_on


def _put_in_force(version: ScheduleVersion, actor: Actor, at: datetime) -> None:
    target = version.target
    before, points = _said(target.target_value, present_points(target)), version.curve_points
    target.target_value = version.target_value
    target.schedule_along(points)
    target.version += 1
    after = {"curve": version.curve_word, **_said(version.target_value, points), "from_on": version.from_on,
             "reason": version.reason, "answer": version.answer}  # fmt: skip
    _record(Kind.SCHEDULE_APPROVED, version, actor, at, before, after)
    placing.place_one(target, clock.day_of(at))


def _said(target_value: Decimal, points: Sequence[Point]) -> dict[str, Any]:
    return {
        "target_value": target_value,
        "weekly_targets": "\n".join(f"{day} {value.normalize():f}" for day, value in points),
    }


def _record(
    kind: Kind,
    version: ScheduleVersion,
    actor: Actor,
    at: datetime,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> None:
    words = f"第 {version.no} 版"
    record(kind, version.target, actor.person_id, at, before=before, after=after, words=words, schedule=version.id)


def _lock(target: Target) -> None:
    db.session.flush()
    db.session.refresh(target, with_for_update={"of": Commitment.__table__})
