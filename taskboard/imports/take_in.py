"""Taking a task book in: all its lines in one transaction, or none.

A line is known by its key (project, work and lead units), so a corrected book changes the task it
made before; a line that says nothing new writes nothing, and a file that was taken in before is not
taken in again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from taskboard import clock
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.imports.names import Directory, standard_collectives
from taskboard.imports.plan import Plan
from taskboard.imports.task_book import Reading, TaskRow
from taskboard.models import (
    Campaign,
    Commitment,
    ImportFile,
    Kind,
    Report,
    Task,
    Unit,
    UnitKind,
    facts,
    placing,
    record,
    tally,
)
from taskboard.models.reporting import Filing, file_report, live_report
from taskboard.rules.workdays import monday, report_due

KIND = "tasks"
CHUNK = 5000
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Preview:
    """What taking the file in would do; nothing has been written."""

    reading: Reading
    fates: tuple[tuple[TaskRow, str, str], ...]  # line, its group's name, and created | changed | unchanged
    imported_at: datetime | None

    @property
    def counts(self) -> Counter[str]:
        return Counter(fate for _, _, fate in self.fates)


def directory() -> Directory:
    """The units and collective names that a task book may use."""
    units = Unit.listed()
    places = {kind: [u.name for u in units if u.kind == kind] for kind in UnitKind}
    collectives = standard_collectives(places[UnitKind.SUBDISTRICT], places[UnitKind.PARK])
    collectives.setdefault("各部门", places[UnitKind.DEPARTMENT])
    aliases = {alias.name: unit.name for unit in units for alias in unit.aliases}
    aliases.update({u.short_name: u.name for u in units if u.short_name != u.name})
    return Directory({unit.name: unit.id for unit in units}, aliases, collectives)


def preview(reading: Reading, campaign: Campaign) -> Preview:
    """What would be created and changed, line by line."""
    plan = Plan(campaign)
    fates = []
    for row in reading.rows:
        task = plan.tasks.get(plan.key(row))
        fate = "created" if task is None else "changed" if plan.differences(task, row) else "unchanged"
        fates.append((row, plan.group(row).name, fate))
    return Preview(reading, tuple(fates), ImportFile.taken_at(campaign.id, KIND, reading.sha256))


def take_in(
    reading: Reading,
    campaign: Campaign,
    name: str,
    by: int,
    at: datetime,
    skip_bad: bool = False,
    progress: Progress = lambda done, total: None,
) -> dict[str, Any]:
    """Create and change tasks; the caller commits. Raises Refused where a line is wrong and not skipped."""
    before = ImportFile.taken_at(campaign.id, KIND, reading.sha256)
    if before is not None:
        words = f"该文件已于 {clock.day_of(before)} 导入，内容未变"
        return {"created": 0, "changed": 0, "unchanged": len(reading.rows), "skipped": 0, "again": words}
    _check(reading, skip_bad)
    plan, on = Plan(campaign), clock.day_of(at)
    counts: Counter[str] = Counter({"created": 0, "changed": 0, "unchanged": 0, "reported": 0})
    fresh: list[tuple[Task, TaskRow]] = []
    for done, row in enumerate(reading.rows, 1):
        task = plan.tasks.get(plan.key(row))
        if task is None:
            fresh.append((plan.new(row, on), row))
            counts["created"] += 1
        else:
            counts[plan.update(task, row, by, at)] += 1
            counts["reported"] += _report_progress(task, row, by, at)
        if done % 200 == 0 or done == len(reading.rows):
            progress(done, len(reading.rows))
    counts["reported"] += _write_fresh(fresh, by, at)
    _place([task.id for task, _ in fresh], campaign, on)
    result = {**counts, "skipped": len(reading.wrong_rows)}
    ImportFile.taken(campaign.id, KIND, reading.sha256, name, result, by, at)
    return {**result, "again": ""}


def _check(reading: Reading, skip_bad: bool) -> None:
    """Nothing is written until every line is right or the wrong ones are skipped explicitly."""
    if not reading.errors:
        return
    usable = {row.sheet for row in reading.rows}
    hopeless = [error for error in reading.errors if error.sheet not in usable]
    if hopeless:
        raise Refused("没有导入任何内容：" + hopeless[0].words)
    if not skip_bad:
        more = f"（共 {len(reading.errors)} 处）" if len(reading.errors) > 1 else ""
        raise Refused(f"没有导入任何内容{more}：{reading.errors[0].words}")


def _write_fresh(fresh: list[tuple[Task, TaskRow]], by: int, at: datetime) -> int:
    """Insert the new tasks with their events, and a report for each that brings its progress along."""
    if not fresh:
        return 0
    week, on = monday(clock.day_of(at)), clock.day_of(at)
    db.session.add_all(task for task, _ in fresh)
    db.session.flush()
    reported = 0
    for task, row in fresh:
        record(Kind.TASK_CREATED, task, by, at, after={"title": task.title, "detail": task.detail, "no": task.no})
        if row.progress is None:
            continue
        said = row.status_text or f"任务书载明进度 {row.progress.normalize():f} %"
        task.value, task.reported_week, task.last_word = row.progress, week, " ".join(said.split())[:60]
        task.done_on = on if row.progress >= 100 else None
        report = Report(
            commitment_id=task.id,
            week=week,
            live_key=f"{task.id}:{week}",
            value=row.progress,
            done=said,
            reported_by_id=by,
            reported_at=at,
            late=at > clock.at(report_due(week), 17),
        )
        db.session.add(report)
        record(Kind.REPORTED, task, by, at, after={"value": row.progress, "done": said}, week=week)
        reported += 1
    db.session.flush()
    return reported


def _report_progress(task: Task, row: TaskRow, by: int, at: datetime) -> int:
    if row.progress is None or not Plan.brings(task, row):
        return 0
    week = monday(clock.day_of(at))
    previous = live_report(task.id, week)
    said = row.status_text or f"任务书载明进度 {row.progress.normalize():f} %"
    file_report(task, Filing(week, Decimal(row.progress), said, replaces=previous.id if previous else None), by, at)
    return 1


def _place(ids: list[int], campaign: Campaign, on: date) -> None:
    """Count the new tasks and put each where it belongs."""
    if not ids:
        return
    judging = placing.bench(campaign, on)
    for part in _parts(ids):
        found = facts.read(Commitment.id.in_(part))
        tally.add(Counter(tally.place_of(each.row) for each in found))
        placing.place_all(found, judging)


def _parts(ids: list[int]) -> Iterable[list[int]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
