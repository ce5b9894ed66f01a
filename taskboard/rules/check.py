"""What a rule set that reads correctly may still have wrong: situations for which it says nothing."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from taskboard.rules.conditions import AllOf
from taskboard.rules.ruleset import RuleSet
from taskboard.rules.standing import KIND_WORDS, Standing

_STARTS, _ENDS = date(2020, 4, 1), date(2020, 6, 30)
_DAYS = (date(2020, 3, 1), _STARTS, date(2020, 4, 10), date(2020, 5, 31), _ENDS, date(2020, 7, 20))
_TARGET = 20
_VALUES = (None, -10, 0, 3, 10, 14, 18, 19, 20, 21, 23, 40)


def warnings(rules: RuleSet) -> list[str]:
    """Sentences about situations without a light and clauses that can never decide; empty when all is well."""
    return [*_holes(rules), *_shadowed(rules)]


def _holes(rules: RuleSet) -> Iterator[str]:
    """One sentence a kind: the first situation of a grid in which none of its clauses holds."""
    for kind, own in rules.kinds.items():
        for standing in situations(kind):
            if not any(clause.test(standing) for clause in own.clauses):
                yield f"kinds.{kind}：{_described(standing)}时没有条款成立，将显示灰灯；请在末尾补一条 when: always"
                break


def _shadowed(rules: RuleSet) -> Iterator[str]:
    for kind, own in rules.kinds.items():
        for n, clause in enumerate(own.clauses[:-1], 1):
            if clause.condition == AllOf(()):
                yield f"kinds.{kind}[{n}]：此条总是成立，其后的条款不会生效；请移到末尾"


def situations(kind: str) -> Iterator[Standing]:
    """A grid over dates, values and doneness for one kind of commitment."""
    for on in _DAYS:
        gone = Decimal((on - _STARTS).days + 1) / Decimal((_ENDS - _STARTS).days + 1)
        late = max(0, (on - _ENDS).days)
        for value in _VALUES:
            for done in (False, True):
                yield Standing(
                    kind=kind,
                    on=on,
                    starts_on=_STARTS,
                    ends_on=_ENDS,
                    scheduled=min(max(gone, Decimal(0)), Decimal(1)),
                    completion=None if value is None else Decimal(value) / _TARGET,
                    value=None if value is None else Decimal(value),
                    target=Decimal(_TARGET),
                    done=done,
                    done_on=on if done else None,
                    days_late=late,
                    months_late=1 if late else 0,
                    workdays_left=max(0, (_ENDS - on).days),
                )


def _described(st: Standing) -> str:
    value = "尚无填报数" if st.value is None else f"实际值 {st.value}、目标值 {st.target}"
    return f"{KIND_WORDS[st.kind]}在应达 {st.scheduled * 100:.0f} %、{value}、{'已完成' if st.done else '未完成'}"
