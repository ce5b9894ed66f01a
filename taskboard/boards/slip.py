"""A slip 督办单 as an official document: what the printable page and the .docx both say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from taskboard.boards.words import day
from taskboard.db import db
from taskboard.models import Campaign, Item, Slip
from taskboard.rules.access import SEES_ALL, Seating
from taskboard.rules.ladder import TALK
from taskboard.rules.lifecycle import State
from taskboard.rules.terms import Source


@dataclass(frozen=True)
class Document:
    """The document's parts in their order."""

    heading: str
    number: str
    title: str
    addressee: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    signatory: str
    on: date
    signer: str
    copies: tuple[str, ...]
    is_draft: bool
    illustrative: bool


def find(slip_id: int, seat: Seating) -> Slip | None:
    """The slip, when the seat sees its item."""
    query = select(Slip).join(Item, Item.id == Slip.item_id).where(Slip.id == slip_id, Item.visible_to(seat))
    if seat.kind not in SEES_ALL:  # what nobody signed yet is not the unit's to see
        query = query.where(Slip.no.is_not(None))
    return db.session.scalars(query).first()


def document(slip: Slip, campaign: Campaign) -> Document:
    """What the slip says. Before it is signed it has no number and says that it is a draft."""
    item = slip.item
    is_talk = slip.level == TALK
    office = campaign.office_name
    return Document(
        heading=f"{office}{'建议' if is_talk else '督办单'}",
        number=f"督办{slip.number}" if slip.number else "（未编号）",
        title=f"{'关于约谈' + slip.unit.name + '的建议' if is_talk else '关于督办' + item.title + '的通知'}",
        addressee="区主要领导" if is_talk else slip.unit.name,
        paragraphs=_paragraphs(slip, item),
        facts=_facts(slip, item),
        signatory=office,
        on=slip.decided_on or slip.proposed_on,
        signer=slip.decided_by.name if slip.is_signed and slip.decided_by else "",
        copies=("分管区领导",) if slip.level == 3 else (slip.unit.name,) if is_talk else (),
        is_draft=not slip.is_signed,
        illustrative=item.illustrative,
    )


def _paragraphs(slip: Slip, item: Item) -> tuple[str, ...]:
    since = f"于{day(item.assigned_on)}交办{slip.unit.name}" if item.assigned_on else f"由{slip.unit.name}承办"
    opening = f"督查事项{item.number}“{item.title}”{since}，办理期限为{day(item.original_due_on)}"
    if item.due_on != item.original_due_on:
        opening += f"，经批准调整为{day(item.due_on)}"
    told = f"现状态为“{State(item.state).word}”。{slip.reason}。"
    said = f"最近一次办理情况：{item.last_word}。" if item.last_word else "交办以来尚未报告办理情况。"
    demand = slip.demand if slip.demand.endswith("。") else f"{slip.demand}。"
    within = (
        f"请于{day(slip.due_on)}前书面回复。"
        if slip.due_on
        else f"请在收到本单后 {slip.rung.answer_within} 个工作日内书面回复。"
    )
    return (
        f"{opening}。",
        f"一、督办事由。{told}{said}",
        f"二、办理要求。{item.requirement or item.title}",
        f"三、回复要求。{demand}{within}",
    )


def _facts(slip: Slip, item: Item) -> tuple[tuple[str, str], ...]:
    rows = [
        ("督办级别", slip.rung.word),
        ("事项编号", f"督查{item.number}"),
        ("事项来源", Source(item.source).word + (f"：{item.source_words}" if item.source_words else "")),
        ("承办单位", slip.unit.name),
        ("原办理期限", day(item.original_due_on)),
    ]
    if item.due_on != item.original_due_on:
        rows.append(("现办理期限", day(item.due_on)))
    rows += [("退回次数", str(item.returned)), ("回复期限", day(slip.due_on) if slip.due_on else "签发后起算")]
    return tuple(rows)
