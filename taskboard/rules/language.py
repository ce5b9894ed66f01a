"""The clause language: `gap < -10 or (scheduled >= 15 % and attainment < 0.7)`.

Reads the `when` of a rule set into the tree of `conditions`. Nothing is evaluated as Python: Python's parser
only cuts the text into words, and whatever is not in the language is refused with the place and the remedy.
"""

import ast
import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from taskboard.errors import Refused
from taskboard.rules.conditions import CALC, AllOf, AnyOf, Calc, Compare, Condition, Const, Is, Operand, Ref
from taskboard.rules.measures import FLAGS, MEASURES, Flag, Measure
from taskboard.rules.places import Place, line_of, place_words

_AST_OPS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_SIGNS = str.maketrans({"≥": ">=", "≤": "<=", "≠": "!=", "＜": "<", "＞": ">", "％": "%", "（": "(", "）": ")"})
LONGEST = 500  # far more than a readable condition, far less than Python's parser can nest
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")


class RuleSetError(Refused):
    """A rule set that cannot be used. The message names the line, the entry and the remedy."""

    title = "规则集有误"

    def __init__(self, place: Place, problem: str, word: str = "", line: int = 0) -> None:
        self.place, self.problem, self.word, self.line = place, problem, word, line
        where = f"第 {line} 行 {place_words(place)}" if line else place_words(place)
        super().__init__(f"{where.strip()}：{problem}" if where else problem)

    def within(self, text: str) -> "RuleSetError":
        """The same, with the line in the text from which the rule set was read."""
        line = self.line or line_of(text, self.place, self.word)
        return RuleSetError(self.place, self.problem, self.word, line)


def nearest(word: object, known: Iterable[str]) -> str:
    """“，是否为 x” for the known name most like the word, or nothing."""
    close = difflib.get_close_matches(str(word), list(known), n=1, cutoff=0.5)
    return f"，是否为“{close[0]}”" if close else ""


def read(source: object, parameters: Mapping[str, Const], place: Place) -> Condition:
    """The condition that a `when` entry says: a text, or a table of all / any with a list of such entries."""
    if isinstance(source, Mapping):
        return _read_group(source, parameters, place)
    if isinstance(source, bool) or not isinstance(source, str) or not source.strip():
        raise RuleSetError(place, '条件应为文字，如 when = "gap < -10"，或 all、any 及其列表')
    if len(source) > LONGEST:
        raise RuleSetError(place, f"条件超过 {LONGEST} 字，请拆成几条，或用 all、any 列表")
    if source.strip() == "always":
        return AllOf(())
    text = _PERCENT.sub(r"(\1/100)", " ".join(source.translate(_SIGNS).split()))
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise RuleSetError(place, f"看不懂条件“{source}”，请写成“gap < -10 and scheduled >= 15 %”的样式") from None
    return _Reader(source, parameters, place).condition(tree)


def _read_group(source: Mapping[object, object], parameters: Mapping[str, Const], place: Place) -> Condition:
    if len(source) != 1 or next(iter(source)) not in ("all", "any"):
        names = "、".join(str(key) for key in source)
        raise RuleSetError(place, f"条件只能有 all 或 any 之一，现为“{names}”")
    key, parts = next((str(key), parts) for key, parts in source.items())
    if not isinstance(parts, list) or not parts:
        raise RuleSetError((*place, key), "应为至少一项条件的列表")
    read_parts = tuple(read(part, parameters, (*place, key, n)) for n, part in enumerate(parts, 1))
    return AllOf(read_parts) if key == "all" else AnyOf(read_parts)


@dataclass(frozen=True)
class _Reader:
    """Turns Python's syntax tree into ours, refusing whatever is not in the language."""

    source: str
    parameters: Mapping[str, Const]
    place: Place

    def fail(self, problem: str, word: str = "") -> RuleSetError:
        return RuleSetError(self.place, f"条件“{' '.join(self.source.split())}”中{problem}", word)

    def condition(self, node: ast.expr) -> Condition:
        match node:
            case ast.BoolOp(op=op, values=values):
                parts = tuple(self.condition(value) for value in values)
                return AllOf(parts) if isinstance(op, ast.And) else AnyOf(parts)
            case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)):
                return Is(self.flag(name), False)
            case ast.UnaryOp(op=ast.Not()):
                raise self.fail("not 只能用在是非词之前，如“not done”；比较请改用相反的符号")
            case ast.Name(id=name):
                return Is(self.flag(name), True)
            case ast.Compare():
                return self.comparisons(node)
        raise self.fail("有不能用的写法，只可比较、and、or、not 和括号")

    def comparisons(self, node: ast.Compare) -> Condition:
        """A chain such as -10 <= gap < 0 is both comparisons."""
        operands = [self.operand(part) for part in (node.left, *node.comparators)]
        parts = []
        for left, op, right in zip(operands, node.ops, operands[1:], strict=False):
            sign = _AST_OPS.get(type(op))
            if sign is None:
                raise self.fail("比较符号只能是 <、<=、>、>=、==、!=")
            if isinstance(left, Const) and isinstance(right, Const):
                raise self.fail("比较的两边都是数，至少一边应为指标名")
            parts.append(
                Compare(right, _FLIPPED[sign], left) if isinstance(left, Const) else Compare(left, sign, right)
            )
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def operand(self, node: ast.expr) -> Operand:
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool) and abs(number) < 1e15:
                return Const(Decimal(str(number)))
            case ast.Name(id=name):
                return self.parameters[name] if name in self.parameters else Ref(self.measure(name))
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return self.calc("-", Const(Decimal(0)), self.operand(inner))
            case ast.BinOp(op=op, left=left, right=right) if type(op) in _ARITHMETIC:
                return self.calc(_ARITHMETIC[type(op)], self.operand(left), self.operand(right))
        raise self.fail("有不能用的算式，只可用数、指标名、参数名和加减乘除")

    def calc(self, op: str, left: Operand, right: Operand) -> Operand:
        if op == "/" and isinstance(right, Const) and not right.value:
            raise self.fail("除数为零")
        if isinstance(left, Const) and isinstance(right, Const):
            return Const(CALC[op](left.value, right.value), left.word or right.word)
        return Calc(op, left, right)

    def measure(self, name: str) -> Measure:
        if name in MEASURES:
            return MEASURES[name]
        if name in FLAGS:
            raise self.fail(f"“{name}”是是非词，不能与数比较，请单写“{name}”或“not {name}”", name)
        raise self.fail(f"没有“{name}”这个指标名或参数名{nearest(name, [*MEASURES, *FLAGS, *self.parameters])}", name)

    def flag(self, name: str) -> Flag:
        if name in FLAGS:
            return FLAGS[name]
        if name in MEASURES or name in self.parameters:
            raise self.fail(f"“{name}”是数，须与另一个数比较，如“{name} >= 1”", name)
        raise self.fail(f"没有“{name}”这个名称{nearest(name, [*FLAGS, *MEASURES])}", name)
