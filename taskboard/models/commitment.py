"""Commitments 责任事项: what is owed. The common base of targets and tasks, a line of every worklist.

A commitment knows where it stands (`light`, `section`, `owed`), so that a list of any length is
one indexed query. These columns are derived from the verdict of the rules; models/placing.py
writes them and nothing else does. `swept_light` is the light on which the last sweep acted.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, false, or_, select, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base, LongText
from taskboard.models.group import Group, Role
from taskboard.models.unit import Unit
from taskboard.rules.access import SEES_ALL, Seating, SeatKind
from taskboard.rules.section import Section


class Commitment(Base):
    """What one unit owes in one group by one day; `kind` says whether it is a target or a task."""

    __tablename__ = "commitment"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="period"),
        CheckConstraint("kind IN ('target', 'task')", name="kind"),
        CheckConstraint("confidence BETWEEN 1 AND 4", name="confidence"),
        CheckConstraint("light IN ('red', 'yellow', 'green', 'grey')", name="light"),
        Index("ix_commitment_worklist", "campaign_id", "section", "light_since", "id"),
        Index("ix_commitment_worklist_group", "group_id", "section", "light_since", "id"),
        Index("ix_commitment_worklist_unit", "unit_id", "section", "light_since", "id"),
        Index("ix_commitment_light", "campaign_id", "light", "light_since", "id"),
        Index("ix_commitment_kind", "campaign_id", "kind", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    title: Mapped[str]
    detail: Mapped[str] = mapped_column(LongText, default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    owed_from: Mapped[date]
    illustrative: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)

    # The latest usable report, carried here so that a list reads no history.
    value: Mapped[Decimal | None]
    value_as_of: Mapped[date | None]
    vintage: Mapped[str] = mapped_column(default="")
    scored_value: Mapped[Decimal | None]  # the latest confirmed or official figure: what scores may use
    scored_as_of: Mapped[date | None]
    increments: Mapped[str] = mapped_column(default="")  # of the last reported weeks, oldest first, with spaces
    confidence: Mapped[int | None]  # the owner's, 4 sure to 1 hardly
    confidence_note: Mapped[str] = mapped_column(LongText, default="")
    reported_week: Mapped[date | None]
    last_word: Mapped[str] = mapped_column(LongText, default="")
    returned: Mapped[bool] = mapped_column(default=False)
    done_on: Mapped[date | None]

    # Where it stands, written by models/placing.py alone.
    light: Mapped[str] = mapped_column(default="grey")
    light_since: Mapped[date]
    section: Mapped[int] = mapped_column(default=Section.NORMAL)
    owed: Mapped[bool] = mapped_column(default=False)
    swept_light: Mapped[str] = mapped_column(default="grey")

    group: Mapped[Group] = relationship()
    unit: Mapped[Unit] = relationship()
    parties: Mapped[list[Party]] = relationship(
        back_populates="commitment", cascade="all, delete-orphan", order_by="Party.position"
    )

    __mapper_args__ = {"polymorphic_on": "kind"}

    @property
    def noun(self) -> str:
        """What it is called on screen."""
        return "目标" if self.kind == "target" else "任务"

    def party_ids(self, *roles: Role) -> set[int]:
        """The units that take part in these roles; the responsible unit itself counts as responsible."""
        found = {party.unit_id for party in self.parties if not roles or party.role in roles}
        return found | {self.unit_id} if not roles or Role.RESPONSIBLE in roles else found

    @staticmethod
    def visible_to(seating: Seating) -> ColumnElement[bool]:
        """The commitments that a seat sees; what is not among them does not exist for it."""
        if seating.kind in SEES_ALL:
            return true()
        if seating.kind == SeatKind.GROUP_LEAD:
            return Commitment.group_id == seating.group_id
        if seating.kind == SeatKind.REPORTER and seating.unit_id is not None:
            return or_(Commitment.unit_id == seating.unit_id, _takes_part(seating.unit_id))
        return false()

    @staticmethod
    def owned_by(unit_id: int) -> ColumnElement[bool]:
        """The commitments that a unit itself must report: its own, and where it is jointly responsible."""
        return or_(Commitment.unit_id == unit_id, _takes_part(unit_id, Role.RESPONSIBLE))

    def reportable_by(self, seating: Seating) -> bool:
        """Whether the seat may report on it: the responsible units, the group's lead, the office."""
        if seating.kind == SeatKind.REPORTER:
            return seating.unit_id in self.party_ids(Role.RESPONSIBLE)
        return seating.kind == SeatKind.OFFICE or seating.group_id == self.group_id


class Party(Base):
    """A unit that takes part in a commitment, and as what."""

    __tablename__ = "party"
    __table_args__ = (Index("ix_party_unit", "unit_id", "role", "commitment_id"),)

    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    commitment: Mapped[Commitment] = relationship(back_populates="parties")
    unit: Mapped[Unit] = relationship()


def _takes_part(unit_id: int, *roles: Role) -> ColumnElement[bool]:
    query = select(Party.commitment_id).where(Party.unit_id == unit_id)
    return Commitment.id.in_(query.where(Party.role.in_(roles)) if roles else query)
