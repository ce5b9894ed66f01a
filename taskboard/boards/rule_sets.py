"""规则集管理: every version with who put it in force and when, what it says, how it differs from the one before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from taskboard.boards import rules_page, timeline
from taskboard.boards.rules_page import RulesPage
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.models import Campaign, Enactment, Event, RuleSetRow, rule_set
from taskboard.rules.check import warnings
from taskboard.rules.describe import Line, clause_lines, modifier_lines, parameter_lines
from taskboard.rules.ruleset import Clause, Modifier, RuleSet, presets

NOW, COMING, PAST, WITHDRAWN, SHIPPED = "现行", "待施行", "曾施行", "已撤回", "随附"
Difference = tuple[str, str, str]  # what, before, after
Key = tuple[str, str, str]  # what a sentence is of, the kind of commitment, its own name


@dataclass(frozen=True)
class Term:
    """One time that a version was put in force, and until when it held (None: no end in sight)."""

    enactment: Enactment
    state: str
    until: date | None


@dataclass(frozen=True)
class Version:
    """One version in the list. `since` is when it began to judge or will."""

    row: RuleSetRow
    state: str
    since: date | None
    term: Term | None


@dataclass(frozen=True)
class VersionPage:
    """One version as everybody may read it. `page` is None when its text is of a format that is no longer read."""

    version: Version
    page: RulesPage | None
    trouble: str
    terms: tuple[Term, ...]
    before: RuleSetRow | None
    differences: tuple[Difference, ...]
    events: list[timeline.Entry]


def versions(campaign: Campaign, on: date) -> list[Version]:
    """All versions: in force, to come, those of the past, and what was never put in force; newest first in each."""
    terms = _terms(campaign, on)
    now = rule_set.standing(campaign, on)
    rows = db.session.scalars(select(RuleSetRow).order_by(RuleSetRow.id.desc())).all()
    found = [_version(row, terms, now) for row in rows]
    order = (NOW, COMING, PAST, WITHDRAWN, SHIPPED)
    return sorted(found, key=lambda one: order.index(one.state))


def version_page(campaign: Campaign, row: RuleSetRow, on: date) -> VersionPage:
    """One version with its terms, its difference to the version before, and its events."""
    terms = _terms(campaign, on)
    version = _version(row, terms, rule_set.standing(campaign, on))
    page, trouble = None, ""
    try:
        page = rules_page.page_of(rule_set.parsed(row.body, version.since), on)
    except Refused as refusal:
        trouble = str(refusal)
    before = _before(campaign, row, version)
    return VersionPage(
        version=version,
        page=page,
        trouble=trouble,
        terms=tuple(term for term in terms if term.enactment.rule_set_id == row.id),
        before=before,
        differences=_stored_differences(before, row) if page else (),
        events=timeline.entries(Event.of_subject("rule_set", row.id)),
    )


def starts(campaign: Campaign, on: date) -> list[tuple[str, str, str]]:
    """Texts from which another rule set may be written: (key, label, text). The one in force comes first."""
    now = rule_set.standing(campaign, on)
    found = []
    if now:
        found.append(("now", f"现行：{rule_set.title(db.session.get_one(RuleSetRow, now.id))}", now.body))
    return found + [(one.name, f"随附：{one.title}", one.text) for one in presets()]


def notices(rules: RuleSet) -> list[str]:
    """What is to be looked at before a rule set is put in force: gaps, and a version that is used already."""
    other = rule_set.taken(rules)
    return [*([rule_set.taken_words(other)] if other else []), *warnings(rules)]


def differences(old: RuleSet, new: RuleSet) -> tuple[Difference, ...]:
    """What one says differently from the other, in the described lines: what, before, after."""
    before, after = _said(old), _said(new)
    keys = [*before, *(key for key in after if key not in before)]
    sections = list(dict.fromkeys(key[:2] for key in keys))
    keys.sort(key=lambda key: sections.index(key[:2]))
    nothing = ("", "")
    found = [(key, before.get(key, nothing), after.get(key, nothing)) for key in keys]
    lines = [(now[0] or was[0], was[1], now[1]) for _, was, now in found if was[1] != now[1]]
    return tuple(lines + _orders(before, after))


def _terms(campaign: Campaign, on: date) -> list[Term]:
    """All enactments, newest day first, each with its state and its last day."""
    query = select(Enactment).where(Enactment.campaign_id == campaign.id)
    people = (selectinload(Enactment.rule_set), selectinload(Enactment.added_by), selectinload(Enactment.withdrawn_by))
    found: list[Term] = []
    follower: date | None = None
    query = query.order_by(Enactment.valid_from.desc(), Enactment.id.desc()).options(*people)
    for one in db.session.scalars(query):
        until = follower - timedelta(days=1) if follower else None
        if one.live_on is None:
            found.append(Term(one, WITHDRAWN, None))
            continue
        past = until is not None and until < on
        found.append(Term(one, COMING if one.live_on > on else PAST if past else NOW, until))
        follower = one.live_on
    return found


def _version(row: RuleSetRow, terms: list[Term], now: rule_set.Stored | None) -> Version:
    own = [term for term in terms if term.enactment.rule_set_id == row.id]
    for state in (NOW, COMING, PAST, WITHDRAWN):
        term = next((term for term in own if term.state == state), None)
        if term is not None:
            return Version(row, state, None if state == WITHDRAWN else term.enactment.valid_from, term)
    judges = now is not None and now.id == row.id
    return Version(row, NOW if judges else SHIPPED, now.since if judges and now else None, None)


def _before(campaign: Campaign, row: RuleSetRow, version: Version) -> RuleSetRow | None:
    """What judged on the day before it began; for one that never did, the earlier version of the same name."""
    if version.term is not None:
        earlier = rule_set.standing(campaign, version.term.enactment.valid_from - timedelta(days=1))
        return db.session.get(RuleSetRow, earlier.id) if earlier and earlier.id != row.id else None
    query = select(RuleSetRow).where(RuleSetRow.name == row.name, RuleSetRow.id < row.id)
    return db.session.scalars(query.order_by(RuleSetRow.id.desc())).first()


def _stored_differences(before: RuleSetRow | None, row: RuleSetRow) -> tuple[Difference, ...]:
    if before is None:
        return ()
    try:
        return differences(rule_set.parsed(before.body), rule_set.parsed(row.body))
    except Refused:
        return ()


def _said(rules: RuleSet) -> dict[Key, tuple[str, str]]:
    """A rule set as sentences with their labels, each clause, modifier and figure under its own name."""
    said: dict[Key, tuple[str, str]] = {
        ("head", "", "title"): ("名称", rules.title),
        ("head", "", "source"): ("来源", rules.source),
    }
    for p in parameter_lines(rules):
        said["figure", "", p.name] = (f"数值“{p.title}”", p.value + _origin(p.source, p.assumption))
    clauses = (clause for kind in rules.kinds.values() for clause in kind.clauses)
    numbers: Counter[str] = Counter()
    for line, clause in zip(clause_lines(rules), clauses, strict=True):
        numbers[line.kind] += 1
        said["clause", line.kind, line.id] = (f"{line.about} 第 {numbers[line.kind]} 条", _line(line, clause))
    for line, modifier in zip(modifier_lines(rules), rules.modifiers, strict=True):
        opens = "，并立为督查事项" if modifier.opens else ""
        state = "" if line.enabled else "（停用）"
        said["modifier", "", line.id] = ("附加规则", f"{line.about}。{_line(line, modifier)}{opens}{state}")
    return said


def _orders(before: Mapping[Key, tuple[str, str]], after: Mapping[Key, tuple[str, str]]) -> list[Difference]:
    """Where the same clauses are asked in another order: the first that holds decides."""
    found = []
    for kind in dict.fromkeys(key[1] for key in before if key[0] == "clause"):
        was = [key for key in before if key[1] == kind and key in after]
        now = [key for key in after if key[1] == kind and key in before]
        if was != now:
            label = after[now[0]][0].split(" ")[0] + " 先后次序"
            earlier, later = ("；".join(before[key][1] for key in keys) for keys in (was, now))
            found.append((label, earlier, later))
    return found


def _line(line: Line, own: Clause | Modifier) -> str:
    """Its own source alone: that a clause is taken over from another rule set changes nothing."""
    result = f"{line.light.word}灯" if line.light else f"标记“{line.mark}”"
    words = f"；说明“{own.words}”" if own.words else ""
    return f"{result}：{line.condition}{_origin(own.source, line.assumption)}{words}"


def _origin(source: str, assumption: bool) -> str:
    return "（假设）" if assumption else f"（{source}）" if source else ""
