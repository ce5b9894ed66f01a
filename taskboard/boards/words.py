"""How values are written on a page, in a workbook and in a message: the same everywhere.

Pure functions, registered as Jinja filters from FILTERS. Nothing known is written “–”, so that
a template never asks first. Moments are aware UTC and shown in Asia/Shanghai.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from difflib import SequenceMatcher
from typing import Any

from taskboard.clock import SHANGHAI
from taskboard.rules.evaluation import movement_words
from taskboard.rules.indicator import CONFIDENCE
from taskboard.rules.ladder import LEVELS
from taskboard.rules.lifecycle import State, Verb
from taskboard.rules.terms import ItemKind, Source
from taskboard.rules.vintage import Vintage

NONE = "–"
WEEKDAYS = "一二三四五六日"
Number = Decimal | int | float


def day(value: date | None) -> str:
    """2020年6月5日. A moment is first taken to its Shanghai day."""
    on = _date(value)
    return f"{on.year}年{on.month}月{on.day}日" if on else NONE


def short_day(value: date | None) -> str:
    """6月5日 周五: for lists, where the year is the campaign's."""
    on = _date(value)
    return f"{on.month}月{on.day}日 周{WEEKDAYS[on.weekday()]}" if on else NONE


def long_day(value: date | None) -> str:
    """2020年6月5日 星期五: where the day itself is the news, as on the clock's banner."""
    on = _date(value)
    return f"{day(on)} 星期{WEEKDAYS[on.weekday()]}" if on else NONE


def moment(value: datetime | None) -> str:
    """6月5日 15:04, in Shanghai."""
    if value is None:
        return NONE
    local = value.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def pct(share: Number | None, decimals: int = 1) -> str:
    """42.0 % of a share between 0 and 1 (or above: completion has no ceiling)."""
    return NONE if share is None else f"{_rounded(_decimal(share) * 100, decimals)} %"


def points(gap: Number | None, decimals: int = 1) -> str:
    """+20.0 个百分点, of a difference already counted in points."""
    if gap is None:
        return NONE
    rounded = _rounded(_decimal(gap), decimals)
    return f"{'+' if rounded > 0 else ''}{rounded} 个百分点"


def figure(value: Number | None, decimals: int | None = None) -> str:
    """1,001.29: thousands separated; without `decimals` as many as the value itself needs."""
    if value is None:
        return NONE
    number = _decimal(value)
    if decimals is not None:
        return f"{_rounded(number, decimals):,}"
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def differences(before: str | None, after: str | None) -> tuple[tuple[str, str], ...]:
    """The pieces that lead from one text to the other: ("same" | "gone" | "new", text)."""
    old, new = before or "", after or ""
    pieces: list[tuple[str, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(("same", old[a:b]))
            continue
        if b > a:
            pieces.append(("gone", old[a:b]))
        if d > c:
            pieces.append(("new", new[c:d]))
    return tuple(pieces)


def state_word(value: str) -> str:
    """The word of an item's state."""
    return State(value).word


def source_word(value: str) -> str:
    """The word of an item's source."""
    return Source(value).word


def item_kind_word(value: str) -> str:
    """The word of an item's kind."""
    return ItemKind(value).word


def level_word(value: int) -> str:
    """The name of a step of the ladder."""
    return LEVELS[value].word


def verb_word(value: str) -> str:
    """The word of a deed on an item."""
    return Verb(value).word


def _date(value: date | None) -> date | None:
    return value.astimezone(SHANGHAI).date() if isinstance(value, datetime) else value


def _decimal(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _rounded(value: Decimal, decimals: int) -> Decimal:
    """Half up, as officials round; a rounded nothing has no sign."""
    rounded = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return abs(rounded) if rounded == 0 else rounded


def vintage_word(key: str) -> str:
    """预计, 初报, 核定, 官方, 修订."""
    return Vintage(key).word if key else ""


def confidence_word(level: int | None) -> str:
    """有把握 to 难以完成, the owner's own."""
    return CONFIDENCE.get(level or 0, "")


FILTERS: dict[str, Callable[..., Any]] = {
    "day": day,
    "short_day": short_day,
    "long_day": long_day,
    "moment": moment,
    "pct": pct,
    "points": points,
    "figure": figure,
    "differences": differences,
    "state_word": state_word,
    "source_word": source_word,
    "item_kind_word": item_kind_word,
    "level_word": level_word,
    "verb_word": verb_word,
    "rank_move": movement_words,
    "vintage_word": vintage_word,
    "confidence_word": confidence_word,
}
