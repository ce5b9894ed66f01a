"""数据质量: figures that can be trusted. Five pages of one place, each with its workbook."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from taskboard import clock
from taskboard.boards import quality_backtest, quality_bias, quality_findings, quality_freshness
from taskboard.boards import quality_values as board
from taskboard.boards.quality import Scope
from taskboard.exports import quality as columns
from taskboard.forms import quality as asked_form
from taskboard.forms.quality import UnlockForm
from taskboard.rules import finding_kinds
from taskboard.rules.access import Permission, permits
from taskboard.views import frame
from taskboard.views.guard import may, seating
from taskboard.views.once import new_form_key
from taskboard.views.workbook import workbook

bp = Blueprint("quality", __name__)
KINDS = [(code, name) for code, name, _ in finding_kinds.KINDS]


def scope(narrowed: bool = True) -> Scope:
    """The targets that the seat sees, narrowed to the group and unit of the address."""
    group, unit = asked_form.place(request.args) if narrowed else (None, None)
    return Scope(frame.campaign(), seating(), group, unit)


@bp.get("/quality")
@may(Permission.SEE_QUALITY)
def values() -> ResponseReturnValue:
    """核定: the values of a week, from 待复核 to 已核定."""
    asked = asked_form.values(request.args)
    page = board.values(scope(), asked, clock.today())
    return render_template("quality/values.html", board=page, asked=asked, on=clock.today(), verb=verb())


@bp.get("/quality.xlsx")
@may(Permission.SEE_QUALITY)
def export_values() -> ResponseReturnValue:
    """The same rows as a workbook, all pages of them."""
    rows = board.all_values(scope(), asked_form.values(request.args), clock.today())
    return workbook("数值核定", rows, columns.VALUES)


@bp.get("/quality/values/<int:id>")
@may(Permission.SEE_QUALITY)
def value(id: int) -> ResponseReturnValue:
    """One value with what may be done with it."""
    found = board.of_ids(scope(narrowed=False), [id], clock.today()) or abort(404)
    return render_template(
        "quality/value.html",
        row=found[0],
        on=clock.today(),
        form=UnlockForm(),
        key=new_form_key(),
        verb=verb(),
        may_return=permits(seating(), Permission.RETURN_REPORT),
    )


@bp.get("/quality/freshness")
@may(Permission.SEE_QUALITY)
def freshness() -> ResponseReturnValue:
    """缺报迟报: what is missing, late or old, with the clock."""
    asked = asked_form.freshness(request.args)
    page = quality_freshness.freshness(scope(), asked, clock.today())
    may_report = permits(seating(), Permission.REPORT)
    return render_template("quality/freshness.html", board=page, asked=asked, on=clock.today(), may_report=may_report)


@bp.get("/quality/freshness.xlsx")
@may(Permission.SEE_QUALITY)
def export_freshness() -> ResponseReturnValue:
    """The same rows as a workbook."""
    rows = quality_freshness.all_rows(scope(), asked_form.freshness(request.args), clock.today())
    return workbook("缺报迟报", rows, columns.FRESHNESS)


@bp.get("/quality/findings")
@may(Permission.SEE_QUALITY)
def findings() -> ResponseReturnValue:
    """校核提示, and the sums of territories against the district."""
    asked = asked_form.findings(request.args, frame.campaign().starts_on, clock.today())
    page = quality_findings.findings(scope(), asked, clock.today())
    return render_template("quality/findings.html", board=page, asked=asked, kinds=KINDS)


@bp.get("/quality/findings.xlsx")
@may(Permission.SEE_QUALITY)
def export_findings() -> ResponseReturnValue:
    """The reports with findings as a workbook."""
    asked = asked_form.findings(request.args, frame.campaign().starts_on, clock.today())
    return workbook("校核提示", quality_findings.all_rows(scope(), asked), columns.FINDINGS)


@bp.get("/quality/sums.xlsx")
@may(Permission.SEE_QUALITY)
def export_sums() -> ResponseReturnValue:
    """The sum checks as a workbook."""
    asked = asked_form.findings(request.args, frame.campaign().starts_on, clock.today())
    return workbook("分项合计核对", quality_findings.findings(scope(), asked, clock.today()).sums, columns.SUMS)


@bp.get("/quality/bias")
@may(Permission.SEE_QUALITY)
def bias() -> ResponseReturnValue:
    """预计偏差 by unit and month."""
    return render_template("quality/bias.html", board=quality_bias.biases(scope()))


@bp.get("/quality/bias.xlsx")
@may(Permission.SEE_QUALITY)
def export_bias() -> ResponseReturnValue:
    """Every forecast with what came of it as a workbook."""
    return workbook("预计偏差", quality_bias.pairs(scope()), columns.PAIRS)


@bp.get("/quality/bias/<int:id>")
@may(Permission.SEE_QUALITY)
def unit_bias(id: int) -> ResponseReturnValue:
    """The forecasts of one unit, one by one."""
    name, rows = quality_bias.of_unit(scope(narrowed=False), id) or abort(404)
    return render_template("quality/pairs.html", id=id, name=name, rows=rows, bias=quality_bias.bias_of(rows))


@bp.get("/quality/backtest")
@may(Permission.SEE_QUALITY)
def backtest() -> ResponseReturnValue:
    """预测回测 by group and horizon."""
    page = quality_backtest.backtests(scope())
    horizons = [(horizon, quality_backtest.words_of(horizon)) for horizon in quality_backtest.HORIZONS]
    return render_template("quality/backtest.html", board=page, horizons=horizons)


@bp.get("/quality/backtest.xlsx")
@may(Permission.SEE_QUALITY)
def export_backtest() -> ResponseReturnValue:
    """The same as a workbook, a line for each group and horizon."""
    return workbook("预测回测", quality_backtest.lines(quality_backtest.backtests(scope())), columns.BACKTEST)


def verb() -> str:
    """What the seat does with many values: the lead checks, the office confirms, others look."""
    if permits(seating(), Permission.CONFIRM_VALUES):
        return "confirm"
    return "check" if permits(seating(), Permission.CHECK_VALUES) else ""
