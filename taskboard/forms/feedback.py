"""Opinions and complaints."""

from __future__ import annotations

from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from taskboard.forms import Form


class FeedbackForm(Form):
    text = TextAreaField(
        "意见或投诉", [InputRequired("请写下意见或投诉的内容"), Length(max=2000, message="内容不超过 2000 字")]
    )
