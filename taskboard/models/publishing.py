"""Published figures by the thousand: what `figures.publish` does one by one, in few statements.

The result is that of publishing one by one; a target of which several days are said is taken in as many rounds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, insert, select, update

from taskboard import clock
from taskboard.db import db
from taskboard.models import chain, facts, placing
from taskboard.models.campaign import Campaign
from taskboard.models.commitment import Commitment
from taskboard.models.event import Event, Kind, dump
from taskboard.models.figure import Figure
from taskboard.models.figures import Published, check_published
from taskboard.models.placing import Bench
from taskboard.models.report import Report
from taskboard.models.reporting import carried, reading_of
from taskboard.rules.vintage import Reading, Vintage

CHUNK = 2000
Statement = tuple[int, Published]  # of which target, and what
Say = Callable[[int, int], None]


def publish_all(
    campaign: Campaign,
    said: Sequence[Statement],
    by: int,
    at: datetime,
    say: Say = lambda done, total: None,
    import_file_id: int | None = None,
) -> Counter[str]:
    """Take published figures in, of one file; the caller commits. Counts created, revised and unchanged.

    Raises Refused for a day outside a target's period or still to come.
    """
    said = [(target_id, replace(one, import_file_id=import_file_id or one.import_file_id)) for target_id, one in said]
    db.session.flush()
    judging = placing.bench(campaign, clock.day_of(at))
    counts: Counter[str] = Counter({"created": 0, "revised": 0, "unchanged": 0})
    done = 0
    for round_ in _rounds(said):
        for start in range(0, len(round_), CHUNK):
            part = round_[start : start + CHUNK]
            _publish_part(dict(part), by, at, judging, counts)
            done += len(part)
            say(done, len(said))
    db.session.expire_all()
    return counts


def _rounds(said: Sequence[Statement]) -> list[list[Statement]]:
    """Each round names a target once, in the order in which its figures were said."""
    seen: Counter[int] = Counter()
    rounds: dict[int, list[Statement]] = defaultdict(list)
    for target_id, published in said:
        rounds[seen[target_id]].append((target_id, published))
        seen[target_id] += 1
    return [rounds[n] for n in sorted(rounds)]


def _publish_part(said: Mapping[int, Published], by: int, at: datetime, judging: Bench, counts: Counter[str]) -> None:
    base = Commitment.__table__
    query = select(base.c.id, base.c.title, base.c.starts_on, base.c.ends_on).where(base.c.id.in_(said))
    for row in db.session.execute(query.order_by(base.c.id).with_for_update()):
        check_published(row, said[row.id])
    keys = [f"{target_id}:{published.as_of}" for target_id, published in said.items()]
    live = select(Figure.id, Figure.target_id, Figure.value, Figure.revision).where(Figure.live_key.in_(keys))
    before = {row.target_id: row for row in db.session.execute(live)}
    rows, events, superseded = [], [], []
    for target_id, published in said.items():
        earlier = before.get(target_id)
        if earlier is not None and earlier.value == published.value:
            counts["unchanged"] += 1
            continue
        counts["revised" if earlier else "created"] += 1
        rows.append(_row(target_id, published, earlier.revision + 1 if earlier else 1, by, at))
        events.append(_event(target_id, published, earlier, by, at))
        superseded += [{"row_id": earlier.id}] if earlier else []
    if not rows:
        return
    connection = db.session.connection()
    if superseded:
        connection.execute(update(Figure).where(Figure.id == bindparam("row_id")).values(live_key=None), superseded)
    connection.execute(insert(Figure), rows)
    connection.execute(insert(Event), chain.seal(events))
    _take_up([row["target_id"] for row in rows], judging)


def _row(target_id: int, published: Published, revision: int, by: int, at: datetime) -> dict[str, Any]:
    return {
        "target_id": target_id,
        "as_of": published.as_of,
        "value": published.value,
        "revision": revision,
        "live_key": f"{target_id}:{published.as_of}",
        "published_on": published.published_on,
        "source": published.source,
        "import_file_id": published.import_file_id,
        "taken_by_id": by,
        "taken_at": at,
    }


def _event(target_id: int, published: Published, earlier: Any, by: int, at: datetime) -> dict[str, Any]:
    kind = Kind.FIGURE_REVISED if earlier else Kind.FIGURE_PUBLISHED
    after = {"value": published.value, "as_of": published.as_of, "source": published.source}
    data = dump({"value": earlier.value} if earlier else None, after)
    return {
        "at": at,
        "kind": kind.key,
        "actor_id": by,
        "subject_type": "commitment",
        "subject_id": target_id,
        "data": data,
    }


def _take_up(ids: Sequence[int], judging: Bench) -> None:
    """Carry the figure that counts now into each target, and place them anew."""
    readings: dict[int, list[Reading]] = {target_id: [] for target_id in ids}
    for found in (_newest_reports(ids, judging.on), _newest_confirmed(ids, judging.on), _newest_figures(ids)):
        for target_id, reading in found.items():
            readings[target_id].append(reading)
    writes = [{"row_id": target_id, **carried(known, judging.on)} for target_id, known in readings.items()]
    base: Any = Commitment.__table__
    names = [name for name in writes[0] if name != "row_id"]
    statement = update(base).where(base.c.id == bindparam("row_id")).values({name: bindparam(name) for name in names})
    db.session.connection().execute(statement, writes)
    placing.place_all(facts.read_ids(ids).values(), judging)


_REPORT = (
    Report.id,
    Report.commitment_id,
    Report.as_of,
    Report.value,
    Report.vintage,
    Report.confirmed_at,
)


def _newest_reports(ids: Sequence[int], on: date) -> dict[int, Reading]:
    """The latest usable report of each."""
    usable = and_(Report.commitment_id.in_(ids), Report.live_key.is_not(None), Report.returned_at.is_(None))
    last = select(Report.commitment_id.label("owner"), func.max(Report.week).label("week"))
    last_week = last.where(usable).group_by(Report.commitment_id).subquery()
    mine = and_(Report.commitment_id == last_week.c.owner, Report.week == last_week.c.week)
    query = select(*_REPORT).join(last_week, mine).where(usable)
    return {row.commitment_id: _said(row, on) for row in db.session.execute(query)}


def _newest_confirmed(ids: Sequence[int], on: date) -> dict[int, Reading]:
    sure = and_(Report.commitment_id.in_(ids), Report.live_key.is_not(None), Report.returned_at.is_(None))
    sure &= Report.confirmed_at.is_not(None)
    last = select(Report.commitment_id.label("owner"), func.max(Report.as_of).label("day"))
    last_day = last.where(sure).group_by(Report.commitment_id).subquery()
    mine = and_(Report.commitment_id == last_day.c.owner, Report.as_of == last_day.c.day)
    query = select(*_REPORT).join(last_day, mine).where(sure).order_by(Report.id)
    return {row.commitment_id: _said(row, on) for row in db.session.execute(query)}


def _newest_figures(ids: Sequence[int]) -> dict[int, Reading]:
    counts = and_(Figure.target_id.in_(ids), Figure.live_key.is_not(None))
    last = select(Figure.target_id.label("owner"), func.max(Figure.as_of).label("day"))
    last_day = last.where(counts).group_by(Figure.target_id).subquery()
    mine = and_(Figure.target_id == last_day.c.owner, Figure.as_of == last_day.c.day)
    query = select(Figure.id, Figure.target_id, Figure.as_of, Figure.value, Figure.revision)
    found = {}
    for row in db.session.execute(query.join(last_day, mine).where(counts)):
        vintage = Vintage.OFFICIAL if row.revision == 1 else Vintage.REVISION
        found[row.target_id] = Reading(row.as_of, vintage, row.value, row.id)
    return found


def _said(row: Any, on: date) -> Reading:
    standing = Vintage.CONFIRMED if row.confirmed_at is not None else Vintage(row.vintage)
    return reading_of(row.as_of, standing, row.value, row.id, on)
