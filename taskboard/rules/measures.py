"""The vocabulary of rules: every figure and every yes or no that a rule set may name.

A new measure is one line here; the clause language, the words on screen and the help of `rules check` follow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from taskboard.rules.forecast import landing
from taskboard.rules.schedule import linear_share
from taskboard.rules.standing import Standing

Figure = Decimal | int | None

_DUST = Decimal("1e-12")
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Measure:
    """A figure. `form` says how it is shown: ratio, points, percent, plain, or the counter word of a count.

    A signed measure has one bad direction (`bad` is -1 or 1) and words for its three sides. `lead` names
    the figures that a sentence gives before it speaks of this measure; `say` is how it speaks of it, when
    word and figure in a row would not be Chinese.
    """

    name: str
    word: str
    form: str
    get: Callable[[Standing], Figure]
    lead: str = ""
    bad: int = 0
    sides: tuple[str, str, str] = ("", "", "")  # bad, good, level
    say: str = ""


@dataclass(frozen=True)
class Flag:
    """A yes or no, with the words for both."""

    name: str
    yes: str
    no: str
    get: Callable[[Standing], bool]


def _clean(figure: Decimal) -> Decimal:
    """Without the dust in the last of 28 digits, over which a bound must not trip."""
    try:
        return figure.quantize(_DUST)
    except InvalidOperation:  # a figure beyond 10^16 has no room for dust
        return figure


def gap(st: Standing) -> Figure:
    """(c - s) in points."""
    if st.completion is None:
        return None
    return _clean((st.completion - st.scheduled) * _HUNDRED)


def attainment(st: Standing) -> Figure:
    """c / s, unknown while nothing is scheduled yet."""
    if st.completion is None or not st.scheduled:
        return None
    return _clean(st.completion / st.scheduled)


def _shortfall_ratio(st: Standing) -> Figure:
    reached = attainment(st)
    return None if reached is None else 1 - reached


def linear(st: Standing) -> Decimal:
    """The share of calendar days gone, whatever the schedule says."""
    return linear_share(st.starts_on, st.ends_on, st.on)


def _linear_gap(st: Standing) -> Figure:
    if st.completion is None:
        return None
    return _clean((st.completion - linear(st)) * _HUNDRED)


def _below(st: Standing, mark: Decimal | None) -> Figure:
    """How far the value falls short of a mark, in its own unit; negative when it is better."""
    if st.value is None or mark is None:
        return None
    return mark - st.value if st.higher_is_better else st.value - mark


def _places_behind(st: Standing) -> Figure:
    return None if st.value is None or st.target is None else st.value - st.target


def _of_target(st: Standing, value: Decimal | None) -> Figure:
    """The value as a share of the target; mirrored at 1 where lower is better (110 % of it becomes 90 %)."""
    if value is None or not st.target:
        return None
    ratio = _clean(value / st.target)
    return ratio if st.higher_is_better else 2 - ratio


def _landing(st: Standing) -> Decimal | None:
    return landing(st.value, st.target, st.increments, st.weeks_left).landing


def _pace(st: Standing) -> Figure:
    return landing(st.value, st.target, st.increments, st.weeks_left).pace


def _pace_ratio(st: Standing) -> Figure:
    """The pace as a share of the pace still needed; unknown once the target is reached or no week is left."""
    forecast, short = landing(st.value, st.target, st.increments, st.weeks_left), _below(st, st.target)
    if forecast.pace is None or not forecast.needed or short is None or short <= 0:
        return None
    return _clean(forecast.pace / forecast.needed)


def _last_increment(st: Standing) -> Figure:
    return st.increments[-1] if st.increments else None


def _places_lost(st: Standing) -> Figure:
    """Of a rank, by how many places it has got worse in the last reported week."""
    return _last_increment(st) if st.kind == "rank" else None


def _has_value(st: Standing) -> bool:
    return st.value is not None or st.completion is not None


def is_met(st: Standing) -> bool:
    """Done, or completed to 100 %."""
    return st.done or (st.completion is not None and st.completion >= 1)


def _missed_running(st: Standing) -> int:
    return st.missed_periods + (st.on > st.ends_on and not is_met(st))


_BEHIND = ("差", "超前", "与序时进度持平")
_UNDER = ("低于目标", "高于目标", "与目标持平")

MEASURES = {
    m.name: m
    for m in (
        Measure("gap", "进度差", "points", gap, "progress", -1, _BEHIND),
        Measure("linear_gap", "按日历进度差", "points", _linear_gap, "linear", -1, _BEHIND),
        Measure("attainment", "为应达的", "ratio", attainment, "progress"),
        Measure("shortfall_ratio", "低于序时进度", "ratio", _shortfall_ratio, "progress"),
        Measure("completion", "完成率", "ratio", lambda st: st.completion),
        Measure("scheduled", "应达进度", "ratio", lambda st: st.scheduled),
        Measure("linear", "按日历应达进度", "ratio", linear),
        Measure("target_ratio", "完成目标的", "ratio", lambda st: _of_target(st, st.value)),
        Measure("value", "实际值", "plain", lambda st: st.value),
        Measure("target", "目标值", "plain", lambda st: st.target),
        Measure("reference", "参照值", "plain", lambda st: st.reference),
        Measure("second_reference", "第二参照值", "plain", lambda st: st.second_reference),
        Measure("shortfall_points", "低于目标", "points", lambda st: _below(st, st.target), "growth", 1, _UNDER),
        Measure("below_reference", "低于参照水平", "points", lambda st: _below(st, st.reference), "growth", 1,
                ("低于参照水平", "高于参照水平", "与参照水平持平")),
        Measure("below_second_reference", "低于第二参照水平", "points",
                lambda st: _below(st, st.second_reference), "growth", 1,
                ("低于第二参照水平", "高于第二参照水平", "与第二参照水平持平")),
        Measure("places_behind", "落后位次", "位", _places_behind, "rank", 1,
                ("落后目标", "领先目标", "与目标持平")),
        Measure("places_lost", "位次变化", "位", _places_lost, "rank", 1, ("较上周退后", "较上周前进", "与上周持平")),
        Measure("days_late", "逾期", "天", lambda st: st.days_late, "due"),
        Measure("months_late", "逾期", "个月", lambda st: st.months_late, "due"),
        Measure("workdays_left", "距到期还有", "个工作日", lambda st: st.workdays_left, "due", say="还有 {}到期"),
        Measure("days_left", "距到期还有", "天", lambda st: (st.ends_on - st.on).days, "due", say="还有 {}到期"),
        Measure("missed_workdays", "逾期未填报", "个工作日", lambda st: st.missed_workdays, "report",
                say="已逾期 {}未填报"),
        Measure("missed_reports", "连续未填报", "次", lambda st: st.missed_reports, say="已连续 {}未填报"),
        Measure("missed_running", "连续未完成", "个周期", _missed_running, say="已连续 {}未完成"),
        Measure("yellow_running", "连续黄灯（含本周）", "周", lambda st: st.yellow_weeks + 1, say="已连续 {}为黄灯"),
        Measure("red_running", "连续红灯（含本周）", "周", lambda st: st.red_weeks + 1, say="已连续 {}为红灯"),
        Measure("yellow_weeks", "此前连续黄灯", "周", lambda st: st.yellow_weeks),
        Measure("red_weeks", "此前连续红灯", "周", lambda st: st.red_weeks),
        Measure("returned", "被退回", "次", lambda st: st.returned),
        Measure("slips", "已发督办单", "次", lambda st: st.slips),
        Measure("landing", "预计期末值", "plain", _landing),
        Measure("landing_ratio", "按近期进度预计期末完成目标的", "ratio",
                lambda st: _of_target(st, _landing(st))),
        Measure("pace", "近期每周增量", "plain", _pace),
        Measure("pace_ratio", "近期进度为所需进度的", "ratio", _pace_ratio),
        Measure("last_increment", "最近一周增量", "plain", _last_increment),
        Measure("weeks_left", "剩余", "周", lambda st: st.weeks_left),
    )
}  # fmt: skip

FLAGS = {
    f.name: f
    for f in (
        Flag("started", "已到开始日期", "未到开始日期", lambda st: st.on >= st.starts_on),
        Flag("ended", "周期已结束", "周期未结束", lambda st: st.on > st.ends_on),
        Flag("due", "已到期", "未到期", lambda st: st.on >= st.ends_on),
        Flag("overdue", "已逾期", "未逾期", lambda st: st.on > st.ends_on and not st.done),
        Flag("done", "已完成", "未完成", lambda st: st.done),
        Flag("met", "已完成", "未完成", is_met),
        Flag("has_value", "已有填报数", "尚无填报数", _has_value),
        Flag("negative", "为负增长", "非负增长", lambda st: st.value is not None and st.value < 0),
        Flag("narrowing", "差距在收窄", "差距未收窄", lambda st: st.narrowing),
        Flag("was_red", "此前为红灯", "此前不是红灯", lambda st: st.was_red),
        Flag("made_good", "此前差额已补齐", "此前差额尚未补齐", lambda st: st.made_good),
        Flag("low_confidence", "责任人信心偏低", "责任人信心正常", lambda st: st.low_confidence),
        Flag("suspended", "已中止", "未中止", lambda st: st.suspended),
        Flag("poor_quality", "质量不达标", "质量达标", lambda st: st.poor_quality),
        Flag("red_by_hand", "专班办公室已亮红灯", "专班办公室未亮红灯", lambda st: st.red_by_hand),
    )
}

DATES: dict[str, Callable[[Standing], date | None]] = {
    "starts_on": lambda st: st.starts_on,
    "ends_on": lambda st: st.ends_on,
    "done_on": lambda st: st.done_on,
    "report_due_on": lambda st: st.report_due_on,
}
"""Dates that the words of a clause may name, besides measures and flags."""
