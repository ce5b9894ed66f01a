"""Sending a workbook, and confirming what its preview showed."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField
from wtforms.validators import InputRequired, Length, Regexp

from taskboard.forms import Form


class UploadForm(Form):
    file = FileField("任务书", [FileRequired("请选择任务书文件")])


class ConfirmForm(Form):
    sha256 = HiddenField(validators=[InputRequired(), Regexp(r"^[0-9a-f]{64}$")])
    name = HiddenField(validators=[InputRequired(), Length(max=200)])
    skip_bad = BooleanField("跳过有错误的行，导入其余各行")
