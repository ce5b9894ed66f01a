"""The verbs of vintages: checking, confirming and unlocking a report's value; taking in what was published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from taskboard import clock
from taskboard.db import db
from taskboard.errors import NotAllowed, Refused, WrongState
from taskboard.models.commitment import Commitment
from taskboard.models.event import Kind, record
from taskboard.models.figure import Figure
from taskboard.models.report import Report
from taskboard.models.reporting import take_up
from taskboard.models.target import Target


def check(report: Report, by: int, at: datetime) -> None:
    """复核: the group's lead has looked at the value. Raises WrongState, NotAllowed."""
    commitment = _open(report, by, "复核")
    if report.checked_at is not None:
        raise WrongState(f"“{commitment.title}”该周数值已复核，不需重复办理")
    report.checked_by_id, report.checked_at = by, at
    record(Kind.VALUE_CHECKED, commitment, by, at, after=_told(report))


def confirm(report: Report, by: int, at: datetime) -> None:
    """核定: the office stands for the value, and it is locked. Raises WrongState, NotAllowed."""
    commitment = _open(report, by, "核定")
    report.confirmed_by_id, report.confirmed_at = by, at
    record(Kind.VALUE_CONFIRMED, commitment, by, at, after=_told(report))
    take_up(commitment, clock.day_of(at))


def unlock(report: Report, reason: str, by: int, at: datetime) -> None:
    """解锁: the unit may correct the value again. Raises Refused without a reason, WrongState when it is open."""
    commitment = report.commitment
    db.session.refresh(commitment, with_for_update={"of": Commitment.__table__})
    db.session.refresh(report)
    if not reason.strip():
        raise Refused("请填写解锁理由")
    if not report.is_live or not report.is_locked:
        raise WrongState(f"“{commitment.title}”该周数值未核定，不需解锁")
    report.confirmed_by_id = report.confirmed_at = report.checked_by_id = report.checked_at = None
    record(Kind.VALUE_UNLOCKED, commitment, by, at, after={**_told(report), "reason": reason.strip()})
    take_up(commitment, clock.day_of(at))


@dataclass(frozen=True)
class Published:
    """A published figure: of which day, what it says, when it came out and where."""

    as_of: date
    value: Decimal
    published_on: date
    source: str = ""
    import_file_id: int | None = None


def publish(target: Target, published: Published, by: int, at: datetime) -> str:
    """Take a published figure in: "created", "revised" where an earlier one said otherwise, or "unchanged".

    An official figure is never edited: a revision supersedes it, and both are kept. Raises Refused for a day
    outside the target's period or still to come.
    """
    db.session.flush()
    db.session.refresh(target, with_for_update={"of": Commitment.__table__})
    check_published(target, published)
    key = f"{target.id}:{published.as_of}"
    previous = db.session.scalars(select(Figure).where(Figure.live_key == key)).first()
    if previous is not None and previous.value == published.value:
        return "unchanged"
    figure = Figure(
        target_id=target.id,
        as_of=published.as_of,
        value=published.value,
        revision=previous.revision + 1 if previous else 1,
        live_key=key,
        published_on=published.published_on,
        source=published.source,
        import_file_id=published.import_file_id,
        taken_by_id=by,
        taken_at=at,
    )
    if previous is not None:
        previous.live_key = None
        db.session.flush()
    db.session.add(figure)
    kind = Kind.FIGURE_REVISED if previous else Kind.FIGURE_PUBLISHED
    before = {"value": previous.value} if previous else None
    after = {"value": figure.value, "as_of": figure.as_of, "source": figure.source}
    record(kind, target, by, at, before=before, after=after)
    take_up(target, clock.day_of(at))
    return "revised" if previous else "created"


def check_published(target: Any, published: Published) -> None:
    """Raise Refused for a day outside the target's period (of a Target or a row with its columns) or to come."""
    if not target.starts_on <= published.as_of <= target.ends_on:
        raise Refused(f"“{target.title}”的期间为 {target.starts_on} 至 {target.ends_on}，不含 {published.as_of}")
    if published.as_of > published.published_on:
        raise Refused(f"数据截止日 {published.as_of} 晚于发布日期 {published.published_on}，请核对")


def _open(report: Report, by: int, verb: str) -> Commitment:
    """The commitment of a report that can still be checked or confirmed, locked."""
    commitment = report.commitment
    db.session.refresh(commitment, with_for_update={"of": Commitment.__table__})
    db.session.refresh(report)
    if not report.is_live:
        raise WrongState(f"“{commitment.title}”的这份填报已被更正，请刷新后再办理")
    if report.is_returned:
        raise WrongState(f"“{commitment.title}”的这份填报已退回，不能{verb}")
    if report.is_locked:
        raise WrongState(f"“{commitment.title}”该周数值已核定锁定，不能重复{verb}")
    if report.reported_by_id == by:
        raise NotAllowed(f"“{commitment.title}”该周数值由您填报，应由其他人{verb}")
    return commitment


def _told(report: Report) -> dict[str, object]:
    return {"value": report.value, "as_of": report.as_of}
