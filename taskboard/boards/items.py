"""The desks and the ledger of 督查 items: what a seat must move, most harmful first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select
from sqlalchemy.orm import joinedload, load_only

from taskboard import clock
from taskboard.boards.item_views import DESKS, View, mine
from taskboard.boards.listing import contains
from taskboard.boards.paging import PAGE, Paged
from taskboard.db import db
from taskboard.models import Band, Campaign, Group, Item, ItemTally, Unit, item_placing
from taskboard.models.item_placing import Day, Nodes
from taskboard.rules.access import SEES_ALL, Seating, SeatKind
from taskboard.rules.lifecycle import Actor, Around, Holder, State, Verb, available
from taskboard.rules.terms import ItemKind, Source
from taskboard.rules.workdays import workdays_between

BATCH = 500
NEXT = (Verb.SIGN, Verb.SUBMIT, Verb.ASSIGN, Verb.UPHOLD, Verb.CLOSE, Verb.REQUEST_CLOSURE, Verb.URGE)


@dataclass(frozen=True)
class Wanted:
    """What the address of a list asks for."""

    view: str = ""
    unit: int | None = None
    group: int | None = None
    source: str = ""
    kind: str = ""
    light: str = ""
    q: str = ""
    sort: str = ""
    page: int = 1

    @property
    def narrows(self) -> bool:
        return bool(self.unit or self.group or self.source or self.kind or self.light or self.q)


@dataclass(frozen=True)
class ItemLine:
    """One item as a list and a workbook show it, judged on the day of the page."""

    item: Item
    light: str
    words: str
    held_workdays: int
    left: int | None
    silent_workdays: int
    main: Verb | None = None  # what the seat would do to it next

    @property
    def clock_words(self) -> str:
        """How long is left on the running clock, or how late it is."""
        if self.left is None:
            return ""
        if self.left < 0:
            return f"逾期 {-self.left} 个工作日"
        return "今日到期" if self.left == 0 else f"还剩 {self.left} 个工作日"

    @property
    def holder_words(self) -> str:
        holder = Holder(self.item.holder)
        if holder == Holder.UNIT and self.item.unit is not None:
            return self.item.unit.short_name
        return holder.word or State(self.item.state).word


@dataclass(frozen=True)
class Items(Paged):
    """One page of a desk or of the ledger."""

    sentence: str
    views: tuple[tuple[str, str, int | None], ...]
    rows: tuple[ItemLine, ...]
    total: int
    page: int
    view: str
    groups: tuple[tuple[int, str], ...]
    units: tuple[tuple[int, str], ...]


SORTS: Mapping[str, tuple[Any, ...]] = {
    "due": (Item.band, Item.clock_due_on),
    "silent": (Item.heard_on,),
    "assigned": (Item.assigned_on,),
    "held": (Item.held_since,),
    "number": (Item.id,),
    "closed": (Item.closed_on,),
    "level": (Item.level,),
}


def desk(campaign: Campaign, seat: Seating, wanted: Wanted, on: date, actor: Actor) -> Items:
    """The page of a seat's desk that the address asks for."""
    views = DESKS[seat.kind]
    view = next((one for one in views if one.key == wanted.view), views[0])
    counts = _counts(campaign, seat, views, on)
    query = _query(campaign, seat, wanted, view, on)
    total = counts.get(view.key) if not wanted.narrows else None
    if total is None:
        total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    page = min(wanted.page, max(1, -(-total // PAGE)))
    rows = db.session.scalars(query.limit(PAGE).offset((page - 1) * PAGE)).all()
    return Items(
        sentence=_sentence(seat, views, counts),
        views=tuple((one.key, one.word, counts.get(one.key)) for one in views),
        rows=tuple(_lines(campaign, rows, on, actor)),
        total=total,
        page=page,
        view=view.key,
        groups=tuple((g.id, g.short_name) for g in Group.listed(campaign.id)) if seat.kind in SEES_ALL else (),
        units=tuple((u.id, u.short_name) for u in Unit.listed()) if seat.kind != SeatKind.REPORTER else (),
    )


def ledger(campaign: Campaign, seat: Seating, wanted: Wanted, on: date) -> Iterator[ItemLine]:
    """台账: all rows of a view as asked (view “all” has the ended ones too), in batches so that memory stays flat."""
    views = DESKS[seat.kind]
    view = next((one for one in views if one.key == wanted.view), views[0])
    query = _query(campaign, seat, wanted, view, on)
    ids = list(db.session.scalars(query.options(load_only(Item.id)).with_only_columns(Item.id)))
    for start in range(0, len(ids), BATCH):
        chosen = ids[start : start + BATCH]
        rows = {item.id: item for item in db.session.scalars(_loaded().where(Item.id.in_(chosen)))}
        yield from _lines(campaign, [rows[one] for one in chosen if one in rows], on)
        for row in rows.values():
            db.session.expunge(row)


def to_do(campaign: Campaign, seat: Seating, on: date, most: int) -> tuple[tuple[ItemLine, ...], int]:
    """The first items that wait for the seat itself, and how many do."""
    waiting = mine(seat)
    if waiting is None:
        return (), 0
    where = (Item.campaign_id == campaign.id, Item.visible_to(seat), waiting)
    total = db.session.scalar(select(func.count()).select_from(Item).where(*where)) or 0
    rows = (
        db.session.scalars(_loaded().where(*where).order_by(*SORTS["due"], Item.id).limit(most)).all() if total else ()
    )
    return tuple(_lines(campaign, rows, on)), total


def line(campaign: Campaign, item: Item, on: date, actor: Actor | None = None) -> ItemLine:
    """One item as a line."""
    return next(iter(_lines(campaign, [item], on, actor)))


def _lines(campaign: Campaign, items: Any, on: date, actor: Actor | None = None) -> Iterator[ItemLine]:
    if not items:
        return
    day, plans = item_placing.day_of(campaign, on), item_placing.nodes_of([item.id for item in items])
    for item in items:
        yield _line(item, day, plans[item.id], actor)


def _main(item: Item, actor: Actor | None) -> Verb | None:
    """The first verb of NEXT that the seat may use. A row knows no parts: the deed itself looks at those too."""
    if actor is None:
        return None
    found = available(State(item.state), actor, Around(item.unit_id, item.group_id))
    return next((verb for verb in NEXT if verb in found), None)


def _line(item: Item, day: Day, nodes: Nodes, actor: Actor | None) -> ItemLine:
    verdict = item_placing.verdict(item, day, nodes)
    running = item.band < Band.PAUSED and item.clock_due_on is not None
    heard = item.heard_on or item.assigned_on or day.on
    return ItemLine(
        item=item,
        light=verdict.light.value,
        words=verdict.words,
        held_workdays=max(0, workdays_between(clock.day_of(item.held_since), day.on, day.overrides)),
        left=workdays_between(day.on, item.clock_due_on, day.overrides) if running and item.clock_due_on else None,
        silent_workdays=max(0, workdays_between(heard, day.on, day.overrides)),
        main=_main(item, actor),
    )


def _loaded() -> Select[Any]:
    return select(Item).options(joinedload(Item.unit), joinedload(Item.group))


def _query(campaign: Campaign, seat: Seating, wanted: Wanted, view: View, on: date) -> Select[Any]:
    query = _loaded().where(Item.campaign_id == campaign.id, Item.visible_to(seat))
    query = query.where(view.where(seat, on))
    exact = {
        Item.unit_id: wanted.unit,
        Item.group_id: wanted.group,
        Item.source: wanted.source,
        Item.kind: wanted.kind,
        Item.light: wanted.light,
    }
    query = query.where(*(column == value for column, value in exact.items() if value))
    if wanted.q:
        query = query.where(sought(wanted.q))
    sort = wanted.sort if wanted.sort.removeprefix("-") in SORTS else view.order
    columns = (*SORTS[sort.removeprefix("-")], Item.id)
    return query.order_by(*(column.desc() for column in columns) if sort.startswith("-") else columns)


def sought(text: str) -> ColumnElement[bool]:
    """By words of the title, or by number: 3, 3号, 〔2020〕3号."""
    digits = "".join(c for c in text.rpartition("〕")[2] if c.isascii() and c.isdigit())
    by_words = contains(text, Item.title, Item.requirement)
    is_number = bool(digits) and len(digits) < 7 and not text.rpartition("〕")[2].strip(digits + "号 ")
    return or_(by_words, Item.no == int(digits)) if is_number else by_words


def _counts(campaign: Campaign, seat: Seating, views: tuple[View, ...], on: date) -> dict[str, int]:
    """What each tab holds: two statements whatever the number of items."""
    cells = _cells(campaign, seat)
    found = {one.key: sum(n for s, b, n in cells if one.holds(s, b)) for one in views if one.holds}
    others = [one for one in views if not one.holds and one.order == "due"]
    if others:
        visible = (Item.campaign_id == campaign.id, Item.visible_to(seat))
        counted = [
            select(func.count()).select_from(Item).where(*visible, one.where(seat, on)).scalar_subquery().label(one.key)
            for one in others
        ]
        row = db.session.execute(select(*counted, literal(0))).one()
        found.update({one.key: row[n] for n, one in enumerate(others)})
    return found


def _cells(campaign: Campaign, seat: Seating) -> list[tuple[str, int, int]]:
    if seat.kind in SEES_ALL:
        query: Any = select(ItemTally.state, ItemTally.band, ItemTally.count).where(
            ItemTally.campaign_id == campaign.id, ItemTally.count > 0
        )
    else:
        own = Item.unit_id == seat.unit_id if seat.kind == SeatKind.REPORTER else Item.visible_to(seat)
        query = select(Item.state, Item.band, func.count()).where(Item.campaign_id == campaign.id, own)
        query = query.group_by(Item.state, Item.band)
    return [(state, band, count) for state, band, count in db.session.execute(query)]


def _sentence(seat: Seating, views: tuple[View, ...], counts: Mapping[str, int]) -> str:
    told = {one.key: f"{one.word} {counts[one.key]} 项" for one in views if counts.get(one.key)}
    keys = [one.key for one in views if one.key not in ("", "all", "ended", "waiting", "waived")]
    pieces = [told[key] for key in keys if key in told][:4]
    if not counts.get(""):
        return "没有在办的督查事项"
    return f"在办 {counts['']} 项" + ("：" + "，".join(pieces) if pieces else "，没有需要您处理的")


KINDS = tuple((kind.value, kind.word) for kind in ItemKind)
SOURCES = tuple((source.value, source.word) for source in Source)
