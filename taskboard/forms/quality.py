"""What the addresses of 数据质量 may say, and why a value is unlocked. What is not understood is left aside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from wtforms import StringField
from wtforms.validators import DataRequired, Length

from taskboard.boards import quality_findings, quality_freshness
from taskboard.boards.quality_values import Asked, Stage
from taskboard.forms import Form
from taskboard.forms.figures import day
from taskboard.forms.listing import LARGEST_ID, LARGEST_PAGE, number
from taskboard.rules.finding_kinds import MARKS
from taskboard.rules.freshness import Freshness
from taskboard.rules.workdays import monday


class UnlockForm(Form):
    """Why a confirmed value is opened again."""

    reason = StringField(
        "解锁理由", validators=[DataRequired("请填写解锁理由"), Length(max=500, message="不超过 500 字")]
    )


def place(args: Mapping[str, str]) -> tuple[int | None, int | None]:
    """The chosen group and unit."""
    return number(args.get("group"), LARGEST_ID), number(args.get("unit"), LARGEST_ID)


def page(args: Mapping[str, str]) -> int:
    """The chosen page, 1 by default."""
    return number(args.get("page"), LARGEST_PAGE) or 1


def on(args: Mapping[str, str], name: str) -> date | None:
    """A day of the address, or None."""
    try:
        return day(args.get(name, ""))
    except ValueError:
        return None


def values(args: Mapping[str, str]) -> Asked:
    """Week, state and page of 核定."""
    week, state = on(args, "week"), args.get("state", "")
    return Asked(
        week=monday(week) if week else None,
        state=state if state in {stage.value for stage in Stage} else "",
        odd=args.get("odd") == "1",
        page=page(args),
    )


def freshness(args: Mapping[str, str]) -> quality_freshness.Asked:
    """State and page of 缺报迟报."""
    state = args.get("state", "")
    return quality_freshness.Asked(state if state in {one.value for one in Freshness} else "", page(args))


def findings(args: Mapping[str, str], starts_on: date, today: date) -> quality_findings.Asked:
    """Period, kind and page of 校核提示; without a period, from the campaign's start until today."""
    first, last = on(args, "from") or starts_on, on(args, "to") or today
    finding = args.get("finding", "")
    return quality_findings.Asked(
        first=monday(min(first, last)),
        last=max(first, last),
        finding=finding if finding in MARKS else "",
        page=page(args),
    )
