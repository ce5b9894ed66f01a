"""意见与投诉: the complaint entrance on every page."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from taskboard import clock
from taskboard.db import db
from taskboard.forms.feedback import FeedbackForm
from taskboard.models import Kind, record
from taskboard.rules.access import Permission
from taskboard.views.guard import may
from taskboard.views.once import once

bp = Blueprint("feedback", __name__)


@bp.route("/feedback", methods=["GET", "POST"])
@may(Permission.USE)
@once
def show() -> ResponseReturnValue:
    """Write to the office; it becomes an event and a message."""
    form = FeedbackForm()
    if not form.validate_on_submit():
        return render_template("feedback/show.html", form=form), 422 if request.method == "POST" else 200
    record(Kind.FEEDBACK_GIVEN, "feedback", current_user.id, clock.now(), after={"text": form.text.data})
    db.session.commit()
    flash("已提交，专班办公室将收到您的意见", "success")
    return redirect(url_for("feedback.show"))
