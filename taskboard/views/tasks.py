"""任务: lists, one as a page, and its form."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from taskboard import clock
from taskboard.boards import commitment as board
from taskboard.db import db
from taskboard.forms.task import TaskForm
from taskboard.models import Milestone, Task
from taskboard.models.defining import create_task, edit_task
from taskboard.models.reporting import complete_milestone
from taskboard.rules.access import Permission
from taskboard.views import commitments as pages
from taskboard.views import frame
from taskboard.views.guard import may, seating
from taskboard.views.once import once

bp = Blueprint("tasks", __name__)
ID = "<int(max=2147483647):id>"


@bp.get("/tasks")
@may(Permission.SEE_COMMITMENTS)
def index() -> ResponseReturnValue:
    """All tasks that the seat sees."""
    return pages.index("task")


@bp.get("/tasks.xlsx")
@may(Permission.EXPORT)
def export() -> ResponseReturnValue:
    """The same list as a workbook."""
    return pages.export("task", "任务")


@bp.get(f"/tasks/{ID}")
@may(Permission.SEE_COMMITMENTS)
def show(id: int) -> ResponseReturnValue:
    """One task."""
    return pages.show("task", id)


@bp.get("/tasks/new")
@may(Permission.MANAGE_TASKS)
def new() -> ResponseReturnValue:
    """The empty form; the period is the campaign's until somebody says otherwise."""
    form = pages.offered(TaskForm())
    form.starts_on.data, form.ends_on.data = clock.today().isoformat(), frame.campaign().ends_on.isoformat()
    form.group.data = request.args.get("group", type=int)
    return pages.page("task", form, None)


@bp.post("/tasks/new")
@may(Permission.MANAGE_TASKS)
@once
def create() -> ResponseReturnValue:
    """Set up a task."""
    form = pages.offered(TaskForm())
    return pages.save("task", form, None, lambda draft: create_task(draft, pages.by(), clock.now()))


@bp.get(f"/tasks/{ID}/edit")
@may(Permission.MANAGE_TASKS)
def edit(id: int) -> ResponseReturnValue:
    """The filled form."""
    item = pages.managed("task", id)
    form = pages.offered(TaskForm())
    form.fill(item)
    return pages.page("task", form, item)


@bp.post(f"/tasks/{ID}/edit")
@may(Permission.MANAGE_TASKS)
@once
def update(id: int) -> ResponseReturnValue:
    """Change a task, unless somebody else did since the form was opened."""
    item = cast(Task, pages.managed("task", id))
    form = cast(TaskForm, pages.offered(TaskForm()))

    def change(draft: object) -> Task:
        edit_task(item, form.draft(), form.seen_version(), pages.by(), clock.now())
        return item

    return pages.save("task", form, id, change)


@bp.post(f"/tasks/{ID}/milestones/<int(max=2147483647):mid>/done")
@may(Permission.REPORT)
@once
def milestone_done(id: int, mid: int) -> ResponseReturnValue:
    """Mark a milestone done today."""
    task = board.find("task", id, seating()) or abort(404)
    milestone = db.session.get(Milestone, mid)
    if not task.reportable_by(seating()) or milestone is None or milestone.task_id != task.id:
        abort(404)
    complete_milestone(milestone, clock.today(), pages.by(), clock.now())
    db.session.commit()
    flash(f"节点“{milestone.name}”已完成", "success")
    return redirect(url_for("tasks.show", id=id))
