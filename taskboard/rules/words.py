"""The sentence beside a light, made from the clause that decided and the figures it saw.

A light is judged on unrounded figures. They are shown to one decimal, and to more where one decimal would
contradict the light (a gap of 0.01 is not “差 0.0”).
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from taskboard.rules.conditions import (
    OPS,
    All,
    Any_,
    Calc,
    Compare,
    Condition,
    Const,
    Is,
    Operand,
    Ref,
    compiled,
    figure,
)
from taskboard.rules.measures import MEASURES, Figure, Measure, chinese_date
from taskboard.rules.standing import Standing

if TYPE_CHECKING:
    from taskboard.rules.ruleset import Clause, Modifier

MOST_PLACES = 6
_COUNTED = {"ratio", "points", "plain"}
_LIMITS = {"<": "低于", "<=": "不高于", ">": "高于", ">=": "不低于", "==": "等于", "!=": "不等于"}
_LEADS = {
    "progress": ("completion", "scheduled"),
    "linear": ("completion", "linear"),
}


def sentence(
    standing: Standing, clause: "Clause | None", applied: Sequence["Modifier"], light_word: str
) -> str:
    """The whole reason: figures, the line they crossed or kept, what the modifiers added, the light."""
    parts = [_reason(standing, clause.condition, clause.words) if clause else "规则集未作规定"]
    parts += [_reason(standing, m.condition, m.words, lead=False) for m in applied]
    return f"{'；'.join(part for part in parts if part)}，故为{light_word}灯"


def note(standing: Standing, modifier: "Modifier") -> str:
    """The sentence of a mark, which changes no light."""
    return f"{modifier.mark}：{_reason(standing, modifier.condition, modifier.words, lead=False)}"


def _reason(standing: Standing, condition: Condition, words: str, lead: bool = True) -> str:
    deciding = list(_deciding(condition, standing))
    places = _places(deciding, standing)
    if words:
        return words.format(**{name: _shown(m, m.get(standing), places) for name, m in MEASURES.items()})
    leading = _lead(deciding, standing, places) if lead else []
    told = {name for name in _LEADS.get(_lead_name(deciding), ())} if lead else set()
    phrases = [
        phrase
        for name, group in groupby(deciding, key=_subject)
        if name not in told and (phrase := _phrase(list(group), standing, places))
    ]
    guards = [p for c in deciding if _subject(c) in told and (p := _guard(c, standing, places))]
    return "，".join(leading + phrases) + "".join(guards)


def _deciding(condition: Condition, standing: Standing) -> Iterable[Compare | Is]:
    """The comparisons that made the condition true: every one of all, the first true one of any."""
    match condition:
        case All(parts=parts):
            for part in parts:
                yield from _deciding(part, standing)
        case Any_(parts=parts):
            yield from next((_deciding(p, standing) for p in parts if compiled(p)(standing)), ())
        case _:
            yield condition


def _subject(condition: Compare | Is) -> str:
    if isinstance(condition, Is):
        return condition.flag.name
    return condition.left.measure.name if isinstance(condition.left, Ref) else repr(condition.left)


def _lead_name(deciding: Sequence[Compare | Is]) -> str:
    """What the sentence opens with; a flag or a count of days needs no figures before it."""
    for condition in deciding:
        if isinstance(condition, Compare) and isinstance(condition.left, Ref) and condition.left.measure.lead:
            return condition.left.measure.lead
    return ""


def _lead(deciding: Sequence[Compare | Is], st: Standing, places: int) -> list[str]:
    match _lead_name(deciding):
        case "progress" | "linear" as lead:
            reached, due = (MEASURES[name] for name in _LEADS[lead])
            return [
                f"进度 {_shown(reached, reached.get(st), places)}",
                f"应达 {_shown(due, due.get(st), places)}",
            ]
        case "growth" if st.value is not None and st.target is not None:
            told = [f"增速 {_decimal(st.value, places)} %", f"目标 {_decimal(st.target, places)} %"]
            return told + (
                [f"参照水平 {_decimal(st.reference, places)} %"] if st.reference is not None else []
            )
        case "rank":
            return [f"位次第 {_plain(st.value)}", f"目标第 {_plain(st.target)}"]
        case "due":
            return [f"应于{chinese_date(st.ends_on)}完成"]
        case "report" if st.report_due_on:
            return [f"应于{chinese_date(st.report_due_on)}填报"]
    return []


def _phrase(conditions: Sequence[Compare | Is], st: Standing, places: int) -> str:
    """What one measure says, with every limit that was put to it."""
    first = conditions[0]
    if isinstance(first, Is):
        return _flag_phrase(first, st)
    comparisons = [c for c in conditions if isinstance(c, Compare)]
    value = figure(first.left)(st)
    if isinstance(first.left, Ref):
        measure = first.left.measure
        if measure.bad and value is not None:
            return "，".join(_signed(measure, Decimal(value), comparisons, st, places))
        subject = _unsigned(measure, value, st, places)
    else:
        subject = f"{operand_words(first.left)} {_plain(value, places)}"
    form = first.left.measure.form if isinstance(first.left, Ref) else "plain"
    return "，".join([subject, *(_limit(c, value, form, st, places) for c in comparisons)])


def _flag_phrase(condition: Is, st: Standing) -> str:
    if condition.flag.name == "red_by_hand" and condition.wanted and st.hand_reason:
        return f"{condition.flag.yes}（{st.hand_reason}）"
    return condition.flag.yes if condition.wanted else condition.flag.no


def _signed(
    measure: Measure, value: Decimal, comparisons: Iterable[Compare], st: Standing, places: int
) -> list[str]:
    """“差 19.5 个百分点，超过黄线 10 个百分点”: a side and a distance, then the limits on that side."""
    bad, good, level = measure.sides
    if not value:
        return [level]
    side = measure.bad if value * measure.bad > 0 else -measure.bad
    said = [f"{bad if side == measure.bad else good} {_amount(measure.form, abs(value), places)}"]
    for comparison in comparisons:
        bound = figure(comparison.right)(st)
        if not bound or Decimal(bound) * side <= 0:
            continue
        limit = Decimal(abs(bound))
        beyond = "达到" if abs(value) == limit and comparison.op in ("<=", ">=") else "超过"
        kept = abs(value) < limit or (
            abs(value) == limit and (comparison.op in ("<=", ">=")) and _inward(comparison, side)
        )
        label = comparison.right.word if isinstance(comparison.right, Const) else ""
        said.append(
            f"{'未超过' if kept else beyond}{label or ''} {_bound(measure.form, limit)}".replace("  ", " ")
        )
    return said


def _inward(comparison: Compare, side: int) -> bool:
    """Whether the comparison keeps the value on the near side of its bound."""
    return (comparison.op in ("<", "<=")) == (side > 0)


def _unsigned(measure: Measure, value: Figure, st: Standing, places: int) -> str:
    if measure.name in ("days_late", "months_late"):
        what = f"“{st.late_milestone}”" if st.late_milestone else ""
        return f"{what}逾期 {st.days_late} 天" if st.days_late else "未逾期"
    return f"{measure.word} {_shown(measure, value, places)}"


def _limit(c: Compare, value: Figure, form: str, st: Standing, places: int) -> str:
    bound = figure(c.right)(st)
    if bound is None or value is None:
        return ""
    label = operand_words(c.right) if not isinstance(c.right, Const) else c.right.word
    shown = (
        _bound(form, Decimal(bound)) if isinstance(c.right, Const) else _amount(form, Decimal(bound), places)
    )
    return f"{_LIMITS[c.op]}{label} {shown}"


def _guard(condition: Compare | Is, st: Standing, places: int) -> str:
    """A limit on a figure that the sentence has already told: said in brackets."""
    if not isinstance(condition, Compare) or not isinstance(condition.left, Ref):
        return ""
    measure = condition.left.measure
    return f"（{measure.word}{_limit(condition, measure.get(st), measure.form, st, places)}时适用）"


def _places(deciding: Iterable[Compare | Is], st: Standing) -> int:
    """The fewest decimals at which every comparison still reads the way it was judged."""
    comparisons = [c for c in deciding if isinstance(c, Compare)]
    return next(
        (n for n in range(1, MOST_PLACES) if all(_agrees(c, st, n) for c in comparisons)), MOST_PLACES
    )


def _agrees(comparison: Compare, st: Standing, places: int) -> bool:
    value, bound = figure(comparison.left)(st), figure(comparison.right)(st)
    if value is None or bound is None:
        return True
    measure = comparison.left.measure if isinstance(comparison.left, Ref) else None
    form = measure.form if measure else "plain"
    scale = 100 if form == "ratio" else 1
    shown = _round(Decimal(value) * scale, places)
    limit = Decimal(bound) * scale
    if not isinstance(comparison.right, Const):
        limit = _round(limit, places)
    if OPS[comparison.op](shown, limit) != OPS[comparison.op](value, bound) or (not shown and bool(value)):
        return False
    return measure is None or measure.lead not in _LEADS or _lead_agrees(measure, Decimal(value), st, places)


def _lead_agrees(measure: Measure, value: Decimal, st: Standing, places: int) -> bool:
    """Whether 进度 and 应达, as rounded, still stand in the order that a gap claims."""
    if not measure.bad:
        return True
    reached, due = (MEASURES[name].get(st) for name in _LEADS[measure.lead])
    if reached is None or due is None:
        return True
    apart = _round(Decimal(reached) * 100, places) - _round(Decimal(due) * 100, places)
    return (apart > 0) == (value > 0) and (apart < 0) == (value < 0)


def _round(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _decimal(value: Figure, places: int) -> str:
    return "" if value is None else f"{_round(Decimal(value), places):f}"


def _plain(value: Figure, places: int = MOST_PLACES) -> str:
    """A number without needless zeros."""
    if value is None:
        return "无"
    text = f"{_round(Decimal(value), max(places, 2)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _amount(form: str, value: Decimal, places: int) -> str:
    match form:
        case "ratio":
            return f"{_decimal(value * 100, places)} %"
        case "points":
            return f"{_decimal(value, places)} 个百分点"
        case "plain":
            return _plain(value, places)
    return f"{_plain(value)} {form}"


def _bound(form: str, value: Decimal) -> str:
    """A limit as the rule set gives it: 10, not 10.0."""
    match form:
        case "ratio":
            return f"{_plain(value * 100)} %"
        case "points":
            return f"{_plain(value)} 个百分点"
        case "plain":
            return _plain(value)
    return f"{_plain(value)} {form}"


def _shown(measure: Measure, value: Figure, places: int) -> str:
    return "无数据" if value is None else _amount(measure.form, Decimal(value), places)


def operand_words(operand: Operand) -> str:
    """An operand in Chinese, for the limits of a sentence and for the list of clauses on screen."""
    match operand:
        case Const(value=value, word=word):
            return f"{word} {_plain(value)}".strip()
        case Ref(measure=measure):
            return measure.word
        case Calc(op=op, left=left, right=right):
            sign = {"+": "＋", "-": "－", "*": "×", "/": "÷"}[op]
            return f"{operand_words(left)} {sign} {operand_words(right)}"


def condition_words(condition: Condition) -> str:
    """A condition in Chinese, as the page of a rule set lists it."""
    match condition:
        case Compare(left=left, op=op, right=right):
            form = left.measure.form if isinstance(left, Ref) else "plain"
            limit = operand_words(right)
            if isinstance(right, Const):
                limit = f"{right.word} {_bound(form, right.value)}".strip()
            return f"{operand_words(left)}{_LIMITS[op]} {limit}"
        case Is(flag=flag, wanted=wanted):
            return flag.yes if wanted else flag.no
        case All(parts=()):
            return "其余情形"
        case All(parts=parts):
            return "且".join(_bracketed(part) for part in parts)
        case Any_(parts=parts):
            return "或".join(_bracketed(part) for part in parts)


def _bracketed(condition: Condition) -> str:
    text = condition_words(condition)
    return f"（{text}）" if isinstance(condition, Any_) else text
