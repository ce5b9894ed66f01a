"""预览变化: which lights another rule set would change today, from the same facts by the same rules. Writes nothing.

Commitments are read in the sweep's own chunks and only the worst changes are kept, so that memory stays flat.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Band, CalendarOverride, Campaign, Commitment, Group, Item, Unit, item_placing, rule_set
from taskboard.models import facts as reader
from taskboard.models.facts import Facts
from taskboard.models.item_placing import Day
from taskboard.models.sweeping import running_chunks
from taskboard.models.weeks import Weeks
from taskboard.rules.light import Light, colour, judge
from taskboard.rules.ruleset import RuleSet

SHOWN = 200
BATCH = 5000
Pair = tuple[Light, Light]


@dataclass(frozen=True)
class Change:
    """One light that would change, with the sentence of the new one."""

    id: int
    kind: str  # target, task or item
    title: str
    unit: str
    old: Light
    new: Light
    words: str


@dataclass(frozen=True)
class Preview:
    """What would change: how many from which light to which, and the worst of them group by group."""

    on: date
    commitments: Counter[Pair]
    items: Counter[Pair]
    groups: tuple[tuple[str, tuple[Change, ...]], ...]
    item_changes: tuple[Change, ...]

    @property
    def words(self) -> str:
        """启用后 12 项由绿转黄、3 项由黄转红，其余 320 项不变."""
        found, items = _said(self.commitments), _said(self.items)
        said = f"启用后 {found}" if found else "目前没有在办的目标和任务"
        return f"{said}；督查事项 {items}" if items else said

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """The numbers as an event keeps them."""
        both = {"commitments": self.commitments, "items": self.items}
        return {
            name: {f"{old.value}-{new.value}": n for (old, new), n in pairs.items()} for name, pairs in both.items()
        }

    @property
    def changed(self) -> int:
        return _changed(self.commitments)

    @property
    def items_changed(self) -> int:
        return _changed(self.items)

    def table(self, of_items: bool = False) -> list[tuple[Light, Light, int]]:
        """The pairs that differ, those that turn worst first."""
        return [(old, new, n) for (old, new), n in _ordered(self.items if of_items else self.commitments)]


def preview(campaign: Campaign, rules: RuleSet, on: date) -> Preview:
    """Judge all that runs on a day by the rule set in force and by another one."""
    now, overrides = rule_set.in_force(campaign, on), CalendarOverride.all()
    counted: Counter[Pair] = Counter()
    worst: list[_Turn] = []
    weeks = Weeks(on, overrides)
    for criterion in running_chunks(campaign.id, on):
        turned = _turns(_judged(reader.read(criterion), weeks, now, rules), counted)
        worst = heapq.nsmallest(SHOWN, [*worst, *turned], key=_Turn.order)
    items: Counter[Pair] = Counter()
    changed = _turns(_judged_items(campaign.id, Day(on, now, overrides), rules), items)
    worst_items = heapq.nsmallest(SHOWN, changed, key=_Turn.order)
    return Preview(
        on=on,
        commitments=counted,
        items=items,
        groups=_grouped(worst, lambda facts: judge(reader.standing(facts, weeks), rules).words),
        item_changes=_items(worst_items, Day(on, rules, overrides)),
    )


@dataclass(frozen=True, slots=True)
class _Turn:
    """A change before it has words: the facts or the item's row, with both lights."""

    source: Any
    id: int
    old: Light
    new: Light

    def order(self) -> tuple[int, int, int]:
        return *_harm(self.old, self.new), self.id


def _turns(judged: Iterable[_Turn], counted: Counter[Pair]) -> Iterator[_Turn]:
    """Those that change; all are counted."""
    for turn in judged:
        counted[turn.old, turn.new] += 1
        if turn.old is not turn.new:
            yield turn


def _judged(found: list[Facts], weeks: Weeks, now: RuleSet, rules: RuleSet) -> Iterator[_Turn]:
    for facts in found:
        standing = reader.standing(facts, weeks)
        yield _Turn(facts, facts.row.id, colour(standing, now), colour(standing, rules))


def _judged_items(campaign_id: int, day: Day, rules: RuleSet) -> Iterator[_Turn]:
    """The running items, which are those that the daily watch colours."""
    table: Any = Item.__table__
    last = 0
    while True:
        query = select(table).where(table.c.campaign_id == campaign_id, table.c.band < Band.PAUSED, table.c.id > last)
        rows = db.session.execute(query.order_by(table.c.id).limit(BATCH)).all()
        plans = item_placing.nodes_of([row.id for row in rows]) if rows else {}
        for row in rows:
            standing = item_placing.standing(row, day, plans.get(row.id, ()))
            yield _Turn((row, plans.get(row.id, ())), row.id, colour(standing, day.rules), colour(standing, rules))
        if len(rows) < BATCH:
            return
        last = rows[-1].id


def _grouped(turns: list[_Turn], words: Callable[[Facts], str]) -> tuple[tuple[str, tuple[Change, ...]], ...]:
    """The changes with title and unit, by group in published order, worst first in each."""
    if not turns:
        return ()
    query = (
        select(Commitment.id, Commitment.kind, Commitment.title, Unit.short_name, Group.no, Group.name)
        .join(Group, Group.id == Commitment.group_id)
        .join(Unit, Unit.id == Commitment.unit_id)
        .where(Commitment.id.in_([turn.id for turn in turns]))
    )
    about: Mapping[int, Any] = {row.id: row for row in db.session.execute(query)}
    ordered = sorted(turns, key=lambda turn: (about[turn.id].no, *turn.order()))
    return tuple(
        (name, tuple(_change(turn, about[turn.id], words(turn.source)) for turn in of_group))
        for (_, name), of_group in groupby(ordered, key=lambda turn: (about[turn.id].no, about[turn.id].name))
    )


def _change(turn: _Turn, about: Any, words: str) -> Change:
    return Change(turn.id, about.kind, about.title, about.short_name, turn.old, turn.new, words)


def _items(turns: list[_Turn], day: Day) -> tuple[Change, ...]:
    if not turns:
        return ()
    names = {id_: name for id_, name in db.session.execute(select(Unit.id, Unit.short_name))}
    return tuple(
        Change(
            turn.id,
            "item",
            turn.source[0].title,
            names.get(turn.source[0].unit_id, ""),
            turn.old,
            turn.new,
            item_placing.verdict(turn.source[0], day, turn.source[1]).words,
        )
        for turn in turns
    )


def _harm(old: Light, new: Light) -> tuple[int, int]:
    """Worst first: by the new light, then by how good the old one was; grey, which said nothing, last."""
    return -new.severity, old.severity or len(Light)


def _changed(pairs: Counter[Pair]) -> int:
    return sum(n for (old, new), n in pairs.items() if old is not new)


def _ordered(pairs: Counter[Pair]) -> list[tuple[Pair, int]]:
    changed = [(pair, n) for pair, n in pairs.items() if pair[0] is not pair[1]]
    return sorted(changed, key=lambda each: _harm(*each[0]))


def _said(pairs: Counter[Pair]) -> str:
    """12 项由绿转黄、3 项由黄转红，其余 320 项不变; empty when there is nothing to judge."""
    same = pairs.total() - _changed(pairs)
    turned = "、".join(f"{n} 项由{old.word}转{new.word}" for (old, new), n in _ordered(pairs))
    if not turned:
        return f"{same} 项亮灯均不变" if same else ""
    return f"{turned}，其余 {same} 项不变" if same else turned
