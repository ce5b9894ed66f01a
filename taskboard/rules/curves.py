"""The shapes that a schedule can take: each draws the points (due day, cumulative value owed) of a period.

The points are those of `schedule.Schedule`: a value is owed from its day on, until the next one. Every curve
ends on the last day of the period at exactly the target. Points are rounded half up to `decimals` and kept
between start and target; the last point is never rounded, so it takes up what rounding left over.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from taskboard.errors import Refused
from taskboard.rules.numbers import plain, rounded
from taskboard.rules.schedule import linear_share
from taskboard.rules.workdays import NO_OVERRIDES, is_report_week, report_due, weeks_between, workdays_between

Point = tuple[date, Decimal]
_ZERO, _ONE = Decimal(0), Decimal(1)
_DAY = timedelta(days=1)


class BadCurve(Refused, ValueError):
    """A curve that cannot be drawn as given; the message names the point and says what to do."""

    title = "序时计划有误"


@dataclass(frozen=True)
class Span:
    """What every curve runs through: both days belong to the period, the target may lie below the start."""

    starts_on: date
    ends_on: date
    start_value: Decimal
    target_value: Decimal

    def __post_init__(self) -> None:
        if self.ends_on < self.starts_on:
            raise BadCurve("序时计划的结束日期早于开始日期，请改日期")

    @property
    def way(self) -> Decimal:
        """The signed way from start to target."""
        return self.target_value - self.start_value


@dataclass(frozen=True)
class Step:
    """节点: an amount that arrives on one day, signed like the way from start to target."""

    on: date
    amount: Decimal
    name: str = ""

    @property
    def words(self) -> str:
        """How a message names the step: 6月5日“竣工”."""
        return _day(self.on) + (f"“{self.name}”" if self.name else "")


def due_days(span: Span, overrides: Mapping[date, bool] = NO_OVERRIDES) -> list[date]:
    """The last working day of each worked week in the period, and always the period's last day."""
    weeks = (week for week in weeks_between(span.starts_on, span.ends_on) if is_report_week(week, overrides))
    days = {report_due(week, overrides) for week in weeks}
    return [*sorted(day for day in days if span.starts_on <= day < span.ends_on), span.ends_on]


def linear(span: Span, decimals: int, overrides: Mapping[date, bool] = NO_OVERRIDES) -> list[Point]:
    """直线: weekly points in proportion to the calendar days gone, as `schedule.linear_share` counts them."""
    shares = [(day, linear_share(span.starts_on, span.ends_on, day)) for day in due_days(span, overrides)]
    return _along(span, shares, decimals)


def working_day(span: Span, decimals: int, overrides: Mapping[date, bool] = NO_OVERRIDES) -> list[Point]:
    """工作日: weekly points in proportion to the working days gone, 调休 and overrides counted."""
    eve = span.starts_on - _DAY
    days = workdays_between(eve, span.ends_on, overrides)
    if not days:
        raise BadCurve("周期内没有工作日，请改用直线或改日期")
    shares = [(day, Decimal(workdays_between(eve, day, overrides)) / days) for day in due_days(span, overrides)]
    return _along(span, shares, decimals)


def seasonal(
    span: Span, decimals: int, weights: Mapping[int, Decimal], overrides: Mapping[date, bool] = NO_OVERRIDES
) -> list[Point]:
    """季节: weekly points by the weight (0 or more) of each calendar month 1..12, evenly by day within it.

    The weights are usually last year's monthly amounts. A month that the period cuts counts by its days.
    """
    daily: dict[date, Decimal] = {}
    for day in _days(span):
        weight = weights.get(day.month)
        if weight is None:
            raise BadCurve(f"缺少{day.month}月的权重，请补上（可用上年同月数）")
        if weight < 0:
            raise BadCurve(f"{day.month}月的权重为负数，请改为 0 或正数")
        daily[day] = weight / _month_days(day)
    whole = sum(daily.values(), _ZERO)
    if not whole:
        raise BadCurve("各月权重全为 0，请至少填一个正数")
    gone, due, shares = _ZERO, set(due_days(span, overrides)), []
    for day, weight in daily.items():
        gone += weight
        if day in due:
            shares.append((day, gone / whole))
    return _along(span, shares, decimals)


def event_based(
    span: Span,
    decimals: int,
    steps: Sequence[Step],
    rest_linear: bool = True,
    overrides: Mapping[date, bool] = NO_OVERRIDES,
) -> list[Point]:
    """节点: the steps come on their days; the rest runs linearly, or there is none and the steps make it all."""
    sign = _sign(span)
    for step in steps:
        if not span.starts_on <= step.on <= span.ends_on:
            raise BadCurve(f"节点{step.words}不在周期内，请改日期")
        if step.amount * sign < 0:
            raise BadCurve(f"节点{step.words}的数量 {plain(step.amount)} 与目标方向相反，请改正")
    by_steps = sum((step.amount for step in steps), _ZERO)
    rest = span.way - by_steps
    if rest * sign < 0 or (not sign and rest):
        raise BadCurve(f"各节点合计 {plain(by_steps)}，超过目标增量 {plain(span.way)}，请调减节点")
    if rest and not rest_linear:
        raise BadCurve(f"各节点合计 {plain(by_steps)}，不等于目标增量 {plain(span.way)}，请补足或将余量按直线安排")
    days = {step.on for step in steps} | {span.ends_on}
    if rest:
        days |= set(due_days(span, overrides))
    return _ended(span, [(day, _stepped(span, steps, rest, day)) for day in sorted(days)], decimals)


def _stepped(span: Span, steps: Sequence[Step], rest: Decimal, day: date) -> Decimal:
    come = sum((step.amount for step in steps if step.on <= day), _ZERO)
    return span.start_value + come + rest * linear_share(span.starts_on, span.ends_on, day)


def custom(span: Span, decimals: int, points: Sequence[Point]) -> list[Point]:
    """自定: the given points, checked: ascending days of the period, never away from the target, ending at it."""
    if not points:
        raise BadCurve("自定计划没有节点，请至少填期末一点")
    sign = _sign(span)
    for day, value in points:
        if not span.starts_on <= day <= span.ends_on:
            raise BadCurve(f"节点{_day(day)}不在周期内，请改日期")
        if not sign and value != span.target_value:
            raise BadCurve(f"节点{_day(day)}的 {plain(value)} 与目标 {plain(span.target_value)} 不同，请改正")
    eve = span.starts_on - _DAY
    for (earlier, before), (day, after) in pairwise([(eve, span.start_value), *points]):
        if day <= earlier:
            raise BadCurve(f"节点{_day(day)}不晚于前一节点{_day(earlier)}，请按日期先后填写")
        if (after - before) * sign < 0:
            told = f"前一节点的 {plain(before)}" if earlier != eve else f"起点 {plain(before)}"
            raise BadCurve(f"节点{_day(day)}的 {plain(after)} 比{told} 离目标更远，请改正")
    end, last = points[-1]
    if last != span.target_value:
        raise BadCurve(f"最后节点{_day(end)}为 {plain(last)}，不等于目标 {plain(span.target_value)}，请改正")
    return _ended(span, [*points] if end == span.ends_on else [*points, (span.ends_on, last)], decimals)


def _along(span: Span, shares: Sequence[tuple[date, Decimal]], decimals: int) -> list[Point]:
    return _ended(span, [(day, span.start_value + span.way * share) for day, share in shares], decimals)


def _ended(span: Span, points: Sequence[Point], decimals: int) -> list[Point]:
    """Rounded, within start and target, and at the target on the last day."""
    low, high = sorted((span.start_value, span.target_value))
    drawn = [(day, min(max(rounded(value, decimals), low), high)) for day, value in points[:-1]]
    return [*drawn, (points[-1][0], span.target_value)]


def _sign(span: Span) -> int:
    return (span.way > 0) - (span.way < 0)


def _days(span: Span) -> list[date]:
    return [span.starts_on + _DAY * n for n in range((span.ends_on - span.starts_on).days + 1)]


def _month_days(day: date) -> int:
    first = day.replace(day=1)
    return ((first + _DAY * 31).replace(day=1) - first).days


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


@dataclass(frozen=True)
class Given:
    """What a curve may need beside its span; each takes its own part."""

    decimals: int = 2
    overrides: Mapping[date, bool] = field(default_factory=lambda: NO_OVERRIDES)
    weights: Mapping[int, Decimal] = field(default_factory=dict)  # seasonal
    steps: Sequence[Step] = ()  # event_based
    rest_linear: bool = True  # event_based
    points: Sequence[Point] = ()  # custom


@dataclass(frozen=True)
class Curve:
    """A shape by name, with its word and what it asks for on screen."""

    name: str
    word: str
    explained: str
    draw: Callable[[Span, Given], list[Point]]


CURVES = {
    curve.name: curve
    for curve in (
        Curve("linear", "直线", "按日历天数均摊", lambda s, g: linear(s, g.decimals, g.overrides)),
        Curve("working_day", "工作日", "按工作日均摊", lambda s, g: working_day(s, g.decimals, g.overrides)),
        Curve(
            "seasonal", "季节", "按各月权重安排", lambda s, g: seasonal(s, g.decimals, g.weights, g.overrides)
        ),
        Curve(
            "event_based", "节点", "按节点到位，余量可按直线安排",
            lambda s, g: event_based(s, g.decimals, g.steps, g.rest_linear, g.overrides),
        ),
        Curve("custom", "自定", "逐点填写", lambda s, g: custom(s, g.decimals, g.points)),
    )
}  # fmt: skip


def draw(name: str, span: Span, given: Given) -> list[Point]:
    """The points of a curve by its name."""
    if name not in CURVES:
        raise BadCurve(f"没有“{name}”这种序时计划，可选：{'、'.join(curve.word for curve in CURVES.values())}")
    return CURVES[name].draw(span, given)
