"""What the address of a list of items may say. Whatever it does not understand it leaves aside."""

from __future__ import annotations

from collections.abc import Mapping

from taskboard.boards.items import SORTS, Wanted
from taskboard.forms.listing import LARGEST_ID, LARGEST_PAGE, number
from taskboard.rules.light import Light
from taskboard.rules.terms import ItemKind, Source

LONGEST = 60


def read(args: Mapping[str, str]) -> Wanted:
    """Read view, filters, sort and page from an address."""
    sort = args.get("sort", "")
    return Wanted(
        view=args.get("view", "")[:20],
        unit=number(args.get("unit"), LARGEST_ID),
        group=number(args.get("group"), LARGEST_ID),
        source=_one_of(args.get("source", ""), Source),
        kind=_one_of(args.get("kind", ""), ItemKind),
        light=_one_of(args.get("light", ""), Light),
        q="".join(c for c in args.get("q", "") if c >= " ").strip()[:LONGEST],
        sort=sort if sort.removeprefix("-") in SORTS else "",
        page=number(args.get("page"), LARGEST_PAGE) or 1,
    )


def _one_of(text: str, words: type[Source] | type[ItemKind] | type[Light]) -> str:
    return text if text in {word.value for word in words} else ""
