"""督查 items 督查事项: what was assigned, to whom, by when, in whose hands it is, until it is struck off.

The verbs are in models/item_deeds.py; where an item stands (light, band, holder) is written by
models/item_placing.py alone, so that a list of any length is one indexed query.
"""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    and_,
    false,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base, LongText
from taskboard.models.attachment import Attachment
from taskboard.models.commitment import Commitment
from taskboard.models.group import Group
from taskboard.models.person import Person
from taskboard.models.unit import Unit
from taskboard.rules.access import SEES_ALL, Seating, SeatKind
from taskboard.rules.lifecycle import ENDED, Around, Holder, PartState, State
from taskboard.rules.terms import ItemKind, Source


class Band(enum.IntEnum):
    """How pressing an item is on its running clock, in order of harm."""

    OVERDUE = 0
    NEAR = 1
    RUNNING = 2
    PAUSED = 3
    ENDED = 4


class Item(Base):
    """One item. `unit_id` is the lead unit, which answers for the whole; supporting units have parts.

    Days are Shanghai days. `due_on` is the deadline of the answer with extensions and suspensions in it,
    `original_due_on` the one first set; `clock_due_on` the deadline of whoever holds the item now.
    `open_key` is the commitment's id while the item is open, so that one red opens one item.
    """

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("year", "no"),
        CheckConstraint("level BETWEEN 0 AND 4", name="level"),
        CheckConstraint("(waived_by_id IS NULL) = (waive_reason = '')", name="waiver"),
        CheckConstraint("state = 'registered' OR unit_id IS NOT NULL", name="unit"),
        Index("ix_item_desk", "campaign_id", "band", "clock_due_on", "id"),
        Index("ix_item_state", "campaign_id", "state", "clock_due_on", "id"),
        Index("ix_item_unit", "unit_id", "band", "clock_due_on", "id"),
        Index("ix_item_group", "group_id", "band", "clock_due_on", "id"),
        Index("ix_item_silent", "campaign_id", "holder", "heard_on", "id"),
        Index("ix_item_ledger", "campaign_id", "assigned_on", "id"),
        Index("ix_item_look_back", "campaign_id", "look_back_on"),
        Index("ix_item_merged", "merged_into_id"),
        Index("ix_item_number", "campaign_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("group.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    no: Mapped[int]
    title: Mapped[str]
    requirement: Mapped[str] = mapped_column(LongText, default="")
    kind: Mapped[str] = mapped_column(default=ItemKind.ORDINARY)
    source: Mapped[str] = mapped_column(default=Source.HAND)
    source_words: Mapped[str] = mapped_column(LongText, default="")
    commitment_id: Mapped[int | None] = mapped_column(ForeignKey("commitment.id"), index=True)
    open_key: Mapped[int | None] = mapped_column(unique=True)
    illustrative: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    state: Mapped[str] = mapped_column(default=State.REGISTERED)
    state_before: Mapped[str] = mapped_column(default="")
    registered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    registered_at: Mapped[datetime]
    assigned_on: Mapped[date | None]
    sign_due_on: Mapped[date | None]
    original_due_on: Mapped[date | None]
    round_on: Mapped[date | None]  # the assignment or reopening from which the terms of extensions are counted
    round_due_on: Mapped[date | None]
    objected: Mapped[bool] = mapped_column(default=False)  # in this assignment
    due_on: Mapped[date | None]
    signed_on: Mapped[date | None]
    first_answered_on: Mapped[date | None]
    answered_on: Mapped[date | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closed_on: Mapped[date | None]
    suspended_on: Mapped[date | None]
    look_back_on: Mapped[date | None]
    returned: Mapped[int] = mapped_column(default=0)
    extended: Mapped[int] = mapped_column(default=0)
    reopened: Mapped[int] = mapped_column(default=0)
    reopened_at: Mapped[datetime | None]
    recurred: Mapped[int] = mapped_column(default=0)
    start_level: Mapped[int] = mapped_column(default=1)
    level: Mapped[int] = mapped_column(default=0)  # the highest slip that was signed in this round
    declined_level: Mapped[int] = mapped_column(default=0)
    slips: Mapped[int] = mapped_column(default=0)
    red_reason: Mapped[str] = mapped_column(LongText, default="")
    waived_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    waived_at: Mapped[datetime | None]
    waive_reason: Mapped[str] = mapped_column(LongText, default="")
    recovered_on: Mapped[date | None]
    recovered_words: Mapped[str] = mapped_column(LongText, default="")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    last_word: Mapped[str] = mapped_column(LongText, default="")
    heard_on: Mapped[date | None]  # when the unit last said something; silence counts from here
    reminded_on: Mapped[date | None]

    # Where it stands, written by models/item_placing.py alone.
    clock_due_on: Mapped[date | None]
    holder: Mapped[str] = mapped_column(default=Holder.OFFICE)
    held_since: Mapped[datetime]
    light: Mapped[str] = mapped_column(default="green")
    light_since: Mapped[date]
    band: Mapped[int] = mapped_column(default=Band.RUNNING)

    group: Mapped[Group | None] = relationship()
    unit: Mapped[Unit | None] = relationship()
    commitment: Mapped[Commitment | None] = relationship()
    registered_by: Mapped[Person | None] = relationship(foreign_keys=[registered_by_id])
    answered_by: Mapped[Person | None] = relationship(foreign_keys=[answered_by_id])
    waived_by: Mapped[Person | None] = relationship(foreign_keys=[waived_by_id])
    merged_into: Mapped[Item | None] = relationship(remote_side="Item.id")
    parts: Mapped[list[Part]] = relationship(back_populates="item", order_by="Part.id", cascade="all, delete-orphan")
    nodes: Mapped[list[Node]] = relationship(
        back_populates="item", order_by="Node.due_on", cascade="all, delete-orphan"
    )

    @property
    def number(self) -> str:
        """The register number, as it is cited: 〔2020〕3号."""
        return f"〔{self.year}〕{self.no}号"

    @property
    def is_red(self) -> bool:
        """Whether a red light stands behind it: its own, or that of an item merged into it."""
        return self.commitment_id is not None

    @property
    def is_waived(self) -> bool:
        """Whether a leader agreed to close it under a red light, since it was last reopened."""
        return self.waived_at is not None and (self.reopened_at is None or self.waived_at > self.reopened_at)

    @property
    def is_open(self) -> bool:
        return State(self.state) not in ENDED

    @property
    def around(self) -> Around:
        """What decides who stands how to it."""
        parts = frozenset(part.unit_id for part in self.parts)
        return Around(self.unit_id, self.group_id, parts, is_red=self.is_red)

    @staticmethod
    def visible_to(seating: Seating) -> ColumnElement[bool]:
        """The items that a seat sees; what is not among them does not exist for it."""
        if seating.kind in SEES_ALL:
            return true()
        if seating.kind == SeatKind.GROUP_LEAD:
            return Item.group_id == seating.group_id
        if seating.kind == SeatKind.REPORTER and seating.unit_id is not None:
            parts = select(Part.item_id).where(Part.unit_id == seating.unit_id)
            return or_(Item.unit_id == seating.unit_id, Item.id.in_(parts))
        return false()


class Part(Base):
    """What one supporting unit 配合单位 contributes: its own duty, deadline and verdict."""

    __tablename__ = "item_part"
    __table_args__ = (
        UniqueConstraint("item_id", "unit_id"),
        CheckConstraint("judged_by_id IS NULL OR judged_by_id <> answered_by_id", name="judge"),
        Index("ix_item_part_unit", "unit_id", "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    duty: Mapped[str] = mapped_column(LongText, default="")
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(default=PartState.ASSIGNED)
    signed_on: Mapped[date | None]
    answered_on: Mapped[date | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[str] = mapped_column(LongText, default="")
    verdict: Mapped[str] = mapped_column(LongText, default="")
    judged_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    returned: Mapped[int] = mapped_column(default=0)
    item: Mapped[Item] = relationship(back_populates="parts")
    unit: Mapped[Unit] = relationship()

    @property
    def is_accepted(self) -> bool:
        return self.state == PartState.ACCEPTED


class Node(Base):
    """A dated step of the item's own plan 节点; an item behind it is yellow."""

    __tablename__ = "item_node"
    __table_args__ = (UniqueConstraint("item_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    name: Mapped[str]
    due_on: Mapped[date]
    done_on: Mapped[date | None]
    item: Mapped[Item] = relationship(back_populates="nodes")


class Hold(Base):
    """A spell in somebody's hands; `to_at` is empty for the present one. Suspension is held by nobody."""

    __tablename__ = "hold"
    __table_args__ = (Index("ix_hold_item", "item_id", "id"), Index("ix_hold_unit", "unit_id", "to_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    holder: Mapped[str]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    state: Mapped[str]
    from_at: Mapped[datetime]
    to_at: Mapped[datetime | None]
    unit: Mapped[Unit | None] = relationship()


class Evidence(Base):
    """佐证: a document or a figure beside a deed on an item."""

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint("attachment_id IS NOT NULL OR figure <> ''", name="something"),
        Index("ix_evidence_item", "item_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    verb: Mapped[str]
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"), unique=True)
    figure: Mapped[str] = mapped_column(LongText, default="")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    added_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime]
    attachment: Mapped[Attachment | None] = relationship()
    added_by: Mapped[Person] = relationship()


class Closure(Base):
    """销号申请: one attempt to close an item; every attempt is kept.

    `doer_id` and `doer_unit_id` are who submitted the result. The database itself refuses a decision by
    the doer, and (by a trigger) by anybody who holds a seat of the doer's unit.
    """

    __tablename__ = "closure"
    __table_args__ = (
        UniqueConstraint("item_id", "attempt"),
        CheckConstraint("decision IN ('', 'closed', 'refused')", name="decision"),
        CheckConstraint("(decision = '') = (decided_by_id IS NULL)", name="decided"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> doer_id", name="separation"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    attempt: Mapped[int]
    doer_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    doer_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    outcome: Mapped[str] = mapped_column(LongText)
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    requested_at: Mapped[datetime]
    decision: Mapped[str] = mapped_column(default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(LongText, default="")
    requested_by: Mapped[Person] = relationship(foreign_keys=[requested_by_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])
    doer: Mapped[Person] = relationship(foreign_keys=[doer_id])


def running() -> ColumnElement[bool]:
    """Items whose clock runs."""
    return and_(Item.band < Band.PAUSED)
