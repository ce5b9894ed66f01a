"""A disk that is full: what is refused is refused whole, reading goes on, and space alone brings writing back."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, select, text

from bench.faults.stage import Stage
from bench.faults.table import Row
from taskboard.db import db
from taskboard.models import Attachment, Report, chain
from tests import world

VARIABLE = "TASKBOARD_SMALL_DISK"
SIZE_MB = 24


def full(url: str, folder: Path, times: int) -> Row:
    """Fill the volume of attachments (and of SQLite) again and again, while reports with attachments come in."""
    row = Row(f"disk full ({url.split(':')[0]})", runs=times)
    with _small_disk(folder) as disk:
        if disk is None:
            row.runs = 0
            row.notes.append(f"not run: mounting needs root; name a small file system by {VARIABLE}")
            return row
        if url.startswith("sqlite"):
            shutil.copy(url.removeprefix("sqlite:///"), disk / "taskboard.db")
            url = f"sqlite:///{disk / 'taskboard.db'}"
        stage = Stage(url, disk)
        app = stage.app()
        with app.app_context():
            ids = world.build().ids()
        client = world.Web(app, ids).as_("reporter")
        saved = sum(_once(app, client, disk, ids, row, n) for n in range(times))
        _settle(app, disk, row, saved)
    return row


def _once(app: Flask, client: Any, disk: Path, ids: Any, row: Row, n: int) -> int:
    """Fill the disk, report until it refuses, read, make room, report again. Returns how many reports were saved."""
    ballast, saved, refused = disk / "ballast", 0, 0
    free = shutil.disk_usage(disk).free
    _fill(ballast, free - (n % 4) * 400_000)
    for k in range(40):
        answer = _report(app, client, ids, f"第 {n}-{k} 次")
        if answer == 503:
            refused += 1
            break
        saved += answer == 302
        if answer != 302:
            row.broken.append(f"a report on a full disk was answered {answer}")
            break
    if not refused:
        row.broken.append("nothing was refused although the disk was full")
    for page in ("/today", f"/targets/{ids.target}"):
        if (status := client.get(page).status_code) != 200:
            row.broken.append(f"{page} on a full disk was answered {status}")
    ballast.unlink()
    answer = _report(app, client, ids, f"第 {n} 次之后")
    if answer != 302:
        row.broken.append(f"with room again a report was answered {answer}")
    row.notes[:] = [f"{refused + int((row.notes or ['0'])[0].split()[0])} refused with 503"]
    return saved + (answer == 302)


def _report(app: Flask, client: Any, ids: Any, words: str) -> int:
    page = client.get(f"/targets/{ids.target}/report").get_data(as_text=True)
    replaces = re.search(r'name="replaces"[^>]*value="(\d*)"', page)
    week = re.search(r'name="week"[^>]*value="([0-9-]+)"', page)
    form = {
        "week": week.group(1) if week else "2020-06-01",
        "value": "80",
        "done": words,
        "replaces": replaces.group(1) if replaces else "",
        "explanation": "据实",
        "attachment": (io.BytesIO(b"%PDF-1.4 " + os.urandom(200_000)), "证明.pdf"),
    }
    answer = client.post(f"/targets/{ids.target}/report", data=form, content_type="multipart/form-data")
    return int(answer.status_code)


def _settle(app: Flask, disk: Path, row: Row, saved: int) -> None:
    with app.app_context():
        row.due = saved
        row.arrived = db.session.scalar(select(func.count()).select_from(Report)) or 0
        row.lost = max(0, saved - row.arrived)
        row.doubled = max(0, row.arrived - saved)
        named = set(db.session.scalars(select(Attachment.stored_name)))
        files = {file.name for file in (disk / "attachments").iterdir()}
        if orphans := len(files - named):
            row.broken.append(f"{orphans} files without a row")
        if missing := len(named - files):
            row.broken.append(f"{missing} rows without a file")
        if db.engine.dialect.name == "sqlite" and db.session.scalar(text("PRAGMA integrity_check")) != "ok":
            row.broken.append("the database file is damaged")
        if not chain.verify().is_intact:
            row.broken.append("the chain of events does not verify")
        db.session.remove()
        db.engine.dispose()


def _fill(ballast: Path, size: int) -> None:
    """Take so many bytes, or all that there are."""
    with ballast.open("wb", buffering=0) as out:
        left = size
        while left > 0:
            try:
                left -= out.write(b"\0" * min(left, 65536))
            except OSError:
                return


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path | None]:
    if named := os.environ.get(VARIABLE):
        yield Path(named)
        return
    disk = folder / "disk"
    disk.mkdir()
    size = f"size={SIZE_MB}m"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        yield None
        return
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)
