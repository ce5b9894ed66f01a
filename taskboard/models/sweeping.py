"""A sweep's writing: lights, flags, and the events from which people are told.

Only what changed is written. Where a light differs from the one on which the last sweep acted, the
flag is raised or lowered and an event appended, all in the transaction of the sweep.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from taskboard.db import db
from taskboard.models import chain, facts, placing
from taskboard.models.campaign import Campaign
from taskboard.models.commitment import Commitment
from taskboard.models.event import Event, Kind, dump
from taskboard.models.facts import Facts
from taskboard.models.flag import Flag
from taskboard.models.placing import Bench
from taskboard.models.report import Report
from taskboard.rules import measures
from taskboard.rules.light import Light

FLAGGED = (Light.RED, Light.YELLOW)
CHUNK = 20_000


def sweep(campaign: Campaign, on: date, at: datetime, only: Sequence[int] | None = None) -> dict[str, Any]:
    """Colour all running commitments of the campaign (or some of them) as of a day; returns the summary.

    Running is what has begun and is not done. Twice is harmless: an unchanged commitment writes nothing.
    """
    judging = placing.bench(campaign, on)
    counts: dict[str, Any] = {"on": on.isoformat(), "checked": 0, **{light.value: 0 for light in Light}}
    del counts[Light.BLUE.value]
    counts.update(changed=0, raised=0, lowered=0)
    for ids in running_chunks(campaign.id, on, only):
        _sweep_chunk(ids, judging, at, counts)
    return counts


def running_chunks(campaign_id: int, on: date, only: Sequence[int] | None = None) -> Iterable[Any]:
    """Ranges of ids, so that memory stays flat however many commitments run."""
    running = (Commitment.campaign_id == campaign_id) & (Commitment.starts_on <= on) & Commitment.done_on.is_(None)
    if only is not None:
        yield running & Commitment.id.in_(only)
        return
    last = 0
    while True:
        query = select(Commitment.id).where(running, Commitment.id > last).order_by(Commitment.id)
        end = db.session.scalar(query.offset(CHUNK - 1).limit(1))
        yield running & (Commitment.id > last) & (Commitment.id <= end if end else True)
        if not end:
            return
        last = end


def _sweep_chunk(criterion: Any, judging: Bench, at: datetime, counts: dict[str, Any]) -> None:
    found = facts.read(criterion)
    lights = _settled(found, judging)
    turned = []
    for each in found:
        light = lights[each.row.id]
        counts["checked"] += 1
        counts[light.value] += 1
        if light.value != each.row.swept_light:
            turned.append((each, light))
    counts["changed"] += len(turned)
    raised, lowered = _turn(turned, judging, at)
    counts["raised"] += raised
    counts["lowered"] += lowered


def _settled(found: list[Facts], judging: Bench) -> dict[int, Light]:
    """Place all. Where others may write meanwhile, the rows that change are read again under a lock."""
    if db.engine.dialect.name == "sqlite":
        return placing.place_all(found, judging)
    stale = [each.row.id for each in found if placing.would_move(each, judging)]
    locked = facts.read_ids(stale, lock=True)
    by_id = {**{each.row.id: each for each in found}, **locked}
    found[:] = [by_id[each.row.id] for each in found]
    return placing.place_all(found, judging)


def _turn(turned: list[tuple[Facts, Light]], judging: Bench, at: datetime) -> tuple[int, int]:
    """Write flags, events and the light acted on; returns how many flags were raised and lowered."""
    if not turned:
        return 0, 0
    reporters = _reporters([each.row.id for each, _ in turned])
    events, flags, closing = [], [], []
    for each, light in turned:
        verdict = judging.verdict(each)
        standing_light = each.flag[0] if each.flag else None
        if standing_light and light is not Light.GREY and standing_light != light.value:
            closing.append(each.row.id)
        if light in FLAGGED and standing_light != light.value:
            flags.append(_flag(each, light, verdict.words, judging))
        events.append(_event(each, light, verdict.words, reporters.get(each.row.id), at))
    connection = db.session.connection()
    if closing:
        lower = update(Flag).where(Flag.open_key == bindparam("row_id"))
        lower = lower.values(open_key=None, lowered_on=judging.on)
        connection.execute(lower, [{"row_id": row_id} for row_id in closing])
    if flags:
        connection.execute(insert(Flag), flags)
    connection.execute(insert(Event), chain.seal(events))
    acted = update(Commitment.__table__).where(Commitment.__table__.c.id == bindparam("row_id"))  # type: ignore[arg-type]
    acted = acted.values(swept_light=bindparam("light_now"))
    connection.execute(acted, [{"row_id": e.row.id, "light_now": light.value} for e, light in turned])
    return len(flags), len(closing)


def _flag(each: Facts, light: Light, words: str, judging: Bench) -> dict[str, Any]:
    return {
        "commitment_id": each.row.id,
        "open_key": each.row.id,
        "light": light.value,
        "raised_on": judging.on,
        "gap": measures.gap(judging.standing(each)),
        "words": words,
        "rule_set": f"{judging.rules.name} {judging.rules.version}",
    }


def _event(each: Facts, light: Light, words: str, reporter: int | None, at: datetime) -> dict[str, Any]:
    more = {"words": words} if reporter is None else {"words": words, "reporter": reporter}
    return {
        "at": at,
        "kind": Kind.turned(light.value).key,
        "actor_id": None,
        "subject_type": "commitment",
        "subject_id": each.row.id,
        "data": dump({"light": each.row.swept_light}, {"light": light.value}, more),
        "source": "sweep",
    }


def _reporters(ids: list[int]) -> dict[int, int]:
    """Who made the newest live report of each: the doer of the turn, who is not told of it."""
    found: dict[int, int] = {}
    for start in range(0, len(ids), 5000):
        query = select(Report.commitment_id, Report.reported_by_id).where(
            Report.commitment_id.in_(ids[start : start + 5000]), Report.live_key.is_not(None)
        )
        found.update(
            {commitment_id: person_id for commitment_id, person_id in db.session.execute(query.order_by(Report.week))}
        )
    return found


def unsettled(campaign_id: int) -> list[int]:
    """Commitments whose light is not the one that the last sweep acted on: what was reported since."""
    query = select(Commitment.id).where(
        Commitment.campaign_id == campaign_id, Commitment.light != Commitment.swept_light, Commitment.done_on.is_(None)
    )
    return list(db.session.scalars(query.limit(5000)))
