"""External evaluations 外部评价: what others publish of the district, beside its own targets.

A series belongs to the district, not to one campaign: it goes on when a campaign ends. Nothing published is
edited: a revision is a new row, and `live_key` is set while a row counts, so the database allows one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, case, func, select
from sqlalchemy.orm import Mapped, mapped_column

from taskboard.db import Base, LongText, db
from taskboard.models.group import Group
from taskboard.models.indicator import Indicator
from taskboard.models.target import Target
from taskboard.models.unit import Unit, UnitKind
from taskboard.rules.evaluation import Period


class Evaluation(Base):
    """A series: its name, among how many it ranks, and how many dimensions and indicators it has."""

    __tablename__ = "evaluation"
    __table_args__ = (CheckConstraint("of_province >= 1 AND of_city >= 1", name="ranked_among"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    dimensions: Mapped[int]
    indicators: Mapped[int]
    of_province: Mapped[int]
    of_city: Mapped[int]
    source: Mapped[str] = mapped_column(default="")

    @staticmethod
    def listed() -> list[Evaluation]:
        """All series, the oldest first."""
        return list(db.session.scalars(select(Evaluation).order_by(Evaluation.id)))


class Published:
    """What results and scores share: the series, the period, which revision it is, and who brought it in."""

    id: Mapped[int] = mapped_column(primary_key=True)
    evaluation_id: Mapped[int] = mapped_column(ForeignKey("evaluation.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    revision: Mapped[int] = mapped_column(default=1)
    live_key: Mapped[str | None] = mapped_column(unique=True)
    province_rank: Mapped[int | None]
    city_rank: Mapped[int | None]
    illustrative: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(default="")
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    imported_at: Mapped[datetime]

    @property
    def period(self) -> Period:
        return Period(self.ends_on, self.starts_on)

    @property
    def is_live(self) -> bool:
        """Whether this is the revision that counts."""
        return self.live_key is not None


class EvaluationResult(Published, Base):
    """A period as a whole: rating and ranks. `rating` is empty where none was published."""

    __tablename__ = "evaluation_result"
    __table_args__ = (
        UniqueConstraint("evaluation_id", "starts_on", "ends_on", "revision", name="uq_evaluation_result_revision"),
        CheckConstraint("starts_on <= ends_on", name="period"),
        CheckConstraint("rating IN ('', '优+', '优', '良', '中', '差')", name="rating"),
    )

    published_on: Mapped[date]
    rating: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(LongText, default="")


class EvaluationScore(Published, Base):
    """One indicator of a period. `indicator_id` is our own indicator of that name, where there is one."""

    __tablename__ = "evaluation_score"
    __table_args__ = (
        UniqueConstraint(
            "evaluation_id", "starts_on", "ends_on", "name", "revision", name="uq_evaluation_score_revision"
        ),
        CheckConstraint("starts_on <= ends_on", name="period"),
        Index("ix_evaluation_score_period", "evaluation_id", "ends_on", "position"),
    )

    name: Mapped[str]
    dimension: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    value: Mapped[Decimal | None]
    measure: Mapped[str] = mapped_column(default="")
    indicator_id: Mapped[int | None] = mapped_column(ForeignKey("indicator.id"), index=True)


def live_results(evaluation_id: int) -> dict[Period, EvaluationResult]:
    """What counts of each period of a series."""
    live = (EvaluationResult.evaluation_id == evaluation_id, EvaluationResult.live_key.is_not(None))
    return {row.period: row for row in db.session.scalars(select(EvaluationResult).where(*live))}


def live_scores(evaluation_id: int, periods: Iterable[Period]) -> dict[tuple[Period, str], EvaluationScore]:
    """What counts of each indicator of some periods, in the order in which they were published."""
    query = (
        select(EvaluationScore)
        .where(
            EvaluationScore.evaluation_id == evaluation_id,
            EvaluationScore.ends_on.in_({period.ends_on for period in periods}),
            EvaluationScore.live_key.is_not(None),
        )
        .order_by(EvaluationScore.position, EvaluationScore.id)
    )
    return {(row.period, row.name): row for row in db.session.scalars(query)}


def own_indicators(campaign_id: int) -> dict[str, int]:
    """The campaign's indicators by name. Where two bear one name, the one whose target is the district's wins."""
    reach = func.min(case((Unit.kind == UnitKind.DISTRICT, 0), (Unit.kind == UnitKind.DEPARTMENT, 1), else_=2))
    query = (
        select(Indicator.name, Indicator.id)
        .join(Group, Group.id == Indicator.group_id)
        .outerjoin(Target, Target.indicator_id == Indicator.id)
        .outerjoin(Unit, Unit.id == Target.unit_id)
        .where(Group.campaign_id == campaign_id)
        .group_by(Indicator.id, Indicator.name, Group.no)
        .order_by(Group.no, func.coalesce(reach, 3), Indicator.id)
    )
    found: dict[str, int] = {}
    for name, indicator_id in db.session.execute(query):
        found.setdefault(name, indicator_id)
    return found
