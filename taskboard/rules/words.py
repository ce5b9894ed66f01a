"""The sentence beside a light, made from the clause that decided and the figures it saw.

Nothing here knows a rule set: a clause says which measures it compared with which lines, and the measures
know their words. A new rule set as data reads as well as the shipped ones.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from taskboard.rules.conditions import AllOf, AnyOf, Compare, Condition, Const, Is, Ref, compiled, figure
from taskboard.rules.measures import DATES, FLAGS, MEASURES, Figure, Flag, Measure
from taskboard.rules.numbers import (
    LEADS,
    amount,
    bound_words,
    chinese_date,
    decimal,
    form_of,
    operand_words,
    places_for,
    plain,
    shown,
    subject,
)
from taskboard.rules.standing import Standing

if TYPE_CHECKING:
    from taskboard.rules.ruleset import Clause, Modifier

_LIMITS = {"<": "低于", "<=": "不高于", ">": "高于", ">=": "不低于", "==": "等于", "!=": "不等于"}
_COUNT_LIMITS = {"<": "不足", "<=": "未超过", ">": "超过", ">=": "超过", "==": "等于", "!=": "不等于"}


def sentence(standing: Standing, clause: "Clause | None", applied: Sequence["Modifier"], light_word: str) -> str:
    """The whole reason: the figures, the line they crossed or kept, what modifiers added, the light."""
    parts = [_reason(standing, clause.condition, clause.words) if clause else "规则集未对此情形作出规定"]
    parts += [_reason(standing, m.condition, m.words, opening=False) for m in applied]
    return f"{'；'.join(part for part in parts if part)}，故为{light_word}灯"


def note(standing: Standing, modifier: "Modifier") -> str:
    """The sentence of a mark, which changes no light."""
    return f"{modifier.mark}：{_reason(standing, modifier.condition, modifier.words, opening=False)}"


def condition_words(condition: Condition) -> str:
    """A condition in Chinese, as the page of a rule set lists it."""
    match condition:
        case Compare(left=left, op=op, right=Const(value=value, word=word)):
            return f"{operand_words(left)}{_LIMITS[op]}{word} {bound_words(form_of(left), value)}"
        case Compare(left=left, op=op, right=right):
            return f"{operand_words(left)}{_LIMITS[op]}{operand_words(right)}"
        case Is(flag=flag, wanted=wanted):
            return flag.yes if wanted else flag.no
        case AllOf(parts=()):
            return "其余情形"
        case AllOf(parts=parts):
            return "，且".join(_bracketed(part) for part in parts)
        case AnyOf(parts=parts):
            return "，或".join(condition_words(part) for part in parts)


def _bracketed(condition: Condition) -> str:
    text = condition_words(condition)
    return f"（{text}）" if isinstance(condition, AnyOf) else text


def _reason(st: Standing, condition: Condition, words: str, opening: bool = True) -> str:
    deciding = list(_deciding(condition, st))
    places = places_for(deciding, st)
    if words:
        return _filled(words, st, places)
    lead = _lead_name(deciding)
    told = LEADS.get(lead, ()) if opening else ()
    groups = [(name, list(group)) for name, group in groupby(deciding, key=subject)]
    phrases = [_phrase(group, st, places) for name, group in groups if name not in told]
    guards = [_guard(c) for name, group in groups if name in told for c in group]
    opened = _lead(lead, st, places) if opening or lead == "report" else []
    return "，".join(opened + phrases) + "".join(guards)


def _filled(words: str, st: Standing, places: int) -> str:
    """The rule set's own words with its figures, yes/no words and dates in place."""
    said = {name: _told(m, m.get(st), places) if m.say else shown(m, m.get(st), places) for name, m in MEASURES.items()}
    said |= {name: _flag(f, f.get(st), st) for name, f in FLAGS.items()}
    said |= {name: chinese_date(day) if (day := get(st)) else "规定日期" for name, get in DATES.items()}
    return words.format(**said)


def _deciding(condition: Condition, st: Standing) -> Iterable[Compare | Is]:
    """What made the condition true: every part of all, the first true part of any."""
    match condition:
        case AllOf(parts=parts):
            for part in parts:
                yield from _deciding(part, st)
        case AnyOf(parts=parts):
            yield from next((_deciding(p, st) for p in parts if compiled(p)(st)), ())
        case Compare() | Is():
            yield condition


def _lead_name(deciding: Iterable[Compare | Is]) -> str:
    """What the sentence opens with; a yes/no word or a count of weeks needs no figures before it."""
    for condition in deciding:
        if isinstance(condition, Compare) and isinstance(condition.left, Ref) and condition.left.measure.lead:
            return condition.left.measure.lead
    return ""


def _lead(name: str, st: Standing, places: int) -> list[str]:
    match name:
        case "progress" | "linear":
            reached, due = (MEASURES[measure] for measure in LEADS[name])
            return [f"进度 {shown(reached, reached.get(st), places)}", f"应达 {shown(due, due.get(st), places)}"]
        case "growth" if st.value is not None:
            marks = [("目标", st.target), ("参照水平", st.reference), ("第二参照水平", st.second_reference)]
            told = [f"{word} {decimal(mark, places)} %" for word, mark in marks if mark is not None]
            return [f"增速 {decimal(st.value, places)} %", *told]
        case "rank" if st.value is not None and st.target is not None:
            return [f"位次第 {plain(st.value)}", f"目标第 {plain(st.target)}"]
        case "due":
            return [f"应于{chinese_date(st.ends_on)}{'办结' if st.kind == 'item' else '完成'}"]
        case "report" if st.report_due_on:
            return [f"应于{chinese_date(st.report_due_on)}填报"]
    return []


def _phrase(conditions: Sequence[Compare | Is], st: Standing, places: int) -> str:
    """What one subject says, with every limit that was put to it."""
    first = conditions[0]
    if isinstance(first, Is):
        return _flag(first.flag, first.wanted, st)
    comparisons = [c for c in conditions if isinstance(c, Compare)]
    value = figure(first.left)(st)
    if isinstance(first.left, Ref):
        measure = first.left.measure
        if measure.bad and value is not None:
            return "，".join(_signed(measure, Decimal(value), comparisons, st, places))
        told = _late(st) if subject(first) == "late" else _told(measure, value, places)
    else:
        told = f"{operand_words(first.left)}为 {plain(value or 0, places)}"
    limits = [_limit(c, st, places) for c in comparisons]
    return "，".join([told, *(limit for limit in limits if limit)])


def _flag(flag: Flag, answer: bool, st: Standing) -> str:
    if flag.name == "red_by_hand" and answer and st.hand_reason:
        return f"{flag.yes}（{st.hand_reason}）"
    if flag.name == "done" and answer and st.done_on:
        return f"已于{chinese_date(st.done_on)}完成"
    return flag.yes if answer else flag.no


def _late(st: Standing) -> str:
    what = f"“{st.late_milestone}”" if st.late_milestone else ""
    days = "个工作日" if st.kind == "item" else "天"
    return f"{what}逾期 {st.days_late} {days}" if st.days_late else "未逾期"


def _told(measure: Measure, value: Figure, places: int) -> str:
    text = shown(measure, value, places)
    return measure.say.format(text) if measure.say else f"{measure.word} {text}"


def _signed(measure: Measure, value: Decimal, comparisons: Iterable[Compare], st: Standing, places: int) -> list[str]:
    """“差 19.5 个百分点，超过黄线 10 个百分点”: a side and a distance, then the limits on that side."""
    bad, good, level = measure.sides
    if not value:
        return [level]
    side = 1 if value > 0 else -1
    said = [f"{bad if side == measure.bad else good} {amount(measure.form, abs(value), places)}"]
    for comparison in comparisons:
        bound = Decimal(figure(comparison.right)(st) or 0)
        if bound * side > 0:
            reach = _reach(comparison.op, abs(value), abs(bound), side)
            said.append(f"{reach}{_line(comparison, places, st)}")
    return said


def _reach(op: str, distance: Decimal, limit: Decimal, side: int) -> str:
    """How a distance stands to its limit; at the limit itself the comparison says which side it counts to."""
    if distance == limit:
        outward = ">=" if side > 0 else "<="
        return "达到" if op == outward else "未超过"
    return "超过" if distance > limit else "未超过"


def _line(comparison: Compare, places: int, st: Standing) -> str:
    """The limit of a signed measure as a distance, with its name when it is a parameter."""
    form, right = form_of(comparison.left), comparison.right
    value = figure(right)(st)
    bound = abs(Decimal(value or 0))
    if isinstance(right, Const):
        return f"{right.word} {bound_words(form, bound)}"
    return f"{operand_words(right)} {amount(form, bound, places)}"


def _limit(comparison: Compare, st: Standing, places: int) -> str:
    """“低于达成底线 70 %”; of a count only what its own figure does not say already."""
    value, bound = figure(comparison.left)(st), figure(comparison.right)(st)
    if value is None or bound is None:
        return ""
    form, right, op = form_of(comparison.left), comparison.right, comparison.op
    counted = form not in ("ratio", "points", "plain")
    if counted and ((op == ">" and not bound) or (op == ">=" and (value == bound or bound <= 1))):
        return ""
    said = (_COUNT_LIMITS if counted else _LIMITS)[op]
    if isinstance(right, Const):
        return f"{said}{right.word} {bound_words(form, bound)}"
    return f"{said}{operand_words(right)}（{amount(form, bound, places)}）"


def _guard(condition: Compare | Is) -> str:
    """A limit on a figure that the sentence has already given: said in brackets."""
    return f"（{condition_words(condition)} 时适用）"
