"""What may be typed of a 督查 item: its registration, and every deed on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_wtf.file import FileField
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput

from taskboard import clock
from taskboard.forms import Form
from taskboard.forms.commitment import dated_lines
from taskboard.forms.figures import DayField, day
from taskboard.models import Group, Item, Unit
from taskboard.models.item_opening import Draft
from taskboard.rules.ladder import LEVELS
from taskboard.rules.lifecycle import Verb
from taskboard.rules.terms import ItemKind, Source

LONG = 2000


class ItemForm(Form):
    """A new item; without a unit it is only registered."""

    title = StringField(
        "事项名称", validators=[DataRequired("请填写事项名称"), Length(max=200, message="不超过 200 字")]
    )
    requirement = TextAreaField(
        "办理要求", validators=[DataRequired("请填写办理要求"), Length(max=LONG, message="不超过 2000 字")]
    )
    source = SelectField("来源", choices=[(s.value, s.word) for s in Source if s != Source.RED])
    source_words = StringField("来源说明", validators=[Length(max=200, message="不超过 200 字")])
    kind = SelectField("类别", choices=[(k.value, f"{k.word}（{k.term} 个工作日）") for k in ItemKind])
    unit = SelectField("承办单位", coerce=int)
    group = SelectField("专项组", coerce=int)
    due_on = DayField("办理期限")
    supporting = SelectMultipleField("配合单位", coerce=int, option_widget=CheckboxInput())
    duty = StringField("配合要求", validators=[Length(max=200, message="不超过 200 字")])
    part_due_on = DayField("配合期限")
    nodes = TextAreaField("节点计划")
    start_level = SelectField(
        "督办起始级别", coerce=int, choices=[(1, "蓝色督办单起"), (2, "黄色督办单起"), (3, "红色督办单起")]
    )

    def offer(self, groups: Sequence[Group], units: Sequence[Unit]) -> None:
        """The groups and units that may be chosen."""
        self.group.choices = [(0, "不指定"), *((group.id, f"{group.no}. {group.name}") for group in groups)]
        names = [(unit.id, unit.name) for unit in units]
        self.unit.choices, self.supporting.choices = [(0, "暂不交办"), *names], names

    def validate_unit(self, field: SelectField) -> None:
        """What only an assignment takes up is not dropped without a word."""
        typed = (self.due_on, self.supporting, self.duty, self.part_due_on, self.nodes)
        if not field.data and any(one.data for one in typed):
            raise ValidationError("暂不交办的，办理期限、配合单位和节点计划请在交办时填写；或现在选定承办单位")

    def validate_part_due_on(self, field: DayField) -> None:
        if field.day and self.due_on.day and field.day > self.due_on.day:
            raise ValidationError("配合期限不能晚于办理期限")
        if field.day and field.day < clock.today():
            raise ValidationError("配合期限不能早于今天")

    steps: tuple[tuple[date, str], ...] = ()

    def validate_nodes(self, field: TextAreaField) -> None:
        self.steps = _plan(field)

    def draft(self) -> Draft:
        """What was typed; call after validation."""
        chosen = self.supporting.data or []
        return Draft(
            title=" ".join((self.title.data or "").split()),
            requirement=self.requirement.data or "",
            kind=self.kind.data,
            source=self.source.data,
            source_words=self.source_words.data or "",
            unit_id=self.unit.data or None,
            group_id=self.group.data or None,
            due_on=self.due_on.day,
            parts=tuple((unit_id, self.duty.data or "", self.part_due_on.day) for unit_id in chosen),
            start_level=self.start_level.data,
            nodes=self.steps,
        )


# What each verb asks for besides the version: (label, hint, required) of the text, and further fields.
TEXTS: dict[Verb, tuple[str, str, bool]] = {
    Verb.ASSIGN: ("交办意见", "", False),
    Verb.SIGN: ("签收意见", "可不填", False),
    Verb.OBJECT: ("异议理由", "交办后 1 个工作日内提出，由专班办公室裁定", True),
    Verb.UPHOLD: ("维持交办的理由", "", True),
    Verb.TRANSFER: ("改派理由", "改派后签收和办理期限重新计算", True),
    Verb.HANDLE: ("办理情况", "写明做了什么、进展到哪一步", True),
    Verb.SUBMIT: ("办理结果", "写明问题是否解决；附文件或数据作为佐证，不要求照片", True),
    Verb.RETURN: ("退回理由", "写明缺什么、怎样补；退回计入次数，2 个工作日内重新反馈", True),
    Verb.REQUEST_CLOSURE: ("办理成效", "写明问题是否解决、依据是什么", True),
    Verb.CLOSE: ("销号意见", "可不填", False),
    Verb.REFUSE_CLOSURE: ("不予销号的理由", "事项退回补办，并计入退回次数", True),
    Verb.SUSPEND: ("中止理由", "中止期间签收和办理时限暂停计算", True),
    Verb.RESUME: ("恢复办理的理由", "各项期限按中止的工作日顺延", True),
    Verb.MERGE: ("并案理由", "", True),
    Verb.REOPEN: ("重新办理的理由", "写明回头看发现的问题；事项编号不变", True),
    Verb.LOOK_BACK: ("回头看结论", "", True),
    Verb.URGE: ("催办内容", "可不填；被催办人将立即收到消息", False),
    Verb.COMMENT: ("批注", "承办单位、专班办公室和督查都会收到", True),
    Verb.REDDEN: ("理由", "人工红灯再次办理即为撤销", True),
    Verb.WAIVE: ("同意的理由", "该理由将长期显示在事项上", True),
    Verb.EXTEND: ("延期理由", "办理期限前至少 1 个工作日提出；不答复不视为同意", True),
    Verb.PROPOSE_SLIP: ("拟发理由", "", True),
    Verb.SIGN_PART: ("签收意见", "可不填", False),
    Verb.SUBMIT_PART: ("配合结果", "", True),
    Verb.ACCEPT_PART: ("认定意见", "尚未反馈而免予配合的，须写明理由", False),
    Verb.RETURN_PART: ("退回理由", "", True),
    Verb.GRANT_EXTENSION: ("审批意见", "可不填", False),
    Verb.REFUSE_EXTENSION: ("不同意的理由", "", True),
    Verb.SIGN_SLIP: ("督办要求", "不填则用拟稿内容；签发后编号并送达承办单位", False),
    Verb.DECLINE_SLIP: ("不予签发的理由", "", True),
    Verb.ANSWER_SLIP: ("回复内容", "写明办理情况、存在问题和下一步措施", True),
}
MORE: dict[Verb, tuple[str, ...]] = {
    Verb.ASSIGN: ("unit", "due_on", "supporting", "duty", "nodes"),
    Verb.TRANSFER: ("unit", "due_on"),
    Verb.SIGN: ("nodes",),
    Verb.HANDLE: ("done_nodes", "nodes", "figure", "attachment"),
    Verb.SUBMIT: ("done_nodes", "figure", "attachment"),
    Verb.REQUEST_CLOSURE: ("figure", "attachment"),
    Verb.SUBMIT_PART: ("figure", "attachment"),
    Verb.ANSWER_SLIP: ("figure", "attachment"),
    Verb.LOOK_BACK: ("figure", "attachment"),
    Verb.EXTEND: ("due_on", "progress", "figure", "attachment"),
    Verb.REOPEN: ("due_on",),
    Verb.MERGE: ("into",),
    Verb.PROPOSE_SLIP: ("level",),
}
DUE_WORDS = {Verb.EXTEND: "拟延至", Verb.REOPEN: "新的办理期限"}
DANGEROUS = frozenset(
    {
        Verb.RETURN,
        Verb.REFUSE_CLOSURE,
        Verb.MERGE,
        Verb.REDDEN,
        Verb.WAIVE,
        Verb.REFUSE_EXTENSION,
    }
)
# What is asked about once more before it is done: the deeds above, and those that others act on at once.
CONFIRMED = {
    **dict.fromkeys(DANGEROUS, ""),
    Verb.CLOSE: "销号后事项办结，承办单位和专项组将收到通知。",
    Verb.TRANSFER: "改派后签收和办理期限重新计算，未回复的督办单不再要求回复，原承办单位将收到通知。",
    Verb.SUSPEND: "中止期间各项时限暂停计算。",
    Verb.SIGN_SLIP: "签发后编号并送达，不能撤回。",
}


class DeedForm(Form):
    """One deed; `shape` leaves the fields that the verb asks for."""

    text = TextAreaField("说明", validators=[Length(max=LONG, message="不超过 2000 字")])
    due_on = DayField("办理期限")
    progress = TextAreaField("目前进展", validators=[Length(max=LONG, message="不超过 2000 字")])
    figure = StringField("数据佐证", validators=[Length(max=500, message="不超过 500 字")])
    attachment = FileField("文件佐证")
    unit = SelectField("承办单位", coerce=int, choices=[])
    supporting = SelectMultipleField("配合单位", coerce=int, option_widget=CheckboxInput(), choices=[])
    duty = StringField("配合要求", validators=[Length(max=200, message="不超过 200 字")])
    into = StringField("并入事项编号")
    nodes = TextAreaField("节点计划")
    done_nodes = SelectMultipleField("已完成的节点", coerce=int, option_widget=CheckboxInput(), choices=[])
    level = SelectField("级别", coerce=int, choices=[(n, level.word) for n, level in LEVELS.items()])
    version = HiddenField()

    needs_text = False

    def shape(self, verb: Verb, item: Item, units: Sequence[Unit]) -> None:
        """Keep what the verb asks for, under its own words."""
        label, hint, needed = TEXTS[verb]
        wanted = {"text", "version", "csrf_token", *MORE.get(verb, ())}
        for name in [name for name in self._fields if name not in wanted]:
            delattr(self, name)
        self.text.label.text, self.text.description, self.needs_text = label, hint, needed
        if needed:
            self.text.flags.required = True
        if "due_on" in wanted:
            self.due_on.label.text = DUE_WORDS.get(verb, "办理期限")
            self.due_on.flags.required = verb is Verb.EXTEND
        if "unit" in wanted:
            self.unit.choices = [(unit.id, unit.name) for unit in units if unit.id != item.unit_id]
        if "done_nodes" in self:
            waiting = [node for node in item.nodes if node.done_on is None]
            self.done_nodes.choices = [(node.id, f"{node.name}（{node.due_on}）") for node in waiting]
            if not waiting:
                del self.done_nodes
        if "nodes" in self and item.nodes:
            del self.nodes
        if "supporting" in wanted:
            self.supporting.choices = [(unit.id, unit.name) for unit in units]

    steps: tuple[tuple[date, str], ...] = ()

    def validate_nodes(self, field: TextAreaField) -> None:
        self.steps = _plan(field)

    def validate_text(self, field: TextAreaField) -> None:
        if self.needs_text and not (field.data or "").strip():
            raise ValidationError(f"请填写{field.label.text}")

    def value(self, name: str) -> str:
        """A field's text, or nothing where the verb does not ask for it."""
        field = self._fields.get(name)
        return (field.data or "").strip() if field is not None and isinstance(field.data, str) else ""

    def day(self) -> date | None:
        field = self._fields.get("due_on")
        return field.day if isinstance(field, DayField) else None

    def number(self, name: str) -> int:
        """A chosen number, 0 where the verb does not ask for it."""
        field = self._fields.get(name)
        return field.data if field is not None and isinstance(field.data, int) else 0

    def seen(self) -> int:
        """The version that the person saw."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _plan(field: TextAreaField) -> tuple[tuple[date, str], ...]:
    """The lines of a plan, no name twice."""
    found: tuple[tuple[date, str], ...] = dated_lines(field.data, _node)
    names = [name for _, name in found]
    for name in names:
        if names.count(name) > 1:
            raise ValidationError(f"节点“{name}”重复，请改名")
    return found


def _node(line: str) -> tuple[date, str]:
    """A line of a plan: date and name."""
    parts = line.replace("\t", " ").split()
    if len(parts) < 2:
        raise ValueError("应为日期和节点名称，如 2020-06-10 完成摸底")
    name = " ".join(parts[1:])
    if len(name) > 200:
        raise ValueError("节点名称不超过 200 字")
    return day(parts[0]), name
