"""What a message says: one for a recipient, however many events fell together.

Plain text in blocks (see alerts/channels/__init__.py: Letter). What happened to one thing is one entry, under the
heading of the worst of it; the worst heading comes first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from taskboard.alerts import announcing
from taskboard.alerts.headings import TURNS, counted, heading, rank
from taskboard.alerts.saying import said
from taskboard.alerts.subjects import PATHS, Key, Subject, subjects
from taskboard.models import Event

__all__ = ["Subject", "by_unit", "compose", "subjects"]

LONGEST = 30
MOST = 60
MOST_HEADS = 4
MOST_UNITS = 10
MOST_OF_A_KIND = 3


@dataclass(frozen=True)
class Thing:
    """What happened to one thing, in order, the kinds that count, and the one under whose heading it is told."""

    key: Key
    events: list[Event]
    kinds: set[str]
    kind: str


def compose(events: Sequence[Event], about: Mapping[Key, Subject], base_url: str, lead: str = "") -> tuple[str, str]:
    """Subject and body: first what somebody must know before all else (`lead`), then the worst; the rest is counted."""
    announced = [event for event in events if announcing.is_told(event)]
    things = list(_things([event for event in events if not announcing.is_told(event)]))
    by_kind: dict[str, list[Thing]] = defaultdict(list)
    for thing in things:
        by_kind[thing.kind].append(thing)
    kinds = sorted(by_kind, key=rank)
    blocks, left = [*([lead] if lead else []), *(announcing.block(event, base_url) for event in announced)], MOST
    for kind in kinds:
        shown = by_kind[kind][: min(LONGEST, left)]
        left -= len(shown)
        blocks.append(_block(kind, shown, len(by_kind[kind]), about, base_url))
    heads = [one for one in (announcing.head(announced), _subject(things)) if one]
    return "，".join(heads), "\n\n".join(blocks)


def by_unit(events: Iterable[Event], about: Mapping[Key, Subject]) -> str:
    """The first line for a chat: which units, and how many things of each."""
    keys = {(event.subject_type, event.subject_id or 0) for event in events}
    counts = Counter(about[key].unit for key in keys if key in about and about[key].unit)
    if not counts:
        return ""
    named = "、".join(f"{unit} {count} 项" for unit, count in counts.most_common(MOST_UNITS))
    more = "等" if len(counts) > MOST_UNITS else ""
    return f"涉及 {len(counts)} 个单位：{named}{more}。"


def _things(events: Sequence[Event]) -> Iterator[Thing]:
    grouped: dict[Key, list[Event]] = defaultdict(list)
    for event in events:
        own = event.subject_id if event.subject_id is not None else -event.id
        grouped[event.subject_type, own].append(event)
    for key, some in grouped.items():
        kinds = _counted([event.kind for event in some])
        yield Thing(key, some, kinds, min(kinds, key=rank))


def _counted(kinds: Sequence[str]) -> set[str]:
    """The kinds that describe a thing: of its turns only the last."""
    found = set(kinds)
    if found.isdisjoint(TURNS):
        return found
    return (found - set(TURNS)) | {next(kind for kind in reversed(kinds) if kind in TURNS)}


def _subject(things: Sequence[Thing]) -> str:
    counts = Counter(kind for thing in things for kind in thing.kinds)
    heads = [counted(kind, counts[kind]) for kind in sorted(counts, key=rank)]
    return "，".join(heads[:MOST_HEADS]) + ("等" if len(heads) > MOST_HEADS else "")


def _block(kind: str, shown: Sequence[Thing], count: int, about: Mapping[Key, Subject], base_url: str) -> str:
    lines = [f"{heading(kind)}（{count} 项）"]
    lines += [_entry(thing, about.get(thing.key), base_url) for thing in shown]
    if count > len(shown):
        more = f"另有 {count - len(shown)} 项" if shown else f"共 {count} 项"
        lines.append(f"· {more}，请登录后在工作清单和站内消息中查看。")
    return "\n".join(lines)


def _entry(thing: Thing, subject: Subject | None, base_url: str) -> str:
    newest: dict[str, Event] = {}
    for event in thing.events:
        newest.pop(event.kind, None)
        newest[event.kind] = event
    times = Counter(event.kind for event in thing.events)
    if len(newest) > 1:
        told = [_headed(kind, times[kind], said(event)) for kind, event in newest.items()]
    else:
        told = [words for event in thing.events[-MOST_OF_A_KIND:] if (words := said(event))]
    told = list(dict.fromkeys(told))
    if subject is None or not subject.words:
        first, *rest = told or [heading(thing.kind)]
    else:
        first, rest = subject.words, told
    path = subject.path if subject else PATHS.get(thing.key[0], "")
    return "\n".join([f"· {first}", *(f"  {line}" for line in rest), *([f"  {base_url}{path}"] if path else [])])


def _headed(kind: str, times: int, words: str) -> str:
    """What happened to a thing, among other things; of the same the newest, and how often it happened."""
    head = heading(kind) if times == 1 else f"{heading(kind)}（{times} 次）"
    return f"{head}：{words}" if words else head
