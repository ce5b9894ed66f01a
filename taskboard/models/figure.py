"""Figures 官方数: what the statistics office published of a target. Imported, never edited, only revised."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base
from taskboard.models.import_file import ImportFile
from taskboard.models.person import Person
from taskboard.models.target import Target
from taskboard.rules.vintage import Vintage


class Figure(Base):
    """One published figure. `live_key` is set while it counts; a revision supersedes it and keeps it."""

    __tablename__ = "figure"
    __table_args__ = (
        UniqueConstraint("target_id", "as_of", "revision"),
        Index("ix_figure_target", "target_id", "as_of"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"))
    as_of: Mapped[date]
    value: Mapped[Decimal]
    revision: Mapped[int] = mapped_column(default=1)
    live_key: Mapped[str | None] = mapped_column(unique=True)
    published_on: Mapped[date]
    source: Mapped[str] = mapped_column(default="")
    import_file_id: Mapped[int | None] = mapped_column(ForeignKey("import_file.id"))
    taken_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    taken_at: Mapped[datetime]
    target: Mapped[Target] = relationship()
    taken_by: Mapped[Person] = relationship()
    import_file: Mapped[ImportFile | None] = relationship()

    @property
    def vintage(self) -> Vintage:
        return Vintage.OFFICIAL if self.revision == 1 else Vintage.REVISION
