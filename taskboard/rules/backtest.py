"""How good the forecast has been: every past week forecasts the weeks after it, and is compared with them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from taskboard.rules.landing import FEWEST_WEEKS, project
from taskboard.rules.numbers import decimal

COUNTS = ("零", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十")
_ZERO = Decimal(0)


@dataclass(frozen=True)
class BackTest:
    """Sums over forecasts of one horizon (weeks), so that the tests of many targets can be added up."""

    horizon: int
    count: int = 0
    error_sum: Decimal = _ZERO  # of absolute errors, in percent of the actual
    bias_sum: Decimal = _ZERO  # of signed errors: above zero the forecast was too high
    inside: int = 0  # actuals within the 80 % range

    @property
    def mean_error(self) -> Decimal | None:
        """Mean absolute error in percent of the actual value, 0 or more."""
        return self.error_sum / self.count if self.count else None

    @property
    def bias(self) -> Decimal | None:
        """Mean signed error in percent; positive when forecasts were too high."""
        return self.bias_sum / self.count if self.count else None

    @property
    def coverage(self) -> Decimal | None:
        """The share (0..1) of actuals inside the 80 % range; about 0.8 when the range is honest."""
        return Decimal(self.inside) / self.count if self.count else None


def weekly_increments(series: Sequence[tuple[int, Decimal]]) -> tuple[Decimal, ...]:
    """Increments per week between reports (week index ascending, cumulative value).

    A report after missed weeks gives one increment, the mean of the weeks that it covers.
    """
    return tuple((after - before) / (week - earlier) for (earlier, before), (week, after) in pairwise(series))


def backtest(series: Sequence[tuple[int, Decimal]], horizon: int) -> BackTest:
    """Forecast `horizon` weeks (1 or more) ahead from every past week that had three increments.

    `series` holds (week index, cumulative value) of reported weeks. A week counts when the week `horizon`
    later was reported too and is not zero, since an error in percent of nothing says nothing.
    """
    if horizon < 1:
        raise ValueError("回测周数应不小于 1")
    weeks = sorted(series)
    if any(a[0] == b[0] for a, b in pairwise(weeks)):
        raise ValueError("同一周有两个数，不能回测")
    actuals, increments = dict(weeks), weekly_increments(weeks)
    found = BackTest(horizon)
    for n, (week, value) in enumerate(weeks):
        actual = actuals.get(week + horizon)
        if n >= FEWEST_WEEKS and actual:
            found = merged((found, _compare(value, increments[:n], actual, horizon)), horizon)
    return found


def _compare(value: Decimal, increments: Sequence[Decimal], actual: Decimal, horizon: int) -> BackTest:
    ahead = project(increments, Decimal(horizon))
    miss = value + ahead.move - actual
    percent = miss / abs(actual) * 100
    return BackTest(horizon, 1, abs(percent), percent, int(abs(miss) <= (ahead.margin or _ZERO)))


def merged(tests: Iterable[BackTest], horizon: int) -> BackTest:
    """The tests of many targets as one, every forecast counting alike; all must have this horizon."""
    tests = tuple(tests)
    if any(test.horizon != horizon for test in tests):
        raise ValueError("回测的周数不同，不能合并")
    return BackTest(
        horizon,
        sum(test.count for test in tests),
        sum((test.error_sum for test in tests), _ZERO),
        sum((test.bias_sum for test in tests), _ZERO),
        sum(test.inside for test in tests),
    )


def sentence(test: BackTest) -> str:
    """回测 128 次四周预测：平均误差 6.1 %，八成区间命中 78 %."""
    if test.mean_error is None or test.coverage is None:
        return "历史填报不足，尚不能回测"
    weeks = COUNTS[test.horizon] if test.horizon < len(COUNTS) else f" {test.horizon} "
    error, hit = decimal(test.mean_error, 1), decimal(test.coverage * 100, 0)
    return f"回测 {test.count} 次{weeks}周预测：平均误差 {error} %，八成区间命中 {hit} %"
