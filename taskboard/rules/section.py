"""The parts of a worklist, in order of harm, and to which one a commitment belongs."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import date

from taskboard.rules.light import Light
from taskboard.rules.workdays import NO_OVERRIDES, add_workdays


class Section(enum.IntEnum):
    """Sections of a worklist; the smaller the number, the more it hurts."""

    OVERDUE = 1
    RED = 2
    DUE_SOON = 3
    RETURNED = 4
    OWED = 5
    NORMAL = 6
    DONE = 7

    @property
    def word(self) -> str:
        return ("逾期", "红灯", "今明到期", "退回", "本周待填报", "正常", "已完成")[self.value - 1]


def section_of(
    *,
    light: Light,
    done: bool,
    ends_on: date,
    next_due: date | None,
    missed_reports: int,
    returned: bool,
    owed: bool,
    on: date,
    overrides: Mapping[date, bool] = NO_OVERRIDES,
) -> Section:
    """The first section whose condition holds.

    `next_due` is the end, or the next open milestone when that is earlier; today and the next
    working day count as soon. A missed report is overdue work like any other.
    """
    if done:
        return Section.DONE
    if on > ends_on or missed_reports:
        return Section.OVERDUE
    if light is Light.RED:
        return Section.RED
    if next_due is not None and on <= next_due <= add_workdays(on, 1, overrides):
        return Section.DUE_SOON
    if returned:
        return Section.RETURNED
    return Section.OWED if owed else Section.NORMAL
