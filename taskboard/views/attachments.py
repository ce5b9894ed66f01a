"""附件: only for whoever sees what it stands beside; downloaded, or previewed when it is an image or a PDF."""

from __future__ import annotations

from flask import Blueprint, Response, abort, send_file
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import ColumnElement, or_, select, true

from taskboard.db import db
from taskboard.models import Appeal, Attachment, Commitment, Evidence, Item, Report, attachments
from taskboard.rules.access import SEES_ALL, Permission
from taskboard.views.guard import may, seating
from taskboard.views.reports import folder

bp = Blueprint("attachments", __name__)


SHOWN = ("application/pdf", "image/jpeg", "image/png")  # their content was checked when they were taken in
PREVIEW_POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'"
)


@bp.get("/attachments/<int(max=2147483647):id>")
@may(Permission.SEE_COMMITMENTS)
def show(id: int) -> ResponseReturnValue:
    """Download an attachment."""
    return _send(_seen(id), as_attachment=True)


@bp.get("/attachments/<int(max=2147483647):id>/preview")
@may(Permission.SEE_COMMITMENTS)
def preview(id: int) -> ResponseReturnValue:
    """Look at an image or a PDF in the browser; anything else is only downloaded."""
    found = _seen(id)
    if found.content_type not in SHOWN:
        abort(404)
    answer = _send(found, as_attachment=False)
    answer.headers["Content-Security-Policy"] = PREVIEW_POLICY
    return answer


def _seen(id: int) -> Attachment:
    """The attachment, when the seat sees what it stands beside."""
    reports = (
        select(Report.id)
        .join(Commitment, Commitment.id == Report.commitment_id)
        .where(Report.attachment_id == Attachment.id, Commitment.visible_to(seating()))
    )
    items = (
        select(Evidence.id)
        .join(Item, Item.id == Evidence.item_id)
        .where(Evidence.attachment_id == Attachment.id, Item.visible_to(seating()))
    )
    appeals = select(Appeal.id).where(Appeal.attachment_id == Attachment.id, _appeal_seen())
    of_seen = or_(reports.exists(), items.exists(), appeals.exists())
    return db.session.scalars(select(Attachment).where(Attachment.id == id, of_seen)).first() or abort(404)


def _appeal_seen() -> ColumnElement[bool]:
    if seating().kind in SEES_ALL:
        return true()
    return or_(Appeal.unit_id == seating().unit_id, Appeal.raised_by_id == current_user.id)


def _send(found: Attachment, as_attachment: bool) -> Response:
    path = attachments.path_of(found, folder()) or abort(404)
    answer = send_file(
        path, mimetype=found.content_type, as_attachment=as_attachment, download_name=found.name, max_age=0
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
