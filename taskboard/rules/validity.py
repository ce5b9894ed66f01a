"""A newly typed value against what is known: what is probably wrong with it, and what to do.

Nothing here forbids: each finding is a question to the person who typed. One cause is told once, so a slip
of the unit silences the jump and the fall that it makes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Context, Decimal, localcontext
from enum import StrEnum
from itertools import pairwise
from statistics import median

from taskboard.rules.change import Kind
from taskboard.rules.numbers import plain

JUMP = Decimal(5)  # assumption: more than five times the typical weekly change
FEWEST_CHANGES = 3  # below this nothing is typical yet
SLIPS = ((Decimal(10) ** 4, "1 万"), (Decimal(10) ** 8, "1 亿"))
NEAR = Decimal(3)  # assumption: within a factor of 3 of the power of ten
RUNNING = 3  # the same value so often in a row is asked about
LAST_DAYS = 7
LAST_JUMP = Decimal(1) / 3  # of the whole way, in the last week
_ZERO, _HUNDRED, _WEEK = Decimal(0), Decimal(100), Decimal(7)
_SHOWN = Decimal(10) ** 20


class Severity(StrEnum):
    """How much harm a value may do when it is taken as it is."""

    WRONG = "wrong"
    DOUBTFUL = "doubtful"
    NOTE = "note"

    @property
    def word(self) -> str:
        """必有误, 很可疑, 请留意."""
        return {"wrong": "必有误", "doubtful": "很可疑", "note": "请留意"}[self]

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


@dataclass(frozen=True)
class Finding:
    """What is odd about a value: a code for programs, a sentence with what to do for people."""

    code: str
    severity: Severity
    words: str


@dataclass(frozen=True)
class Typed:
    """A value just typed, and what is known of its target. Values are in one unit, `measure`."""

    value: Decimal
    on: date  # the day of which the value speaks
    kind: Kind = Kind.AMOUNT
    previous: tuple[tuple[date, Decimal], ...] = ()  # earlier values, oldest first
    target: Decimal | None = None
    start_value: Decimal | None = None
    ends_on: date | None = None
    measure: str = ""
    decimals: int = 2
    cumulative: bool = True
    may_be_negative: bool = False  # growth and points always may
    may_exceed_hundred: bool = False  # a ratio above 100 %

    @property
    def rate(self) -> Decimal | None:
        """The change per week since the previous value, which counts as a week old at least."""
        return _rate(self.previous[-1], (self.on, self.value)) if self.previous else None


def findings(typed: Typed) -> list[Finding]:
    """Everything odd about the value, in order of harm; empty for a value in line with its history.

    Never raises, whatever the figures: those without a finite value are wrong, or passed over when known
    from before.
    """
    if not typed.value.is_finite():
        return [Finding("not_a_number", Severity.WRONG, "填写的不是数，请重新填写")]
    known = tuple((day, value) for day, value in typed.previous if value.is_finite() and day < typed.on)
    typed = replace(typed, previous=known, target=_finite(typed.target), start_value=_finite(typed.start_value))
    # Without traps a figure beyond every bound becomes infinite or no number, and compares as false.
    with localcontext(Context(prec=40, traps=[])):
        found = [finding for check in CHECKS for finding in check(typed)]
        if any(finding.code == "unit_slip" for finding in found):
            found = [finding for finding in found if finding.code not in ("jump", "fall", "last_days")]
    return sorted(found, key=lambda finding: finding.severity.rank)


def _finite(value: Decimal | None) -> Decimal | None:
    return value if value is not None and value.is_finite() else None


def _rate(before: tuple[date, Decimal], after: tuple[date, Decimal]) -> Decimal:
    weeks = max(Decimal((after[0] - before[0]).days) / _WEEK, Decimal(1))
    return (after[1] - before[1]) / weeks


def _rank(typed: Typed) -> Iterator[Finding]:
    if typed.kind != Kind.RANK:
        return
    if typed.value < 1:
        yield Finding("rank", Severity.WRONG, f"位次为 {_figure(typed, typed.value)}，应为 1 或更大的整数，请改正")
    elif typed.value % 1:
        yield Finding("rank", Severity.WRONG, f"位次为 {_figure(typed, typed.value)}，应为整数，请改正")


def _sign(typed: Typed) -> Iterator[Finding]:
    free = typed.may_be_negative or typed.kind in (Kind.GROWTH, Kind.POINTS, Kind.RANK)
    if typed.value < 0 and not free:
        yield Finding("negative", Severity.WRONG, f"填报数 {_shown(typed, typed.value)}为负数，该指标不能为负，请改正")


def _ratio(typed: Typed) -> Iterator[Finding]:
    if typed.kind == Kind.RATIO and typed.value > _HUNDRED and not typed.may_exceed_hundred:
        words = f"比率为 {_figure(typed, typed.value)} %，超过 100 %，请核对分子分母"
        yield Finding("ratio", Severity.WRONG, words)


def _slip(typed: Typed) -> Iterator[Finding]:
    """A value near 10⁴ or 10⁸ times the previous one (or the target, without one), or as much smaller."""
    if typed.kind != Kind.AMOUNT or not typed.value:
        return
    last = next((value for _, value in reversed(typed.previous) if value), None)
    beside, word = (last, "上次数") if last is not None else (typed.target, "目标")
    if not beside:
        return
    ratio = abs(typed.value / beside)
    for size, times in SLIPS:
        for factor, told in ((ratio / size, f"约为{word}的 {times}倍"), (ratio * size, f"约为{word}的 {times}分之一")):
            if 1 / NEAR <= factor <= NEAR:
                words = f"{_shown(typed, typed.value)}{told}（{word} {_shown(typed, beside)}），请核对单位是万还是亿"
                yield Finding("unit_slip", Severity.DOUBTFUL, words)


def _fall(typed: Typed) -> Iterator[Finding]:
    """A cumulative value below the one before, unless the target lies below the start."""
    downwards = typed.target is not None and typed.start_value is not None and typed.target < typed.start_value
    accrues = typed.cumulative and typed.kind == Kind.AMOUNT and not downwards
    if not accrues or not typed.previous or typed.value >= typed.previous[-1][1]:
        return
    day, last = typed.previous[-1]
    words = (
        f"累计数 {_shown(typed, typed.value)}低于{_day(day)}的 {_shown(typed, last)}，"
        "请核对是否填成当期数；如系核减请说明原因"
    )
    yield Finding("fall", Severity.DOUBTFUL, words)


def _jump(typed: Typed) -> Iterator[Finding]:
    """A weekly change of more than JUMP times the typical one: the median of the known changes.

    A history that mostly stood still has no median change; its mean is taken. One that always stood still
    says nothing about a change.
    """
    changes = [abs(_rate(before, after)) for before, after in pairwise(typed.previous)]
    if typed.kind == Kind.RANK or typed.rate is None or len(changes) < FEWEST_CHANGES:
        return
    typical = median(changes) or sum(changes, _ZERO) / len(changes)
    if typical and abs(typed.rate) > JUMP * typical:
        times = abs(typed.rate) / typical
        words = (
            f"本次每周变动 {_shown(typed, abs(typed.rate))}，是平时 {_shown(typed, typical)}的 {_times(times)} 倍，"
            "请核对数值，无误请说明原因"
        )
        yield Finding("jump", Severity.DOUBTFUL, words)


def _last_days(typed: Typed) -> Iterator[Finding]:
    """A third or more of the whole way in the last week of the period."""
    if typed.rate is None or typed.ends_on is None or typed.target is None or typed.kind == Kind.RANK:
        return
    way = typed.target - (typed.start_value or _ZERO)
    if way and (typed.ends_on - typed.on).days < LAST_DAYS and typed.rate / way >= LAST_JUMP:
        share = typed.rate / way * _HUNDRED
        words = f"期末最后一周完成全程的 {_times(share, 0)} %，请准备佐证材料，说明集中入账的原因"
        yield Finding("last_days", Severity.DOUBTFUL, words)


def _same(typed: Typed) -> Iterator[Finding]:
    """The same value three times running; not of a rank, nor once the target is reached exactly."""
    lately = [value for _, value in typed.previous[-(RUNNING - 1) :]]
    if typed.kind == Kind.RANK or len(lately) < RUNNING - 1 or typed.value == typed.target:
        return
    if all(value == typed.value for value in lately):
        words = f"连续 {RUNNING} 次填报 {_shown(typed, typed.value)}，请核对是否已更新，确无进展请说明原因"
        yield Finding("same", Severity.NOTE, words)


CHECKS: tuple[Callable[[Typed], Iterator[Finding]], ...] = (
    _rank,
    _sign,
    _ratio,
    _slip,
    _fall,
    _jump,
    _last_days,
    _same,
)
"""In order of harm within one severity."""


def sum_check(
    parts: Mapping[str, Decimal], whole: Decimal, measure: str = "", decimals: int = 2, tolerance: Decimal | None = None
) -> Finding | None:
    """Whether parts by name make the whole; `tolerance` is in the unit (0 or more).

    Without a tolerance each part and the whole may be off by half a unit of the last decimal, as rounding
    does. None when they agree, when there are no parts, or when a figure is not finite.
    """
    if not parts or not all(figure.is_finite() for figure in (whole, *parts.values())):
        return None
    with localcontext(Context(prec=40, traps=[])):
        allowed = (len(parts) + 1) * Decimal(5).scaleb(-decimals - 1) if tolerance is None else tolerance
        total = sum(parts.values(), _ZERO)
        apart = total - whole
        if abs(apart) <= allowed:
            return None
        unit = f" {measure}" if measure else ""
        told = f"{len(parts)} 个分项合计 {_number(total, decimals)}{unit}，与总数 {_number(whole, decimals)}{unit}"
        side = "多" if apart > 0 else "少"
        words = f"{told}相比{side} {_number(abs(apart), decimals)}{unit}，请核对分项或总数"
    return Finding("sum", Severity.DOUBTFUL, words)


def _shown(typed: Typed, value: Decimal) -> str:
    """With its unit, ready to be followed by Chinese."""
    unit = "%" if typed.kind in (Kind.RATIO, Kind.GROWTH) else typed.measure
    unit = "个百分点" if typed.kind == Kind.POINTS else unit
    figure = _figure(typed, value)
    return f"{figure} {unit}" if unit and unit != "%" else f"{figure} % " if unit else f"{figure} "


def _figure(typed: Typed, value: Decimal) -> str:
    return _number(value, typed.decimals)


def _number(value: Decimal, decimals: int) -> str:
    """A figure without needless zeros; one beyond any real amount in powers of ten, so that none is too long."""
    if not value.is_finite() or abs(value) >= _SHOWN:
        return f"{value:.2E}"
    return plain(value, max(decimals, 0)) if not value or abs(value) >= Decimal("0.01") else f"{value.normalize()}"


def _times(value: Decimal, places: int = 1) -> str:
    return _number(value.quantize(Decimal(1).scaleb(-places)) if value < _SHOWN else value, places)


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
