"""The Monday digest of a unit: what it owes this week, to the unit's own mailbox. A unit without one gets none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy import or_, select

from taskboard import clock
from taskboard.alerts.gathering import write
from taskboard.boards.owing import Owing, owing
from taskboard.boards.words import short_day
from taskboard.db import db
from taskboard.models import (
    Band,
    CalendarOverride,
    Campaign,
    Channel,
    Commitment,
    Delivery,
    FanOut,
    Group,
    Item,
    Occasion,
    Part,
    Party,
    Role,
    TellingRule,
    Unit,
)
from taskboard.models.channel import MAIL_ID
from taskboard.rules.lifecycle import Holder, PartState
from taskboard.rules.section import Section
from taskboard.rules.telling import Hours
from taskboard.rules.workdays import monday, report_due

LONGEST = 30
OVERDUE, RED, SOON, RETURNED, OWED, ITEMS = "逾期", "红灯", "今明到期", "退回", "本周待填报", "督查事项"
HEADINGS = (OVERDUE, RED, SOON, RETURNED, OWED, ITEMS)
BY_SECTION = {
    Section.OVERDUE: OVERDUE,
    Section.RED: RED,
    Section.DUE_SOON: SOON,
    Section.RETURNED: RETURNED,
    Section.OWED: OWED,
}


@dataclass(frozen=True)
class Line:
    """One thing that a unit owes."""

    heading: str
    title: str
    words: str
    path: str


def write_week(on: date, at: datetime) -> int:
    """Write one mail for every unit with a mailbox, once a week; the caller commits. Returns how many.

    Not on days off and not in quiet hours, and not where the office has switched it or mail off.
    """
    db.session.execute(select(FanOut.id).where(FanOut.id == 1).with_for_update())
    rule, channel, campaign = TellingRule.get(), db.session.get_one(Channel, MAIL_ID), Campaign.current()
    overrides = CalendarOverride.all()
    hours = Hours(rule.quiet_from, rule.quiet_until)
    if campaign is None or not rule.unit_digest or not channel.is_on or _is_written(on):
        return 0
    if hours.are_quiet(at.astimezone(clock.SHANGHAI), overrides) or not campaign.starts_on <= on <= campaign.ends_on:
        return 0
    units = list(db.session.scalars(select(Unit).where(Unit.active, Unit.email != "").order_by(Unit.id)))
    lines = _lines(campaign, [unit.id for unit in units], on)
    counts = owing(campaign, on)
    due = report_due(monday(on), overrides)
    base_url = current_app.config["TASKBOARD"].base_url
    for unit in units:
        owed = counts.get(("unit", unit.id), Owing())
        subject = f"{unit.short_name}本周待办：{owed.words}"
        body = _body(unit, owed, due, lines[unit.id], base_url)
        write(channel, unit.email, subject, body, at, unit_id=unit.id, occasion=Occasion.UNIT_DIGEST)
    return len(units)


def _is_written(on: date) -> bool:
    """Whether this week's were written; by the time of the business, as everything that has a week."""
    found = select(Delivery.id).where(Delivery.occasion == Occasion.UNIT_DIGEST)
    return db.session.scalar(found.where(Delivery.created_at >= clock.at(monday(on), 0)).limit(1)) is not None


def _body(unit: Unit, owed: Owing, due: date, lines: Sequence[Line], base_url: str) -> str:
    blocks = [f"{unit.name}：{owed.words}。本周填报截止 {short_day(due)} 17:00。"]
    for heading in HEADINGS:
        some = [line for line in lines if line.heading == heading]
        if not some:
            continue
        told = [f"· {line.title}\n  {line.words}\n  {base_url}{line.path}" for line in some[:LONGEST]]
        if len(some) > LONGEST:
            told.append(f"· 另有 {len(some) - LONGEST} 项，请登录后在工作清单中查看。")
        blocks.append("\n".join([f"{heading}（{len(some)} 项）", *told]))
    blocks.append(f"工作清单\n· 登录后查看全部事项\n  {base_url}/worklist")
    return "\n\n".join(blocks)


def _lines(campaign: Campaign, unit_ids: Sequence[int], on: date) -> dict[int, list[Line]]:
    """What is on the list of each unit: four statements, however many units."""
    found: dict[int, list[Line]] = defaultdict(list)
    for unit_id, line in (*_commitments(campaign, unit_ids), *_items(campaign, unit_ids, on)):
        found[unit_id].append(line)
    return found


def _commitments(campaign: Campaign, unit_ids: Sequence[int]) -> Iterator[tuple[int, Line]]:
    open_ones = (Commitment.campaign_id == campaign.id) & (Commitment.section < int(Section.NORMAL))
    columns = (Commitment.id, Commitment.kind, Commitment.title, Commitment.detail, Commitment.ends_on,
               Commitment.section, Commitment.owed, Group.short_name)  # fmt: skip
    query = select(Commitment.unit_id, *columns).join(Group, Group.id == Commitment.group_id).where(open_ones)
    joint = (
        select(Party.unit_id, *columns)
        .join(Commitment, Commitment.id == Party.commitment_id)
        .join(Group, Group.id == Commitment.group_id)
        .where(open_ones, Party.role == Role.RESPONSIBLE, Party.unit_id != Commitment.unit_id)
        .where(Party.unit_id.in_(unit_ids))
    )
    own = query.where(Commitment.unit_id.in_(unit_ids))
    for statement in (own, joint):
        for row in db.session.execute(statement.order_by(Commitment.section, Commitment.id)):
            yield row[0], _commitment(row)


def _commitment(row: Any) -> Line:
    _, id_, kind, title, detail, ends_on, section, owed, group = row
    what = f"{title}（{detail}）" if kind == "task" and detail else title
    words = f"{'目标' if kind == 'target' else '任务'}，截止 {short_day(ends_on)}{'，本周未填报' if owed else ''}"
    return Line(BY_SECTION[Section(section)], _one_line(f"{group}｜{what}"), words, f"/{kind}s/{id_}")


def _items(campaign: Campaign, unit_ids: Sequence[int], on: date) -> Iterator[tuple[int, Line]]:
    """The items that a unit holds, and its parts of other units' items that wait for it."""
    running = (Item.campaign_id == campaign.id) & (Item.band < int(Band.PAUSED))
    columns = (Item.id, Item.year, Item.no, Item.title)
    own = select(Item.unit_id, *columns, Item.clock_due_on).where(
        running, Item.holder == Holder.UNIT, Item.unit_id.in_(unit_ids)
    )
    for row in db.session.execute(own.order_by(Item.clock_due_on, Item.id)):
        yield _item(row, "承办", on)
    waiting = or_(*(Part.state == state for state in (PartState.ASSIGNED, PartState.HANDLING, PartState.RETURNED)))
    parts = select(Part.unit_id, *columns, Part.due_on).join(Item, Item.id == Part.item_id)
    for row in db.session.execute(
        parts.where(running, waiting, Part.unit_id.in_(unit_ids)).order_by(Part.due_on, Item.id)
    ):
        yield _item(row, "配合", on)


def _item(row: Any, role: str, on: date) -> tuple[int, Line]:
    unit_id, id_, year, no, title, due_on = row
    late = "，已逾期" if due_on and due_on < on else ""
    words = f"{role}，期限 {short_day(due_on)}{late}" if due_on else role
    return unit_id, Line(ITEMS, _one_line(f"督查〔{year}〕{no}号 {title}"), words, f"/items/{id_}")


def _one_line(text: str) -> str:
    return " ".join(text.split())
