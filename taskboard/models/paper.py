"""What a slip 督办单 says as an official document: built from the item while it is a draft, kept as signed.

A signed document is what was sent; whatever happens to the item afterwards does not change it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from taskboard.models.campaign import Campaign
from taskboard.models.item import Item
from taskboard.models.slip import Slip
from taskboard.rules.ladder import TALK
from taskboard.rules.lifecycle import State
from taskboard.rules.terms import Source

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Paper:
    """The document's parts in their order."""

    heading: str
    number: str
    title: str
    addressee: str
    paragraphs: tuple[str, ...]
    facts: Pairs
    signatory: str
    on: date
    signer: str
    copies: tuple[str, ...]
    is_draft: bool
    illustrative: bool


def paper(slip: Slip, campaign: Campaign) -> Paper:
    """The slip as it reads: as signed, or the draft with what is known now and without a number."""
    if slip.said:
        return _thawed(slip.said)
    item, is_talk, office = slip.item, slip.level == TALK, campaign.office_name
    return Paper(
        heading=f"{office}{'建议' if is_talk else '督办单'}",
        number=f"督办{slip.number}" if slip.number else "（未编号）",
        title=f"关于约谈{slip.unit.name}的建议" if is_talk else f"关于督办{item.title}的通知",
        addressee="区主要领导" if is_talk else slip.unit.name,
        paragraphs=_paragraphs(slip, item),
        facts=_facts(slip, item),
        signatory=office,
        on=slip.decided_on or slip.proposed_on,
        signer=slip.decided_by.name if slip.number and slip.decided_by else "",
        copies=("分管区领导",) if slip.level == 3 else (slip.unit.name,) if is_talk else (),
        is_draft=not slip.number,
        illustrative=item.illustrative,
    )


def freeze(one: Paper) -> str:
    """The document as text for the slip's row."""
    return json.dumps({**asdict(one), "on": one.on.isoformat()}, ensure_ascii=False)


def _thawed(said: str) -> Paper:
    data: dict[str, Any] = json.loads(said)
    data["on"] = date.fromisoformat(data["on"])
    data["facts"] = tuple((label, value) for label, value in data["facts"])
    data["paragraphs"], data["copies"] = tuple(data["paragraphs"]), tuple(data["copies"])
    return Paper(**data)


def _paragraphs(slip: Slip, item: Item) -> tuple[str, ...]:
    since = f"于{_day(item.assigned_on)}交办{slip.unit.name}" if item.assigned_on else f"由{slip.unit.name}承办"
    opening = f"督查事项{item.number}“{item.title}”{since}，办理期限为{_day(item.original_due_on)}"
    if item.due_on != item.original_due_on:
        opening += f"，{'经批准延期至' if item.extended else '现为'}{_day(item.due_on)}"
    told = f"现状态为“{State(item.state).word}”。{_sentence(slip.reason)}"
    said = f"最近一次办理情况：{_sentence(item.last_word)}" if item.last_word else "交办以来尚未报告办理情况。"
    asked = f"二、办理要求。{_sentence(item.requirement or item.title)}"
    if slip.level == TALK:
        within = f"请于{_day(slip.due_on)}前批示。" if slip.due_on else "请批示。"
        return (f"{opening}。", f"一、有关情况。{told}{said}", asked, f"三、建议。{_sentence(slip.demand)}{within}")
    within = (
        f"请于{_day(slip.due_on)}前书面回复。"
        if slip.due_on
        else f"请在收到本单后 {slip.rung.answer_within} 个工作日内书面回复。"
    )
    return (
        f"{opening}。",
        f"一、督办事由。{told}{said}",
        asked,
        f"三、回复要求。{_sentence(slip.demand)}{within}",
    )


def _facts(slip: Slip, item: Item) -> Pairs:
    rows = [
        ("督办级别", slip.rung.word),
        ("事项编号", f"督查{item.number}"),
        ("事项来源", Source(item.source).word + (f"：{item.source_words}" if item.source_words else "")),
        ("承办单位", slip.unit.name),
        ("原办理期限", _day(item.original_due_on)),
    ]
    if item.due_on != item.original_due_on:
        rows.append(("现办理期限", _day(item.due_on)))
    rows.append(("退回次数", str(item.returned)))
    answer = "批示期限" if slip.level == TALK else "回复期限"
    rows.append((answer, _day(slip.due_on) if slip.due_on else "签发后起算"))
    return tuple(rows)


def _day(value: date | None) -> str:
    return f"{value.year}年{value.month}月{value.day}日" if value else "–"


def _sentence(text: str) -> str:
    """With one full stop at its end."""
    return text.strip().rstrip("。；;.") + "。"
