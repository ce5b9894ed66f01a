"""规则: the rule set in force in words, its figures with their sources, and what else could be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from taskboard.models import CalendarOverride, Campaign, rule_set
from taskboard.rules import workdays
from taskboard.rules.describe import Line, ParameterLine, clause_lines, modifier_lines, parameter_lines
from taskboard.rules.ruleset import RuleSet, presets


@dataclass(frozen=True)
class RulesPage:
    """A rule set as people read it."""

    rules: RuleSet
    kinds: tuple[tuple[str, tuple[Line, ...]], ...]
    modifiers: tuple[Line, ...]
    parameters: tuple[ParameterLine, ...]
    others: tuple[RuleSet, ...]
    calendar_until: date
    calendar_notice: str
    overridden_days: int

    @property
    def assumptions(self) -> int:
        """How many of its clauses and figures no published source gave."""
        clauses = sum(line.assumption for _, lines in self.kinds for line in lines)
        return clauses + sum(m.assumption for m in self.modifiers) + sum(p.assumption for p in self.parameters)


def rules_page(campaign: Campaign, on: date) -> RulesPage:
    """The rules by which the campaign is judged on a day."""
    return page_of(rule_set.in_force(campaign, on), on)


def page_of(rules: RuleSet, on: date) -> RulesPage:
    """Any rule set as people read it."""
    overrides = CalendarOverride.all()
    return RulesPage(
        rules=rules,
        kinds=tuple((about, tuple(lines)) for about, lines in groupby(clause_lines(rules), lambda line: line.about)),
        modifiers=tuple(modifier_lines(rules)),
        parameters=tuple(parameter_lines(rules)),
        others=tuple(one for one in presets() if one.name != rules.name),
        calendar_until=workdays.known_until(),
        calendar_notice=workdays.unpublished_notice(on.year, overrides) or "",
        overridden_days=len(overrides),
    )
