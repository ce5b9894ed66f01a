"""Files that were imported, by their hash: the same file again changes nothing and says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from taskboard.db import Base, LongText, db
from taskboard.models.event import Kind, dump, record


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

    @staticmethod
    def taken(
        campaign_id: int, kind: str, sha256: str, name: str, counts: Mapping[str, Any], by: int, at: datetime
    ) -> ImportFile:
        """Remember that this file was taken in, with its event."""
        file = ImportFile(
            campaign_id=campaign_id,
            kind=kind,
            sha256=sha256,
            name=name[:200],
            imported_by_id=by,
            imported_at=at,
            counts=dump(None, counts),
        )
        record(Kind.IMPORTED, file, by, at, after={"file": name, **counts})
        return file

    @staticmethod
    def taken_at(campaign_id: int, kind: str, sha256: str) -> datetime | None:
        """When this very file was taken in, or None."""
        named = (ImportFile.campaign_id == campaign_id, ImportFile.kind == kind, ImportFile.sha256 == sha256)
        return db.session.scalar(select(ImportFile.imported_at).where(*named))
