"""What may be typed of a schedule: the curve, what it takes, the reason; and of the answer to it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, RadioField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from taskboard.forms import Form
from taskboard.forms.commitment import dated_lines
from taskboard.forms.figures import DayField, FigureField, day, figure
from taskboard.models import Target
from taskboard.models.schedule_version import PRESENT
from taskboard.models.scheduling import Draft
from taskboard.rules.curves import CURVES, Given, Step

LENGTH = Length(max=2000, message="不超过 2000 字")
MONTHS = range(1, 13)
OWN_FIELD = {"event_based": "steps", "custom": "points"}  # beside which a curve's error is told


class ScheduleForm(Form):
    """Every curve's fields are there; those of the chosen one are read."""

    curve = RadioField("曲线", validators=[InputRequired("请选择曲线")])
    target_value = FigureField("目标值", validators=[InputRequired("请填写目标值")])
    steps = TextAreaField("节点")
    rest_linear = BooleanField("余量按直线安排", default=True)
    points = TextAreaField("各点")
    reason = TextAreaField("理由", validators=[DataRequired("请填写理由"), LENGTH])

    read_steps: tuple[Step, ...] = ()
    read_points: tuple[tuple[date, Decimal], ...] = ()

    def offer(self, target: Target, may_confirm_present: bool) -> None:
        """The curves to choose from, and of the months those that the target runs through."""
        curves = [(curve.name, f"{curve.word}：{curve.explained}") for curve in CURVES.values()]
        present = [(PRESENT, "现行计划：不作改动，提请核定")] if may_confirm_present else []
        self.curve.choices = [*present, *curves]
        if self.curve.data is None:
            self.curve.data = self.curve.choices[0][0]
        if not self.target_value.data:
            self.target_value.data = f"{target.target_value.normalize():f}"
        spanned = months_of(target)
        for month in MONTHS:
            if month not in spanned:
                del self[f"m{month}"]

    @property
    def months(self) -> list[FigureField]:
        """The weights' fields, one a month of the period."""
        return [self[f"m{month}"] for month in MONTHS if f"m{month}" in self]

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if self.curve.data == "seasonal":
            for field in self.months:
                if not field.errors and (field.figure is None or field.figure < 0):
                    field.errors = ["请填写，可为 0"] if field.figure is None else ["权重不能为负数"]
                    valid = False
        return valid

    def validate_steps(self, field: TextAreaField) -> None:
        if self.curve.data == "event_based":
            self.read_steps = dated_lines_of_steps(field.data)

    def validate_points(self, field: TextAreaField) -> None:
        if self.curve.data == "custom":
            self.read_points = dated_lines(field.data, _point)

    def draft(self) -> Draft:
        """What was asked for; call after validation."""
        weights = {int(field.name[1:]): field.figure for field in self.months if field.figure is not None}
        given = Given(
            weights=weights, steps=self.read_steps, rest_linear=bool(self.rest_linear.data), points=self.read_points
        )
        return Draft(self.curve.data, self.reason.data or "", self.target_value.figure or Decimal(0), given)

    def blame(self, message: str) -> None:
        """Tell what is wrong with the curve beside the field that it comes from."""
        own = [self.months[0]] if self.curve.data == "seasonal" and self.months else []
        field = (own or [self[OWN_FIELD.get(self.curve.data, "curve")]])[0]
        field.errors = [*field.errors, message]


for _month in MONTHS:
    setattr(ScheduleForm, f"m{_month}", FigureField(f"{_month}月"))


class AnswerForm(Form):
    """The answer to a request."""

    decision = RadioField(
        "结论", choices=[("approve", "同意核定"), ("refuse", "不同意")], validators=[InputRequired("请选择结论")]
    )
    from_on = DayField("启用日期", validators=[Optional()])
    answer = TextAreaField("理由", validators=[LENGTH])

    def validate_answer(self, field: TextAreaField) -> None:
        if self.decision.data == "refuse" and not field.data:
            raise ValidationError("不同意的，请填写理由")


def months_of(target: Target) -> set[int]:
    """The calendar months that a target's period touches."""
    first, last = target.starts_on, target.ends_on
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return {(first.month - 1 + n) % 12 + 1 for n in range(min(count, 12))}


def dated_lines_of_steps(text: str | None) -> tuple[Step, ...]:
    """Lines such as “2020-06-20 300 门店开业”, by day."""
    return tuple(step for _, step in dated_lines(text, _step))


def _step(line: str) -> tuple[date, Step]:
    parts = line.replace("，", " ").replace("\t", " ").split(maxsplit=2)
    if len(parts) < 2:
        raise ValueError("应为日期、数量和名称，如 2020-06-20 300 门店开业")
    on = day(parts[0])
    return on, Step(on, figure(parts[1]), parts[2][:40] if len(parts) > 2 else "")


def _point(line: str) -> tuple[date, Decimal]:
    parts = line.replace("，", " ").replace("\t", " ").split()
    if len(parts) != 2:
        raise ValueError("应为日期和数值，如 2020-06-05 1200")
    return day(parts[0]), figure(parts[1])
