"""Rule sets 规则集 as dated rows: re-reading last quarter uses last quarter's rules."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from taskboard.db import Base, LongText, db
from taskboard.models.campaign import Campaign
from taskboard.rules import ruleset
from taskboard.rules.ruleset import RuleSet


class RuleSetRow(Base):
    """One version of one rule set: the text that rules/ruleset.py parses."""

    __tablename__ = "rule_set"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    version: Mapped[str]
    title: Mapped[str]
    valid_from: Mapped[date]
    body: Mapped[str] = mapped_column(LongText)
    created_at: Mapped[datetime]

    @staticmethod
    def from_value(value: RuleSet, at: datetime) -> RuleSetRow:
        """A row that keeps a rule set as it was read."""
        return RuleSetRow(
            name=value.name,
            version=value.version,
            title=value.title,
            valid_from=value.valid_from,
            body=value.text,
            created_at=at,
        )


def in_force(campaign: Campaign, on: date) -> RuleSet:
    """The rule set by which the campaign is judged on a day. Raises RuleSetError when none is in force."""
    query = (
        select(RuleSetRow.body)
        .where(RuleSetRow.name == campaign.rule_set_name, RuleSetRow.valid_from <= on)
        .order_by(RuleSetRow.valid_from.desc(), RuleSetRow.id.desc())
        .limit(1)
    )
    body = db.session.scalar(query)
    return ruleset.in_force([] if body is None else [_parsed(body)], on)


@lru_cache(maxsize=32)
def _parsed(body: str) -> RuleSet:
    return ruleset.parse(body)
