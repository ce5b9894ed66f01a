"""What may be typed of a rule set: its file, and from when and why it is put in force or withdrawn."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField
from wtforms import SelectField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length

from taskboard.errors import Refused
from taskboard.forms import Form
from taskboard.forms.figures import DayField
from taskboard.rules import ruleset
from taskboard.rules.ruleset import RuleSet

LONGEST = 100_000


class RuleSetForm(Form):
    """A rule set's text; `rules` is what it says once it has been read without a fault."""

    start = SelectField("从已有规则集开始", validate_choice=False)
    file = FileField("从文件载入")
    text = TextAreaField(
        "规则集文件", [InputRequired("请填写规则集文件"), Length(max=LONGEST, message="规则集文件不超过 10 万字")]
    )
    rules: RuleSet | None = None

    def validate_text(self, field: Any) -> None:
        """Read it; the fault names the place and the remedy."""
        try:
            self.rules = ruleset.parse(field.data or "")
        except Refused as refusal:
            raise ValidationError(str(refusal)) from None

    def load_file(self) -> bool:
        """Put the uploaded file's text into the text area; False, with the reason, when it cannot be read."""
        data = self.file.data.read(LONGEST * 4 + 1) if self.file.data else b""
        try:
            if not data:
                raise Refused("请选择规则集文件")
            if len(data) > LONGEST * 4:
                raise Refused("文件过大，规则集文件不超过 10 万字")
            self.text.data = data.decode("utf-8-sig").replace("\r\n", "\n")
            return True
        except UnicodeDecodeError:
            words = "文件不是 UTF-8 编码的文本，请另存为 UTF-8 后再试"
        except Refused as refusal:
            words = str(refusal)
        self.file.errors = [words]
        return False


class EnactForm(RuleSetForm):
    valid_from = DayField("启用日期", [InputRequired("请选择启用日期")])
    reason = TextAreaField("启用理由", [DataRequired("请填写启用理由"), Length(max=500, message="理由不超过 500 字")])


class WithdrawForm(Form):
    reason = TextAreaField("撤回理由", [DataRequired("请填写撤回理由"), Length(max=500, message="理由不超过 500 字")])
