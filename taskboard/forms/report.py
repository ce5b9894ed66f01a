"""What may be typed in a week's report."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import HiddenField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length

from taskboard.forms import Form
from taskboard.forms.figures import FigureField

TEXT = 2000


class ReportForm(Form):
    """`percent` says that the value is a task's progress, 0 to 100."""

    percent = False

    week = SelectField("填报周", validators=[DataRequired("请选择填报周")])
    value = FigureField("完成值", validators=[InputRequired("请填写数值")])
    done = TextAreaField(
        "完成情况", validators=[DataRequired("请填写完成情况"), Length(max=TEXT, message=f"不超过 {TEXT} 字")]
    )
    obstacle = TextAreaField("存在困难", validators=[Length(max=TEXT, message=f"不超过 {TEXT} 字")])
    next_step = TextAreaField("下步打算", validators=[Length(max=TEXT, message=f"不超过 {TEXT} 字")])
    attachment = FileField("附件")
    replaces = HiddenField()

    def validate_value(self, field: FigureField) -> None:
        if self.percent and field.figure is not None and not 0 <= field.figure <= 100:
            raise ValidationError("任务进度应在 0 至 100 之间")

    def seen(self) -> set[int]:
        """The live reports that the person saw when the form was opened."""
        return {int(one) for one in (self.replaces.data or "").split() if one.isascii() and one.isdigit()}


class ReturnForm(Form):
    """Why a report goes back."""

    reason = StringField(
        "退回理由", validators=[DataRequired("请填写退回理由"), Length(max=500, message="不超过 500 字")]
    )
