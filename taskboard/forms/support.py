"""What may be typed of a support 支撑项目."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from wtforms import StringField
from wtforms.validators import DataRequired, InputRequired, Length

from taskboard.forms import Form
from taskboard.forms.figures import DayField, FigureField
from taskboard.models.supporting import SupportDraft


class SupportForm(Form):
    """Its name, what it brings, and when."""

    name = StringField(
        "项目名称", validators=[DataRequired("请填写项目名称"), Length(max=100, message="不超过 100 字")]
    )
    amount = FigureField("预计带来", validators=[InputRequired("请填写数值")])
    due_on = DayField("预计日期", validators=[InputRequired("请填写日期")])

    def draft(self) -> SupportDraft:
        """As typed; call after validation."""
        return SupportDraft(
            " ".join((self.name.data or "").split()), self.amount.figure or Decimal(0), self.due_on.day or date.max
        )
