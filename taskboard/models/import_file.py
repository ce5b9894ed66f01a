"""Files that were imported, by their hash: the same file again changes nothing and says so."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from taskboard.db import Base, LongText


class ImportFile(Base):
    __tablename__ = "import_file"
    __table_args__ = (UniqueConstraint("campaign_id", "kind", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    kind: Mapped[str]
    sha256: Mapped[str]
    name: Mapped[str]
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    imported_at: Mapped[datetime]
    counts: Mapped[str] = mapped_column(LongText, default="{}")
