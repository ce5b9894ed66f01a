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

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from taskboard import clock
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.imports.names import Directory, standard_collectives
from taskboard.imports.task_book import Reading, TaskRow
from taskboard.models import (
    Campaign,
    Commitment,
    Group,
    ImportFile,
    Kind,
    Party,
    Report,
    Role,
    Task,
    Unit,
    UnitKind,
    facts,
    placing,
    record,
    tally,
)
from taskboard.models.event import dump
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
    plan = _Plan(campaign)
    fates = []
    for row in reading.rows:
        task = plan.tasks.get(plan.key(row))
        fate = "created" if task is None else "changed" if plan.differences(task, row) else "unchanged"
        fates.append((row, plan.group(row).name, fate))
    return Preview(reading, tuple(fates), _imported_at(campaign, reading.sha256))


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
    before = _imported_at(campaign, reading.sha256)
    if before is not None:
        words = f"该文件已于 {clock.day_of(before)} 导入，内容未变"
        return {"created": 0, "changed": 0, "unchanged": len(reading.rows), "skipped": 0, "again": words}
    _check(reading, skip_bad)
    plan, on = _Plan(campaign), clock.day_of(at)
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
    file = ImportFile(
        campaign_id=campaign.id,
        kind=KIND,
        sha256=reading.sha256,
        name=name[:200],
        imported_by_id=by,
        imported_at=at,
        counts=dump(None, result),
    )
    record(Kind.IMPORTED, file, by, at, after={"file": name, **result})
    return {**result, "again": ""}


class _Plan:
    """What is in the database already, read once."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        query = select(Task).where(Task.campaign_id == campaign.id).options(selectinload(Task.parties))
        self.tasks = {task.key: task for task in db.session.scalars(query)}
        self.units = {unit.name: unit.id for unit in Unit.listed()}
        self.groups = Group.listed(campaign.id)
        if not self.groups:
            raise Refused("还没有专项组，请先在管理页设置一办九组")

    def key(self, row: TaskRow) -> str:
        return f"{self.campaign.id}:{row.key}"

    def group(self, row: TaskRow) -> Group:
        """The group that the line names, else the first that its lead unit leads, else the first."""
        named = row.group_name or ""
        for group in self.groups:
            if named and (group.name in named or named in group.name or group.short_name in named):
                return group
        led = [g for g in self.groups if g.lead_unit and g.lead_unit.name in row.lead_units]
        return (led or self.groups)[0]

    def columns(self, row: TaskRow) -> dict[str, Any]:
        """The task's columns as the line says them."""
        owner = (row.responsible_units or row.lead_units)[0]
        return {
            "title": row.project[:200],
            "detail": row.work,
            "no": (row.no or "")[:200],
            "leader": (row.leader or "")[:200],
            "ends_on": max(row.due_on or self.campaign.ends_on, self.campaign.starts_on),
            "unit_id": self.units[owner],
        }

    def parties(self, row: TaskRow) -> list[tuple[int, str]]:
        """Each unit in each role once, in the order of the book."""
        named = (
            (Role.LEAD, row.lead_units),
            (Role.RESPONSIBLE, row.responsible_units),
            (Role.SUPPORTING, row.supporting_units),
        )
        return list(dict.fromkeys((self.units[unit], role.value) for role, units in named for unit in units))

    def differences(self, task: Task, row: TaskRow) -> dict[str, Any]:
        """The columns that the line would change; an unnamed due date keeps what is there."""
        wanted = self.columns(row)
        if row.due_on is None:
            del wanted["ends_on"]
        found = {name: value for name, value in wanted.items() if getattr(task, name) != value}
        if {(p.unit_id, p.role) for p in task.parties} != set(self.parties(row)):
            found["parties"] = self.parties(row)
        if row.progress is not None and row.progress != task.value:
            found["progress"] = row.progress
        return found

    def new(self, row: TaskRow, on: date) -> Task:
        task = Task(
            **self.columns(row),
            campaign_id=self.campaign.id,
            group_id=self.group(row).id,
            starts_on=self.campaign.starts_on,
            owed_from=monday(on),
            light_since=on,
            key=self.key(row),
            source=f"任务书“{row.sheet}”第 {row.row} 行"[:200],
        )
        task.parties = self._rows(row)
        return task

    def update(self, task: Task, row: TaskRow, by: int, at: datetime) -> str:
        wanted = self.differences(task, row)
        wanted.pop("progress", None)
        if not wanted:
            return "unchanged"
        names = {unit_id: name for name, unit_id in self.units.items()}
        before = {n: getattr(task, n) for n in wanted if n not in ("parties", "unit_id")}
        after = {n: v for n, v in wanted.items() if n not in ("parties", "unit_id")}
        if "parties" in wanted:
            before["responsible"] = [names.get(p.unit_id, "") for p in task.parties]
            after["responsible"] = [names[unit_id] for unit_id, _ in wanted["parties"]]
            task.parties = []
            db.session.flush()
            task.parties = self._rows(row)
        place = tally.place_of(task)
        for name, value in wanted.items():
            if name != "parties":
                setattr(task, name, value)
        task.version += 1
        record(Kind.TASK_CHANGED, task, by, at, before, after)
        db.session.flush()
        tally.moved(place, tally.place_of(task))
        placing.place_one(task, clock.day_of(at))
        return "changed"

    def _rows(self, row: TaskRow) -> list[Party]:
        return [Party(unit_id=u, role=role, position=n) for n, (u, role) in enumerate(self.parties(row))]


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
    if row.progress is None or row.progress == task.value:
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


def _imported_at(campaign: Campaign, sha256: str) -> datetime | None:
    query = select(ImportFile.imported_at).where(
        ImportFile.campaign_id == campaign.id, ImportFile.kind == KIND, ImportFile.sha256 == sha256
    )
    return db.session.scalar(query)
