"""Taking an evaluation in: all of a file in one transaction, or none of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from taskboard import clock
from taskboard.boards.evaluation import change_words
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.imports.evaluations import Known, Reading, Series
from taskboard.models import Campaign, Evaluation, ImportFile
from taskboard.models.evaluating import Row, differences, publish
from taskboard.models.evaluation import live_results, live_scores, own_indicators
from taskboard.rules.evaluation import Overall, Period, Score

KIND = "evaluations"


@dataclass(frozen=True)
class Fate:
    """What becomes of one line: created, changed (with the columns, before and after) or unchanged."""

    number: int
    said: Overall | Score
    fate: str
    changed: dict[str, tuple[Any, Any]]

    @property
    def words(self) -> str:
        """What a revision changes: 全省位次 6 改为 5."""
        changes = change_words(self.changed)
        return "；".join(f"{label} {before or '（空）'} 改为 {after or '（空）'}" for label, before, after in changes)

    @property
    def is_overall(self) -> bool:
        return isinstance(self.said, Overall)


@dataclass(frozen=True)
class Preview:
    """What taking the file in would do; nothing has been written."""

    reading: Reading
    fates: tuple[Fate, ...]
    imported_at: datetime | None

    @property
    def counts(self) -> Counter[str]:
        return Counter(each.fate for each in self.fates)


def known(campaign: Campaign) -> Known:
    """What a file may speak of: the series with their periods, and the campaign's own indicators."""
    series = {
        each.name: Series(each.name, each.of_province, each.of_city, frozenset(live_results(each.id)))
        for each in Evaluation.listed()
    }
    return Known(series, own_indicators(campaign.id))


def preview(reading: Reading, campaign: Campaign) -> Preview:
    """What would be created and changed, line by line."""
    there = {each.name: each for each in Evaluation.listed()}
    fates = []
    for name, number, said, before in _paired(reading, there):
        changed = differences(before, said) if before is not None else {}
        fate = "created" if name not in there or before is None else "changed" if changed else "unchanged"
        fates.append(Fate(number, said, fate, changed))
    return Preview(reading, tuple(fates), ImportFile.taken_at(campaign.id, KIND, reading.sha256))


def take_in(reading: Reading, campaign: Campaign, name: str, by: int, at: datetime) -> dict[str, Any]:
    """Publish all that the file says; the caller commits. Raises Refused where anything in it is wrong."""
    db.session.execute(select(Campaign.id).where(Campaign.id == campaign.id).with_for_update())  # one file at a time
    before = ImportFile.taken_at(campaign.id, KIND, reading.sha256)
    if before is not None:
        words = f"该文件已于 {clock.day_of(before)} 导入，内容未变"
        unchanged = len(reading.overalls) + len(reading.scores)
        return {"created": 0, "changed": 0, "unchanged": unchanged, "again": words}
    if reading.errors:
        more = f"（共 {len(reading.errors)} 处）" if len(reading.errors) > 1 else ""
        raise Refused(f"没有导入任何内容{more}：{reading.errors[0].words}")
    there = _all_series(reading)
    counts: Counter[str] = Counter({"created": 0, "changed": 0, "unchanged": 0})
    for series, number, said, row in list(_paired(reading, there)):
        changed = row is not None and bool(differences(row, said))
        publish(there[series], said, row, by, at, position=number)
        counts["created" if row is None else "changed" if changed else "unchanged"] += 1
    ImportFile.taken(campaign.id, KIND, reading.sha256, name, counts, by, at)
    return {**counts, "again": ""}


def _all_series(reading: Reading) -> dict[str, Evaluation]:
    """The series there are, and those that the file begins, which have as many indicators as it names."""
    there = {each.name: each for each in Evaluation.listed()}
    for name in dict.fromkeys(series for series, _, _ in reading.overalls):
        if name not in there:
            scores = [said for series, _, said in reading.scores if series == name]
            began = reading.series[name]
            source = next((said.source for series, _, said in reading.overalls if series == name), "")
            there[name] = Evaluation(
                name=name,
                dimensions=len({said.dimension for said in scores}),
                indicators=len({said.name for said in scores}),
                of_province=began.of_province,
                of_city=began.of_city,
                source=source,
            )
            db.session.add(there[name])
    db.session.flush()
    return there


def _paired(reading: Reading, there: dict[str, Evaluation]) -> Iterator[tuple[str, int, Overall | Score, Row | None]]:
    """Each statement with what counts of it now."""
    periods: dict[str, set[Period]] = {}
    for series, _, score in reading.scores:
        periods.setdefault(series, set()).add(score.period)
    ids = {name: each.id for name, each in there.items() if name in reading.series}
    results = {name: live_results(number) for name, number in ids.items()}
    scores = {name: live_scores(number, periods.get(name, ())) for name, number in ids.items()}
    for series, number, overall in reading.overalls:
        yield series, number, overall, results.get(series, {}).get(overall.period)
    for series, number, said in reading.scores:
        row = scores.get(series, {}).get((said.period, said.name))
        linked = said.indicator_id or (row.indicator_id if row is not None else None)
        yield series, number, replace(said, indicator_id=linked), row
