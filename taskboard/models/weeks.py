"""Reporting weeks as seen from one day; remembers what it has counted, so that a sweep counts each span once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from taskboard.rules.workdays import is_report_week, monday, report_due, weeks_between, workdays_between


@dataclass
class Weeks:
    """Reporting weeks as seen from one day; remembers what it has counted."""

    on: date
    overrides: Mapping[date, bool]
    _missed: dict[tuple[date, date], tuple[int, int, date | None]] = field(default_factory=dict)
    _left: dict[date, int] = field(default_factory=dict)

    def left(self, ends_on: date) -> int:
        """Worked weeks after this one until an end."""
        if ends_on not in self._left:
            coming = weeks_between(monday(self.on) + timedelta(days=7), ends_on)
            self._left[ends_on] = sum(is_report_week(week, self.overrides) for week in coming)
        return self._left[ends_on]

    def missed(self, first: date, last: date) -> tuple[int, int, date | None]:
        """Reports missed among first..last: how many, working days since the first was due, and that day."""
        key = (first, last)
        if key not in self._missed:
            self._missed[key] = self._count(first, last)
        return self._missed[key]

    def _count(self, first: date, last: date) -> tuple[int, int, date | None]:
        weeks = [w for w in weeks_between(first, last) if is_report_week(w, self.overrides)]
        dues = [due for due in (report_due(w, self.overrides) for w in weeks) if due < self.on]
        if not dues:
            return 0, 0, None
        return len(dues), workdays_between(dues[0], self.on, self.overrides), dues[0]
