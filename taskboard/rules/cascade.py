"""以月保季、以季保年: whether the parts of a year add up to it, and what a growth target asks for in amounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from taskboard.errors import Refused
from taskboard.rules.numbers import decimal, plain
from taskboard.rules.periods import BELOW, Level, Period, parse

_ZERO, _HUNDRED = Decimal(0), Decimal(100)


class BadCascade(Refused, ValueError):
    """Figures from which nothing can be derived; the message says what to do."""

    title = "分解数有误"


@dataclass(frozen=True)
class Difference:
    """A period against its parts. Amounts in one unit; `difference` is sum − amount, negative when short."""

    parent: Period
    children: tuple[Period, ...]  # those present, in order
    sum: Decimal
    amount: Decimal
    complete: bool  # every child of the level is there

    @property
    def difference(self) -> Decimal:
        """Sum − amount: how much the parts exceed the whole."""
        return self.sum - self.amount

    @property
    def agrees(self) -> bool:
        """Whether the parts make exactly the whole."""
        return not self.difference

    def sentence(self, unit: str) -> str:
        """4—6月合计 95 亿，比二季度 100 亿少 5 亿."""
        whole = self.parent.short_word
        summed, amount = f"{plain(self.sum)} {unit}", f"{plain(self.amount)} {unit}"
        said = f"{together(self.children)}合计 {summed}，"
        if self.agrees:
            return f"{said}与{whole}一致"
        side = "少" if self.difference < 0 else "多"
        return f"{said}比{whole} {amount}{side} {plain(abs(self.difference))} {unit}"


def together(periods: Sequence[Period]) -> str:
    """Periods of one year and level in one word: 4—6月, 4、6月, 一至四季度, 上下半年."""
    first, numbers = periods[0], [p.number for p in periods]
    running = numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    if len(periods) == 1:
        return first.short_word
    if first.level == Level.HALF:
        return "上下半年"
    if first.level == Level.MONTH:
        return f"{numbers[0]}—{numbers[-1]}月" if running else f"{'、'.join(map(str, numbers))}月"
    words = [p.short_word.removesuffix("季度") for p in periods]
    return f"{words[0]}至{words[-1]}季度" if running and len(words) > 2 else f"{'、'.join(words)}季度"


def differences(amounts: Mapping[str, Decimal]) -> list[Difference]:
    """Every period with parts to compare: all children of a level there, or those there already exceed it.

    Keys are "2020", "2020H1", "2020Q2", "2020M05". Of several levels below a period (halves, quarters,
    months of a year) the coarsest that is complete is compared, so that one gap is not told twice.
    Agreeing periods are listed too; the year comes before its halves, quarters and months.
    """
    known = {parse(key): amount for key, amount in amounts.items()}
    found = (_difference(period, known) for period in sorted(known))
    return [difference for difference in found if difference]


def _difference(parent: Period, known: Mapping[Period, Decimal]) -> Difference | None:
    exceeding = None
    for level in BELOW[parent.level]:
        whole = parent.children(level)
        children = tuple(child for child in whole if child in known)
        if not children:
            continue
        total = sum((known[child] for child in children), _ZERO)
        found = Difference(parent, children, total, known[parent], len(children) == len(whole))
        if found.complete:
            return found
        if found.difference > 0:
            exceeding = exceeding or found
    return exceeding


@dataclass(frozen=True)
class Derived:
    """A growth target in amounts of the base's unit; None where a base is missing or zero."""

    period: Period
    growth_percent: Decimal
    amount: Decimal | None  # base of the whole period × (1 + growth)
    done: Decimal
    remaining: Decimal | None  # amount − done, negative once it is exceeded
    growth_needed: Decimal | None  # percent, of the months left against their base
    months_left: tuple[Period, ...]

    def sentence(self, unit: str, decimals: int = 1) -> str:
        """增长 8 % 即全年 108.0 亿，已完成 50.0 亿，7—12月还需 58.0 亿，同比需增长 9.4 %."""
        if self.amount is None or self.remaining is None:
            return f"缺{self.period.word}的上年同期数，不能折算总量"
        aim = f"{_growth(self.growth_percent, decimals)}即{self.period.short_word}"
        said = f"{aim} {decimal(self.amount, decimals)} {unit}，已完成 {decimal(self.done, decimals)} {unit}"
        if self.remaining <= 0:
            return f"{said}，已达目标"
        if not self.months_left:
            return f"{said}，差 {decimal(self.remaining, decimals)} {unit}"
        said += f"，{together(self.months_left)}还需 {decimal(self.remaining, decimals)} {unit}"
        if self.growth_needed is None:
            return said
        if self.growth_needed < 0:
            return f"{said}，同比降幅不超过 {decimal(-self.growth_needed, decimals)} %即可"
        return f"{said}，同比需增长 {decimal(self.growth_needed, decimals)} %"


def _growth(percent: Decimal, decimals: int) -> str:
    return f"下降 {plain(-percent, decimals)} %" if percent < 0 else f"增长 {plain(percent, decimals)} %"


def derive(growth_percent: Decimal, base: Mapping[str, Decimal], actual: Mapping[str, Decimal], period: str) -> Derived:
    """What a growth target (percent, above −100) asks for in a period.

    `base` holds months of the year before ("2019M05"), `actual` months of the period ("2020M05"); other keys
    are passed over. Months without an actual are those left. A period whose base is not known for every
    month, or is zero, has no amount; figures of the base may not be negative, for growth on them says nothing.
    """
    if growth_percent <= -_HUNDRED:
        raise BadCascade("增速目标应大于 -100 %，请改正")
    whole = parse(period)
    based = {parse(key): amount for key, amount in base.items()}
    acted = {parse(key): amount for key, amount in actual.items()}
    for month, figure in based.items():
        if figure < 0:
            raise BadCascade(f"{month.word}的基数为负数，不能按增速折算，请改用总量目标")
    months = whole.months
    left = tuple(month for month in months if month not in acted)
    done = sum((acted[month] for month in months if month in acted), _ZERO)
    before = _base_of(months, based)
    amount = before * (1 + growth_percent / _HUNDRED) if before else None
    remaining = None if amount is None else amount - done
    base_left = _base_of(left, based)
    needed = (remaining / base_left - 1) * _HUNDRED if remaining is not None and base_left else None
    return Derived(whole, growth_percent, amount, done, remaining, needed, left)


def _base_of(months: Sequence[Period], based: Mapping[Period, Decimal]) -> Decimal | None:
    """The sum of the same months a year before; None when one of them is missing."""
    earlier = [month.same_last_year for month in months]
    if any(month not in based for month in earlier):
        return None
    return sum((based[month] for month in earlier), _ZERO)
