"""What a message says: one for a person, however many events fell together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Commitment, Event, Group, Kind, Unit

LONGEST = 30
PARTS = (
    (Kind.TURNED_RED, "转为红灯"),
    (Kind.TURNED_GREEN, "恢复绿灯"),
    (Kind.REPORT_RETURNED, "填报被退回"),
    (Kind.FEEDBACK_GIVEN, "意见与投诉"),
)


class Subject(NamedTuple):
    """What a message must know of a commitment."""

    kind: str
    title: str
    detail: str
    group: str
    unit: str


def subjects(events: Sequence[Event]) -> dict[int, Subject]:
    """The commitments that the events are about, in one statement."""
    ids = sorted({event.subject_id for event in events if event.subject_id})
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


def compose(events: Sequence[Event], about: dict[int, Subject], base_url: str) -> tuple[str, str]:
    """Subject and body: the worst first, the first thirty told and the rest counted."""
    by_kind = [(words, [e for e in events if e.kind == kind.key]) for kind, words in PARTS]
    heads = [f"{len(some)} 项{words}" for words, some in by_kind if some]
    blocks = []
    for words, some in by_kind:
        if not some:
            continue
        lines = [_line(event, about, base_url) for event in some[:LONGEST]]
        if len(some) > LONGEST:
            lines.append(f"另有 {len(some) - LONGEST} 项，请登录查看工作清单。")
        blocks.append(f"{words}（{len(some)} 项）\n" + "\n".join(lines))
    return "，".join(heads), "\n\n".join(blocks)


def _line(event: Event, about: dict[int, Subject], base_url: str) -> str:
    data = event.payload
    subject = about.get(event.subject_id or 0) if event.subject_type == "commitment" else None
    if subject is None:
        return f"· {(data.get('after') or {}).get('text', '')}"
    why = data.get("words") or f"退回理由：{(data.get('after') or {}).get('reason', '')}"
    what = f"{subject.title}（{subject.detail}）" if subject.kind == "task" and subject.detail else subject.title
    return f"· {subject.unit}｜{subject.group}｜{what}\n  {why}\n  {base_url}/{subject.kind}s/{event.subject_id}"
