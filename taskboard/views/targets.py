"""目标: lists, one as a page, and its form."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from taskboard import clock
from taskboard.forms.target import TargetForm
from taskboard.models import Target
from taskboard.models.defining import create_target, edit_target
from taskboard.rules.access import Permission
from taskboard.views import commitments as pages
from taskboard.views import frame
from taskboard.views.guard import may
from taskboard.views.once import once

bp = Blueprint("targets", __name__)
ID = "<int(max=2147483647):id>"


@bp.get("/targets")
@may(Permission.SEE_COMMITMENTS)
def index() -> ResponseReturnValue:
    """All targets that the seat sees."""
    return pages.index("target")


@bp.get("/targets.xlsx")
@may(Permission.EXPORT)
def export() -> ResponseReturnValue:
    """The same list as a workbook."""
    return pages.export("target", "目标")


@bp.get(f"/targets/{ID}")
@may(Permission.SEE_COMMITMENTS)
def show(id: int) -> ResponseReturnValue:
    """One target."""
    return pages.show("target", id)


@bp.get("/targets/new")
@may(Permission.MANAGE_TARGETS)
def new() -> ResponseReturnValue:
    """The empty form; the period is the campaign's until somebody says otherwise."""
    form = pages.offered(TargetForm())
    form.starts_on.data, form.ends_on.data = clock.today().isoformat(), frame.campaign().ends_on.isoformat()
    form.group.data = request.args.get("group", type=int)
    return pages.page("target", form, None)


@bp.post("/targets/new")
@may(Permission.MANAGE_TARGETS)
@once
def create() -> ResponseReturnValue:
    """Set up a target."""
    form = pages.offered(TargetForm())
    return pages.save("target", form, None, lambda draft: create_target(draft, pages.by(), clock.now()))


@bp.get(f"/targets/{ID}/edit")
@may(Permission.MANAGE_TARGETS)
def edit(id: int) -> ResponseReturnValue:
    """The filled form."""
    item = pages.managed("target", id)
    form = pages.offered(TargetForm())
    form.fill(item)
    return pages.page("target", form, item)


@bp.post(f"/targets/{ID}/edit")
@may(Permission.MANAGE_TARGETS)
@once
def update(id: int) -> ResponseReturnValue:
    """Change a target, unless somebody else did since the form was opened."""
    item = cast(Target, pages.managed("target", id))
    form = cast(TargetForm, pages.offered(TargetForm()))

    def change(draft: object) -> Target:
        edit_target(item, form.draft(), form.seen_version(), pages.by(), clock.now())
        return item

    return pages.save("target", form, id, change)
