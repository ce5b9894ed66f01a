"""The calendar feed: what is owed and nothing else, at a secret address, in a file that programs read."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import event, update

from taskboard import clock
from taskboard.boards import feed
from taskboard.db import db
from taskboard.exports.calendar import calendar
from taskboard.models import CalendarOverride, Item, Milestone, Part, TellingRule, feeding
from taskboard.rules.lifecycle import Verb
from tests.items.cast import do, new_item, supported
from tests.world import FRIDAY, NOON, World

LONG = "关于进一步核查老旧小区改造停工项目并按时限要求逐项销号整改的事项；含逗号,分号;反斜杠\\"


def of(owner: Any, world: World, on: date = FRIDAY) -> dict[str, feed.Entry]:
    return {one.uid: one for one in feed.entries(owner, world.campaign, on)}


def events(data: bytes) -> dict[str, Any]:
    return {str(one["UID"]): one for one in Calendar.from_ical(data).walk("VEVENT")}


def check_lines(data: bytes) -> list[str]:
    """A strict reading of RFC 5545 by hand: line ends, 75 octets, whole characters, properties; unfolded lines."""
    text = data.decode("utf-8")
    assert text.endswith("\r\n")
    lines = text.split("\r\n")[:-1]
    assert not [line for line in lines if "\n" in line or "\r" in line or len(line.encode()) > 75 or not line]
    unfolded: list[str] = []
    for line in lines:
        if line[0] in " \t":
            unfolded[-1] += line[1:]
        else:
            unfolded.append(line)
    assert not [line for line in unfolded if not re.match(r"[A-Z][A-Z0-9-]*(;[A-Z-]+=[^:;]+)*:", line)]
    opened: list[str] = []
    for line in unfolded:
        if line.startswith("BEGIN:"):
            opened.append(line[6:])
        elif line.startswith("END:"):
            assert opened.pop() == line[4:]
    assert not opened
    return unfolded


def test_a_unit_owes_its_items_milestones_reports_and_ends(world: World) -> None:
    item = new_item(world)
    world.task.milestones = [Milestone(name="开工", due_on=date(2020, 6, 15))]
    db.session.commit()

    found = of(world.unit, world)

    step = world.task.milestones[0]
    assert found[f"item-{item.id}-due"].on == item.due_on
    assert found[f"item-{item.id}-sign"].on == item.sign_due_on
    assert (found[f"milestone-{step.id}"].title, found[f"milestone-{step.id}"].on) == (
        "节点到期：老旧小区改造－开工",
        date(2020, 6, 15),
    )
    assert found["targets-20200630"].title == "目标期末：规上工业增加值"
    assert found[f"task-{world.task.id}"].on == date(2020, 6, 30)
    assert found["report-20200601"].at == clock.at(FRIDAY, 17)
    assert found["report-20200622"].on == date(2020, 6, 24)  # 端午 on Thursday and Friday
    assert "report-20200706" not in found  # the campaign is over by then
    assert "item" not in "".join(of(world.other_unit, world))


def test_a_person_owes_by_the_seats_of_the_day(world: World) -> None:
    item = supported(world)
    db.session.commit()
    part = db.session.query(Part).filter_by(item_id=item.id).one()

    assert f"item-{item.id}-due" in of(world.reporter, world)
    assert f"item-{item.id}-due" in of(world.lead, world)
    assert not of(world.other_lead, world)
    assert list(of(world.other_reporter, world)) == [f"part-{part.id}-due"]
    assert not of(world.leader, world)
    world.reporter.seats[0].to_on = FRIDAY - timedelta(days=1)
    assert not of(world.reporter, world)


def test_what_waits_for_the_supervisor_is_theirs_and_leaves_the_unit(world: World) -> None:
    item = new_item(world)
    do(world, item, Verb.SIGN, "reporter")
    do(world, item, Verb.SUBMIT, "reporter", figure="42 万元")
    db.session.commit()

    assert [one.title for one in of(world.supervisor, world).values()] == [
        f"待处理（待审核）：核查停工项目（督查{item.number}）"
    ]
    assert f"item-{item.id}-due" not in of(world.unit, world)


def test_what_is_finished_vanishes(world: World) -> None:
    world.task.milestones = [Milestone(name="开工", due_on=date(2020, 6, 15), done_on=FRIDAY)]
    world.target.done_on = FRIDAY
    db.session.commit()

    assert not [uid for uid in of(world.unit, world) if uid.startswith(("milestone", "targets"))]


def test_a_deadline_that_moves_keeps_its_uid_and_raises_its_sequence(world: World) -> None:
    item = new_item(world)
    before = of(world.unit, world)[f"item-{item.id}-due"]
    item.due_on, item.version = date(2020, 7, 1), item.version + 1

    after = of(world.unit, world)[f"item-{item.id}-due"]

    assert (after.on, after.uid) == (date(2020, 7, 1), before.uid)
    assert after.sequence > before.sequence


def test_the_offices_own_working_days_move_the_report(world: World) -> None:
    assert of(world.unit, world)["report-20200608"].on == date(2020, 6, 12)
    db.session.add(CalendarOverride(day=date(2020, 6, 12), is_workday=False, name="防汛"))
    db.session.flush()

    assert of(world.unit, world)["report-20200608"].on == date(2020, 6, 11)


def test_the_file_is_read_by_a_library_and_by_hand_and_is_the_same_twice(world: World) -> None:
    item = new_item(world, title=LONG)
    db.session.commit()
    found = feed.entries(world.unit, world.campaign, FRIDAY)

    data = calendar("上塘 督办期限", found, "https://taskboard.example.gov.cn")

    read = events(data)
    assert len(read) == len(found)
    due = read[f"item-{item.id}-due@taskboard"]
    assert str(due["SUMMARY"]) == f"办理截止：{LONG}（督查{item.number}）"
    assert due.decoded("DTSTART") == item.due_on
    assert due.decoded("DTEND") == (item.due_on or FRIDAY) + timedelta(days=1)
    assert due.walk("VALARM")[0].decoded("TRIGGER") == timedelta(hours=-15)
    report = read["report-20200601@taskboard"]
    assert report.decoded("DTEND") == datetime(2020, 6, 5, 17, tzinfo=clock.SHANGHAI)
    lines = check_lines(data)
    assert {"REFRESH-INTERVAL;VALUE=DURATION:PT4H", "X-PUBLISHED-TTL:PT4H", "TZID:Asia/Shanghai"} <= set(lines)
    assert "DTSTART;TZID=Asia/Shanghai:20200605T163000" in lines
    for_each = [line.split(":")[0] for line in lines]
    assert for_each.count("DTSTAMP") == for_each.count("LAST-MODIFIED") == for_each.count("UID") == len(found)
    assert calendar("上塘 督办期限", found, "https://taskboard.example.gov.cn") == data


def get(app: Flask, path: str, **headers: str) -> Any:
    client: FlaskClient = app.test_client()
    return client.get(path, headers=headers)


def test_an_address_answers_until_it_is_renewed_and_a_wrong_one_like_an_unknown_one(app: Flask, world: World) -> None:
    person, path = world.reporter, feeding.path_of(world.reporter)
    unit_path = feeding.path_of(world.unit)
    db.session.rollback()

    right = get(app, path)
    wrong = [
        get(app, p)
        for p in (path.replace(".ics", "0.ics"), path[:-5] + "g.ics", f"/calendar/person/999/{'0' * 40}.ics")
    ]
    other = get(app, path.replace("person", "unit"))
    feeding.renew(person, person.id, NOON)
    db.session.commit()
    replaced = get(app, path)

    assert (right.status_code, right.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert get(app, unit_path).status_code == 200
    assert {answer.status_code for answer in (*wrong, other, replaced)} == {404}
    refused = (*wrong, other, replaced)  # alike but for the number by which the log knows each
    assert len({answer.get_data(as_text=True).replace(answer.headers["X-Request-ID"], "") for answer in refused}) == 1
    assert get(app, feeding.path_of(person)).status_code == 200


def test_a_feed_ends_with_the_person_and_with_the_offices_word(app: Flask, world: World) -> None:
    path, unit_path = feeding.path_of(world.reporter), feeding.path_of(world.unit)
    world.reporter.active = False
    db.session.commit()
    assert (get(app, path).status_code, get(app, unit_path).status_code) == (404, 200)

    TellingRule.get().feeds = False
    db.session.commit()
    assert get(app, unit_path).status_code == 404


def test_asking_again_is_cheap(app: Flask, world: World) -> None:
    new_item(world)
    db.session.commit()
    path = feeding.path_of(world.reporter)
    db.session.remove()
    said: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda c, cursor, text, *more: said.append(text))

    first = get(app, path)
    statements = [text for text in said if text.startswith("SELECT")]
    again = get(app, path, **{"If-None-Match": first.headers["ETag"]})
    db.session.execute(update(Item).values(due_on=date(2020, 7, 1)))
    db.session.commit()
    changed = get(app, path, **{"If-None-Match": first.headers["ETag"]})

    assert first.status_code == 200
    assert len(statements) <= 8
    assert (again.status_code, again.data) == (304, b"")
    assert changed.status_code == 200


@pytest.mark.parametrize("kind", ["person", "unit"])
def test_the_secret_is_of_the_installation_the_owner_and_the_version(app: Flask, world: World, kind: str) -> None:
    codes = {feeding.code_of(kind, id_, version) for id_ in (1, 2) for version in (1, 2)}

    assert len(codes) == 4
    assert {len(code) for code in codes} == {40}
    assert feeding.code_of("person", 1, 1) != feeding.code_of("unit", 1, 1)
