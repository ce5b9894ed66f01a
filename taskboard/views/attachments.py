"""附件: only for whoever sees the commitment, always as a download."""

from __future__ import annotations

from flask import Blueprint, abort, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Attachment, Commitment, Report, attachments
from taskboard.rules.access import Permission
from taskboard.views.guard import may, seating
from taskboard.views.reports import folder

bp = Blueprint("attachments", __name__)


@bp.get("/attachments/<int(max=2147483647):id>")
@may(Permission.SEE_COMMITMENTS)
def show(id: int) -> ResponseReturnValue:
    """Download an attachment."""
    of_seen = (
        select(Report.id)
        .join(Commitment, Commitment.id == Report.commitment_id)
        .where(Report.attachment_id == Attachment.id, Commitment.visible_to(seating()))
    )
    found = db.session.scalars(select(Attachment).where(Attachment.id == id, of_seen.exists())).first() or abort(404)
    path = attachments.path_of(found, folder()) or abort(404)
    answer = send_file(path, mimetype=found.content_type, as_attachment=True, download_name=found.name, max_age=0)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
