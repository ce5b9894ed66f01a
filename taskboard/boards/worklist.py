"""本组工作清单: what is owed, in the order in which it hurts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from taskboard.boards.line import Line
from taskboard.boards.listing import Asked, Count, Listing, Scope, in_view, listing
from taskboard.rules.section import Section

VIEWS = (
    ("", "全部"),
    ("owed", "本周待填报"),
    ("behind", "红灯黄灯"),
    ("soon", "今明到期"),
    ("returned", "退回"),
    ("done", "已完成"),
)


@dataclass(frozen=True)
class Part:
    """Lines under one heading; `count` is how many there are on all pages, None when text was sought."""

    title: str
    lines: tuple[Line, ...]
    count: int | None


@dataclass(frozen=True)
class Worklist:
    """The page: its answer in a sentence, the views with their counts, and the lines in parts."""

    sentence: str
    views: tuple[tuple[str, str, int], ...]
    parts: tuple[Part, ...]
    listing: Listing


def worklist(scope: Scope, asked: Asked, on: date) -> Worklist:
    """The worklist of a seat, narrowed as asked."""
    page = listing(scope, asked, on)
    views = tuple((key, words, _sum(page.counts, key or "open")) for key, words in VIEWS)
    return Worklist(_sentence(page.counts), views, tuple(_parts(page, asked)), page)


def _sum(counts: tuple[Count, ...], view: str) -> int:
    return sum(one.count for one in counts if in_view(one, view))


def _sentence(counts: tuple[Count, ...]) -> str:
    running = [one for one in counts if one.section < Section.DONE]
    owed = sum(one.count for one in running if one.owed)
    red = sum(one.count for one in running if one.light == "red")
    overdue = sum(one.count for one in running if one.section == Section.OVERDUE)
    if not running:
        return "当前没有未完成的事项"
    pieces = [f"本周还有 {owed} 项未填报" if owed else "本周应填报的事项已全部填报"]
    pieces += [f"{red} 项红灯"] if red else ["没有红灯"]
    pieces += [f"{overdue} 项逾期"] if overdue else []
    return "，".join(pieces)


def _parts(page: Listing, asked: Asked) -> Iterator[Part]:
    if asked.sort and asked.sort != "harm":
        yield Part("", page.lines, page.total)
        return
    for section in Section:
        lines = tuple(line for line in page.lines if line.section == section)
        if lines:
            yield Part(section.word, lines, _of_section(page, asked, section))


def _of_section(page: Listing, asked: Asked, section: Section) -> int | None:
    if asked.q:
        return None
    within = (c for c in page.counts if c.section == section and (not asked.light or c.light == asked.light))
    return sum(one.count for one in within if asked.section is not None or in_view(one, asked.view))
