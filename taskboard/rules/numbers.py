"""Figures in official Chinese: one decimal by habit, more when one would contradict what was judged."""

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal

from taskboard.rules.conditions import OPS, Calc, Compare, Condition, Const, Is, Operand, Ref, figure
from taskboard.rules.measures import MEASURES, Figure, Measure
from taskboard.rules.standing import Standing

MOST_PLACES = 6
_WIDE = Context(prec=80)
LEADS = {"progress": ("completion", "scheduled"), "linear": ("completion", "linear")}
"""The two figures, reached and due, with which a sentence on progress opens."""


def places_for(deciding: Iterable[Condition], st: Standing) -> int:
    """The fewest decimals at which every comparison still reads the way it was judged."""
    comparisons = [c for c in deciding if isinstance(c, Compare)]
    return next((n for n in range(1, MOST_PLACES) if all(_agrees(c, st, n) for c in comparisons)), MOST_PLACES)


def _agrees(comparison: Compare, st: Standing, places: int) -> bool:
    value, bound = figure(comparison.left)(st), figure(comparison.right)(st)
    if value is None or bound is None:
        return True
    scale = 100 if form_of(comparison.left) == "ratio" else 1
    shown, limit = rounded(Decimal(value) * scale, places), Decimal(bound) * scale
    if not isinstance(comparison.right, Const):
        limit = rounded(limit, places)
    holds = OPS[comparison.op]
    if holds(shown, limit) != holds(value, bound) or (bool(value) and not shown):
        return False
    return not isinstance(comparison.left, Ref) or _lead_agrees(comparison.left.measure, value, st, places)


def _lead_agrees(measure: Measure, value: Decimal | int, st: Standing, places: int) -> bool:
    """Whether 进度 and 应达, as rounded, still stand in the order that the gap claims."""
    if not measure.bad or measure.lead not in LEADS:
        return True
    reached, due = (Decimal(MEASURES[name].get(st) or 0) * 100 for name in LEADS[measure.lead])
    apart = rounded(reached, places) - rounded(due, places)
    return (apart > 0) == (value > 0) and (apart < 0) == (value < 0)


def rounded(value: Decimal, places: int) -> Decimal:
    """Half up, as people round."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _WIDE)


def decimal(value: Decimal | int, places: int) -> str:
    """With exactly so many decimals."""
    return f"{rounded(Decimal(value), places):f}"


def plain(value: Decimal | int, places: int = MOST_PLACES) -> str:
    """Without needless zeros."""
    text = f"{rounded(Decimal(value), max(places, 2)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(form: str, value: Decimal | int, places: int) -> str:
    """A figure that was measured: 19.5 个百分点, 42.0 %, 3 天."""
    match form:
        case "ratio":
            return f"{decimal(value * 100, places)} %"
        case "points":
            return f"{decimal(value, places)} 个百分点"
        case "plain":
            return plain(value, places)
    return f"{plain(value)} {form}"


def bound_words(form: str, value: Decimal | int) -> str:
    """A limit as the rule set gives it: 10 个百分点, not 10.0."""
    match form:
        case "ratio":
            return f"{plain(value * 100)} %"
        case "points":
            return f"{plain(value)} 个百分点"
        case "plain":
            return plain(value)
    return f"{plain(value)} {form}"


def shown(measure: Measure, value: Figure, places: int) -> str:
    """The figure of a measure, or that there is none."""
    return "无数据" if value is None else amount(measure.form, value, places)


def form_of(operand: Operand) -> str:
    """How figures compared with this operand are shown."""
    return operand.measure.form if isinstance(operand, Ref) else "plain"


def operand_words(operand: Operand) -> str:
    """An operand in Chinese, for the limits of a sentence and for the list of clauses on screen."""
    match operand:
        case Const(value=value, word=word):
            return f"{word} {plain(value)}".strip()
        case Ref(measure=measure):
            return measure.word
        case Calc(op=op, left=left, right=right):
            sign = {"+": "＋", "-": "－", "*": "×", "/": "÷"}[op]
            return f"{operand_words(left)} {sign} {operand_words(right)}"


def subject(condition: Compare | Is) -> str:
    """What a condition speaks of: conditions on one subject are told together."""
    if isinstance(condition, Is):
        return condition.flag.name
    if not isinstance(condition.left, Ref):
        return operand_words(condition.left)
    name = condition.left.measure.name
    return "late" if name in ("days_late", "months_late") else name


def chinese_date(day: date) -> str:
    """6月5日: the year stands beside the period wherever these words appear."""
    return f"{day.month}月{day.day}日"
