"""Rule sets 规则集 as dated rows: re-reading last quarter uses last quarter's rules.

Which one judges a campaign from which day on is an enactment 启用. A campaign without one is judged by
the shipped rule set that it names (docs/decisions/0012).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, literal, select, union_all
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base, LongText, db
from taskboard.errors import Refused, WrongState
from taskboard.models.campaign import Campaign
from taskboard.models.event import Kind, record
from taskboard.models.person import Person
from taskboard.rules import ruleset
from taskboard.rules.ruleset import RuleSet


class RuleSetRow(Base):
    """One version of one rule set: the text that rules/ruleset.py parses. `shipped` came with the software."""

    __tablename__ = "rule_set"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    version: Mapped[str]
    title: Mapped[str]
    valid_from: Mapped[date]
    body: Mapped[str] = mapped_column(LongText)
    created_at: Mapped[datetime]
    shipped: Mapped[bool] = mapped_column(default=True)

    @staticmethod
    def from_value(value: RuleSet, at: datetime, shipped: bool = True) -> RuleSetRow:
        """A row that keeps a rule set as it was read."""
        return RuleSetRow(
            name=value.name,
            version=value.version,
            title=value.title,
            valid_from=value.valid_from,
            body=value.text,
            created_at=at,
            shipped=shipped,
        )


class Enactment(Base):
    """That a campaign is judged by a rule set from a day on. `live_on` is that day until it is withdrawn."""

    __tablename__ = "enactment"
    __table_args__ = (
        UniqueConstraint("campaign_id", "live_on"),
        CheckConstraint("(withdrawn_at IS NULL) = (live_on IS NOT NULL)", name="withdrawn"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name="withdrawer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    rule_set_id: Mapped[int] = mapped_column(ForeignKey("rule_set.id"), index=True)
    valid_from: Mapped[date]
    live_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(LongText)
    added_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    withdraw_reason: Mapped[str] = mapped_column(LongText, default="")
    rule_set: Mapped[RuleSetRow] = relationship()
    added_by: Mapped[Person] = relationship(foreign_keys=[added_by_id])
    withdrawn_by: Mapped[Person | None] = relationship(foreign_keys=[withdrawn_by_id])


class Stored(NamedTuple):
    """A stored rule set that judges, and since when."""

    id: int
    body: str
    since: date


def in_force(campaign: Campaign, on: date) -> RuleSet:
    """The rule set by which the campaign is judged on a day. Raises RuleSetError when none is in force."""
    found = standing(campaign, on)
    return ruleset.in_force([] if found is None else [parsed(found.body, found.since)], on)


def standing(campaign: Campaign, on: date) -> Stored | None:
    """The same as it is stored: the last enactment by then, before the first one the campaign's shipped rule set."""
    enacted = (
        select(RuleSetRow.id, RuleSetRow.body, Enactment.live_on.label("since"), literal(1).label("chosen"))
        .join(Enactment, Enactment.rule_set_id == RuleSetRow.id)
        .where(Enactment.campaign_id == campaign.id, Enactment.live_on <= on)
    )
    shipped = select(RuleSetRow.id, RuleSetRow.body, RuleSetRow.valid_from, literal(0)).where(
        RuleSetRow.name == campaign.rule_set_name, RuleSetRow.valid_from <= on, RuleSetRow.shipped
    )
    both = union_all(enacted, shipped).subquery()
    query = select(both.c.id, both.c.body, both.c.since).order_by(
        both.c.chosen.desc(), both.c.since.desc(), both.c.id.desc()
    )
    row = db.session.execute(query.limit(1)).first()
    return Stored(*row) if row else None


def coming(campaign: Campaign, on: date) -> list[Enactment]:
    """What is to come into force after a day, the next first."""
    query = select(Enactment).where(Enactment.campaign_id == campaign.id, Enactment.live_on > on)
    return list(db.session.scalars(query.order_by(Enactment.live_on)))


def earliest(campaign: Campaign, today: date) -> date:
    """The first day from which another rule set may judge: never one that was lit already."""
    if campaign.swept_on is None or campaign.swept_on < today:
        return today
    return campaign.swept_on + timedelta(days=1)


def taken(rules: RuleSet) -> RuleSetRow | None:
    """Another text under the same name and version, or None."""
    row = _row(rules)
    return None if row is None or _same(row.body, rules.text) else row


def taken_words(row: RuleSetRow) -> str:
    """Why a name and version cannot be used again, and the remedy."""
    return f"“{row.name}”第 {row.version} 版已有（{row.title}），内容不同；请把版本改为尚未使用的编号"


def put_in_force(
    campaign: Campaign,
    rules: RuleSet,
    valid_from: date,
    reason: str,
    by: int,
    at: datetime,
    *,
    on: date,
    words: str = "",
    counts: Mapping[str, Any] | None = None,
) -> Enactment:
    """Judge the campaign by a rule set from a day on. `on` is today; `words` and `counts` say what it would change."""
    db.session.refresh(campaign, with_for_update=True)
    _check(campaign, rules, valid_from, on)
    row = _row(rules)
    if row is None:
        row = RuleSetRow.from_value(rules, at, shipped=False)
        db.session.add(row)
        db.session.flush()
    before = standing(campaign, valid_from)
    made = Enactment(
        campaign_id=campaign.id,
        rule_set_id=row.id,
        valid_from=valid_from,
        live_on=valid_from,
        reason=reason,
        added_by_id=by,
        added_at=at,
    )
    db.session.add(made)
    db.session.flush()
    earlier = {"rule_set": title(db.session.get_one(RuleSetRow, before.id))} if before else None
    after = {"rule_set": title(row), "valid_from": valid_from, "reason": reason}
    record(Kind.RULE_SET_ADDED, row, by, at, earlier, after, words=words, counts=dict(counts or {}))
    return made


def withdraw(enactment: Enactment, reason: str, by: int, at: datetime, on: date) -> None:
    """Take back one that is not in force yet; it stays on record."""
    db.session.refresh(enactment, with_for_update=True)
    if enactment.live_on is None:
        raise WrongState(f"“{title(enactment.rule_set)}”的启用已经撤回")
    if enactment.live_on <= on:
        raise WrongState(
            f"“{title(enactment.rule_set)}”已于 {enactment.live_on} 起施行，不能撤回；请另行启用其他规则集"
        )
    enactment.live_on = None
    enactment.withdrawn_by_id, enactment.withdrawn_at, enactment.withdraw_reason = by, at, reason
    after = {"rule_set": title(enactment.rule_set), "valid_from": enactment.valid_from, "reason": reason}
    record(Kind.RULE_SET_WITHDRAWN, enactment.rule_set, by, at, after=after)


def title(row: RuleSetRow | RuleSet) -> str:
    """标准规则集 第 1 版."""
    return f"{row.title} 第 {row.version} 版"


@lru_cache(maxsize=64)
def parsed(body: str, since: date | None = None) -> RuleSet:
    """A stored text as the value that judges; `since` is the day from which it does."""
    found = ruleset.parse(body)
    return found if since is None else replace(found, valid_from=since)


def _check(campaign: Campaign, rules: RuleSet, valid_from: date, on: date) -> None:
    first = earliest(campaign, on)
    if valid_from < first:
        why = "该日及以前已经巡检亮灯" if campaign.swept_on and valid_from <= campaign.swept_on else "不能早于今日"
        raise Refused(f"启用日期 {valid_from} 不可用：{why}，请填 {first} 或以后的日期")
    other = taken(rules)
    if other is not None:
        raise Refused(taken_words(other))
    same_day = db.session.scalar(
        select(Enactment).where(Enactment.campaign_id == campaign.id, Enactment.live_on == valid_from)
    )
    if same_day is not None:
        raise Refused(f"{valid_from} 起已定启用“{title(same_day.rule_set)}”，请先撤回，或另选日期")
    now, row = standing(campaign, valid_from), _row(rules)
    if now is not None and row is not None and now.id == row.id:
        raise Refused(f"“{title(row)}”自 {now.since} 起已在施行，无需再次启用；有改动时请改用新的版本编号")


def _row(rules: RuleSet) -> RuleSetRow | None:
    query = select(RuleSetRow).where(RuleSetRow.name == rules.name, RuleSetRow.version == rules.version)
    return db.session.scalars(query).first()


def _same(one: str, other: str) -> bool:
    """Whether two files say the same but for the ends of lines and the edges that a form cuts."""
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()
