"""How far the demonstration's values have come: checked, confirmed, published, expected, asked about.

Everything here is illustrative. It is written in bulk with its events, as the verbs would one by one.
Nothing of it is newer than the newest report, so no light turns.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from taskboard import clock
from taskboard.db import db
from taskboard.demo.figures import FIRST_WEEK, LAST_WEEK, THIS_WEEK, WEEK, Planned
from taskboard.demo.structure import District
from taskboard.models import Commitment, Event, Figure, Kind, Report, Target, chain, figures
from taskboard.models.event import dump
from taskboard.rules.validity import Typed, findings
from taskboard.rules.vintage import Vintage

SEED = 20200430
APRIL, MAY, JUNE = date(2020, 4, 30), date(2020, 5, 31), date(2020, 6, 30)
PUBLISHED_ON, REVISED_ON, DAY = date(2020, 5, 18), date(2020, 5, 29), date(2020, 6, 5)
OFFICIALS, REVISIONS, EXPLAINED = 44, 4, 12
LEANINGS = (Decimal("5.5"), Decimal("3.2"), Decimal("1.8"), Decimal("0.4"), Decimal("-0.3"), Decimal("-2.4"))
EXPLANATIONS = ("重点企业集中报送，经与统计部门核对无误", "项目款项集中入账，附资金凭证", "")
STOOD_STILL = ("本周企业仍在补正入库资料，数值暂未变化", "月底集中入统，本周数值未更新", "")
UNLOCKED_BECAUSE = "单位报送两家企业数据重复计入，经核实需更正"


def make(planned: Sequence[Planned], district: District) -> None:
    """Write all of it; reports of the weeks have been filed."""
    dice = random.Random(SEED)
    own = [one for one in planned if isinstance(one.commitment, Target) and one.commitment.illustrative]
    chosen = dice.sample([one for one in own if FIRST_WEEK in one.values], OFFICIALS)
    leaning = {unit.id: dice.choice(LEANINGS) for unit in district.units.values()}
    official = _officials(chosen, district)
    _expected_before(chosen, official, leaning, district, dice)
    _expect(own, chosen, leaning, dice)
    _odd(own, dice)
    _confirm(own, {one.commitment.id for one in chosen}, district, dice)
    db.session.expire_all()
    _unlock_one(chosen, district)


def _officials(chosen: Sequence[Planned], district: District) -> dict[int, Decimal]:
    """What the statistics office said of 30 April, and some of it said anew."""
    by, rows, events = district.people["bangongshi"].id, [], []
    found: dict[int, Decimal] = {}
    for n, one in enumerate(chosen):
        target = one.commitment
        value = found[target.id] = _rounded(one.values[FIRST_WEEK] * Decimal("0.91"), one)
        row = _figure(target, value, PUBLISHED_ON, by)
        rows.append(row)
        events.append(_event(Kind.FIGURE_PUBLISHED, target.id, by, row["taken_at"], _said(row)))
        if n < REVISIONS and value:
            found[target.id] = _rounded(value * Decimal("0.985"), one)
            anew = _figure(target, found[target.id], REVISED_ON, by) | {"revision": 2}
            row["live_key"] = None
            rows.append(anew)
            before = {"value": value}
            events.append(_event(Kind.FIGURE_REVISED, target.id, by, anew["taken_at"], _said(anew), before))
    connection = db.session.connection()
    connection.execute(insert(Figure), rows)
    connection.execute(insert(Event), chain.seal(events))
    return found


def _figure(target: Commitment, value: Decimal, on: date, by: int) -> dict[str, Any]:
    return {
        "target_id": target.id,
        "as_of": APRIL,
        "value": value,
        "revision": 1,
        "live_key": f"{target.id}:{APRIL}",
        "published_on": on,
        "source": "区统计局月度数据（示例）",
        "taken_by_id": by,
        "taken_at": clock.at(on, 16),
    }


def _said(figure: dict[str, Any]) -> dict[str, Any]:
    return {name: figure[name] for name in ("value", "as_of", "source")}


def _expected_before(
    chosen: Sequence[Planned],
    official: dict[int, Decimal],
    leaning: dict[int, Decimal],
    district: District,
    dice: random.Random,
) -> None:
    """A week before the others began to report, these units said what they expected of April."""
    week, rows, events = FIRST_WEEK - WEEK, [], []
    for one in chosen:
        target, said_at = one.commitment, clock.at(week + timedelta(days=4), dice.randint(9, 16))
        value = _rounded(official[target.id] * Decimal("0.86"), one)
        row: dict[str, Any] = {
            "commitment_id": target.id,
            "week": week,
            "revision": 1,
            "live_key": f"{target.id}:{week}",
            "value": value,
            "as_of": week + timedelta(days=6),
            "vintage": Vintage.PRELIMINARY,
            "expected": _missed_by(official[target.id], leaning[target.unit_id], one, dice),
            "expected_on": APRIL,
            "done": "首次填报，已与行业主管部门核对口径",
            "reported_by_id": district.people[one.reporter].id,
            "reported_at": said_at,
        }
        rows.append(row)
        after = {name: row[name] for name in ("value", "expected", "done")}
        event = _event(Kind.REPORTED, target.id, row["reported_by_id"], said_at, after)
        event["data"] = dump(None, after, {"week": week})
        events.append(event)
    connection = db.session.connection()
    connection.execute(insert(Report), rows)
    connection.execute(insert(Event), chain.seal(events))


def _expect(
    own: Sequence[Planned], chosen: Sequence[Planned], leaning: dict[int, Decimal], dice: random.Random
) -> None:
    """What they expected of May, said in the middle of it; and what some expect of June."""
    rows = []
    for one in chosen:
        if LAST_WEEK in one.values and LAST_WEEK - 2 * WEEK in one.values:
            value = _missed_by(one.values[LAST_WEEK], leaning[one.commitment.unit_id] / 2, one, dice)
            rows.append(_expectation(one, LAST_WEEK - 2 * WEEK, value, MAY))
    for one in own[::4]:
        if THIS_WEEK in one.values and isinstance(one.commitment, Target):
            value = _rounded(one.commitment.target_value * Decimal(dice.randint(88, 106)) / 100, one)
            rows.append(_expectation(one, THIS_WEEK, value, JUNE))
    table: Any = Report.__table__
    change = update(table).where(table.c.live_key == bindparam("key"))
    db.session.connection().execute(change.values(expected=bindparam("figure"), expected_on=bindparam("day")), rows)


def _expectation(one: Planned, week: date, value: Decimal, day: date) -> dict[str, Any]:
    return {"key": f"{one.commitment.id}:{week}", "figure": value, "day": day}


def _odd(own: Sequence[Planned], dice: random.Random) -> None:
    """What the checks would have asked of the last two weeks, kept with a few of the reports."""
    asked = [row for one in own for row in _asked(one)]
    rows = dice.sample(asked, min(EXPLAINED, len(asked)))
    rows = [row | {"why": dice.choice(STOOD_STILL if "连续" in row["odd"] else EXPLANATIONS)} for row in rows]
    if not rows:
        return
    table: Any = Report.__table__
    change = update(table).where(table.c.live_key == bindparam("key"))
    db.session.connection().execute(change.values(findings=bindparam("odd"), explanation=bindparam("why")), rows)


def _asked(one: Planned) -> Iterator[dict[str, Any]]:
    target = one.commitment
    if not isinstance(target, Target):
        return
    for week in (LAST_WEEK, THIS_WEEK):
        known = tuple((w + timedelta(days=6), value) for w, value in one.values.items() if w < week)
        if week not in one.values or not known:
            continue
        typed = Typed(one.values[week], min(week + timedelta(days=6), DAY), previous=known, target=target.target_value,
                      start_value=Decimal(0), ends_on=target.ends_on, measure=target.measure,
                      decimals=target.decimals)  # fmt: skip
        found = findings(typed)
        if found:
            yield {"key": f"{target.id}:{week}", "odd": "\n".join(each.words for each in found)}


def _confirm(own: Sequence[Planned], surely: set[int], district: District, dice: random.Random) -> None:
    """Checked on Monday by the group's lead, confirmed on Tuesday by the office; the newest weeks only in part."""
    by_id = {one.commitment.id: one for one in own}
    query = select(Report).where(Report.commitment_id.in_(by_id), Report.live_key.is_not(None)).order_by(Report.id)
    office = district.people["bangongshi"].id
    leads = {group.id: district.people[f"zuzhang{no}"].id for no, group in district.groups.items()}
    rows, events = [], []
    for report in db.session.scalars(query):
        lead = leads[by_id[report.commitment_id].commitment.group_id]
        lead_at, office_at = clock.at(report.week + WEEK, 10), clock.at(report.week + WEEK + timedelta(days=1), 15)
        sure = report.week < LAST_WEEK or (report.week == LAST_WEEK and report.commitment_id in surely)
        looked = sure or dice.random() < (0.6 if report.week == LAST_WEEK else 0)
        if report.week == THIS_WEEK and dice.random() < 0.2:
            looked, lead_at = True, clock.at(DAY, 8, 30)
        row: dict[str, Any] = {"key": report.live_key, "lead": None, "lead_at": None, "office": None, "office_at": None}
        after = {"value": report.value, "as_of": report.as_of}
        if looked and lead != report.reported_by_id:
            row |= {"lead": lead, "lead_at": lead_at}
            events.append(_event(Kind.VALUE_CHECKED, report.commitment_id, lead, lead_at, after))
        if sure:
            row |= {"office": office, "office_at": office_at}
            events.append(_event(Kind.VALUE_CONFIRMED, report.commitment_id, office, office_at, after))
        rows.append(row)
    table: Any = Report.__table__
    change = update(table).where(table.c.live_key == bindparam("key"))
    names = {"checked_by_id": "lead", "checked_at": "lead_at", "confirmed_by_id": "office", "confirmed_at": "office_at"}
    connection = db.session.connection()
    connection.execute(change.values({name: bindparam(given) for name, given in names.items()}), rows)
    connection.execute(insert(Event), chain.seal(sorted(events, key=lambda event: event["at"])))
    db.session.expire_all()
    _carry_scored(list(by_id))


def _carry_scored(ids: list[int]) -> None:
    """The newest confirmed value is what may score; where no report came after it, it is also the one that counts."""
    query = select(Report.commitment_id, Report.value, Report.as_of).where(
        Report.commitment_id.in_(ids), Report.live_key.is_not(None), Report.confirmed_at.is_not(None)
    )
    newest = {row.commitment_id: row for row in db.session.execute(query.order_by(Report.week))}
    rows = [{"row_id": one, "v": row.value, "day": row.as_of} for one, row in newest.items()]
    table: Any = Commitment.__table__
    change = update(table).where(table.c.id == bindparam("row_id"))
    connection = db.session.connection()
    connection.execute(change.values(scored_value=bindparam("v"), scored_as_of=bindparam("day")), rows)
    is_newest = table.c.scored_as_of == table.c.value_as_of
    connection.execute(update(table).where(is_newest, table.c.id.in_(ids)).values(vintage=Vintage.CONFIRMED))


def _unlock_one(chosen: Sequence[Planned], district: District) -> None:
    query = select(Report).where(
        Report.commitment_id.in_([one.commitment.id for one in chosen]),
        Report.week == LAST_WEEK,
        Report.confirmed_at.is_not(None),
    )
    report = db.session.scalars(query.order_by(Report.id).limit(1)).first()
    if report is not None:
        figures.unlock(report, UNLOCKED_BECAUSE, district.people["bangongshi"].id, clock.at(DAY, 8, 35))


def _event(
    kind: Kind, target_id: int, by: int, at: datetime, after: dict[str, Any], before: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "at": at,
        "kind": kind.key,
        "actor_id": by,
        "subject_type": "commitment",
        "subject_id": target_id,
        "data": dump(before, after),
    }


def _missed_by(actual: Decimal, leaning: Decimal, one: Planned, dice: random.Random) -> Decimal:
    """What somebody of this leaning (percent) expects where this comes out."""
    return _rounded(actual * (100 + leaning + Decimal(dice.randint(-25, 25)) / 10) / 100, one)


def _rounded(value: Decimal, one: Planned) -> Decimal:
    decimals = one.commitment.decimals if isinstance(one.commitment, Target) else 0
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
