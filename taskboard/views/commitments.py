"""What the pages of targets and of tasks share: list, detail, and the form in the realm of the seat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from taskboard import clock
from taskboard.boards import commitment as board
from taskboard.boards import timeline
from taskboard.boards.listing import Scope, all_lines, listing
from taskboard.boards.outlook import published
from taskboard.db import db
from taskboard.errors import Conflict, Refused
from taskboard.forms import listing as asked_form
from taskboard.forms.commitment import CommitmentForm
from taskboard.models import Commitment, Event, Group, Target, Unit
from taskboard.rules.access import Permission, SeatKind, permits, reaches
from taskboard.views import frame
from taskboard.views.guard import seating
from taskboard.views.once import new_form_key
from taskboard.views.workbook import workbook

MANAGE = {"target": Permission.MANAGE_TARGETS, "task": Permission.MANAGE_TASKS}
IMPORT = {"target": Permission.IMPORT_TARGETS, "task": Permission.IMPORT_TASKS}


def index(kind: str) -> str:
    """A list of one kind."""
    asked = asked_form.read(request.args)
    return render_template(
        f"{kind}s/index.html",
        page=listing(_scope(kind), asked, clock.today()),
        asked=asked,
        on=clock.today(),
        may_manage=permits(seating(), MANAGE[kind]),
        may_import=permits(seating(), IMPORT[kind]),
        is_reporter=seating().kind == SeatKind.REPORTER,
    )


def export(kind: str, title: str) -> Response:
    """The same list as a workbook."""
    return workbook(title, all_lines(_scope(kind), asked_form.read(request.args), clock.today()))


def show(kind: str, id: int) -> str:
    """One target or task, read like a file."""
    commitment = board.find(kind, id, seating()) or abort(404)
    manages = _manages(kind, commitment)
    return render_template(
        f"{kind}s/show.html",
        board=board.detail(commitment, frame.campaign(), clock.today()),
        item=commitment,
        entries=timeline.entries(Event.of_subject("commitment", commitment.id)),
        on=clock.today(),
        key=new_form_key(),
        may_edit=manages,
        may_report=permits(seating(), Permission.REPORT) and commitment.reportable_by(seating()),
        may_return=permits(seating(), Permission.RETURN_REPORT),
        is_open=board.is_open(commitment),
        items=board.items_of(commitment.id, seating()),
        published=published(commitment.id) if isinstance(commitment, Target) else (),
        may_appeal=permits(seating(), Permission.APPEAL) and commitment.reportable_by(seating()),
    )


def managed(kind: str, id: int) -> Commitment:
    """The target or task, when the seat may change it; 404 otherwise."""
    commitment = board.find(kind, id, seating()) or abort(404)
    return commitment if _manages(kind, commitment) else abort(404)


def offered(form: CommitmentForm) -> CommitmentForm:
    """The form with the groups and units that the seat may choose."""
    groups = [group for group in Group.listed(frame.campaign().id) if reaches(seating(), group.id, ())]
    form.offer(groups, Unit.listed())
    return form


def page(kind: str, form: CommitmentForm, item: Commitment | None, refused: Refused | None = None) -> str:
    """The form, empty or filled."""
    return render_template(
        f"{kind}s/edit.html",
        form=form,
        item=item,
        key=new_form_key(),
        message=str(refused) if refused else "",
        pairs=refused.pairs if isinstance(refused, Conflict) else (),
    )


def save(kind: str, form: Any, id: int | None, verb: Callable[[Any], Commitment]) -> ResponseReturnValue:
    """Run a verb on what was typed; what was typed is kept when it cannot be done."""
    if not form.validate_on_submit():
        return page(kind, form, managed(kind, id) if id else None), 422
    try:
        commitment = verb(form.draft())
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        item = managed(kind, id) if id else None
        if isinstance(refused, Conflict) and item:
            form.version.data = str(item.version)
        return page(kind, offered(form), item, refused), refused.status
    flash("已保存", "success")
    return redirect(url_for(f"{kind}s.show", id=commitment.id))


def by() -> int:
    """Who acts."""
    person_id: int = current_user.id
    return person_id


def _manages(kind: str, commitment: Commitment) -> bool:
    return permits(seating(), MANAGE[kind]) and reaches(seating(), commitment.group_id, ())


def _scope(kind: str) -> Scope:
    return Scope(frame.campaign(), seating(), kind=kind)
