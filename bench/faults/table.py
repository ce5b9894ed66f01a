"""One row for each fault, printed as it ends."""

from __future__ import annotations

from dataclasses import dataclass, field

HEAD = ("fault", "runs", "due", "arrived", "lost silently", "doubled unmarked", "doubled marked", "uncertain", "note")


@dataclass
class Row:
    """What one fault did. Lost silently: due, not arrived, and nowhere in the ledger as open, failed or uncertain."""

    fault: str
    runs: int = 0
    due: int = 0
    arrived: int = 0
    lost: int = 0
    doubled: int = 0
    marked: int = 0
    uncertain: int = 0
    notes: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing was lost silently, nothing doubled unmarked, and nothing else was broken."""
        return not (self.lost or self.doubled or self.broken)

    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        numbers = (self.runs, self.due, self.arrived, self.lost, self.doubled, self.marked, self.uncertain)
        said = [*self.notes, *(f"BROKEN: {one}" for one in self.broken)]
        return (self.fault, *(str(n) for n in numbers), "; ".join(said) or "-")


def show(rows: list[Row]) -> None:
    """The whole table as Markdown."""
    print("\n| " + " | ".join(HEAD) + " |")
    print("|" + "---|" * len(HEAD))
    for row in rows:
        print("| " + " | ".join(row.cells()) + " |")
    bad = [row.fault for row in rows if not row.holds]
    print(f"\n{len(rows) - len(bad)} of {len(rows)} rows hold" + (f"; not: {', '.join(bad)}" if bad else ""))
