"""What may be typed in a week's report."""

from __future__ import annotations

from decimal import Decimal

from flask_wtf.file import FileField
from wtforms import HiddenField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length

from taskboard.forms import Form
from taskboard.forms.figures import FigureField
from taskboard.rules.indicator import CONFIDENCE, LOW_CONFIDENCE
from taskboard.rules.vintage import Vintage

TEXT = 2000
VINTAGES = [(one.value, one.word) for one in (Vintage.PRELIMINARY, Vintage.FORECAST)]


class ReportForm(Form):
    """`percent` says that the value is a task's progress, 0 to 100."""

    percent = False
    is_ratio = False

    week = SelectField("填报周", validators=[DataRequired("请选择填报周")])
    value = FigureField("完成值", validators=[InputRequired("请填写数值")])
    done = TextAreaField(
        "完成情况", validators=[DataRequired("请填写完成情况"), Length(max=TEXT, message=f"不超过 {TEXT} 字")]
    )
    obstacle = TextAreaField("存在困难", validators=[Length(max=TEXT, message=f"不超过 {TEXT} 字")])
    vintage = SelectField("数值性质", choices=VINTAGES, default=Vintage.PRELIMINARY.value)
    numerator = FigureField("分子")
    denominator = FigureField("分母")
    expected = FigureField("预计数")
    confidence = SelectField(
        "完成把握", choices=[("", "未填写"), *((str(n), words) for n, words in CONFIDENCE.items())], default=""
    )
    confidence_note = StringField("困难与所需支持", validators=[Length(max=500, message="不超过 500 字")])
    explanation = TextAreaField("核对说明", validators=[Length(max=TEXT, message=f"不超过 {TEXT} 字")])
    next_step = TextAreaField("下步打算", validators=[Length(max=TEXT, message=f"不超过 {TEXT} 字")])
    attachment = FileField("附件")
    replaces = HiddenField()

    def validate_value(self, field: FigureField) -> None:
        if self.percent and field.figure is not None and not 0 <= field.figure <= 100:
            raise ValidationError("任务进度应在 0 至 100 之间")

    def validate_denominator(self, field: FigureField) -> None:
        if self.is_ratio and (self.numerator.figure is None or not field.figure):
            raise ValidationError("请填写分子和不为零的分母，比率由系统计算")

    def validate_confidence_note(self, field: StringField) -> None:
        if self.sure is not None and self.sure <= LOW_CONFIDENCE and not (field.data or "").strip():
            raise ValidationError("信心偏低的，请说明困难在哪里、需要什么支持")

    @property
    def sure(self) -> int | None:
        """The owner's confidence, 4 to 1, or None."""
        data = self.confidence.data or ""
        return int(data) if data in ("1", "2", "3", "4") else None

    @property
    def typed(self) -> Decimal:
        """The value: of a ratio the quotient in percent, to four places."""
        if self.is_ratio and self.numerator.figure is not None and self.denominator.figure:
            return (self.numerator.figure / self.denominator.figure * 100).quantize(Decimal("0.0001"))
        return self.value.figure or Decimal(0)

    def shape(self, is_task: bool, is_ratio: bool) -> None:
        """Leave the fields that suit: a task has no vintage, only a ratio has two parts."""
        self.percent, self.is_ratio = is_task, is_ratio
        unwanted = ["vintage", "expected"] if is_task else []
        unwanted += ["value"] if is_ratio else ["numerator", "denominator"]
        for name in unwanted:
            delattr(self, name)

    def seen(self) -> set[int]:
        """The live reports that the person saw when the form was opened."""
        return {int(one) for one in (self.replaces.data or "").split() if one.isascii() and one.isdigit()}


class ReturnForm(Form):
    """Why a report goes back."""

    reason = StringField(
        "退回理由", validators=[DataRequired("请填写退回理由"), Length(max=500, message="不超过 500 字")]
    )
