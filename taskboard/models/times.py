"""When what is told now is due: one reading of the office's rule, for messages and for the preview of them."""

from __future__ import annotations

from datetime import datetime

from taskboard import clock
from taskboard.models.calendar_override import CalendarOverride
from taskboard.models.channel import TellingRule
from taskboard.rules import telling as rules
from taskboard.rules.telling import Hours


class Times:
    """When what is told now is due, for a recipient: one reading of the office's rule."""

    def __init__(self, at: datetime, rule: TellingRule | None = None) -> None:
        self.rule = rule or TellingRule.get()
        self.at, self.local = at, at.astimezone(clock.SHANGHAI)
        self.hours = Hours(self.rule.quiet_from, self.rule.quiet_until)
        self.overrides = CalendarOverride.all()

    @property
    def are_quiet(self) -> bool:
        """Whether nobody is to be disturbed now."""
        return self.hours.are_quiet(self.local, self.overrides)

    def held_since(self, real: datetime) -> datetime | None:
        """By the machine's clock, the beginning of the quiet hours that we are in: what was due before it, waits."""
        since = self.hours.quiet_since(self.local, self.overrides)
        return since - (self.at - real) if since else None

    def for_person(self, person_id: int, hour: int, is_urgent: bool) -> datetime:
        """At once outside the quiet hours, or with the next digest."""
        if is_urgent:
            return rules.next_allowed(self.local, self.hours, person_id, self.overrides)
        return rules.next_digest(self.local, hour, self.hours, person_id, self.overrides)

    def for_robot(self, channel_id: int, is_urgent: bool) -> datetime:
        """A chat hears once a span when something is urgent, and else with the office's digest."""
        if is_urgent:
            slot = rules.next_slot(self.local, self.rule.robot_gap_minutes, channel_id)
            return rules.next_allowed(slot, self.hours, channel_id, self.overrides)
        return rules.next_digest(self.local, self.rule.digest_hour, self.hours, channel_id, self.overrides)
