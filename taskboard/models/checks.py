"""校核: what is odd about a value that is being reported, by its own history."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import select

from taskboard.db import db
from taskboard.models.commitment import Commitment
from taskboard.models.report import Report
from taskboard.models.target import Target
from taskboard.rules.indicator import Cadence, IndicatorKind, as_of
from taskboard.rules.validity import Finding, Typed, findings

LOOKED_AT = 12  # earlier values


def cadence_of(commitment: Commitment) -> str:
    """How often the commitment is reported on; a task every week."""
    return commitment.indicator.cadence if isinstance(commitment, Target) else Cadence.WEEK


def findings_of(commitment: Commitment, week: date, value: Decimal) -> list[Finding]:
    """What is odd about the value for this week; nothing about a task's share, which its form bounds."""
    if not isinstance(commitment, Target):
        return []
    indicator = commitment.indicator
    known = (
        select(Report.as_of, Report.value)
        .where(Report.commitment_id == commitment.id, Report.live_key.is_not(None), Report.week < week)
        .where(Report.returned_at.is_(None))
        .order_by(Report.week.desc())
        .limit(LOOKED_AT)
    )
    kind = IndicatorKind(indicator.kind)
    return findings(
        Typed(
            value=value,
            on=as_of(week, commitment.ends_on, indicator.cadence),
            kind=kind.change,
            previous=tuple((day, figure) for day, figure in reversed(db.session.execute(known).all())),
            target=commitment.target_value,
            start_value=commitment.start_value,
            ends_on=commitment.ends_on,
            measure=commitment.measure,
            decimals=commitment.decimals,
            cumulative=kind.rule_kind == "amount" and commitment.higher_is_better,
            may_be_negative=indicator.may_be_negative,
        )
    )
