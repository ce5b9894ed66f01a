"""Changing what an indicator 指标 measures, and finding a group's indicator by name."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select, update

from taskboard import clock
from taskboard.db import db
from taskboard.errors import Conflict, Refused
from taskboard.models import facts as reader
from taskboard.models import placing
from taskboard.models.campaign import Campaign
from taskboard.models.commitment import Commitment
from taskboard.models.event import Kind, changes, record
from taskboard.models.group import Group
from taskboard.models.indicator import Indicator
from taskboard.models.report import Report
from taskboard.models.target import Target
from taskboard.rules.indicator import Cadence, IndicatorKind

LABELS = {
    "name": "名称", "kind": "指标类型", "measure": "计量单位", "decimals": "小数位", "higher_is_better": "方向",
    "may_be_negative": "可为负数", "definition": "口径", "source": "数据来源", "cadence": "填报周期",
    "release_day": "发布日",
}  # fmt: skip
CARRIED = ("measure", "decimals", "higher_is_better")  # copied to a target when it is set up
FIXED = ("kind", "measure")  # what reported figures mean hangs on them


@dataclass(frozen=True)
class Draft:
    """An indicator as typed."""

    name: str
    kind: str
    measure: str
    decimals: int = 2
    higher_is_better: bool = True
    may_be_negative: bool = False
    definition: str = ""
    source: str = ""
    cadence: str = Cadence.WEEK
    release_day: int = 18


def edit(indicator: Indicator, draft: Draft, version: int, by: int, at: datetime) -> bool:
    """Change an indicator and carry it to its targets; False when nothing differs.

    Raises Conflict when it was changed since `version`, Refused where reported figures would change their meaning.
    """
    db.session.refresh(indicator, with_for_update={"of": Indicator.__table__})
    before, after = changes(indicator, asdict(draft))
    if indicator.version != version and after:
        pairs = [(LABELS[name], words(name, before[name]), words(name, value)) for name, value in after.items()]
        raise Conflict("您打开页面之后，他人已修改了本指标，您的修改没有保存，两份内容如下", pairs)
    if not after:
        return False
    _check(indicator, draft, after)
    for name, value in after.items():
        setattr(indicator, name, value)
    indicator.version += 1
    db.session.flush()
    _carry(indicator, before, after, at)
    said = [{name: words(name, value) for name, value in values.items()} for values in (before, after)]
    record(Kind.INDICATOR_CHANGED, indicator, by, at, before=said[0], after=said[1])
    return True


def named(group_id: int, name: str, own_id: int | None, **measured: Any) -> Indicator:
    """The group's indicator of a name, or a new one that is measured so.

    Its kind is changed here only where no other target than `own_id` uses it and nothing was reported.
    """
    with db.session.no_autoflush:
        query = select(Indicator).where(Indicator.group_id == group_id, Indicator.name == name)
        found = db.session.scalars(query.order_by(Indicator.id).limit(1)).first()
        if found is None:
            return Indicator(group_id=group_id, name=name, **measured)
        if found.kind == measured["kind"]:
            return found
        users = set(db.session.scalars(select(Target.id).where(Target.indicator_id == found.id)))
        if users - {own_id} or has_reports(found.id):
            raise Refused(f"本组指标“{name}”的类型为“{found.sort.word}”，请选该类型，或先在指标页修改")
    found.kind = measured["kind"]
    found.version += 1
    return found


def has_reports(indicator_id: int) -> bool:
    """Whether anything was ever reported on a target of it."""
    reported = exists().where(Report.commitment_id == Target.id)
    return bool(db.session.scalar(select(Target.id).where(Target.indicator_id == indicator_id, reported).limit(1)))


def words(name: str, value: Any) -> str:
    """A value of an indicator in the words of the screen."""
    if name == "kind":
        return IndicatorKind(value).word
    if name == "cadence":
        return Cadence(value).word
    if name == "higher_is_better":
        return "越高越好" if value else "越低越好"
    return ("是" if value else "否") if isinstance(value, bool) else str(value)


def _check(indicator: Indicator, draft: Draft, after: dict[str, Any]) -> None:
    for name in FIXED:
        if name in after and has_reports(indicator.id):
            raise Refused(f"该指标的目标已有填报，不能修改{LABELS[name]}；确需改变的，请新设指标")
    if IndicatorKind(draft.kind).rule_kind in ("amount", "milestone"):
        held = select(Target).where(Target.indicator_id == indicator.id, Target.start_value == Target.target_value)
        target = db.session.scalars(held.limit(1)).first()
        if "kind" in after and target is not None:
            raise Refused(f"目标“{target.title}”的起始值与目标值相同，不能改为该类型；请先修改目标")
    same = select(Indicator.id).where(Indicator.group_id == indicator.group_id, Indicator.name == draft.name)
    if "name" in after and db.session.scalars(same.limit(1)).first():
        raise Refused(f"本组已有名为“{draft.name}”的指标")


def _carry(indicator: Indicator, before: dict[str, Any], after: dict[str, Any], at: datetime) -> None:
    """Bring the targets that followed the indicator along, and place them anew."""
    mine = Target.indicator_id == indicator.id
    if "kind" in after:
        db.session.execute(_set(Target.__table__.c.indicator_id == indicator.id, rule_kind=indicator.sort.rule_kind))
    for name in CARRIED:
        if name in after:
            column = Target.__table__.c[name]
            followed = (Target.__table__.c.indicator_id == indicator.id) & (column == before[name])
            db.session.execute(_set(followed, **{name: after[name]}))
    group = db.session.get_one(Group, indicator.group_id)
    judging = placing.bench(db.session.get_one(Campaign, group.campaign_id), clock.day_of(at))
    placing.place_all(reader.read(Commitment.id.in_(select(Target.id).where(mine)), lock=True), judging)
    for thing in db.session:
        if isinstance(thing, Target) and thing.indicator_id == indicator.id:
            db.session.expire(thing)


def _set(criterion: Any, **values: Any) -> Any:
    return update(Target.__table__).where(criterion).values(**values)  # type: ignore[arg-type]
