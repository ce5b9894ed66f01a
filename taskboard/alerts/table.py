"""Who hears of what, and how fast: one table of every kind of event. What is in neither half fails a test.

Of items the moves say who is told (rules/lifecycle.py, item_audience.TOLD); of everything else it is said here.
Told at once is a new assignment, a return, a turn to red and a leader's instruction, with what amounts to the same
(docs/decisions/0015-what-is-told-at-once.md); everything else waits for the digest.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from taskboard.alerts import item_audience
from taskboard.models import Kind
from taskboard.rules.lifecycle import Who


class Also(enum.StrEnum):
    """Readers that only some events have."""

    AUTHOR = "author"
    ASKER = "asker"
    ADMIN = "admin"

    @property
    def word(self) -> str:
        return {"author": "填报人", "asker": "提出人", "admin": "系统管理员"}[self.value]


Reader = Who | Also
U, G, OFFICE, LEADER = Who.LEAD_UNIT, Who.GROUP_LEAD, Who.OFFICE, Who.LEADER


@dataclass(frozen=True)
class Told:
    """Who hears of a kind. `inside`: in the inbox alone, because what would carry it may be what failed.

    `copied`: the readers grow with the level that the event itself carries (item_audience.COPIED).
    """

    who: frozenset[Reader]
    at_once: bool = False
    in_chats: bool = False
    inside: bool = False
    copied: bool = False


def _told(*who: Reader, **how: bool) -> Told:
    return Told(frozenset(who), **how)


AT_ONCE = frozenset(
    {
        Kind.ITEM_ASSIGNED,
        Kind.ITEM_TRANSFERRED,
        Kind.ITEM_REOPENED,
        Kind.ITEM_RETURNED,
        Kind.ITEM_CLOSURE_REFUSED,
        Kind.ITEM_PART_RETURNED,
        Kind.ITEM_COMMENTED,
        Kind.ITEM_REDDENED,
        Kind.ITEM_URGED,
        Kind.SLIP_SIGNED,
    }
)
IN_CHATS = frozenset({Kind.ITEM_ASSIGNED, Kind.ITEM_OPENED, Kind.ITEM_REMINDED, Kind.SLIP_SIGNED, Kind.ITEM_CLOSED})
APPEALS = frozenset({Kind.APPEAL_RAISED, Kind.APPEAL_UPHELD, Kind.APPEAL_REJECTED, Kind.APPEAL_OVERDUE})

FIGURES: dict[Kind, Told] = {
    Kind.TURNED_RED: _told(U, G, OFFICE, at_once=True, in_chats=True),
    Kind.TURNED_YELLOW: _told(U, G),
    Kind.TURNED_GREEN: _told(U, G, OFFICE, in_chats=True),
    Kind.REPORT_RETURNED: _told(U, Also.AUTHOR, at_once=True),
    Kind.VALUE_CHECKED: _told(U, G),
    Kind.VALUE_CONFIRMED: _told(U, G),
    Kind.VALUE_UNLOCKED: _told(U, G, OFFICE),
    Kind.FIGURE_REVISED: _told(U, G),
    Kind.TARGET_CREATED: _told(U, G, at_once=True),
    Kind.TARGET_CHANGED: _told(U, G),
    Kind.TASK_CREATED: _told(U, G, at_once=True),
    Kind.TASK_CHANGED: _told(U, G),
    Kind.ALLOCATED: _told(U, G),
    Kind.PLAN_CHANGED: _told(U, G),
    Kind.SUPPORT_CHANGED: _told(U, G),
    Kind.INDICATOR_CHANGED: _told(U, G),
    Kind.SCHEDULE_ASKED: _told(OFFICE),
    Kind.SCHEDULE_APPROVED: _told(U, G, Also.ASKER),
    Kind.SCHEDULE_REFUSED: _told(U, G, Also.ASKER),
    Kind.REPORT_REMINDED: _told(U, G, OFFICE, LEADER, in_chats=True, copied=True),
    Kind.MILESTONE_REMINDED: _told(U, G, OFFICE, LEADER, in_chats=True, copied=True),
    Kind.FEEDBACK_GIVEN: _told(OFFICE),
    Kind.DELIVERY_FAILED: _told(OFFICE, Also.ADMIN, inside=True),
    Kind.CHANNEL_OPENED: _told(OFFICE, Also.ADMIN, inside=True),
    Kind.CHANNEL_RECOVERED: _told(OFFICE, Also.ADMIN, inside=True),
    Kind.SWEEP_LATE: _told(OFFICE, Also.ADMIN, inside=True),
}
ITEMS: dict[Kind, Told] = {
    Kind.ITEM_REMINDED: _told(U, G, OFFICE, LEADER, in_chats=True, copied=True),
    **{
        Kind.of(key): Told(frozenset(who), at_once=Kind.of(key) in AT_ONCE, in_chats=Kind.of(key) in IN_CHATS)
        for key, who in item_audience.TOLD.items()
    },
}
TOLD: dict[str, Told] = {kind.key: told for kind, told in (FIGURES | ITEMS).items()}

# An announcement names its readers itself (alerts/announcing.py).
ELSEWHERE = frozenset({Kind.ANNOUNCED})

# Nobody is told, and why.
SILENT: dict[Kind, str] = {
    **dict.fromkeys(
        (Kind.REPORTED, Kind.REPORT_CORRECTED, Kind.MILESTONE_DONE, Kind.MILESTONE_REOPENED, Kind.ITEM_SIGNED,
         Kind.ITEM_HANDLED, Kind.ITEM_PART_SIGNED),
        "work going on as it should: the worklist shows it, and what it does to a light is told as a turn",
    ),
    Kind.TURNED_GREY: "a figure that is missing: the reminder of the report says so",
    Kind.FIGURE_PUBLISHED: "expected on its release day: what it does to a light is told as a turn",
    **dict.fromkeys(
        (Kind.EVALUATED, Kind.EVALUATION_REVISED), "shown on its page; the office announces what matters to all"
    ),
    **dict.fromkeys(
        (Kind.RULE_SET_ADDED, Kind.RULE_SET_WITHDRAWN, Kind.CALENDAR_CHANGED, Kind.CAMPAIGN_CHANGED,
         Kind.UNIT_CREATED, Kind.UNIT_CHANGED, Kind.GROUP_CREATED, Kind.GROUP_CHANGED),
        "the frame of the campaign: the office announces it to whom it concerns",
    ),
    **dict.fromkeys(
        (Kind.PERSON_CREATED, Kind.PERSON_CHANGED, Kind.PASSWORD_RESET, Kind.PASSWORD_CHANGED, Kind.SEAT_GIVEN,
         Kind.SEAT_ENDED, Kind.LOGGED_IN, Kind.LOGGED_OUT, Kind.LOGIN_FAILED, Kind.ACCOUNT_LOCKED,
         Kind.ACCESS_REFUSED),
        "accounts: for the audit, and for the administrator who looks",
    ),
    **dict.fromkeys(
        (Kind.IMPORTED, Kind.EXPORTED, Kind.BACKED_UP, Kind.CLOCK_STEPPED), "whoever did it saw what came of it"
    ),
    **dict.fromkeys(
        (Kind.CHANNEL_CREATED, Kind.CHANNEL_CHANGED, Kind.CHANNEL_TRIED, Kind.SUBSCRIBED, Kind.TELLING_CHANGED,
         Kind.FEED_RENEWED, Kind.DELIVERY_RESENT, Kind.DELIVERY_CONFIRMED, Kind.DELIVERY_GIVEN_UP),
        "telling about telling would have no end",
    ),
}  # fmt: skip
