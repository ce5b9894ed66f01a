"""What a message says: one for a person, however many events fell together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Commitment, Event, Group, Item, Kind, Unit

LONGEST = 30
PARTS = (
    (Kind.TURNED_RED, "转为红灯"),
    (Kind.TURNED_GREEN, "恢复绿灯"),
    (Kind.REPORT_RETURNED, "填报被退回"),
    (Kind.FEEDBACK_GIVEN, "意见与投诉"),
    *((kind, kind.words) for kind in Kind if kind.key.startswith(("item_", "appeal_"))),
)


class Subject(NamedTuple):
    """What a message must know of a commitment."""

    kind: str
    title: str
    detail: str
    group: str
    unit: str


def subjects(events: Sequence[Event]) -> dict[tuple[str, int], Subject]:
    """The commitments and items that the events are about, in one statement each."""
    found = {("commitment", id_): subject for id_, subject in _commitments(_ids(events, "commitment")).items()}
    found.update({("item", id_): subject for id_, subject in _items(_ids(events, "item")).items()})
    return found


def _ids(events: Sequence[Event], noun: str) -> list[int]:
    return sorted({event.subject_id for event in events if event.subject_id and event.subject_type == noun})


def _items(ids: list[int]) -> dict[int, Subject]:
    query = select(Item.id, Item.year, Item.no, Item.title, Group.name, Unit.name)
    query = query.outerjoin(Group, Group.id == Item.group_id).outerjoin(Unit, Unit.id == Item.unit_id)
    found: dict[int, Subject] = {}
    for start in range(0, len(ids), 5000):
        for id_, year, no, title, group, unit in db.session.execute(
            query.where(Item.id.in_(ids[start : start + 5000]))
        ):
            found[id_] = Subject("item", f"督查〔{year}〕{no}号 {title}", "", group or "", unit or "未交办")
    return found


def _commitments(ids: list[int]) -> dict[int, Subject]:
    query = (
        select(Commitment.id, Commitment.kind, Commitment.title, Commitment.detail, Group.name, Unit.name)
        .join(Group, Group.id == Commitment.group_id)
        .join(Unit, Unit.id == Commitment.unit_id)
    )
    found: dict[int, Subject] = {}
    for start in range(0, len(ids), 5000):
        for row in db.session.execute(query.where(Commitment.id.in_(ids[start : start + 5000]))):
            found[row[0]] = Subject(*row[1:])
    return found


def compose(events: Sequence[Event], about: Mapping[tuple[str, int], Subject], base_url: str) -> tuple[str, str]:
    """Subject and body: the worst first, the first thirty told and the rest counted."""
    by_kind = [(words, [e for e in events if e.kind == kind.key]) for kind, words in PARTS]
    said = [event for event in events if event.kind == Kind.ANNOUNCED.key]
    heads = [*_announced_head(said), *(f"{len(some)} 项{words}" for words, some in by_kind if some)]
    blocks = [_announced(event, base_url) for event in said]
    for words, some in by_kind:
        if not some:
            continue
        lines = [_line(event, about, base_url) for event in some[:LONGEST]]
        if len(some) > LONGEST:
            lines.append(f"另有 {len(some) - LONGEST} 项，请登录查看工作清单。")
        blocks.append(f"{words}（{len(some)} 项）\n" + "\n".join(lines))
    return "，".join(heads), "\n\n".join(blocks)


def _announced_head(said: Sequence[Event]) -> list[str]:
    if len(said) > 1:
        return [f"{len(said)} 件通知"]
    return [f"通知：{event.payload['after']['title']}" for event in said]


def _announced(event: Event, base_url: str) -> str:
    """A block of its own for each: title, text line by line, and where it can be read again."""
    after = event.payload["after"]
    lines = [f"  {line.strip()}" for line in after["text"].splitlines() if line.strip()]
    return "\n".join(["通知", f"· {after['title']}", *lines, f"  {base_url}/announcements/{event.subject_id}"])


def _line(event: Event, about: Mapping[tuple[str, int], Subject], base_url: str) -> str:
    data = event.payload
    after = data.get("after") or {}
    subject = about.get((event.subject_type, event.subject_id or 0))
    if subject is None:
        return f"· {after.get('text', '')}"
    if subject.kind == "item":
        told = [
            after.get("part_state", ""),
            after.get("slip", ""),
            after.get("number", ""),
            data.get("words", ""),
            after.get("text", ""),
        ]
        told += [f"办理期限 {after['due_on']}"] if after.get("due_on") else []
        why = "　".join(str(one) for one in told if one)
        where = "｜".join(one for one in (subject.unit, subject.group, subject.title) if one)
        return f"· {where}\n" + (f"  {why}\n" if why else "") + f"  {base_url}/items/{event.subject_id}"
    why = data.get("words") or after.get("text") or f"退回理由：{after.get('reason', '')}"
    what = f"{subject.title}（{subject.detail}）" if subject.kind == "task" and subject.detail else subject.title
    return f"· {subject.unit}｜{subject.group}｜{what}\n  {why}\n  {base_url}/{subject.kind}s/{event.subject_id}"
