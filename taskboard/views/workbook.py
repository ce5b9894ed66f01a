"""A list as a workbook to take away; who took what is recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response, request, send_file
from flask_login import current_user

from taskboard import clock
from taskboard.db import db, start_reading
from taskboard.exports import sheet
from taskboard.exports.commitments import COLUMNS
from taskboard.exports.sheet import Column
from taskboard.models import Kind, record
from taskboard.views.progress import progress


def workbook(title: str, lines: Iterable[Any], columns: Sequence[Column] = COLUMNS) -> Response:
    """Send the lines as a workbook; without columns they are lines of commitments."""
    name, person_id = f"{title}{clock.today():%Y%m%d}.xlsx", current_user.id
    with progress() as say:
        made = sheet.write(title, columns, sheet.counted(lines, say))
    db.session.rollback()
    start_reading(False)  # a download changes nothing but leaves its record
    asked = {key: value for key, value in request.args.items() if value and key != "progress"}
    record(Kind.EXPORTED, "commitment", person_id, clock.now(), after={"list": title, **asked})
    db.session.commit()
    return send_file(made, mimetype=sheet.XLSX, as_attachment=True, download_name=name)
