"""The table in docs/alerts.md is what the program does."""

from __future__ import annotations

from pathlib import Path

from taskboard.alerts.headings import WORDS, rank
from taskboard.alerts.table import TOLD, Also, Reader, Told
from taskboard.models import Kind
from taskboard.rules.lifecycle import Who

PAGE = Path(__file__).parents[2] / "docs/alerts.md"
READERS: dict[Reader, str] = {
    Who.LEAD_UNIT: "units",
    Who.PART_UNIT: "supporting units",
    Who.GROUP_LEAD: "leads",
    Who.OFFICE: "office",
    Who.SUPERVISOR: "supervisors",
    Who.LEADER: "leaders",
    Also.AUTHOR: "who reported",
    Also.ASKER: "who asked",
    Also.ADMIN: "system administrators",
}


def table() -> str:
    """The table as the page should have it."""
    rows = ["| event | heading | who | when | chats |", "|---|---|---|---|---|"]
    for key in sorted(TOLD, key=rank):
        told = TOLD[key]
        who = ", ".join(word for reader, word in READERS.items() if reader in told.who)
        rows.append(f"| `{key}` | {WORDS[Kind.of(key)]} | {who} | {_when(told)} | {'yes' if told.in_chats else ''} |")
    return "\n".join(rows)


def _when(told: Told) -> str:
    return "inbox" if told.inside else "at once" if told.at_once else "digest, copied" if told.copied else "digest"


def test_the_page_has_the_table_of_the_program() -> None:
    shown = PAGE.read_text().split("<!-- table -->")[1].split("<!-- end -->")[0].strip()

    assert shown == table()
