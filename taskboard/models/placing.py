"""Placing commitments: asking the rules where they stand and writing it down, with the tally.

`place_one` serves a deed on one commitment, `place_all` the sweep. Both read the same facts and
ask the same rules, so a list, a page and a sweep agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, update

from taskboard.db import db
from taskboard.models import facts as reader
from taskboard.models import rule_set, tally
from taskboard.models.calendar_override import CalendarOverride
from taskboard.models.campaign import Campaign
from taskboard.models.commitment import Commitment
from taskboard.models.facts import Facts
from taskboard.models.weeks import Weeks
from taskboard.rules.light import Light, Verdict, colour, judge
from taskboard.rules.ruleset import RuleSet
from taskboard.rules.standing import Standing


@dataclass(frozen=True)
class Bench:
    """What judging needs on one day: the rule set in force and the calendar."""

    rules: RuleSet
    weeks: Weeks

    @property
    def on(self) -> date:
        return self.weeks.on

    def standing(self, facts: Facts) -> Standing:
        return reader.standing(facts, self.weeks)

    def verdict(self, facts: Facts) -> Verdict:
        """The light with its words and figures."""
        return judge(self.standing(facts), self.rules)


def bench(campaign: Campaign, on: date) -> Bench:
    """The rules and the calendar of a campaign on a day."""
    return Bench(rule_set.in_force(campaign, on), Weeks(on, CalendarOverride.all()))


def place_one(commitment: Commitment, on: date) -> Verdict:
    """Judge one commitment after a deed and put it where it belongs. Returns the verdict for the page."""
    db.session.flush()
    campaign = db.session.get_one(Campaign, commitment.campaign_id)
    judging = bench(campaign, on)
    facts = reader.read_ids([commitment.id])[commitment.id]
    standing = judging.standing(facts)
    verdict = judge(standing, judging.rules)
    before = tally.place_of(facts.row)
    values = _values(facts, standing, judging, verdict.light)
    for name, value in values.items():
        setattr(commitment, name, value)
    db.session.flush()
    tally.moved(before, before._replace(**{k: v for k, v in values.items() if k in before._fields}))
    return verdict


def admit(commitment: Commitment, on: date) -> Verdict:
    """Place a commitment that has just been made, and count it."""
    db.session.add(commitment)
    db.session.flush()
    tally.moved(None, tally.place_of(commitment))
    return place_one(commitment, on)


def place_all(all_facts: Iterable[Facts], judging: Bench) -> dict[int, Light]:
    """Judge many commitments and write those whose place changed. Returns the light of each."""
    lights: dict[int, Light] = {}
    writes: list[dict[str, Any]] = []
    deltas: Counter[tally.Place] = Counter()
    for facts in all_facts:
        standing = judging.standing(facts)
        light = lights[facts.row.id] = colour(standing, judging.rules)
        values = _values(facts, standing, judging, light)
        if any(getattr(facts.row, name) != value for name, value in values.items()):
            writes.append({"row_id": facts.row.id, **values})
            before = tally.place_of(facts.row)
            deltas[before] -= 1
            deltas[before._replace(**{k: v for k, v in values.items() if k in before._fields})] += 1
    if writes:
        table = Commitment.__table__
        statement = update(table).where(table.c.id == bindparam("row_id"))  # type: ignore[arg-type]
        names = [name for name in writes[0] if name != "row_id"]
        db.session.connection().execute(statement.values({name: bindparam(name) for name in names}), writes)
    tally.add(deltas)
    return lights


def would_move(facts: Facts, judging: Bench) -> bool:
    """Whether placing it now would write anything."""
    standing = judging.standing(facts)
    values = _values(facts, standing, judging, colour(standing, judging.rules))
    return any(getattr(facts.row, name) != value for name, value in values.items())


def _values(facts: Facts, standing: Standing, judging: Bench, light: Light) -> dict[str, Any]:
    row = facts.row
    shown, section, owed = reader.placement(facts, standing, light, judging.weeks)
    since = row.light_since if row.light == shown else judging.on
    done_on = row.done_on or (judging.on if section == reader.Section.DONE else None)
    return {"light": shown, "light_since": since, "section": int(section), "owed": owed, "done_on": done_on}
