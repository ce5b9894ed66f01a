"""What targets and tasks have in common on a form, and their dated lines in a text box."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wtforms import HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput

from taskboard.forms import Form
from taskboard.forms.figures import DayField
from taskboard.models import Commitment, Group, Role, Unit

LINES = 200


class CommitmentForm(Form):
    """Fields of both; `offer` fills the choices before anything is read."""

    group = SelectField("专项组", coerce=int)
    unit = SelectField("责任单位", coerce=int)
    title = StringField("名称", validators=[InputRequired("请填写名称"), Length(max=200, message="不超过 200 字")])
    detail = TextAreaField("内容", validators=[Length(max=4000, message="不超过 4000 字")])
    starts_on = DayField("开始日期", validators=[InputRequired("请填写开始日期")])
    ends_on = DayField("完成期限", validators=[InputRequired("请填写完成期限")])
    responsible = SelectMultipleField("共同责任单位", coerce=int, option_widget=CheckboxInput())
    supporting = SelectMultipleField("配合单位", coerce=int, option_widget=CheckboxInput())
    source = StringField("来源", validators=[Length(max=200, message="不超过 200 字")])
    version = HiddenField()

    def offer(self, groups: Sequence[Group], units: Sequence[Unit]) -> None:
        """The groups and units that may be chosen."""
        self.group.choices = [(group.id, f"{group.no}. {group.name}") for group in groups]
        names = [(unit.id, unit.name) for unit in units]
        self.unit.choices, self.responsible.choices, self.supporting.choices = names, names, names

    def fill(self, commitment: Commitment) -> None:
        """Show what is stored."""
        self.group.data, self.unit.data = commitment.group_id, commitment.unit_id
        for name in ("title", "detail", "source"):
            getattr(self, name).data = getattr(commitment, name)
        self.starts_on.data, self.ends_on.data = commitment.starts_on.isoformat(), commitment.ends_on.isoformat()
        for field, role in ((self.responsible, Role.RESPONSIBLE), (self.supporting, Role.SUPPORTING)):
            field.data = [party.unit_id for party in commitment.parties if party.role == role]
        self.version.data = str(commitment.version)

    def seen_version(self) -> int:
        """The version that the person saw."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    def validate_ends_on(self, field: DayField) -> None:
        if field.day and self.starts_on.day and field.day < self.starts_on.day:
            raise ValidationError("完成期限不能早于开始日期")

    def common(self) -> dict[str, Any]:
        """What the verbs of models/defining.py take."""
        return {
            "group_id": self.group.data,
            "unit_id": self.unit.data,
            "title": self.title.data,
            "detail": self.detail.data or "",
            "starts_on": self.starts_on.day,
            "ends_on": self.ends_on.day,
            "source": self.source.data or "",
            "responsible": tuple(self.responsible.data or ()),
            "supporting": tuple(self.supporting.data or ()),
        }


def dated_lines(text: str | None, read: Callable[[str], Any]) -> tuple[Any, ...]:
    """Each line of a text box, read; raises ValidationError that names the first line that is wrong."""
    lines = [line.strip() for line in (text or "").splitlines()]
    if len([line for line in lines if line]) > LINES:
        raise ValidationError(f"不超过 {LINES} 行")
    made = []
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            made.append(read(line))
        except ValueError as error:
            raise ValidationError(f"第 {number} 行：{error}") from None
    return tuple(sorted(made, key=lambda one: one[0]))
