"""What the address of the ledger of deliveries may say. Whatever it does not understand it leaves aside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from taskboard.boards.deliveries import Wanted
from taskboard.forms.listing import LARGEST_ID, LARGEST_PAGE, number
from taskboard.models import DeliveryState

LONGEST = 60


def read(args: Mapping[str, str]) -> Wanted:
    """Read state, channel, searches, dates and page from an address."""
    state = args.get("state", "")
    return Wanted(
        state=state if state in set(DeliveryState) else "",
        channel=number(args.get("channel"), LARGEST_ID),
        to=_text(args.get("to", "")),
        q=_text(args.get("q", "")),
        since=_day(args.get("since", "")),
        until=_day(args.get("until", "")),
        page=number(args.get("page"), LARGEST_PAGE) or 1,
    )


def _text(text: str) -> str:
    return "".join(c for c in text if c >= " ").strip()[:LONGEST]


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None
