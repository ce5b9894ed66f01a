"""Sending an evaluation's workbook. Nothing wrong in it can be skipped: it is short, and corrected at once."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField
from wtforms.validators import InputRequired, Length, Regexp

from taskboard.forms import Form


class EvaluationUploadForm(Form):
    file = FileField("外部评价表", [FileRequired("请选择外部评价表")])


class EvaluationConfirmForm(Form):
    sha256 = HiddenField(validators=[InputRequired(), Regexp(r"^[0-9a-f]{64}$")])
    name = HiddenField(validators=[InputRequired(), Length(max=200)])
