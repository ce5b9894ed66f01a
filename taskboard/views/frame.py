"""What surrounds every page: campaign, navigation, person and seat, inbox count, demonstration clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Flask, abort, current_app, g, request, url_for
from flask_login import current_user
from sqlalchemy import func, select

from taskboard import clock
from taskboard.boards.words import day as day_words
from taskboard.db import db
from taskboard.models import Campaign, Delivery, Installation
from taskboard.rules.access import Permission, permits
from taskboard.views import guard

# endpoint, label, permission, heading: in the order of the bar; an endpoint that does not exist is left out.
NAV = (
    ("today.show", "今日", Permission.USE, ""),
    ("wall.show", "领导一分钟", Permission.SEE_WALL, ""),
    ("worklist.show", "工作清单", Permission.SEE_WORKLIST, ""),
    ("desk.show", "督查台", Permission.SEE_DESK, "督查"),
    ("items.index", "督查事项", Permission.SEE_ITEMS, "督查"),
    ("targets.index", "目标", Permission.SEE_COMMITMENTS, "指标"),
    ("tasks.index", "任务", Permission.SEE_COMMITMENTS, "指标"),
    ("matrix.index", "指标矩阵", Permission.SEE_COMMITMENTS, "指标"),
    ("plans.index", "计划分解", Permission.SEE_COMMITMENTS, "指标"),
    ("quality.values", "数据质量", Permission.SEE_QUALITY, "指标"),
    ("indicators.index", "指标口径", Permission.SEE_COMMITMENTS, "指标"),
    ("evaluations.index", "外部评价", Permission.SEE_COMMITMENTS, "指标"),
    ("groups.index", "一办九组", Permission.SEE_GROUPS, "组织"),
    ("rules.index", "规则", Permission.SEE_COMMITMENTS, "组织"),
    ("admin.index", "管理", Permission.MANAGE_STRUCTURE, "组织"),
    ("people.index", "人员岗位", Permission.MANAGE_PEOPLE, "组织"),
    ("announcements.index", "通知", Permission.ANNOUNCE, "消息"),
    ("telling.edit", "告知规则", Permission.ANNOUNCE, "消息"),
    ("channels.index", "渠道", Permission.MANAGE_CHANNELS, "消息"),
    ("deliveries.index", "投递", Permission.SEE_JOBS, "消息"),
    ("health.page", "运行状况", Permission.SEE_JOBS, "运行"),
    ("jobs.index", "作业", Permission.SEE_JOBS, "运行"),
    ("audit.index", "留痕", Permission.SEE_AUDIT, "运行"),
)


# Which entry is lit on pages that have none of their own.
LIVES_IN = {
    "outlook": "targets",
    "schedules": "targets",
    "imports": "targets",
    "allocations": "matrix",
    "quality_values": "quality",
    "rule_sets": "rules",
    "slips": "items",
    "appeals": "items",
    "measures": "items",
    "items_bulk": "items",
    "workdays": "admin",
    "subscriptions": "today",
    "inbox": "today",
}


@dataclass(frozen=True)
class NavItem:
    label: str
    url: str
    endpoint: str
    is_active: bool
    heading: str = ""
    badge: int = 0


@dataclass(frozen=True)
class SeatChoice:
    id: int
    words: str
    is_current: bool


@dataclass(frozen=True)
class Frame:
    campaign_name: str
    period_words: str
    nav: tuple[NavItem, ...] = ()
    person_name: str = ""
    seat_words: str = ""
    seats: tuple[SeatChoice, ...] = ()
    inbox_count: int = 0
    demo_day: date | None = None
    may_step: bool = False
    is_demonstration: bool = False


def init_app(app: Flask) -> None:
    """Load the frame's rows once a request and give them to every template."""
    app.before_request(load)
    app.context_processor(lambda: {"frame": frame()})


def load() -> None:
    """One statement for what every page needs; it fills g.campaign and g.installation."""
    if request.endpoint in guard.FRAMEWORK_ENDPOINTS | guard.WATCHERS:
        return
    person_id = current_user.id if current_user.is_authenticated else 0
    unread = (
        select(func.count())
        .where(Delivery.person_id == person_id, Delivery.channel == "inbox", Delivery.read_at.is_(None))
        .scalar_subquery()
    )
    newest = select(func.max(Campaign.id)).scalar_subquery()
    query = select(Installation, Campaign, unread).select_from(Installation).outerjoin(Campaign, Campaign.id == newest)
    row = db.session.execute(query).first()
    g.installation, g.campaign, g.unread = row if row else (None, None, 0)


def campaign() -> Campaign:
    """The running campaign; 404 before there is one."""
    found: Campaign | None = g.get("campaign")
    return found or abort(404)


def frame() -> Frame:
    """The frame of the page that is being rendered."""
    running: Campaign | None = g.get("campaign")
    installation: Installation | None = g.get("installation")
    base: dict[str, Any] = {
        "campaign_name": running.name if running else "攻坚行动任务督办",
        "period_words": f"{day_words(running.starts_on)}至{day_words(running.ends_on)}" if running else "",
        "demo_day": clock.today() if installation and installation.demo_day else None,
        "is_demonstration": bool(installation and installation.is_demonstration),
    }
    if not current_user or not current_user.is_authenticated:
        return Frame(**base)
    return Frame(**base, **_personal())


def _personal() -> dict[str, Any]:
    seating = guard.current_seating()
    seats = tuple(
        SeatChoice(seat.id, guard.as_value(seat).words, bool(seating and seat.id == seating.seat_id))
        for seat in guard.held_seats()
    )
    return {
        "nav": _nav(seating),
        "person_name": current_user.name,
        "seat_words": seating.words if seating else "未设岗位",
        "seats": seats,
        "inbox_count": g.get("unread", 0),
        "may_step": permits(seating, Permission.STEP_CLOCK),
    }


def _nav(seating: Any) -> tuple[NavItem, ...]:
    here = (request.endpoint or "").split(".")[0]
    active = LIVES_IN.get(here, here)
    return tuple(
        NavItem(label, url_for(endpoint), endpoint, endpoint.split(".")[0] == active, heading)
        for endpoint, label, permission, heading in NAV
        if endpoint in current_app.view_functions and permits(seating, permission)
    )
