"""What may be typed of an indicator."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from taskboard.forms import Form
from taskboard.models import Indicator
from taskboard.models.indicating import Draft
from taskboard.rules.indicator import Cadence, IndicatorKind


class IndicatorForm(Form):
    name = StringField("名称", validators=[InputRequired("请填写名称"), Length(max=200, message="不超过 200 字")])
    kind = SelectField("指标类型", choices=[(kind.value, kind.word) for kind in IndicatorKind])
    measure = StringField(
        "计量单位", validators=[InputRequired("请填写计量单位"), Length(max=20, message="不超过 20 字")]
    )
    decimals = SelectField("小数位", coerce=int, choices=[(places, str(places)) for places in range(5)])
    direction = SelectField("方向", choices=[("up", "越高越好"), ("down", "越低越好")])
    may_be_negative = BooleanField("数值可为负数")
    definition = TextAreaField("口径", validators=[Length(max=4000, message="不超过 4000 字")])
    source = StringField("数据来源", validators=[Length(max=200, message="不超过 200 字")])
    cadence = SelectField("填报周期", choices=[(each.value, each.word) for each in Cadence])
    release_day = IntegerField(
        "发布日", validators=[InputRequired("请填写 1 至 28"), NumberRange(1, 28, "请填写 1 至 28 的日子")]
    )
    version = HiddenField()

    def fill(self, indicator: Indicator) -> None:
        """Show what is stored."""
        for name in ("name", "kind", "measure", "decimals", "may_be_negative", "definition", "source", "cadence"):
            self[name].data = getattr(indicator, name)
        self.release_day.data, self.version.data = indicator.release_day, str(indicator.version)
        self.direction.data = "up" if indicator.higher_is_better else "down"

    def seen_version(self) -> int:
        """The version that the person saw."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    def draft(self) -> Draft:
        """The indicator as typed; call after validation."""
        return Draft(
            name=self.name.data or "",
            kind=self.kind.data,
            measure=self.measure.data or "",
            decimals=self.decimals.data,
            higher_is_better=self.direction.data == "up",
            may_be_negative=bool(self.may_be_negative.data),
            definition=self.definition.data or "",
            source=self.source.data or "",
            cadence=self.cadence.data,
            release_day=self.release_day.data or 0,
        )
