"""The verbs of supports 支撑项目: naming them, moving them, noting that they have happened."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from taskboard import clock
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.models.event import Kind, record
from taskboard.models.support import Support
from taskboard.models.target import Target


@dataclass(frozen=True)
class SupportDraft:
    """A support as typed."""

    name: str
    amount: Decimal
    due_on: date


def put_support(target: Target, draft: SupportDraft, support: Support | None, by: int, at: datetime) -> Support:
    """Add a support, or change one. Raises Refused for a name used twice or a day outside the period."""
    if not target.starts_on <= draft.due_on <= target.ends_on:
        raise Refused(f"日期 {draft.due_on} 不在目标期间 {target.starts_on} 至 {target.ends_on} 之内")
    same = select(Support.id).where(Support.target_id == target.id, Support.name == draft.name)
    other = db.session.scalar(same)
    if other is not None and (support is None or other != support.id):
        raise Refused(f"已有名为“{draft.name}”的支撑项目，请改名或修改原项目")
    before = _said(support) if support else None
    if support is None:
        support = Support(target_id=target.id, name=draft.name, illustrative=target.illustrative)
        db.session.add(support)
    support.name, support.amount, support.due_on = draft.name, draft.amount, draft.due_on
    record(Kind.SUPPORT_CHANGED, target, by, at, before=before, after=_said(support))
    return support


def happen(support: Support, by: int, at: datetime) -> None:
    """It has happened: its amount is in the reported value now. Done a second time it is taken back."""
    before = _said(support)
    support.happened_on = None if support.happened_on else clock.day_of(at)
    record(Kind.SUPPORT_CHANGED, support.target, by, at, before=before, after=_said(support))


def drop(support: Support, by: int, at: datetime) -> None:
    """Take a support away; the event keeps what it was."""
    record(Kind.SUPPORT_CHANGED, support.target, by, at, before=_said(support), after={"name": ""})
    db.session.delete(support)


def _said(support: Support) -> dict[str, object]:
    said: dict[str, object] = asdict(SupportDraft(support.name, support.amount, support.due_on))
    return {**said, "happened_on": support.happened_on}
