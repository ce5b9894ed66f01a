"""The arrangement of a year's days off as the office pastes it: a line a spell, read with an error for each wrong line.

“2027-02-05 至 2027-02-11 放假 春节”, “2027年2月14日 上班”. A second day may leave out what it shares with the first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

LONGEST = 31
MOST_LINES = 100
WORDS = {"放假": False, "休息": False, "休": False, "上班": True, "补班": True, "班": True}
_DATE = r"(?:(\d{4})\s*[-/.年]\s*)?(?:(\d{1,2})\s*[-/.月]\s*)?(\d{1,2})\s*日?"
_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_SECOND = re.compile(rf"\s*(?:至|到|—|–|~|～|-)\s*{_DATE}")
_REMARK = re.compile(r"[（(][^）)]*[）)]")
_REST = re.compile(rf"[\s，,：:、]*({'|'.join(WORDS)})[\s，,：:、]*(.*)")
_EXAMPLE = "写成“2027-02-05 至 2027-02-11 放假 春节”或“2027-02-14 上班”"


@dataclass(frozen=True)
class Day:
    """One day as arranged, and the line that says so."""

    day: date
    is_workday: bool
    name: str
    line: int


@dataclass(frozen=True)
class Wrong:
    """A line that cannot be taken, why, and what to do."""

    line: int
    text: str
    reason: str
    remedy: str


def read(text: str) -> tuple[list[Day], list[Wrong]]:
    """The days in order, and the lines that are wrong."""
    days: dict[date, Day] = {}
    wrong: list[Wrong] = []
    lines = [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    for n, line in lines[:MOST_LINES]:
        found = _line(n, line)
        if isinstance(found, Wrong):
            wrong.append(found)
            continue
        twice = next((days[one.day] for one in found if one.day in days), None)
        if twice:
            wrong.append(Wrong(n, line, f"{twice.day} 在第 {twice.line} 行已有安排", "删去其中一行"))
            continue
        days.update({one.day: one for one in found})
    if len(lines) > MOST_LINES:
        wrong.append(Wrong(lines[MOST_LINES][0], "", f"超过 {MOST_LINES} 行", "分几次录入"))
    return [days[day] for day in sorted(days)], wrong


def _line(n: int, line: str) -> list[Day] | Wrong:
    text = _REMARK.sub("", line)
    first = _FIRST.match(text)
    if first is None:
        return Wrong(n, line, "行首不是完整的日期", _EXAMPLE)
    rest = text[first.end() :]
    second = _SECOND.match(rest)
    arranged = _REST.fullmatch(rest[second.end() :] if second else rest)
    if arranged is None:
        return Wrong(n, line, "没有写明放假还是上班", _EXAMPLE)
    try:
        starts = date(*map(int, first.groups()))
        ends = _end(starts, second) if second else starts
    except ValueError:
        return Wrong(n, line, "没有这一天", "核对月份和日期")
    if ends < starts:
        return Wrong(n, line, "结束日期早于开始日期", "核对两个日期，跨年时写明年份")
    if (ends - starts).days >= LONGEST:
        return Wrong(n, line, f"一段超过 {LONGEST} 天", "核对两个日期，确有需要时分两行写")
    word, name = arranged.groups()
    count = (ends - starts).days + 1
    return [Day(starts + timedelta(n_), WORDS[word], name.strip()[:50], n) for n_ in range(count)]


def _end(starts: date, found: re.Match[str]) -> date:
    year, month, day = (int(part) if part else None for part in found.groups())
    return date(year or starts.year, month or starts.month, day or starts.day)
