"""The campaign 攻坚行动: the frame of everything else, with its office 一办."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from taskboard.db import Base, LongText, db


class Campaign(Base):
    """One campaign: period, goal, office, and the rule set by which it is judged."""

    __tablename__ = "campaign"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    goal: Mapped[str] = mapped_column(default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    office_name: Mapped[str] = mapped_column(default="专班办公室")
    office_host: Mapped[str] = mapped_column(default="")
    mechanisms: Mapped[str] = mapped_column(default="")
    rule_set_name: Mapped[str] = mapped_column(default="standard")
    source: Mapped[str] = mapped_column(LongText, default="")
    swept_on: Mapped[date | None]

    @staticmethod
    def current() -> Campaign | None:
        """The campaign that runs; the newest, when there are several."""
        return db.session.scalars(select(Campaign).order_by(Campaign.id.desc()).limit(1)).first()
