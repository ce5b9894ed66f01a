"""Setting up and changing targets by the thousand: what models/defining.py does one by one, in few statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from taskboard import clock
from taskboard.db import db
from taskboard.errors import Conflict
from taskboard.models import facts, placing, tally
from taskboard.models.campaign import Campaign
from taskboard.models.commitment import Commitment
from taskboard.models.defining import (
    LABELS,
    TargetDraft,
    _arrange,
    _base,
    _check,
    _check_reports,
    _differing,
    _target_columns,
    _words,
    spoken,
)
from taskboard.models.event import Kind, record
from taskboard.models.group import Group
from taskboard.models.indicator import Indicator
from taskboard.models.target import Target
from taskboard.models.unit import Unit

CHUNK = 1000
Say = Callable[[int, int], None]
Changed = tuple[int, int, TargetDraft]  # the target's id, the version that was seen, and what it should be


def create_targets(campaign: Campaign, drafts: Sequence[TargetDraft], by: int, at: datetime, say: Say) -> list[int]:
    """Set up targets of indicators that exist; the caller commits. Returns their ids."""
    on, made = clock.day_of(at), []
    indicators = _indicators(campaign.id)
    for start in range(0, len(drafts), CHUNK):
        part, kept = drafts[start : start + CHUNK], _held(campaign.id)
        targets = [_new(draft, indicators, on) for draft in part]
        db.session.add_all(targets)
        db.session.flush()
        for target in targets:
            record(Kind.TARGET_CREATED, target, by, at, after=_differing({}, spoken(target))[1])
        tally.add(Counter(tally.place_of(target) for target in targets))
        ids = [target.id for target in targets]
        _settle(campaign, ids, on)
        made += ids
        say(start + len(part), len(drafts))
        del kept
    return made


def change_targets(campaign: Campaign, changes: Sequence[Changed], by: int, at: datetime, say: Say) -> int:
    """Change targets, not their group, unit or indicator; the caller commits. Returns how many differed.

    Raises Conflict where one was changed since the version that was seen.
    """
    on, count = clock.day_of(at), 0
    for start in range(0, len(changes), CHUNK):
        part, kept = changes[start : start + CHUNK], _held(campaign.id)
        targets = _locked([target_id for target_id, _, _ in part])
        moved: Counter[tally.Place] = Counter()
        with db.session.no_autoflush:
            done = [
                target_id for target_id, seen, draft in part if _changed(targets[target_id], seen, draft, by, at, moved)
            ]
        db.session.flush()
        tally.add(moved)
        _settle(campaign, done, on)
        count += len(done)
        say(start + len(part), len(changes))
        del kept
    return count


def _changed(target: Target, seen: int, draft: TargetDraft, by: int, at: datetime, moved: Counter[tally.Place]) -> bool:
    _check(draft)
    stored, place = spoken(target), tally.place_of(target)
    for name in ("detail", "starts_on", "ends_on", "source"):
        setattr(target, name, getattr(draft, name))
    for name, value in _target_columns(draft).items():
        setattr(target, name, value)
    _arrange(target, draft)
    before, after = _differing(stored, spoken(target))
    if not after:
        return False
    if target.version != seen:
        pairs = [(LABELS[name], _words(stored[name]), _words(value)) for name, value in after.items()]
        raise Conflict(f"“{target.title}”在预览之后已被他人修改，没有导入任何内容，请重新预览", pairs)
    if "starts_on" in after or "ends_on" in after:
        _check_reports(target)
    target.version += 1
    moved[place] -= 1
    moved[tally.place_of(target)] += 1
    record(Kind.TARGET_CHANGED, target, by, at, before=before, after=after)
    return True


def _new(draft: TargetDraft, indicators: dict[tuple[int, str], Indicator], on: date) -> Target:
    group, indicator = db.session.get_one(Group, draft.group_id), indicators[draft.group_id, draft.title]
    columns = _target_columns(draft)
    target = Target(**_base(draft, group, on), **columns, decimals=indicator.decimals, indicator=indicator)
    _arrange(target, draft)
    return target


def _indicators(campaign_id: int) -> dict[tuple[int, str], Indicator]:
    """The first indicator of each name in each group."""
    query = select(Indicator).join(Group, Group.id == Indicator.group_id).where(Group.campaign_id == campaign_id)
    return {(each.group_id, each.name): each for each in db.session.scalars(query.order_by(Indicator.id.desc()))}


def _held(campaign_id: int) -> list[object]:
    """Groups and units kept in the session while a portion is worked on, so that none is asked for by itself."""
    return [*Group.listed(campaign_id), *db.session.scalars(select(Unit))]


def _locked(ids: Sequence[int]) -> dict[int, Target]:
    query = (
        select(Target)
        .where(Target.id.in_(ids))
        .order_by(Target.id)
        .options(selectinload(Target.parties), selectinload(Target.weekly_targets), joinedload(Target.indicator))
        .with_for_update(of=Commitment.__table__)
        .execution_options(populate_existing=True)
    )
    return {target.id: target for target in db.session.scalars(query)}


def _settle(campaign: Campaign, ids: Sequence[int], on: date) -> None:
    """Place what was written, and let go of it."""
    db.session.flush()
    placing.place_all(facts.read_ids(ids).values(), placing.bench(campaign, on))
    db.session.expire_all()
