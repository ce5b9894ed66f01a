"""What a rule set that reads correctly may still have wrong: gaps between bands, hidden bands, contradicting bands."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import combinations

from taskboard.rules.conditions import Calc, Compare, Condition, Is, Operand, Ref, compiled
from taskboard.rules.measures import Flag, Measure
from taskboard.rules.numbers import bound_words, rounded
from taskboard.rules.overlaps import contradiction
from taskboard.rules.places import line_of
from taskboard.rules.ruleset import Clause, RuleSet
from taskboard.rules.situations import Atom, Grid, atoms
from taskboard.rules.standing import KIND_WORDS, Standing

MOST_GAPS = 3

Seen = dict[int, Standing]
"""Which bands hold together, as bits with the first band lowest, and the first situation in which just they do."""


def warnings(rules: RuleSet) -> list[str]:
    """Sentences about situations without a light and bands that can never decide or contradict each other.

    Kinds that are taken over from another set are not looked at again. Empty when all is well.
    """
    return [
        said
        for kind, own in rules.kinds.items()
        if not own.inherited_from
        for said in _Kind(rules, kind, own.clauses).warnings()
    ]


class _Kind:
    """The bands of one kind, tried out in every situation of their grid."""

    def __init__(self, rules: RuleSet, kind: str, clauses: tuple[Clause, ...]) -> None:
        self.kind, self.clauses = kind, clauses
        self.lines = [line_of(rules.text, (kind, n + 1)) for n in range(len(clauses))]
        self.atoms: tuple[Atom, ...] = tuple(dict.fromkeys(a for clause in clauses for a in atoms(clause.condition)))
        self.atom_tests = [compiled(atom) for atom in self.atoms]

    def warnings(self) -> Iterator[str]:
        """All that is to be said, in the order of the file as far as possible."""
        seen: Seen = {}
        gaps: dict[int, Standing] = {}
        met = 0
        grid = Grid(self.kind, self.atoms)
        points, whole = grid.combinations()
        tests = [clause.test for clause in self.clauses]
        for combination in points:
            for standing in grid.standings(combination):
                bits = _bits(tests, standing)
                seen.setdefault(bits, standing)
                told = _bits(self.atom_tests, standing)
                met |= told
                if not bits:
                    gaps.setdefault(told, standing)
        yield from self._gaps(list(gaps.values()))
        if whole:
            yield from self._hidden(seen, met)
        yield from self._contradictions(seen)

    def _gaps(self, found: list[Standing]) -> Iterator[str]:
        for standing in found[:MOST_GAPS]:
            where = f"第 {self.lines[0]} 行起 {self.kind}（{KIND_WORDS[self.kind]}）有空档"
            remedy = '没有一条成立，将显示灰灯；请补一条，或在末尾写 when = "always"'
            yield f"{where}：{_when(self._described(standing))}{remedy}"
        if len(found) > MOST_GAPS:
            yield f"{self.kind} 还有 {len(found) - MOST_GAPS} 种类似的空档，未逐一列出"

    def _hidden(self, seen: Seen, met: int) -> Iterator[str]:
        for n in range(len(self.clauses)):
            together = [bits for bits in seen if bits & 1 << n]
            first = sorted({_lowest(bits) for bits in together})
            if n in first:
                continue
            if first:
                hiders = "、".join(self._band(m, short=True) for m in first)
                yield f"{self._band(n)}永远轮不到：它成立时，总有在前的{hiders}先成立；请调换次序或收窄在前的条件"
            elif all(met & 1 << self.atoms.index(atom) for atom in atoms(self.clauses[n].condition)):
                yield f"{self._band(n)}永远不会成立：它的各项条件互相矛盾；请核对"

    def _contradictions(self, seen: Seen) -> Iterator[str]:
        for one, other in combinations(range(len(self.clauses)), 2):
            first, second = self.clauses[one], self.clauses[other]
            if first.light is second.light:
                continue
            where = contradiction(first.condition, second.condition)
            if where is None:
                where = self._tried(one, other, seen)
            if where:
                yield (
                    f"{self._band(one)}与{self._band(other)}互相矛盾：{_when(where)}两条都成立，"
                    f"以在前的第 {one + 1} 条为准，亮{first.light.word}灯；请改正其中一条的界线"
                )

    def _tried(self, one: int, other: int, seen: Seen) -> str:
        """A situation in which two bands on the very same figures both hold, though neither contains the other."""
        conditions = [self.clauses[n].condition for n in (one, other)]
        named = [_names(condition) for condition in conditions]
        if not named[0] or named[0] != named[1] or not any(map(_delimits, conditions)):
            return ""
        both = 1 << one | 1 << other
        if not {both, 1 << one, 1 << other} <= {bits & both for bits in seen}:
            return ""
        return self._described(next(st for bits, st in seen.items() if bits & both == both), named[0])

    def _band(self, n: int, short: bool = False) -> str:
        light = self.clauses[n].light.word
        if short:
            return f"第 {n + 1} 条（第 {self.lines[n]} 行，{light}灯）"
        return f"第 {self.lines[n]} 行 {self.kind} 第 {n + 1} 条（{light}灯）"

    def _described(self, st: Standing, only: set[str] | None = None) -> str:
        """The situation in the figures and words that the bands look at."""
        said = {}
        for measure in (m for atom in self.atoms for m in _measures(atom)):
            value = measure.get(st)
            known = value is not None and f" {bound_words(measure.form, _short(measure, Decimal(value)))}"
            said[measure.name] = f"{measure.word}{known or '未知'}"
        for atom in self.atoms:
            if isinstance(atom, Is):
                said[atom.flag.name] = atom.flag.yes if atom.flag.get(st) else atom.flag.no
        return "、".join(dict.fromkeys(text for name, text in said.items() if only is None or name in only))


def _bits(tests: list[Callable[[Standing], bool]], standing: Standing) -> int:
    return sum(1 << n for n, test in enumerate(tests) if test(standing))


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1


def _when(said: str) -> str:
    return f"{said.rstrip()} 时" if said.rstrip()[-1:].isascii() else f"{said}时"


def _names(condition: Condition) -> set[str]:
    """Every measure and yes/no word of a condition."""
    return {
        name
        for atom in atoms(condition)
        for name in ([atom.flag.name] if isinstance(atom, Is) else [m.name for m in _measures(atom)])
    }


def _delimits(condition: Condition) -> bool:
    """Whether it speaks of one figure only, or bounds a figure from both sides, so that its author meant a stretch.

    Bands on several figures, each bounded on one side, are a ladder, in which they may overlap.
    """
    sides: dict[Operand | Flag, set[str]] = {}
    for atom in atoms(condition):
        if isinstance(atom, Compare):
            sides.setdefault(atom.left, set()).add(atom.op[0])
        else:
            sides.setdefault(atom.flag, set())
    return len(sides) == 1 or any({"<", ">"} <= signs for signs in sides.values())


def _short(measure: Measure, value: Decimal) -> Decimal:
    return rounded(value, 4 if measure.form == "ratio" else 2)


def _measures(part: Atom | Operand) -> Iterator[Measure]:
    match part:
        case Compare(left=left, right=right) | Calc(left=left, right=right):
            yield from (*_measures(left), *_measures(right))
        case Ref(measure=measure):
            yield measure
