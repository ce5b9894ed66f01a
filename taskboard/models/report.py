"""Reports 填报: what a unit says of a commitment for a week. A correction supersedes; nothing is overwritten."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base, LongText
from taskboard.models.attachment import Attachment
from taskboard.models.commitment import Commitment
from taskboard.models.person import Person
from taskboard.rules.vintage import Vintage


def _week_end(context: Any) -> date:
    week: date = context.get_current_parameters()["week"]
    return week + timedelta(days=6)


class Report(Base):
    """One report. `live_key` is set while the report counts, so the database allows one a week.

    `revision` 1 is the first of its week. A returned report stays live until it is corrected,
    but its value is not usable.
    """

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("commitment_id", "week", "revision"),
        CheckConstraint("(returned_at IS NULL) = (return_reason = '')", name="return"),
        CheckConstraint("vintage IN ('forecast', 'preliminary')", name="vintage"),
        CheckConstraint("confidence BETWEEN 1 AND 4", name="confidence"),
        CheckConstraint(
            "(checked_by_id IS NULL OR checked_by_id <> reported_by_id)"
            " AND (confirmed_by_id IS NULL OR confirmed_by_id <> reported_by_id)",
            name="separation",
        ),
        Index("ix_report_history", "commitment_id", "week"),
        Index("ix_report_as_of", "commitment_id", "as_of"),
        Index("ix_report_week", "week", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"))
    week: Mapped[date]
    revision: Mapped[int] = mapped_column(default=1)
    live_key: Mapped[str | None] = mapped_column(unique=True)
    value: Mapped[Decimal]
    as_of: Mapped[date] = mapped_column(default=_week_end)  # the day of which the value speaks
    vintage: Mapped[str] = mapped_column(default=Vintage.PRELIMINARY)
    numerator: Mapped[Decimal | None]
    denominator: Mapped[Decimal | None]
    expected: Mapped[Decimal | None]  # 预计: what the unit expects at the end of the month (or of the period)
    expected_on: Mapped[date | None]
    confidence: Mapped[int | None]
    confidence_note: Mapped[str] = mapped_column(LongText, default="")
    findings: Mapped[str] = mapped_column(LongText, default="")  # what was odd about the value, a line each
    explanation: Mapped[str] = mapped_column(LongText, default="")
    done: Mapped[str] = mapped_column(LongText)
    obstacle: Mapped[str] = mapped_column(LongText, default="")
    next_step: Mapped[str] = mapped_column(LongText, default="")
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    reported_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reported_at: Mapped[datetime]
    late: Mapped[bool] = mapped_column(default=False)
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    checked_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None]
    returned_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    returned_at: Mapped[datetime | None]
    return_reason: Mapped[str] = mapped_column(LongText, default="")

    commitment: Mapped[Commitment] = relationship()
    attachment: Mapped[Attachment | None] = relationship()
    reported_by: Mapped[Person] = relationship(foreign_keys=[reported_by_id])
    returned_by: Mapped[Person | None] = relationship(foreign_keys=[returned_by_id])
    checked_by: Mapped[Person | None] = relationship(foreign_keys=[checked_by_id])
    confirmed_by: Mapped[Person | None] = relationship(foreign_keys=[confirmed_by_id])

    @property
    def is_live(self) -> bool:
        """Whether this is the report that counts for its week."""
        return self.live_key is not None

    @property
    def is_locked(self) -> bool:
        """Confirmed by the office: nobody corrects it until it is unlocked with a reason."""
        return self.confirmed_at is not None

    @property
    def standing(self) -> Vintage:
        """How sure its value is by now."""
        return Vintage.CONFIRMED if self.is_locked else Vintage(self.vintage)

    @property
    def is_returned(self) -> bool:
        return self.returned_at is not None
