"""Sending a workbook of targets, weekly targets or official figures, and confirming what its preview showed."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField
from wtforms.validators import InputRequired, Length, Regexp

from taskboard.forms import Form


class BookUploadForm(Form):
    file = FileField("表格文件", [FileRequired("请选择表格文件")])


class BookConfirmForm(Form):
    sha256 = HiddenField(validators=[InputRequired(), Regexp(r"^[0-9a-f]{64}$")])
    name = HiddenField(validators=[InputRequired(), Length(max=200)])
