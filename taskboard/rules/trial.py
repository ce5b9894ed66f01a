"""A made-up case, as a person tells it, made into the Standing that rules judge.

Its earlier weeks are judged one by one by the same rule set, so that lights running and shortfalls made good are
what they would have been.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from taskboard.rules import measures, schedule
from taskboard.rules.light import Light, Verdict, colour, judge
from taskboard.rules.ruleset import RuleSet
from taskboard.rules.standing import Standing
from taskboard.rules.workdays import is_report_week, report_due, weeks_between, workdays_between

UNREPORTED, UNMET = "unreported", "unmet"
Week = Decimal | Light | str
"""What an earlier reporting week brought: its value, its light, or that its report or its aim was missed."""

_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Trial:
    """A case on one day. `history` is oldest first and ends with the week before; `base` holds further fields."""

    base: Standing
    start_value: Decimal = Decimal(0)
    points: Sequence[tuple[date, Decimal]] = ()
    history: Sequence[Week] = ()


@dataclass(frozen=True)
class _Past:
    """What the weeks so far have left behind."""

    values: tuple[Decimal, ...] = ()
    lights: tuple[Light, ...] = ()
    gap: Decimal | int | None = None
    due_at_red: Decimal = Decimal(0)  # the share scheduled on the day on which it turned red
    unreported_since: date | None = None
    unreported: int = 0
    unmet: int = 0


@dataclass
class _Walk:
    """From week to week through a trial."""

    trial: Trial
    rules: RuleSet
    plan: schedule.Schedule = field(init=False)

    def __post_init__(self) -> None:
        base, start = self.trial.base, self.trial.start_value
        self.plan = schedule.Schedule(
            base.starts_on, base.ends_on, start, base.target or Decimal(0), tuple(self.trial.points)
        )

    def standing(self) -> Standing:
        """Where the case stands on its day."""
        past, base = _Past(), self.trial.base
        weeks = len(self.trial.history)
        for n, week in enumerate(self.trial.history):
            past = self.after(past, week, base.on - _WEEK * (weeks - n))
        values = past.values if base.value is None else (*past.values, base.value)
        return self.at(base.on, values, past)

    def after(self, past: _Past, week: Week, on: date) -> _Past:
        """One more week gone."""
        if week == UNREPORTED:
            since = past.unreported_since or on
            return replace(past, unreported=past.unreported + 1, unreported_since=since)
        if week == UNMET:
            return replace(past, unmet=past.unmet + 1)
        past = replace(past, unreported=0, unreported_since=None, unmet=0)
        if isinstance(week, Decimal):
            standing = self.at(on, (*past.values, week), past)
            lit = colour(standing, self.rules)
            past = replace(past, values=(*past.values, week), gap=measures.gap(standing))
        else:
            lit = Light(week)
        turned = lit is Light.RED and past.lights[-1:] != (Light.RED,)
        due = self.plan.share(on) if turned else past.due_at_red
        return replace(past, lights=(*past.lights, lit), due_at_red=due)

    def at(self, on: date, values: tuple[Decimal, ...], past: _Past) -> Standing:
        """The standing on a day, after these values, the last of which is the latest usable one."""
        value = values[-1] if values else None
        st = replace(self.trial.base, value=value, completion=self._completion(value), **self._timed(on))
        now, due = measures.gap(st), report_due(past.unreported_since) if past.unreported_since else None
        return replace(
            st,
            increments=tuple(b - a for a, b in pairwise(values)),
            narrowing=now is not None and past.gap is not None and now > past.gap,
            yellow_weeks=_running(past.lights, Light.YELLOW),
            red_weeks=_running(past.lights, Light.RED),
            was_red=past.lights[-1:] == (Light.RED,),
            made_good=st.completion is not None and st.completion >= past.due_at_red,
            missed_periods=past.unmet,
            missed_reports=past.unreported,
            report_due_on=due,
            missed_workdays=max(0, workdays_between(due, on)) if due else 0,
        )

    def _timed(self, on: date) -> dict[str, Any]:
        base = self.trial.base
        done_on = base.done_on if base.done_on and base.done_on <= on else None
        own = base.kind in ("task", "milestone", "item")
        weeks = [week for week in weeks_between(max(base.starts_on, on), base.ends_on) if week > on]
        has_plan = base.kind not in ("milestone", "item") or base.value is not None or self.trial.history
        return {
            "on": on,
            "scheduled": self.plan.share(on) if has_plan else Decimal(0),
            "done": done_on is not None,
            "done_on": done_on,
            "days_late": _days_late(base.kind, base.ends_on, on, done_on) if own else 0,
            "months_late": schedule.months_late(base.ends_on, on, done_on) if own else 0,
            "workdays_left": workdays_between(on, base.ends_on),
            "weeks_left": sum(map(is_report_week, weeks)),
        }

    def _completion(self, value: Decimal | None) -> Decimal | None:
        base, start = self.trial.base, self.trial.start_value
        if value is None or base.target is None:
            return None
        return schedule.completion(start, base.target, value, base.higher_is_better)


def standing(trial: Trial, rules: RuleSet) -> Standing:
    """Where the case stands."""
    return _Walk(trial, rules).standing()


def verdict(trial: Trial, rules: RuleSet) -> Verdict:
    """What the rule set says of it."""
    return judge(standing(trial, rules), rules)


def _running(lights: Sequence[Light], wanted: Light) -> int:
    """How many of the last weeks had this light."""
    count = 0
    for lit in reversed(lights):
        if lit is not wanted:
            break
        count += 1
    return count


def _days_late(kind: str, due: date, on: date, done_on: date | None) -> int:
    """Calendar days; of an item working days, as its clocks run."""
    if kind == "item":
        return max(0, workdays_between(due, done_on or on))
    return schedule.days_late(due, on, done_on)
