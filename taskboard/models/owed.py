"""Targets as values, read in few statements however many: what workbooks are written from and read against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from taskboard.db import db
from taskboard.models.commitment import Commitment, Party
from taskboard.models.figure import Figure
from taskboard.models.group import Group, Role
from taskboard.models.indicator import Indicator
from taskboard.models.schedule_version import ScheduleVersion
from taskboard.models.target import Target, WeeklyTarget
from taskboard.models.unit import Unit
from taskboard.rules.curves import Span

Point = tuple[date, Decimal]
CHUNK = 5000


@dataclass(frozen=True)
class Owed:
    """A target as it stands: whose, what, from when to when, from what to what, along which points."""

    id: int
    version: int
    group: str
    unit: str
    title: str
    detail: str
    starts_on: date
    ends_on: date
    source: str
    measure: str
    decimals: int
    rule_kind: str
    higher_is_better: bool
    start_value: Decimal
    target_value: Decimal
    reference: Decimal | None
    indicator_kind: str
    may_be_negative: bool
    value: Decimal | None = None
    value_as_of: date | None = None
    responsible: tuple[str, ...] = ()
    supporting: tuple[str, ...] = ()
    weekly: tuple[Point, ...] = ()
    is_frozen: bool = False

    @property
    def words(self) -> str:
        """Whose target of what."""
        return f"{self.unit} {self.title}"

    @property
    def period_words(self) -> str:
        return f"{self.starts_on} 至 {self.ends_on}"

    @property
    def span(self) -> Span:
        """What its schedule runs through."""
        return Span(self.starts_on, self.ends_on, self.start_value, self.target_value)


@dataclass(frozen=True)
class LiveFigure:
    """A published figure that counts."""

    value: Decimal
    revision: int
    source: str


def targets(campaign_id: int) -> list[Owed]:
    """All targets of a campaign, by group, unit, name and period."""
    parties = _parties(campaign_id)
    weekly = _weekly(campaign_id)
    frozen = set(db.session.scalars(select(ScheduleVersion.target_id).where(ScheduleVersion.state == "approved")))
    common = ("id", "version", "title", "detail", "starts_on", "ends_on", "source", "value", "value_as_of")
    own = ("measure", "decimals", "rule_kind", "higher_is_better", "start_value", "target_value", "reference")
    base, target = Commitment.__table__, Target.__table__
    query = (
        select(
            *(base.c[name] for name in common),
            *(target.c[name] for name in own),
            Group.name.label("group"),
            Unit.name.label("unit"),
            Indicator.kind.label("indicator_kind"),
            Indicator.may_be_negative,
        )
        .select_from(target)
        .join(base, base.c.id == target.c.id)
        .join(Group, Group.id == base.c.group_id)
        .join(Unit, Unit.id == base.c.unit_id)
        .join(Indicator, Indicator.id == target.c.indicator_id)
        .where(base.c.campaign_id == campaign_id)
        .order_by(Group.no, Unit.position, Unit.id, base.c.title, base.c.starts_on, base.c.id)
    )
    return [
        Owed(
            **row._mapping,
            responsible=tuple(parties[row.id, Role.RESPONSIBLE.value]),
            supporting=tuple(parties[row.id, Role.SUPPORTING.value]),
            weekly=tuple(weekly[row.id]),
            is_frozen=row.id in frozen,
        )
        for row in db.session.execute(query)
    ]


def live_figures(campaign_id: int) -> dict[int, dict[date, LiveFigure]]:
    """The figures that count, by target and day, oldest first."""
    query = (
        select(Figure.target_id, Figure.as_of, Figure.value, Figure.revision, Figure.source)
        .join(Commitment.__table__, Commitment.__table__.c.id == Figure.target_id)
        .where(Commitment.__table__.c.campaign_id == campaign_id, Figure.live_key.is_not(None))
        .order_by(Figure.target_id, Figure.as_of)
    )
    found: dict[int, dict[date, LiveFigure]] = defaultdict(dict)
    for target_id, as_of, value, revision, source in db.session.execute(query):
        found[target_id][as_of] = LiveFigure(value, revision, source)
    return found


def parts(ids: Iterable[int]) -> Iterable[list[int]]:
    """Ids in portions that a statement can name."""
    wanted = list(ids)
    return (wanted[start : start + CHUNK] for start in range(0, len(wanted), CHUNK))


def _parties(campaign_id: int) -> dict[tuple[int, str], list[str]]:
    base = Commitment.__table__
    query = (
        select(Party.commitment_id, Party.role, Unit.name)
        .join(Unit, Unit.id == Party.unit_id)
        .join(base, base.c.id == Party.commitment_id)
        .where(base.c.campaign_id == campaign_id, base.c.kind == "target")
        .order_by(Party.commitment_id, Party.position)
    )
    found: dict[tuple[int, str], list[str]] = defaultdict(list)
    for commitment_id, role, name in db.session.execute(query):
        found[commitment_id, role].append(name)
    return found


def _weekly(campaign_id: int) -> dict[int, list[Point]]:
    base = Commitment.__table__
    query = (
        select(WeeklyTarget.target_id, WeeklyTarget.due_on, WeeklyTarget.value)
        .join(base, base.c.id == WeeklyTarget.target_id)
        .where(base.c.campaign_id == campaign_id)
        .order_by(WeeklyTarget.target_id, WeeklyTarget.due_on)
    )
    found: dict[int, list[Point]] = defaultdict(list)
    for target_id, due_on, value in db.session.execute(query):
        found[target_id].append((due_on, value))
    return found
