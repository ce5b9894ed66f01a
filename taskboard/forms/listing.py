"""What the address of a list may say. Whatever it does not understand it leaves aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from taskboard.boards.listing import SORTS, Asked
from taskboard.rules.light import Light
from taskboard.rules.section import Section

LARGEST_ID = 2**31 - 1
LARGEST_PAGE = 100_000
VIEWS = frozenset({"owed", "behind", "soon", "returned", "done", "open"})


def read(args: Mapping[str, str]) -> Asked:
    """Read filters, sort and page from an address."""
    section = number(args.get("section"), max(Section))
    light, view, sort = args.get("light", ""), args.get("view", ""), args.get("sort", "")
    return Asked(
        group=number(args.get("group"), LARGEST_ID),
        unit=number(args.get("unit"), LARGEST_ID),
        light=light if light in {one.value for one in Light} else "",
        section=section,
        view=view if view in VIEWS else "",
        q="".join(c for c in args.get("q", "") if c >= " ").strip()[:60],
        sort=sort if sort.removeprefix("-") in SORTS else "",
        page=number(args.get("page"), LARGEST_PAGE) or 1,
    )


def worklist(args: Mapping[str, str]) -> Asked:
    """The same for a worklist, which without a view leaves out what is done."""
    asked = read(args)
    return asked if asked.view or asked.section is not None else replace(asked, view="open")


def number(text: str | None, largest: int) -> int | None:
    """A number from 1 to `largest`, or None for anything else."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 10:
        return None
    return int(text) if 1 <= int(text) <= largest else None
