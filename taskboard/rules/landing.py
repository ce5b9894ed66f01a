"""Will we land? Where a cumulative target ends up, how sure that is, and until when it can still be saved.

The method is that of a prediction interval for the sum of coming weeks. The pace is the mean of the last four
reported weekly increments, the landing is value + planned contributions + pace x weeks left. Weeks are taken
to scatter independently around a steady pace with standard deviation s, estimated from the last 12 increments
with Student's t. Of h coming weeks, known by a mean of w, the standard error is s x sqrt(h + h²/w): the first
part is the luck of the coming weeks, the second our ignorance of the pace. Few weeks widen the range twice,
by the t factor and by small w. Below three increments no range and no probability are given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from taskboard.rules.forecast import WEEKS_OF_PACE
from taskboard.rules.student import chance_below, factor_80
from taskboard.rules.workdays import NO_OVERRIDES, workdays_between

FEWEST_WEEKS = 3
WEEKS_OF_SPREAD = 12
LEAST_SPREAD = Decimal("0.05")  # assumption: even equal weeks scatter by 5 % of the pace
SUREST = Decimal("0.99")  # assumption: before the end nothing is certain
_ZERO, _ONE = Decimal(0), Decimal(1)
_WEEK = Decimal(5)

CONFIDENCE = (
    (Decimal("0.90"), "很有把握"),
    (Decimal("0.65"), "较有把握"),
    (Decimal("0.35"), "五五开"),
    (Decimal("0.10"), "较难"),
    (_ZERO, "很难"),
)
"""From which probability on a word is used (assumption)."""


class Stage(StrEnum):
    """Which sentence fits."""

    NO_VALUE = "no_value"  # nothing reported at all
    NO_PACE = "no_pace"  # a value, but no weekly increment yet
    FEW = "few"  # one or two increments
    RUNNING = "running"
    BACKWARDS = "backwards"  # the pace leads away from the target
    REACHED = "reached"  # on the good side of the target, and staying there
    SLIPPING = "slipping"  # on the good side now, but not at the end
    OVER = "over"  # no weeks left


@dataclass(frozen=True)
class Support:
    """支撑项目: one planned contribution. `amount` in the target's unit, `weeks` from now (0 or more counts)."""

    name: str
    amount: Decimal
    weeks: Decimal

    @classmethod
    def dated(
        cls, name: str, amount: Decimal, due_on: date, on: date, overrides: Mapping[date, bool] = NO_OVERRIDES
    ) -> "Support":
        """A contribution by its date; weeks are counted by `working_weeks`, as the weeks left should be."""
        return cls(name, amount, working_weeks(on, due_on, overrides))


@dataclass(frozen=True)
class Course:
    """What a forecast looks at. Amounts are in the target's unit; increments per week, oldest first.

    `weeks_left` are working weeks, fractions allowed; zero or less means that the period is over.
    `pace_factor` (above 0) multiplies the pace in a what-if and nothing else.
    """

    value: Decimal | None
    target: Decimal
    increments: tuple[Decimal, ...]
    weeks_left: Decimal
    higher_is_better: bool = True
    supports: tuple[Support, ...] = ()
    pace_factor: Decimal = _ONE


@dataclass(frozen=True)
class Outlook:
    """Where the target lands. Amounts in its unit, ratios as shares (1 is 100 %), None where nothing is known."""

    stage: Stage
    value: Decimal | None
    target: Decimal
    higher_is_better: bool
    weeks_left: Decimal  # 0 or more
    pace_weeks: int  # 0..4 increments that make the pace
    assumed_pace: bool  # the pace was changed by a what-if
    planned: Decimal  # contributions that fall into the weeks left
    pace: Decimal | None
    best: Decimal | None  # the best week so far
    needed: Decimal | None  # per remaining week, beside the planned contributions
    landing: Decimal | None
    low: Decimal | None  # the 80 % range
    high: Decimal | None
    probability: Decimal | None  # 0..1; 0.01..0.99 before the end
    last_credible: Decimal | None  # weeks, 0..weeks_left

    @property
    def landing_ratio(self) -> Decimal | None:
        """Landing / target; None when the target is zero."""
        return None if self.landing is None or not self.target else self.landing / self.target

    @property
    def value_ratio(self) -> Decimal | None:
        """Value / target; None when the target is zero."""
        return None if self.value is None or not self.target else self.value / self.target

    @property
    def word(self) -> str:
        """很有把握, 较有把握, 五五开, 较难, 很难; empty while the probability is unknown."""
        return "" if self.probability is None else confidence_word(self.probability)


def confidence_word(probability: Decimal) -> str:
    """The word for a probability of landing, 0..1."""
    return next((word for bound, word in CONFIDENCE if probability >= bound), CONFIDENCE[-1][1])


def working_weeks(on: date, until: date, overrides: Mapping[date, bool] = NO_OVERRIDES) -> Decimal:
    """Working days after `on` up to `until`, in weeks of five; negative when `until` is past."""
    return Decimal(workdays_between(on, until, overrides)) / _WEEK


@dataclass(frozen=True)
class Projection:
    """How far the coming weeks lead, with its standard error (None below three increments)."""

    pace: Decimal
    move: Decimal
    error: Decimal | None
    freedom: int

    @property
    def margin(self) -> Decimal | None:
        """Half the width of the 80 % range."""
        return None if self.error is None else self.error * factor_80(self.freedom)


def project(increments: Sequence[Decimal], weeks: Decimal, pace_factor: Decimal = _ONE) -> Projection:
    """The sum of the coming weeks (0 or more) from at least one weekly increment, oldest first."""
    if not increments:
        raise ValueError("推算至少需要一周的增量")
    recent = increments[-WEEKS_OF_PACE:]
    pace = _mean(recent) * pace_factor
    if len(increments) < FEWEST_WEEKS:
        return Projection(pace, pace * weeks, None, 0)
    known = increments[-WEEKS_OF_SPREAD:]
    mean = _mean(known)
    variance = sum(((x - mean) ** 2 for x in known), _ZERO) / (len(known) - 1)
    spread = max(variance.sqrt(), LEAST_SPREAD * abs(pace))
    error = spread * (weeks + weeks * weeks / len(recent)).sqrt()
    return Projection(pace, pace * weeks, error, len(known) - 1)


def _mean(figures: Sequence[Decimal]) -> Decimal:
    return sum(figures, _ZERO) / len(figures)


def outlook(course: Course) -> Outlook:
    """The whole outlook of a target; never raises for any finite figures."""
    weeks = max(course.weeks_left, _ZERO)
    planned = sum((s.amount for s in course.supports if 0 <= s.weeks <= weeks and weeks), _ZERO)
    increments = course.increments
    ahead = project(increments, weeks, course.pace_factor) if increments else None
    best = (max if course.higher_is_better else min)(increments) if increments else None
    value, landing, margin = course.value, None, None
    if value is not None and not weeks:
        landing, margin = value, _ZERO
    elif value is not None and ahead:
        landing, margin = value + planned + ahead.move, ahead.margin
    known = landing is not None and margin is not None
    return Outlook(
        stage=_stage(course, ahead, landing),
        value=value,
        target=course.target,
        higher_is_better=course.higher_is_better,
        weeks_left=weeks,
        pace_weeks=min(len(increments), WEEKS_OF_PACE),
        assumed_pace=course.pace_factor != 1,
        planned=planned,
        pace=ahead.pace if ahead else None,
        best=best,
        needed=(course.target - value - planned) / weeks if value is not None and weeks else None,
        landing=landing,
        low=landing - margin if landing is not None and margin is not None else None,
        high=landing + margin if landing is not None and margin is not None else None,
        probability=_probability(course, ahead, landing) if known else None,
        last_credible=_last_credible(course, weeks, planned, ahead, best),
    )


def _meets(course: Course, value: Decimal) -> bool:
    return value >= course.target if course.higher_is_better else value <= course.target


def _stage(course: Course, ahead: Projection | None, landing: Decimal | None) -> Stage:
    if course.value is None:
        return Stage.NO_VALUE
    if course.weeks_left <= 0:
        return Stage.OVER
    if _meets(course, course.value):
        return Stage.REACHED if landing is None or _meets(course, landing) else Stage.SLIPPING
    if ahead is None:
        return Stage.NO_PACE
    if ahead.pace < 0 if course.higher_is_better else ahead.pace > 0:
        return Stage.BACKWARDS
    return Stage.FEW if len(course.increments) < FEWEST_WEEKS else Stage.RUNNING


def _probability(course: Course, ahead: Projection | None, landing: Decimal | None) -> Decimal | None:
    if landing is None:
        return None
    if course.weeks_left <= 0 or ahead is None or ahead.error is None:
        return _ONE if _meets(course, landing) else _ZERO
    if not ahead.error:
        return SUREST if _meets(course, landing) else _ONE - SUREST
    over = landing - course.target if course.higher_is_better else course.target - landing
    chance = chance_below(over / ahead.error, ahead.freedom)
    return min(max(chance, _ONE - SUREST), SUREST)


def _last_credible(
    course: Course, weeks: Decimal, planned: Decimal, ahead: Projection | None, best: Decimal | None
) -> Decimal | None:
    """x weeks at the present pace, then the rest at the best pace so far, just reach the target."""
    if course.value is None or ahead is None or best is None:
        return None
    sign = 1 if course.higher_is_better else -1
    gap = sign * (course.target - course.value - planned)
    pace, best = sign * ahead.pace, sign * best
    if pace * weeks >= gap:
        return weeks
    if best * weeks < gap:
        return None
    return min((best * weeks - gap) / (best - pace), weeks)


def late(course: Course, name: str, weeks: Decimal) -> Course:
    """What if the named contribution comes `weeks` later? Past the end it drops out of the forecast."""
    if not any(s.name == name for s in course.supports):
        raise ValueError(f"没有名为“{name}”的支撑项目，请核对名称")
    moved = (replace(s, weeks=s.weeks + weeks) if s.name == name else s for s in course.supports)
    return replace(course, supports=tuple(moved))


def at_pace(course: Course, factor: Decimal) -> Course:
    """What if the weekly pace were `factor` times (above 0) what it is? The best week stays as it was."""
    if factor <= 0:
        raise ValueError("节奏倍数应大于 0")
    return replace(course, pace_factor=course.pace_factor * factor)
