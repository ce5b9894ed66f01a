"""Units, groups, working days, people and seats."""

from __future__ import annotations

from wtforms import BooleanField, DateField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from taskboard.forms import Form
from taskboard.models.unit import UnitKind
from taskboard.rules.access import SeatKind

NAMED = [InputRequired("请填写名称"), Length(max=100, message="不超过 100 字")]


class UnitForm(Form):
    name = StringField("名称", NAMED)
    short_name = StringField("简称", [InputRequired("请填写简称"), Length(max=20, message="不超过 20 字")])
    kind = SelectField("类别", choices=[(kind.value, kind.word) for kind in UnitKind])
    position = IntegerField("次序", [InputRequired("请填写次序"), NumberRange(0, 9999, "应为 0 至 9999")])
    mechanism = StringField("本级机制", [Length(max=200, message="不超过 200 字")])
    email = StringField(
        "单位邮箱",
        [Optional(), Regexp(r"^[^@\s]+@[^@\s]+$", message="电子邮件格式不对"), Length(max=200)],
        description="每周一收本单位的督办汇总，不填则不发",
    )
    alias_lines = TextAreaField("别名", [Length(max=1000, message="不超过 1000 字")])
    active = BooleanField("启用", default=True)

    def values(self) -> dict[str, object]:
        """What goes to the unit itself."""
        names = ("name", "short_name", "kind", "position", "mechanism", "email", "active")
        return {n: self[n].data or "" if n == "email" else self[n].data for n in names}

    def aliases(self) -> list[str]:
        """The aliases, one a line."""
        return [line.strip() for line in (self.alias_lines.data or "").splitlines() if line.strip()]


class GroupForm(Form):
    name = StringField("名称", NAMED)
    short_name = StringField("简称", [InputRequired("请填写简称"), Length(max=20, message="不超过 20 字")])
    lead_id = SelectField("牵头单位", coerce=int)
    duty = TextAreaField("职责", [Length(max=1000, message="不超过 1000 字")])
    aim = StringField("目标要求", [Length(max=200, message="不超过 200 字")])
    methods = StringField("工作方法", [Length(max=200, message="不超过 200 字")])

    def values(self) -> dict[str, object]:
        """What goes to the group itself."""
        return {n: self[n].data or "" for n in ("name", "short_name", "duty", "aim", "methods")}


class CampaignForm(Form):
    name = StringField("名称", NAMED)
    goal = StringField("总目标", [Length(max=200, message="不超过 200 字")])
    starts_on = DateField("开始日期", [InputRequired("请选择开始日期")])
    ends_on = DateField("截止日期", [InputRequired("请选择截止日期")])
    office_name = StringField("专班名称", NAMED)
    office_host = StringField("主办", [Length(max=200, message="不超过 200 字")])
    mechanisms = StringField("工作机制", [Length(max=200, message="不超过 200 字")])

    def validate_ends_on(self, field: DateField) -> None:
        """The end is not before the start."""
        if self.starts_on.data and field.data and field.data < self.starts_on.data:
            raise ValidationError("截止日期不能早于开始日期")

    def values(self) -> dict[str, object]:
        """What goes to the campaign."""
        names = ("name", "goal", "starts_on", "ends_on", "office_name", "office_host", "mechanisms")
        return {name: self[name].data for name in names}


class WorkdayForm(Form):
    day = DateField("日期", [InputRequired("请选择日期")])
    is_workday = SelectField("安排", choices=[("1", "上班"), ("0", "放假")])
    name = StringField("说明", [Length(max=50, message="不超过 50 字")])


class ArrangementForm(Form):
    lines = TextAreaField(
        "放假与调休安排", [InputRequired("请粘贴安排，一行一段"), Length(max=5000, message="不超过 5000 字")]
    )


class PersonForm(Form):
    name = StringField("姓名", [InputRequired("请填写姓名"), Length(max=50, message="不超过 50 字")])
    email = StringField(
        "电子邮件", [Optional(), Regexp(r"^[^@\s]+@[^@\s]+$", message="电子邮件格式不对"), Length(max=200)]
    )
    phone = StringField("电话", [Optional(), Regexp(r"^[0-9+\- ]{5,20}$", message="电话应为 5 至 20 位数字")])
    version = HiddenField(default="1")

    def values(self) -> dict[str, object]:
        """What goes to the person."""
        return {n: self[n].data or "" for n in ("name", "email", "phone")}


class NewPersonForm(PersonForm):
    login = StringField(
        "账号",
        [
            InputRequired("请填写账号"),
            Regexp(r"^[A-Za-z0-9._-]{2,50}$", message="账号为 2 至 50 位字母、数字、点、下划线或短横"),
        ],
    )


class SeatForm(Form):
    kind = SelectField("岗位", choices=[(kind.value, kind.word) for kind in SeatKind])
    group_id = SelectField("专项组（组长）", coerce=int)
    unit_id = SelectField("单位（联络员）", coerce=int)
    from_on = DateField("起始日期", [InputRequired("请选择起始日期")])
    to_on = DateField("结束日期", [Optional()])

    def place(self) -> int | None:
        """The group of a lead, the unit of a reporter."""
        field = self.group_id if self.kind.data == SeatKind.GROUP_LEAD else self.unit_id
        return field.data or None
