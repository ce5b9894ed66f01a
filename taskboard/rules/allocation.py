"""任务分解: whether the parts of a district target and what is kept back add up to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from taskboard.rules.indicator import IndicatorKind
from taskboard.rules.numbers import plain

ADDS_UP = frozenset({IndicatorKind.AMOUNT, IndicatorKind.COUNT})
_ZERO = Decimal(0)


def adds_up(kind: str, measures: Iterable[str]) -> bool:
    """Whether targets of this kind can be summed: amounts and counts of one measure, never rates, ranks or percents."""
    used = set(measures)
    return IndicatorKind(kind) in ADDS_UP and len(used) <= 1 and not any("%" in one for one in used)


@dataclass(frozen=True)
class Span:
    """From when to when the targets of a row run."""

    starts_on: date
    ends_on: date

    @property
    def key(self) -> str:
        """2020-04-01_2020-06-30: as addresses say it."""
        return f"{self.starts_on}_{self.ends_on}"

    @property
    def words(self) -> str:
        """2020年4月1日至2020年6月30日."""
        return "至".join(f"{day.year}年{day.month}月{day.day}日" for day in (self.starts_on, self.ends_on))

    @classmethod
    def parse(cls, key: str) -> "Span | None":
        """The span of a key, or None."""
        first, _, last = key.partition("_")
        try:
            found = cls(date.fromisoformat(first), date.fromisoformat(last))
        except ValueError:
            return None
        return found if date(2000, 1, 1) <= found.starts_on <= found.ends_on <= date(2099, 12, 31) else None


@dataclass(frozen=True)
class Balance:
    """A district target against its parts. `district` is None where there is none to compare with."""

    district: Decimal | None
    parts: Decimal | None  # the sum, None where nobody was given a part
    reserve: Decimal = _ZERO

    @property
    def left(self) -> Decimal | None:
        """District − parts − reserve: what nobody was given; negative when more was given than there is."""
        return None if self.district is None or self.parts is None else self.district - self.parts - self.reserve

    @property
    def is_short(self) -> bool:
        """Something is left that nobody was given."""
        return (self.left or _ZERO) > 0

    @property
    def is_over(self) -> bool:
        """More was given than there is."""
        return (self.left or _ZERO) < 0

    @property
    def words(self) -> str:
        """未分配 12, 超分配 5, 一致; nothing where there is nothing to compare."""
        if self.left is None:
            return ""
        if not self.left:
            return "一致"
        return f"{'未分配' if self.left > 0 else '超分配'} {plain(abs(self.left))}"


def balance(district: Decimal | None, parts: Iterable[Decimal | None], reserve: Decimal | None = None) -> Balance:
    """Sum the parts that are there."""
    given = [part for part in parts if part is not None]
    return Balance(district, sum(given, _ZERO) if given else None, reserve or _ZERO)
