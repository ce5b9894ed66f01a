"""What may be typed of a task."""

from __future__ import annotations

from datetime import date
from typing import cast

from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from taskboard.forms.commitment import CommitmentForm, dated_lines
from taskboard.forms.figures import day
from taskboard.models import Commitment, Task
from taskboard.models.defining import TaskDraft

HEAVIEST = 1000


class TaskForm(CommitmentForm):
    no = StringField("编号", validators=[Length(max=40, message="不超过 40 字")])
    leader = StringField("牵头领导", validators=[Length(max=100, message="不超过 100 字")])
    milestones = TextAreaField("节点")

    steps: tuple[tuple[date, str, int], ...] = ()

    def validate_milestones(self, field: TextAreaField) -> None:
        self.steps = dated_lines(field.data, _step)

    def fill(self, commitment: Commitment) -> None:
        super().fill(commitment)
        task = cast(Task, commitment)
        self.no.data, self.leader.data = task.no, task.leader
        self.milestones.data = "\n".join(f"{m.due_on} {m.name} {m.weight}" for m in task.milestones)

    def draft(self) -> TaskDraft:
        """The task as typed; call after validation."""
        return TaskDraft(**self.common(), no=self.no.data or "", leader=self.leader.data or "", milestones=self.steps)


def _step(line: str) -> tuple[date, str, int]:
    parts = line.replace("\t", " ").split()
    if len(parts) < 2:
        raise ValueError("应为日期、名称和权重，如 2020-06-05 完成招标 20")
    weight = 1
    if len(parts) > 2 and parts[-1].isascii() and parts[-1].isdigit():
        weight = int(parts.pop()) if len(parts[-1]) < 6 else HEAVIEST + 1
    if not 1 <= weight <= HEAVIEST:
        raise ValueError(f"权重应为 1 至 {HEAVIEST} 的整数")
    name = " ".join(parts[1:])
    if len(name) > 200:
        raise ValueError("节点名称不超过 200 字")
    return day(parts[0]), name, weight
