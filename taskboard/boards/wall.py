"""领导一分钟: will we land? Four sentences, four figures, nine lights. Every count is from the tally."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import joinedload

from taskboard.boards.counts import Cell, cells, light_of, lights, total
from taskboard.boards.decisions import Decision, decisions
from taskboard.boards.turns import Turn, turn_counts, turns
from taskboard.boards.words import short_day
from taskboard.clock import at
from taskboard.db import db
from taskboard.models import CalendarOverride, Campaign, Commitment, Group, Section, Unit
from taskboard.rules.indicator import CONFIDENCE, LOW_CONFIDENCE
from taskboard.rules.workdays import monday, report_due, workdays_between

MOST = 4
NEWS = ("red", "yellow", "green")


@dataclass(frozen=True)
class Figure:
    """A number that can be read across a room; `leads_to` names the page behind it."""

    number: int
    words: str
    measure: str
    leads_to: str
    note: str = ""


@dataclass(frozen=True)
class GroupLight:
    """One of the nine."""

    id: int
    no: int
    name: str
    light: str
    words: str


@dataclass(frozen=True)
class Silent:
    """A unit and how many reports it still owes this week."""

    unit_id: int
    unit: str
    owed: int


@dataclass(frozen=True)
class Waiting:
    """A red light that has stood longest: somebody must decide."""

    id: int
    kind: str
    title: str
    group: str
    unit: str
    since: date
    workdays: int
    last_word: str


@dataclass(frozen=True)
class Divergence:
    """Where the owner's confidence and the light say different things."""

    id: int
    kind: str
    title: str
    unit: str
    light: str
    confidence: int
    note: str


@dataclass(frozen=True)
class Wall:
    """The leader's minute."""

    sentences: tuple[str, ...]
    figures: tuple[Figure, ...]
    groups: tuple[GroupLight, ...]
    turned: tuple[Turn, ...]
    turned_count: int
    silent: tuple[Silent, ...]
    silent_count: int
    waiting: tuple[Waiting, ...]
    divergences: tuple[Divergence, ...]
    divergence_count: int
    decisions: tuple[Decision, ...]


def wall(campaign: Campaign, on: date) -> Wall:
    """The wall on a day: nine statements, however large the district."""
    found = cells(campaign.id)
    overrides = CalendarOverride.all()
    since = at(monday(on), 0)
    turned = turn_counts(campaign.id, since)
    groups = tuple(_group_light(group, found) for group in Group.listed(campaign.id))
    silent = _silent(found)
    counted = lights(found)
    overdue = total(found, lambda cell: cell.section == Section.OVERDUE)
    owed = sum(one.owed for one in silent)
    diverging, diverging_count = _divergences(campaign.id)
    left = max(0, workdays_between(on, campaign.ends_on, overrides))
    return Wall(
        sentences=(
            _of_groups(groups),
            _of_lights(counted, overdue),
            f"本周转红 {turned['red']} 项，转黄 {turned['yellow']} 项，恢复绿灯 {turned['green']} 项。",
            _of_reports(owed, len(silent), report_due(monday(on), overrides)),
        ),
        figures=(
            Figure(counted["red"], "红灯", "项", "red"),
            Figure(overdue, "逾期", "项", "overdue", "含到期未填报"),
            Figure(owed, "本周未填报", "项", "owed"),
            Figure(left, "剩余工作日", "天", "", f"至 {short_day(campaign.ends_on)}"),
        ),
        groups=groups,
        turned=turns(campaign.id, since, MOST, tuple(f"turned_{light}" for light in NEWS)),
        turned_count=sum(turned[light] for light in NEWS),
        silent=tuple(silent[:MOST]),
        silent_count=len(silent),
        waiting=_waiting(campaign.id, on, overrides),
        divergences=diverging,
        divergence_count=diverging_count,
        decisions=decisions(campaign.id, MOST),
    )


def _divergences(campaign_id: int) -> tuple[tuple[Divergence, ...], int]:
    """Green where the owner doubts, red where the owner is sure: the doubts first."""
    doubted = and_(Commitment.light == "green", Commitment.confidence <= LOW_CONFIDENCE)
    sure = and_(Commitment.light == "red", Commitment.confidence == max(CONFIDENCE))
    columns = (Commitment.id, Commitment.kind, Commitment.title, Unit.short_name, Commitment.light)
    query = (
        select(*columns, Commitment.confidence, Commitment.confidence_note, func.count().over())
        .join(Unit, Unit.id == Commitment.unit_id)
        .where(Commitment.campaign_id == campaign_id, Commitment.section != Section.DONE, or_(doubted, sure))
        .order_by(Commitment.confidence, Commitment.light_since, Commitment.id)
        .limit(MOST)
    )
    rows: Sequence[Any] = db.session.execute(query).all()
    return tuple(Divergence(*row[:-1]) for row in rows), rows[0][-1] if rows else 0


def _of_groups(groups: Sequence[GroupLight]) -> str:
    counted = Counter(group.light for group in groups)
    pieces = [f"{counted[light]} 组有{word}灯" for light, word in (("red", "红"), ("yellow", "黄")) if counted[light]]
    calm = counted["green"]
    pieces += [f"{calm} 组全部正常"] if calm else []
    pieces += [f"{counted['grey']} 组暂无数据"] if counted["grey"] else []
    return f"{len(groups)} 个专项组中，{'，'.join(pieces)}。" if groups else "尚未设立专项组。"


def _of_lights(counted: dict[str, int], overdue: int) -> str:
    whole = f"未完成目标和任务 {sum(counted.values())} 项"
    return f"{whole}，红灯 {counted['red']} 项，黄灯 {counted['yellow']} 项，逾期 {overdue} 项。"


def _of_reports(owed: int, units: int, due: date) -> str:
    if not owed:
        return "本周应填报的事项已全部填报。"
    return f"本周还有 {owed} 项未填报，涉及 {units} 个单位，{short_day(due)} 17:00 截止。"


def _group_light(group: Group, found: Sequence[Cell]) -> GroupLight:
    counted = lights(cell for cell in found if cell.group_id == group.id)
    words = f"红 {counted['red']} · 黄 {counted['yellow']}"
    return GroupLight(group.id, group.no, group.short_name, light_of(counted), words)


def _silent(found: Sequence[Cell]) -> list[Silent]:
    """Units by what they owe, most first."""
    owed: Counter[int] = Counter()
    for cell in found:
        if cell.owed:
            owed[cell.unit_id] += cell.count
    units = db.session.scalars(select(Unit).where(Unit.id.in_(owed)).order_by(Unit.position, Unit.id))
    return sorted((Silent(unit.id, unit.name, owed[unit.id]) for unit in units), key=lambda one: -one.owed)


def _waiting(campaign_id: int, on: date, overrides: dict[date, bool]) -> tuple[Waiting, ...]:
    query = (
        select(Commitment)
        .where(Commitment.campaign_id == campaign_id, Commitment.light == "red", Commitment.section != Section.DONE)
        .options(joinedload(Commitment.group), joinedload(Commitment.unit))
        .order_by(Commitment.light_since, Commitment.id)
        .limit(MOST)
    )
    return tuple(
        Waiting(
            id=row.id,
            kind=row.kind,
            title=row.title,
            group=row.group.short_name,
            unit=row.unit.short_name,
            since=row.light_since,
            workdays=workdays_between(row.light_since, on, overrides),
            last_word=row.last_word,
        )
        for row in db.session.scalars(query)
    )
