"""填报: a week's report of a target or task, in the row of a list or on a page of its own; and its return."""

from __future__ import annotations

from datetime import date
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
from taskboard.errors import Conflict, Doubtful, Refused
from taskboard.forms.report import ReportForm, ReturnForm
from taskboard.models import Attachment, Commitment, Report, Target, Unit, attachments, checks
from taskboard.models.placing import bench
from taskboard.models.reporting import Filing, file_report, live_report, send_back
from taskboard.rules.access import Permission
from taskboard.rules.indicator import IndicatorKind, as_of, month_end
from taskboard.rules.light import Light, Verdict
from taskboard.rules.vintage import Vintage
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
    is_ratio = isinstance(commitment, Target) and commitment.indicator.sort is IndicatorKind.RATIO
    form.shape(commitment.kind == "task", is_ratio)
    if not is_ratio:
        form.value.label.text = _value_words(commitment)
    form.week.choices = [(week.isoformat(), _week_words(week, weeks[0])) for week in weeks]
    if live and request.method == "GET":
        for name in ("value", "numerator", "denominator", "expected"):
            known = getattr(live, name)
            if name in form:
                getattr(form, name).data = "" if known is None else f"{known.normalize():f}"
        form.confidence.data = str(live.confidence or "")
    if request.method == "GET":
        seen = board.live_reports(commitment.id, weeks)
        form.replaces.data = " ".join(str(one) for one in seen)
    return form


def _value_words(commitment: Commitment) -> str:
    if not isinstance(commitment, Target):
        return "完成进度"
    kind = commitment.indicator.sort
    return "累计完成值" if kind.rule_kind == "amount" else kind.word


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
        value=form.typed,
        done=form.done.data or "",
        obstacle=form.obstacle.data or "",
        next_step=form.next_step.data or "",
        attachment=attachment,
        replaces=live.id if live and live.id in seen else None,
        vintage=form.vintage.data if "vintage" in form else Vintage.PRELIMINARY,
        numerator=form.numerator.figure if form.is_ratio else None,
        denominator=form.denominator.figure if form.is_ratio else None,
        expected=form.expected.figure if "expected" in form else None,
        confidence=form.sure,
        confidence_note=form.confidence_note.data or "",
        explanation=form.explanation.data or "",
    )
    return file_report(commitment, filing, current_user.id, clock.now())[1]


def _refused(kind: str, id: int, form: ReportForm, week: date, refused: Refused) -> ResponseReturnValue:
    """The form again, with the reason; after a conflict with both texts, and the next click then replaces."""
    commitment = _reportable(kind, id)
    pairs = refused.pairs if isinstance(refused, Conflict) else ()
    if pairs or isinstance(refused, Conflict):
        live = live_report(commitment.id, week)
        form.replaces.data = str(live.id) if live else ""
    odd = refused.findings if isinstance(refused, Doubtful) else ()
    return _page(commitment, form, week, "" if odd else str(refused), pairs, odd), refused.status


def _saved(commitment: Commitment, verdict: Verdict) -> ResponseReturnValue:
    light = Light(verdict.light)
    said = f"已填报：{light.shape} {light.word}灯，{verdict.words}"
    if request.args.get("part"):
        line = line_of(commitment.id, frame.campaign(), clock.today())
        return render_template("reports/row.html", line=line, on=clock.today(), said=said)
    flash(said, "success")
    return redirect(url_for(f"{commitment.kind}s.show", id=commitment.id))


def _expected_on(commitment: Commitment, week: date) -> date:
    """The day that a forecast speaks of: the end of the month, or of the period."""
    return min(month_end(as_of(week, commitment.ends_on, checks.cadence_of(commitment))), commitment.ends_on)


def _page(
    commitment: Commitment,
    form: ReportForm,
    week: date,
    message: str = "",
    pairs: tuple[tuple[str, str, str], ...] = (),
    odd: tuple[str, ...] = (),
) -> str:
    part = bool(request.args.get("part"))
    return render_template(
        "reports/part.html" if part else "reports/edit.html",
        commitment=commitment,
        form=form,
        key=new_form_key(),
        message=message,
        pairs=pairs,
        odd=odd or (("请核对数值",) if form.explanation.data else ()),
        expected_on=_expected_on(commitment, week),
        measure=commitment.measure if isinstance(commitment, Target) else "%",
        unit=db.session.get_one(Unit, commitment.unit_id),
        last=board.last_usable(commitment.id, week),
        part=part,
        types=attachments.WORDS,
        limit_mb=current_app.config["TASKBOARD"].upload_mb,
    )
