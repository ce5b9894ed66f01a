"""督办单: the printable page of a slip, and the same as a document to send."""

from __future__ import annotations

import io

from flask import Blueprint, Response, abort, render_template, send_file
from flask.typing import ResponseReturnValue
from flask_login import current_user

from taskboard import clock
from taskboard.boards import slip as board
from taskboard.db import db, start_reading
from taskboard.exports import document
from taskboard.models import Kind, Slip, paper, record
from taskboard.models.item_deeds import around_of, state_of
from taskboard.rules import lifecycle
from taskboard.rules.access import Permission
from taskboard.rules.lifecycle import Verb
from taskboard.views import frame
from taskboard.views.guard import acting, may, seating

bp = Blueprint("slips", __name__)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@bp.get("/slips/<int:id>")
@may(Permission.SEE_ITEMS)
def show(id: int) -> ResponseReturnValue:
    """The slip as it prints."""
    slip = _seen(id)
    return render_template(
        "slips/show.html", slip=slip, item=slip.item, paper=paper.paper(slip, frame.campaign()), verbs=_verbs(slip)
    )


@bp.get("/slips/<int:id>.docx")
@may(Permission.SEE_ITEMS)
def export(id: int) -> Response:
    """The slip in the form of official documents (GB/T 9704)."""
    slip = _seen(id)
    said = paper.paper(slip, frame.campaign())
    letter = document.Letter(
        heading=said.heading,
        number=said.number,
        title=said.title,
        addressee=said.addressee,
        paragraphs=said.paragraphs,
        facts=said.facts,
        signatory=said.signatory,
        on=said.on,
        copies=said.copies,
        issued_by=said.signatory,
        signer=said.signer,
        illustrative=said.illustrative,
    )
    name = f"{slip.rung.word}{slip.number or '（未签发）'}.docx"
    data, item_id, number = document.write(letter), slip.item_id, slip.number
    db.session.rollback()
    start_reading(False)  # a download changes nothing but leaves its record
    after = {"list": f"督办单{number}", "item": item_id}
    record(Kind.EXPORTED, "slip", current_user.id, clock.now(), after=after)
    db.session.commit()
    return send_file(io.BytesIO(data), mimetype=DOCX, as_attachment=True, download_name=name)


def _seen(id: int) -> Slip:
    return board.find(id, seating()) or abort(404)


def _verbs(slip: Slip) -> tuple[Verb, ...]:
    """What the seat may do to the slip now."""
    item = slip.item
    if lifecycle.is_still(lifecycle.State(item.state)):
        return ()
    return lifecycle.available(state_of(slip), acting(), around_of(item, slip))
