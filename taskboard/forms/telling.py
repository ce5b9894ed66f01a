"""The office's rule of when people may be disturbed."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, HiddenField, IntegerField, SelectField, TimeField, ValidationError
from wtforms.validators import InputRequired, NumberRange

from taskboard.forms import Form

HOURS = [(hour, f"{hour} 点") for hour in range(6, 21)]
NAMES = (
    *("quiet_from", "quiet_until", "digest_hour", "digest_first", "digest_last", "unit_digest"),
    *("robot_gap_minutes", "feeds"),
)
LONGEST_QUIET = 16 * 60


class TellingForm(Form):
    quiet_from = TimeField("静默开始", [InputRequired("请填写静默开始时间，如 20:00")])
    quiet_until = TimeField("静默结束", [InputRequired("请填写静默结束时间，如 07:30")])
    digest_hour = SelectField("默认汇总时间", choices=HOURS, coerce=int)
    digest_first = SelectField("可选最早", choices=HOURS, coerce=int)
    digest_last = SelectField("可选最晚", choices=HOURS, coerce=int)
    unit_digest = BooleanField("每周一向单位邮箱发送汇总")
    robot_gap_minutes = IntegerField(
        "群消息间隔（分钟）", [InputRequired("请填写 15 至 120 的整数"), NumberRange(15, 120, "应为 15 至 120 的整数")]
    )
    feeds = BooleanField("允许订阅日历")
    version = HiddenField(default="1")

    def validate_quiet_until(self, field: TimeField) -> None:
        """Quiet hours that have a length, and leave a working day."""
        if not field.data or not self.quiet_from.data:
            return
        begins, ends = (each.hour * 60 + each.minute for each in (self.quiet_from.data, field.data))
        length = (ends - begins) % (24 * 60)
        if not length:
            raise ValidationError("静默结束不能与静默开始相同；不需要静默时段时，请设为相隔 1 分钟")
        if length > LONGEST_QUIET:
            raise ValidationError("静默时段最长 16 小时，请缩短，以免当天消息无法发出")

    def validate_digest_last(self, field: SelectField) -> None:
        """The range is one."""
        if field.data is not None and self.digest_first.data is not None and field.data < self.digest_first.data:
            raise ValidationError("可选最晚不能早于可选最早")

    def validate_digest_hour(self, field: SelectField) -> None:
        """The default is within the range, and outside the quiet hours."""
        first, last = self.digest_first.data, self.digest_last.data
        if field.data is None or first is None or last is None:
            return  # what was not chosen from the list is refused by its own field
        if not first <= field.data <= last:
            raise ValidationError(f"默认汇总时间应在可选的 {first} 点至 {last} 点之间")

    def values(self) -> dict[str, Any]:
        """What goes to the rule."""
        return {name: self[name].data for name in NAMES}

    def number(self) -> int:
        """The version that was seen."""
        text = str(self.version.data or "")
        return int(text) if text.isdecimal() else 0
