"""`python -m bench.faults`: run the faults, on loopback only, and print a table. `--quick` runs a tenth of each."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from bench.faults import disk, jobs, mail, robots, senders, web
from bench.faults.table import Row, show
from tests import databases

Fault = Callable[[str, Path, int], Row]
FAULTS: dict[str, tuple[Fault, int]] = {
    "senders": (senders.run, 200),
    "mail": (mail.run, 20),
    "robots": (robots.run, 3),
    "jobs": (jobs.killed, 100),
    "schedulers": (jobs.doubled, 6),
    "clock": (jobs.jumped, 2),
    "web": (web.killed, 50),
    "postgres": (web.restarted, 10),
    "disk": (disk.full, 20),
}


def main() -> None:
    """Run what was asked for."""
    options = argparse.ArgumentParser(prog="bench.faults", description=__doc__)
    options.add_argument("--only", default="", help="names, apart by commas: " + ", ".join(FAULTS))
    options.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    options.add_argument("--quick", action="store_true")
    asked = options.parse_args()
    chosen = asked.only.split(",") if asked.only else list(FAULTS)
    rows: list[Row] = []
    for kind in ("sqlite", "postgresql") if asked.database == "both" else (asked.database,):
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            try:
                fresh = _maker(kind, Path(folder), stack)
            except pytest.skip.Exception as error:
                print(f"{kind}: absent: {error}")
                continue
            for name in chosen:
                fault, times = FAULTS[name]
                rows.append(_timed(fault, fresh, Path(folder) / name, max(2, times // 10) if asked.quick else times))
    show(rows)
    raise SystemExit(0 if all(row.holds for row in rows) else 1)


def _maker(kind: str, folder: Path, stack: ExitStack) -> Any:
    if kind == "sqlite":
        maker: databases.SqliteMaker | databases.PostgresMaker = databases.SqliteMaker(folder)
    else:
        maker = databases.PostgresMaker(stack.enter_context(databases.running_postgres()), folder)
    return maker.fresh


def _timed(fault: Fault, fresh: Any, folder: Path, times: int) -> Row:
    folder.mkdir()
    started = time.monotonic()
    with fresh() as url:
        row = fault(url, folder, times)
    print("  ".join(row.cells()), f"  {time.monotonic() - started:.0f} s", flush=True)
    return row


if __name__ == "__main__":
    main()
