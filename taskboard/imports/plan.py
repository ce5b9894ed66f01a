"""What a line of a task book means among the tasks that are there."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from taskboard import clock
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.imports.task_book import TaskRow
from taskboard.models import Campaign, Group, Kind, Party, Role, Task, Unit, placing, record, tally
from taskboard.rules.workdays import monday


class Plan:
    """The campaign's tasks, units and groups, read once, and what a line of a book means among them."""

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
        """The group that the line names, else the first that its lead unit leads, else the first.

        The whole name decides before a part of it, and a longer part before a shorter: the name of
        the non-profit services group contains the short name of the profit-making one.
        """
        named = row.group_name or ""
        closest = max(self.groups, key=lambda group: _closeness(group, named))
        if _closeness(closest, named) > (0, 0):
            return closest
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
        if self.brings(task, row):
            found["progress"] = row.progress
        return found

    @staticmethod
    def brings(task: Task, row: TaskRow) -> bool:
        """Does the line say more progress than was reported? An older book never takes a report back."""
        return row.progress is not None and (task.value is None or row.progress > task.value)

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


def _closeness(group: Group, named: str) -> tuple[int, int]:
    """How surely the words name the group: (rank of the match, letters matched); (0, 0) is not at all."""
    if not named:
        return (0, 0)
    if named in (group.name, group.short_name):
        return (3, 0)
    said = [name for name in (group.name, group.short_name) if name in named]
    if said:
        return (2, max(map(len, said)))
    return (1, 0) if named in group.name else (0, 0)
