"""The clocks of a 督查 item, in working days; sources in RULES.md, what no source gave is an assumption."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from taskboard.rules.workdays import NO_OVERRIDES, add_workdays, workdays_between

SIGN = 1
OBJECT = 1
DECIDE_OBJECTION = 1  # assumption: the office answers as fast as the unit must object
REVIEW = 2  # assumption
CLOSE = 2  # assumption
RESUBMIT = 2
DECIDE_EXTENSION = 2
OFFICE_MAY_EXTEND_DAYS = 7
DECIDE_APPEAL = 5  # assumption
LOOK_BACK_DAYS = 30  # assumption, calendar days
LOOK_BACK_ONE_IN = 10  # assumption
NEAR = 3
ADVANCE_NOTICE_FROM = 15  # working days of term from which T-7 is reminded
OVERDUE_EVERY = 3


class ItemKind(enum.StrEnum):
    """Kinds of item with their default term."""

    URGENT = "urgent"
    ORDINARY = "ordinary"
    HARD = "hard"
    MEETING = "meeting"

    @property
    def word(self) -> str:
        return {"urgent": "紧急", "ordinary": "一般", "hard": "疑难", "meeting": "会议议定"}[self.value]

    @property
    def term(self) -> int:
        """The default deadline in working days after the assignment."""
        return {"urgent": 5, "ordinary": 15, "hard": 30, "meeting": 20}[self.value]


class Source(enum.StrEnum):
    """Where an item comes from."""

    RED = "red"
    INSTRUCTION = "instruction"
    MEETING = "meeting"
    DOCUMENT = "document"
    VISIT = "visit"
    HAND = "hand"

    @property
    def word(self) -> str:
        words = ("红灯转办", "领导批示", "会议议定", "文件要求", "走访调研", "专班交办")
        return dict(zip(Source, words, strict=True))[self]


@dataclass(frozen=True)
class Ask:
    """An extension that is being asked for."""

    on: date
    due_on: date
    original_due_on: date
    assigned_on: date
    new_due_on: date
    extended: int  # how often the item was extended already


class ExtensionLevel(enum.StrEnum):
    """Who decides on an extension."""

    OFFICE = "office"
    LEADER = "leader"

    @property
    def word(self) -> str:
        return {"office": "专班办公室", "leader": "分管区领导"}[self.value]


def extension_refusal(ask: Ask, overrides: Mapping[date, bool] = NO_OVERRIDES) -> str:
    """Why an extension cannot even be asked for; empty when it can.

    At least one working day before due; to a later working date; in all no longer than the original term.
    """
    if ask.on > ask.due_on:
        return f"办理期限 {ask.due_on} 已过，逾期后不再受理延期，按逾期计"
    if workdays_between(ask.on, ask.due_on, overrides) < 1:
        return f"延期应在办理期限 {ask.due_on} 前至少 1 个工作日提出，今日已不受理"
    if ask.new_due_on <= ask.due_on:
        return f"新期限应晚于现期限 {ask.due_on}"
    term = workdays_between(ask.assigned_on, ask.original_due_on, overrides)
    latest = add_workdays(ask.original_due_on, term, overrides)
    if ask.new_due_on > latest:
        return f"累计延期不得超过原办理时长（{term} 个工作日），最晚可延至 {latest}"
    return ""


def extension_level(ask: Ask) -> ExtensionLevel:
    """Who decides: the office once and up to seven days, beyond that the leader in charge."""
    beyond = (ask.new_due_on - ask.due_on).days > OFFICE_MAY_EXTEND_DAYS
    return ExtensionLevel.LEADER if beyond or ask.extended else ExtensionLevel.OFFICE


def reminder(on: date, due_on: date, term: int, overrides: Mapping[date, bool] = NO_OVERRIDES) -> str:
    """The words of the reminder that is owed on a day, or nothing: T−7 (long terms), T−3, T−1, T, then every 3."""
    left = workdays_between(on, due_on, overrides)
    if left == 7 and term >= ADVANCE_NOTICE_FROM:
        return "距办理期限还有 7 个工作日"
    if left in (3, 1):
        return f"距办理期限还有 {left} 个工作日"
    if left == 0:
        return "今日到期"
    return f"已逾期 {-left} 个工作日" if left < 0 and -left % OVERDUE_EVERY == 1 else ""


def reminder_level(on: date, due_on: date, overrides: Mapping[date, bool] = NO_OVERRIDES) -> int:
    """How many levels up a reminder is copied: 0 the unit alone, 1 the group's leads and the office, 2 the leaders."""
    late = -workdays_between(on, due_on, overrides)
    return 0 if late < 1 else 1 if late <= OVERDUE_EVERY else 2
