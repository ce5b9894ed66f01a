"""Reports 填报: what a unit says of a commitment for a week. A correction supersedes; nothing is overwritten."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base, LongText
from taskboard.models.attachment import Attachment
from taskboard.models.commitment import Commitment
from taskboard.models.person import Person


class Report(Base):
    """One report. `live_key` is set while the report counts, so the database allows one a week.

    `revision` 1 is the first of its week. A returned report stays live until it is corrected,
    but its value is not usable.
    """

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("commitment_id", "week", "revision"),
        CheckConstraint("(returned_at IS NULL) = (return_reason = '')", name="return"),
        Index("ix_report_history", "commitment_id", "week"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"))
    week: Mapped[date]
    revision: Mapped[int] = mapped_column(default=1)
    live_key: Mapped[str | None] = mapped_column(unique=True)
    value: Mapped[Decimal]
    done: Mapped[str] = mapped_column(LongText)
    obstacle: Mapped[str] = mapped_column(LongText, default="")
    next_step: Mapped[str] = mapped_column(LongText, default="")
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    reported_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reported_at: Mapped[datetime]
    late: Mapped[bool] = mapped_column(default=False)
    returned_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    returned_at: Mapped[datetime | None]
    return_reason: Mapped[str] = mapped_column(LongText, default="")

    commitment: Mapped[Commitment] = relationship()
    attachment: Mapped[Attachment | None] = relationship()
    reported_by: Mapped[Person] = relationship(foreign_keys=[reported_by_id])
    returned_by: Mapped[Person | None] = relationship(foreign_keys=[returned_by_id])

    @property
    def is_live(self) -> bool:
        """Whether this is the report that counts for its week."""
        return self.live_key is not None

    @property
    def is_returned(self) -> bool:
        return self.returned_at is not None
