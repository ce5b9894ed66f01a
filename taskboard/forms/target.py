"""What may be typed of a target."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import cast

from wtforms import SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length

from taskboard.forms.commitment import CommitmentForm, dated_lines
from taskboard.forms.figures import FigureField, day, figure
from taskboard.models import Commitment, Target
from taskboard.models.defining import TargetDraft
from taskboard.rules.indicator import IndicatorKind


class TargetForm(CommitmentForm):
    measure = StringField(
        "计量单位", validators=[InputRequired("请填写计量单位"), Length(max=20, message="不超过 20 字")]
    )
    rule_kind = SelectField("指标类型", choices=[(kind.value, kind.word) for kind in IndicatorKind])
    direction = SelectField("方向", choices=[("up", "越高越好"), ("down", "越低越好")])
    start_value = FigureField("起始值", default="0", validators=[InputRequired("请填写起始值")])
    target_value = FigureField("目标值", validators=[InputRequired("请填写目标值")])
    reference = FigureField("参照值")
    weekly = TextAreaField("周目标")

    points: tuple[tuple[date, Decimal], ...] = ()

    @property
    def kind(self) -> IndicatorKind:
        """The kind chosen; of a choice that does not exist, which the field itself refuses, the first."""
        known = {kind.value for kind in IndicatorKind}
        return IndicatorKind(self.rule_kind.data) if self.rule_kind.data in known else IndicatorKind.AMOUNT

    def validate_weekly(self, field: TextAreaField) -> None:
        self.points = dated_lines(field.data, _point)

    def validate_target_value(self, field: FigureField) -> None:
        held = self.kind.rule_kind not in ("amount", "milestone")  # a growth rate or a place may be one to hold
        if not held and field.figure is not None and field.figure == self.start_value.figure:
            raise ValidationError("目标值应与起始值不同")

    def fill(self, commitment: Commitment) -> None:
        super().fill(commitment)
        target = cast(Target, commitment)
        self.measure.data, self.rule_kind.data = target.measure, target.indicator.kind
        self.direction.data = "up" if target.higher_is_better else "down"
        for name in ("start_value", "target_value", "reference"):
            value = getattr(target, name)
            getattr(self, name).data = "" if value is None else f"{value.normalize():f}"
        self.weekly.data = "\n".join(f"{w.due_on} {w.value.normalize():f}" for w in target.weekly_targets)

    def draft(self) -> TargetDraft:
        """The target as typed; call after validation."""
        return TargetDraft(
            **self.common(),
            measure=self.measure.data or "",
            kind=self.kind,
            higher_is_better=self.direction.data == "up",
            start_value=self.start_value.figure or Decimal(0),
            target_value=self.target_value.figure or Decimal(0),
            reference=self.reference.figure,
            weekly=self.points,
        )


def _point(line: str) -> tuple[date, Decimal]:
    parts = line.replace("，", " ").replace("\t", " ").split()
    if len(parts) != 2:
        raise ValueError("应为日期和数值，如 2020-06-05 1200")
    return day(parts[0]), figure(parts[1])
