"""An announcement and whom it is for."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, HiddenField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput

from taskboard.forms import Form
from taskboard.models.announcing import SEATS, Audience, Draft


class AnnouncementForm(Form):
    title = StringField("标题", [InputRequired("请填写标题"), Length(max=60, message="不超过 60 字")])
    text = TextAreaField("正文", [InputRequired("请填写正文"), Length(max=2000, message="不超过 2000 字")])
    everybody = BooleanField("全体人员")
    seats = SelectMultipleField(
        "按岗位", option_widget=CheckboxInput(), choices=[(kind.value, kind.word) for kind in SEATS]
    )
    units = SelectMultipleField("按单位（联络员）", coerce=int, option_widget=CheckboxInput())
    groups = SelectMultipleField("按专项组（组长）", coerce=int, option_widget=CheckboxInput())
    robots = BooleanField("同时发到群机器人")
    is_urgent = BooleanField("紧急")
    people = HiddenField(default="")

    def validate(self, extra_validators: Any = None) -> bool:
        """Somebody must be meant."""
        is_right = bool(super().validate(extra_validators))
        if not self.draft().audience.is_empty:
            return is_right
        self.everybody.errors = [*self.everybody.errors, "请选择发给谁：全体人员，或至少一个岗位、单位、专项组"]
        return False

    def draft(self) -> Draft:
        """What was typed."""
        audience = Audience(
            everybody=bool(self.everybody.data),
            seats=tuple(self.seats.data or ()),
            units=tuple(self.units.data or ()),
            groups=tuple(self.groups.data or ()),
            robots=bool(self.robots.data),
        )
        return Draft(self.title.data or "", self.text.data or "", bool(self.is_urgent.data), audience)

    def counted(self) -> int:
        """How many the preview named."""
        text = self.people.data or ""
        return int(text) if text.isdecimal() and len(text) < 9 else 0
