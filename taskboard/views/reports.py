"""填报: a week's report of a target or task, in the row of a list or on a page of its own; and its return."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from taskboard import clock
from taskboard.boards import commitment as board
from taskboard.boards.listing import line_of
from taskboard.boards.words import short_day
from taskboard.db import db
from taskboard.errors import Conflict, Refused
from taskboard.forms.report import ReportForm, ReturnForm
from taskboard.models import Attachment, Commitment, Report, Target, Unit, attachments
from taskboard.models.placing import bench
from taskboard.models.reporting import Filing, file_report, live_report, send_back
from taskboard.rules.access import Permission
from taskboard.rules.light import Light, Verdict
from taskboard.views import frame
from taskboard.views.guard import may, seating
from taskboard.views.once import new_form_key, once

bp = Blueprint("reports", __name__)
ID = "<int(max=2147483647):id>"


@bp.get(f"/targets/{ID}/report", defaults={"kind": "target"})
@bp.get(f"/tasks/{ID}/report", defaults={"kind": "task"})
@may(Permission.REPORT)
def edit(kind: str, id: int) -> ResponseReturnValue:
    """The form; `?week=` opens an earlier week."""
    commitment = _reportable(kind, id)
    weeks = _weeks(commitment)
    asked = request.args.get("week", "")
    first = commitment.reported_week if commitment.returned and commitment.reported_week in weeks else weeks[0]
    week = next((one for one in weeks if one.isoformat() == asked), first or weeks[0])
    live = live_report(commitment.id, week)
    form = _form(commitment, weeks, live)
    if request.method == "GET":
        form.week.data = week.isoformat()
    reason = live.return_reason if live and live.is_returned else ""
    return _page(commitment, form, week, f"上次填报已退回：{reason}" if reason else "")


@bp.post(f"/targets/{ID}/report", defaults={"kind": "target"})
@bp.post(f"/tasks/{ID}/report", defaults={"kind": "task"})
@may(Permission.REPORT)
@once
def save(kind: str, id: int) -> ResponseReturnValue:
    """File the report; what was typed is kept when it cannot be."""
    commitment = _reportable(kind, id)
    weeks = _weeks(commitment)
    form = _form(commitment, weeks, None)
    if not form.validate_on_submit():
        return _page(commitment, form, weeks[0]), 422
    week = date.fromisoformat(form.week.data)
    attachment = None
    try:
        attachment = _attachment(form)
        verdict = _file(commitment, form, week, attachment)
        db.session.commit()
    except Refused as refused:
        _undo(attachment)
        return _refused(kind, id, form, week, refused)
    except Exception:
        _undo(attachment)
        raise
    return _saved(commitment, verdict)


@bp.post(f"/reports/{ID}/return")
@may(Permission.RETURN_REPORT)
@once
def send(id: int) -> ResponseReturnValue:
    """Return a report to its unit with the reason."""
    report = _report(id)
    form = ReturnForm()
    where = url_for(f"{report.commitment.kind}s.show", id=report.commitment_id)
    if not form.validate_on_submit():
        flash(form.reason.errors[0] if form.reason.errors else "请填写退回理由", "danger")
        return redirect(where)
    send_back(report, form.reason.data or "", current_user.id, clock.now())
    db.session.commit()
    flash("已退回，填报单位的清单中将列为“退回”", "success")
    return redirect(where)


def _reportable(kind: str, id: int) -> Commitment:
    commitment = board.find(kind, id, seating()) or abort(404)
    if not commitment.reportable_by(seating()):
        abort(404)
    return commitment


def _report(id: int) -> Report:
    query = select(Report).join(Report.commitment).where(Report.id == id, Commitment.visible_to(seating()))
    return db.session.scalars(query).first() or abort(404)


def _weeks(commitment: Commitment) -> list[date]:
    weeks = board.open_weeks(commitment, bench(frame.campaign(), clock.today()))
    if not weeks:
        raise Refused(f"“{commitment.title}”当前没有可填报的周")
    return weeks


def _form(commitment: Commitment, weeks: list[date], live: Report | None) -> ReportForm:
    form = ReportForm(obj=live) if live else ReportForm()
    form.percent = commitment.kind == "task"
    form.value.label.text = "完成进度" if form.percent else "累计完成值"
    form.week.choices = [(week.isoformat(), _week_words(week, weeks[0])) for week in weeks]
    if live and request.method == "GET":
        form.value.data = f"{live.value.normalize():f}"
    if request.method == "GET":
        seen = board.live_reports(commitment.id, weeks)
        form.replaces.data = " ".join(str(one) for one in seen)
    return form


def _week_words(week: date, newest: date) -> str:
    return f"{short_day(week)} 起的一周{'（本周）' if week == newest else '（补报）'}"


def _attachment(form: ReportForm) -> Attachment | None:
    upload = form.attachment.data
    if not upload or not getattr(upload, "filename", ""):
        return None
    limit = current_app.config["TASKBOARD"].upload_mb
    return attachments.keep(upload.stream, upload.filename, folder(), limit, current_user.id, clock.now())


def folder() -> Path:
    """Where attachments are kept."""
    var: Path = current_app.config["TASKBOARD"].var
    return var / "attachments"


def _undo(attachment: Attachment | None) -> None:
    name = attachment.stored_name if attachment else ""
    db.session.rollback()
    if name:
        (folder() / name).unlink(missing_ok=True)


def _file(commitment: Commitment, form: ReportForm, week: date, attachment: Attachment | None) -> Verdict:
    live, seen = live_report(commitment.id, week), form.seen()
    filing = Filing(
        week=week,
        value=form.value.figure or Decimal(0),
        done=form.done.data or "",
        obstacle=form.obstacle.data or "",
        next_step=form.next_step.data or "",
        attachment=attachment,
        replaces=live.id if live and live.id in seen else None,
    )
    return file_report(commitment, filing, current_user.id, clock.now())[1]


def _refused(kind: str, id: int, form: ReportForm, week: date, refused: Refused) -> ResponseReturnValue:
    """The form again, with the reason; after a conflict with both texts, and the next click then replaces."""
    commitment = _reportable(kind, id)
    pairs = refused.pairs if isinstance(refused, Conflict) else ()
    if pairs or isinstance(refused, Conflict):
        live = live_report(commitment.id, week)
        form.replaces.data = str(live.id) if live else ""
    return _page(commitment, form, week, str(refused), pairs), refused.status


def _saved(commitment: Commitment, verdict: Verdict) -> ResponseReturnValue:
    light = Light(verdict.light)
    said = f"已填报：{light.shape} {light.word}灯，{verdict.words}"
    if request.args.get("part"):
        line = line_of(commitment.id, frame.campaign(), clock.today())
        return render_template("reports/row.html", line=line, on=clock.today(), said=said)
    flash(said, "success")
    return redirect(url_for(f"{commitment.kind}s.show", id=commitment.id))


def _page(
    commitment: Commitment,
    form: ReportForm,
    week: date,
    message: str = "",
    pairs: tuple[tuple[str, str, str], ...] = (),
) -> str:
    part = bool(request.args.get("part"))
    return render_template(
        "reports/part.html" if part else "reports/edit.html",
        commitment=commitment,
        form=form,
        key=new_form_key(),
        message=message,
        pairs=pairs,
        measure=commitment.measure if isinstance(commitment, Target) else "%",
        unit=db.session.get_one(Unit, commitment.unit_id),
        last=board.last_usable(commitment.id, week),
        part=part,
        types=attachments.WORDS,
        limit_mb=current_app.config["TASKBOARD"].upload_mb,
    )
