"""What may be typed of an appeal and of its answer."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from taskboard.forms import Form

LENGTH = Length(max=2000, message="不超过 2000 字")


class AppealForm(Form):
    reason = TextAreaField("申诉理由", validators=[DataRequired("请填写申诉理由"), LENGTH])
    attachment = FileField("佐证")


class AnswerForm(Form):
    decision = RadioField(
        "结论",
        choices=[("upheld", "申诉成立"), ("rejected", "维持原决定")],
        validators=[InputRequired("请选择结论")],
    )
    answer = TextAreaField("答复理由", validators=[DataRequired("请填写答复理由"), LENGTH])
