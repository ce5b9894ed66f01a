"""The views of each seat's desk of 督查 items: what a tab holds, by counters where they suffice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select, true

from taskboard.models import Band, Extension, Item, Part, Slip
from taskboard.rules.access import Seating, SeatKind
from taskboard.rules.lifecycle import WITH_UNIT, ExtensionState, Holder, PartState, SlipState, State

TALLIED = Callable[[str, int], bool]


@dataclass(frozen=True)
class View:
    """A desk view: `holds` decides over (state, band) where counters suffice, `where` over rows."""

    key: str
    word: str
    where: Callable[[Seating, date], ColumnElement[bool]]
    holds: TALLIED | None = None
    order: str = "due"


def _in(*states: State) -> Callable[[Seating, date], ColumnElement[bool]]:
    return lambda seat, on: Item.state.in_(states)


def _is(*states: State) -> TALLIED:
    return lambda state, band: state in states


def _of_slips(*states: SlipState) -> Callable[[Seating, date], ColumnElement[bool]]:
    def where(seat: Seating, on: date) -> ColumnElement[bool]:
        found = select(Slip.item_id).where(Slip.state.in_(states))
        if seat.kind in (SeatKind.OFFICE, SeatKind.LEADER) and SlipState.PROPOSED in states:
            found = found.where(Slip.level == 4 if seat.kind == SeatKind.LEADER else Slip.level < 4)
        return Item.id.in_(found)

    return where


def _of_extensions(seat: Seating, on: date) -> ColumnElement[bool]:
    found = select(Extension.item_id).where(Extension.state == ExtensionState.ASKED)
    if seat.kind in (SeatKind.LEADER, SeatKind.OFFICE):
        found = found.where(Extension.level == seat.kind.value)
    return Item.id.in_(found)


def _our_slips(seat: Seating, on: date) -> ColumnElement[bool]:
    """Open items on which the unit itself has a slip to answer."""
    ours = select(Slip.item_id).where(Slip.state == SlipState.SIGNED, Slip.unit_id == seat.unit_id)
    return and_(Item.id.in_(ours), Item.unit_id == seat.unit_id, Item.band < Band.ENDED)


def _my_parts(seat: Seating, on: date) -> ColumnElement[bool]:
    mine = select(Part.item_id).where(Part.unit_id == seat.unit_id, Part.state != PartState.ACCEPTED)
    return and_(Item.id.in_(mine), Item.band < Band.ENDED)


def _ours(where: Callable[[Seating, date], ColumnElement[bool]]) -> Callable[[Seating, date], ColumnElement[bool]]:
    return lambda seat, on: and_(where(seat, on), Item.unit_id == seat.unit_id)


OPEN = View("", "在办", lambda seat, on: Item.band < Band.ENDED, lambda s, band: band < Band.ENDED)
OVERDUE = View("overdue", "逾期", lambda seat, on: Item.band == Band.OVERDUE, lambda s, band: band == Band.OVERDUE)
NEAR = View("near", "三日内到期", lambda seat, on: Item.band == Band.NEAR, lambda s, band: band == Band.NEAR)
REVIEW = View("review", "待审核", _in(State.SUBMITTED), _is(State.SUBMITTED))
CLOSING = View("closing", "待销号", _in(State.CLOSING), _is(State.CLOSING))
UNSIGNED = View("unsigned", "待签收", _in(State.ASSIGNED), _is(State.ASSIGNED))
REGISTERED = View("registered", "待交办", _in(State.REGISTERED), _is(State.REGISTERED))
OBJECTED = View("objected", "异议待定", _in(State.OBJECTED), _is(State.OBJECTED))
SILENT = View(
    "silent", "久无回音", lambda seat, on: and_(Item.holder == Holder.UNIT, Item.band < Band.PAUSED), None, "silent"
)
PROPOSED = View("proposed", "待签发", _of_slips(SlipState.PROPOSED))
EXTENSIONS = View("extensions", "延期待批", _of_extensions)
LOOK_BACK = View("look_back", "回头看", lambda seat, on: Item.look_back_on <= on)
ENDED = View("ended", "已办结", lambda seat, on: Item.band == Band.ENDED, lambda s, band: band == Band.ENDED, "-closed")
ALL = View("all", "全部", lambda seat, on: true(), lambda s, band: True, "-number")
WAIVED = View("waived", "红灯销号", lambda seat, on: Item.waived_by_id.is_not(None))
THIRD = View("third", "三次督办", lambda seat, on: and_(or_(Item.slips >= 3, Item.level >= 4), Item.band < Band.ENDED))
OLDEST = View("oldest", "办理最久", lambda seat, on: Item.band < Band.ENDED, None, "assigned")
TO_SIGN = View("unsigned", "待签收", _ours(_in(State.ASSIGNED)), _is(State.ASSIGNED))
TO_ANSWER = View("answer", "待反馈", _ours(_in(State.HANDLING)), _is(State.HANDLING))
RETURNED = View("returned", "退回补办", _ours(_in(State.RETURNED)), _is(State.RETURNED))
WAITING = View("waiting", "已反馈", _ours(_in(State.SUBMITTED, State.CLOSING)), _is(State.SUBMITTED, State.CLOSING))
PARTS = View("parts", "配合事项", _my_parts)
SLIPS = View("slips", "督办单待回复", _our_slips)
OURS = View("", "在办", _ours(OPEN.where), OPEN.holds)
OURS_OVERDUE = View(
    "overdue",
    "逾期",
    lambda seat, on: and_(Item.band == Band.OVERDUE, Item.unit_id == seat.unit_id, Item.holder == Holder.UNIT),
    lambda s, band: band == Band.OVERDUE and s in WITH_UNIT,
)
OURS_ALL = View("all", "全部", _ours(ALL.where), ALL.holds, "-number")
OURS_ENDED = View("ended", "已办结", _ours(ENDED.where), ENDED.holds, "-closed")

DESKS: Mapping[SeatKind, tuple[View, ...]] = {
    SeatKind.OFFICE: (OPEN, OVERDUE, NEAR, CLOSING, REVIEW, UNSIGNED, REGISTERED, OBJECTED, PROPOSED, EXTENSIONS,
                      SILENT, LOOK_BACK, ENDED, ALL),
    SeatKind.SUPERVISOR: (OPEN, OVERDUE, NEAR, REVIEW, UNSIGNED, SILENT, CLOSING, PROPOSED, LOOK_BACK, ENDED, ALL),
    SeatKind.LEADER: (OPEN, OVERDUE, THIRD, PROPOSED, EXTENSIONS, WAIVED, OLDEST, ENDED, ALL),
    SeatKind.GROUP_LEAD: (OPEN, OVERDUE, NEAR, UNSIGNED, REVIEW, SILENT, ENDED, ALL),
    SeatKind.REPORTER: (OURS, TO_SIGN, TO_ANSWER, RETURNED, PARTS, SLIPS, EXTENSIONS, OURS_OVERDUE, WAITING,
                        OURS_ENDED, OURS_ALL),
}  # fmt: skip


def mine(seat: Seating) -> ColumnElement[bool] | None:
    """The items that wait for a deed of the seat itself; None for a seat that only looks."""
    if seat.kind == SeatKind.REPORTER:
        ours = and_(Item.unit_id == seat.unit_id, Item.holder == Holder.UNIT)
        waiting = (PartState.ASSIGNED, PartState.HANDLING, PartState.RETURNED)
        parts = select(Part.item_id).where(Part.unit_id == seat.unit_id, Part.state.in_(waiting))
        return or_(ours, and_(Item.id.in_(parts), Item.band < Band.PAUSED), _our_slips(seat, date.min))
    proposed = _of_slips(SlipState.PROPOSED)(seat, date.min)
    if seat.kind == SeatKind.OFFICE:
        return or_(Item.holder == Holder.OFFICE, proposed, _of_extensions(seat, date.min))
    if seat.kind == SeatKind.LEADER:
        return or_(proposed, _of_extensions(seat, date.min))
    return Item.holder == Holder.SUPERVISOR if seat.kind == SeatKind.SUPERVISOR else None
