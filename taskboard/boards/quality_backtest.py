"""预测回测: how good the forecasts of 会不会完成 have been, over all targets' own history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from taskboard.boards.quality import Scope
from taskboard.db import db
from taskboard.models import Group, Indicator, Report, Target
from taskboard.rules.backtest import COUNTS, BackTest, backtest, merged, sentence
from taskboard.rules.landing import FEWEST_WEEKS

HORIZONS = (1, 2, 4)
CUMULATIVE = ("amount", "count")  # a projection adds weekly increments; levels and ranks have none
Series = list[tuple[int, Decimal]]


@dataclass(frozen=True)
class Tested:
    """The tests of one group, or of all, by horizon."""

    name: str
    targets: int
    tests: tuple[BackTest, ...]


@dataclass(frozen=True)
class BackTests:
    """All of it. `first` and `last` are the weeks of the history, None without any."""

    whole: Tested
    groups: tuple[Tested, ...]
    first: date | None
    last: date | None
    weeks: int

    @property
    def sentence(self) -> str:
        """The words of the longest horizon that has been tested."""
        done = [test for test in self.whole.tests if test.count]
        if done:
            return sentence(done[-1])
        return f"历史填报不足，尚不能回测（需连续 {FEWEST_WEEKS + 2} 周，现有 {self.weeks} 周）"

    @property
    def rows(self) -> tuple[Tested, ...]:
        return (self.whole, *self.groups) if self.groups else (self.whole,)


def lines(found: BackTests) -> list[tuple[str, int, BackTest]]:
    """(group, targets, test) for a workbook."""
    return [(row.name, row.targets, test) for row in found.rows for test in row.tests]


def words_of(horizon: int) -> str:
    """四周预测."""
    return f"{COUNTS[horizon]}周预测"


def backtests(scope: Scope) -> BackTests:
    """Every target's live series, tested and added up by group: one statement."""
    query = (
        select(Group.no, Group.short_name, Report.commitment_id, Report.week, Report.value)
        .join_from(Report, Target, Target.id == Report.commitment_id)
        .join(Group, Group.id == Target.group_id)
        .join(Indicator, Indicator.id == Target.indicator_id)
        .where(*scope.asked(), Report.live_key.is_not(None), Report.returned_at.is_(None))
        .where(Indicator.kind.in_(CUMULATIVE))
        .order_by(Group.no, Report.commitment_id, Report.week)
    )
    found: dict[tuple[int, str], dict[int, Series]] = defaultdict(lambda: defaultdict(list))
    weeks: set[date] = set()
    for no, name, target_id, week, value in db.session.execute(query):
        found[(no, name)][target_id].append((week.toordinal() // 7, value))
        weeks.add(week)
    groups = tuple(_tested(name, series.values()) for (_, name), series in found.items())
    whole = Tested(
        "全部",
        sum(group.targets for group in groups),
        tuple(merged((group.tests[n] for group in groups), horizon) for n, horizon in enumerate(HORIZONS)),
    )
    return BackTests(whole, groups if len(groups) > 1 else (), min(weeks, default=None), max(weeks, default=None),
                     len(weeks))  # fmt: skip


def _tested(name: str, series: Iterable[Series]) -> Tested:
    kept = [one for one in series if len(one) > FEWEST_WEEKS]
    tests = (merged((backtest(one, horizon) for one in kept), horizon) for horizon in HORIZONS)
    return Tested(name, len(kept), tuple(tests))
