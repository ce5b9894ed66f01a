"""Every kind of event is told to somebody or silent on purpose, in Chinese, and reaches whom the table names."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from taskboard import clock
from taskboard.alerts import audience, headings, messages
from taskboard.alerts.seats import Seats
from taskboard.alerts.table import ELSEWHERE, SILENT, TOLD
from taskboard.db import db
from taskboard.jobs import unit_digest
from taskboard.models import Channel, Delivery, Event, Kind, Party, Person, Role, ScheduleVersion, TellingRule, record
from taskboard.models.channel import MAIL_ID
from tests.items.cast import new_item
from tests.world import FRIDAY, NOON, World

LATIN = re.compile(r"[A-Za-z]")
MONDAY = date(2020, 6, 8)
# What an event of each kind may carry, all at once: the message must make sense of whatever is there.
RICH: dict[str, Any] = {
    "words": "第 1 版",
    "text": "请抓紧办理",
    "reason": "口径不符",
    "value": "42",
    "as_of": "2020-06-05",
    "slip": "红色督办单",
    "name": "钉钉群",
    "why": "连接超时",
    "subject": "1 项转为红灯",
    "until": "2020-06-05T04:05:00+00:00",
    "target_value": "120",
    "measure": "万元",
    "ends_on": "2020-06-30",
    "curve": "直线",
    "answer": "同意",
}


def test_every_kind_is_told_or_silent_and_not_both() -> None:
    told, silent = {Kind.of(key) for key in TOLD}, set(SILENT)

    assert told | silent | ELSEWHERE == set(Kind)
    assert not told & silent
    assert not ELSEWHERE & (told | silent)
    assert all(reason for reason in SILENT.values())
    assert all(told.who for told in TOLD.values())


def test_at_once_is_only_what_the_decision_names() -> None:
    decided = Path(__file__).parents[2].joinpath("docs/decisions/0015-what-is-told-at-once.md").read_text()

    for key, told in TOLD.items():
        assert (f"`{key}`" in decided) is told.at_once, key


def test_every_told_kind_has_a_heading_of_its_own() -> None:
    assert headings.missing() == set()
    words = list(headings.WORDS.values())
    assert len(set(words)) == len(words)


def sample(world: World, kind: Kind) -> Event:
    """An event of a kind on a thing of the right sort."""
    is_item = kind.key.startswith(("item_", "appeal_"))
    subject: Any = world.task if kind in (Kind.TASK_CREATED, Kind.TASK_CHANGED) else world.target
    if is_item:
        subject = new_item(world)
    elif kind in (Kind.PLAN_CHANGED, Kind.INDICATOR_CHANGED):
        subject = world.target.indicator
    elif kind is Kind.REPORT_REMINDED:
        subject = world.unit
    elif kind in (Kind.CHANNEL_OPENED, Kind.CHANNEL_RECOVERED):
        subject = db.session.get_one(Channel, MAIL_ID)
    elif kind in (Kind.FEEDBACK_GIVEN, Kind.SWEEP_LATE, Kind.DELIVERY_FAILED):
        subject = kind.key.split("_", maxsplit=1)[0]
    before = {"light": "yellow", "value": "40", "target_value": "100", "unit": world.unit.name}
    more: dict[str, Any] = {"words": "说明", "copied": 1, "groups": [world.group.id]}
    return record(kind, subject, None, NOON, before=before, after={**RICH, "unit": world.unit.name}, **more)


@pytest.mark.parametrize("key", sorted(TOLD))
def test_the_message_of_every_kind_is_chinese_and_has_no_empty_line(world_on_sqlite: World, key: str) -> None:
    event = sample(world_on_sqlite, Kind.of(key))
    db.session.flush()
    subject, body = messages.compose([event], messages.subjects([event]), "https://x")

    assert subject in {f"1 {measure}{headings.WORDS[Kind.of(key)]}" for measure in "项个条"}
    lines = body.splitlines()
    assert lines[0] == f"{headings.WORDS[Kind.of(key)]}（1 项）"
    assert lines[1].startswith("· ")
    assert all(line.startswith("  ") and line.strip() for line in lines[2:])
    texts = [line for line in lines if not re.fullmatch(r"  https://x/\S+", line)]
    assert not [line for line in texts if LATIN.search(line)]
    assert key not in body
    assert "None" not in body


@pytest.fixture
def world_on_sqlite(web_app: Flask) -> Any:
    from tests.world import build

    with web_app.app_context():
        yield build()


def heard(event: Event) -> set[str]:
    db.session.flush()
    people = {person.id: person.login for person in db.session.query(Person)}
    return {people[id_] for id_ in audience.of([event], Seats.on(FRIDAY))}


def test_who_hears_of_figures_and_plans(world: World) -> None:
    target = world.target
    assert heard(record(Kind.VALUE_CONFIRMED, target, None, NOON)) == {"reporter", "lead"}
    assert heard(record(Kind.VALUE_UNLOCKED, target, None, NOON)) == {"reporter", "lead", "office"}
    assert heard(record(Kind.FIGURE_REVISED, target, world.office.id, NOON)) == {"reporter", "lead"}
    assert heard(record(Kind.TURNED_YELLOW, target, None, NOON)) == {"reporter", "lead"}
    assert heard(record(Kind.REPORT_RETURNED, target, world.office.id, NOON, author=world.lead.id)) == {
        "reporter",
        "lead",
    }
    assert heard(record(Kind.INDICATOR_CHANGED, target.indicator, None, NOON)) == {"reporter", "lead"}
    moved = record(Kind.PLAN_CHANGED, target.indicator, None, NOON, after={"unit": world.other_unit.name})
    assert heard(moved) == {"other_reporter", "lead"}
    assert heard(record(Kind.TURNED_GREEN, target, None, NOON, before={"light": "grey"})) == set()


def test_a_jointly_responsible_unit_hears_and_a_supporting_one_does_not(world: World) -> None:
    world.target.parties = [Party(unit_id=world.other_unit.id, role=Role.RESPONSIBLE)]
    assert heard(record(Kind.TURNED_YELLOW, world.target, None, NOON)) == {"reporter", "other_reporter", "lead"}
    world.target.parties[0].role = Role.SUPPORTING
    assert heard(record(Kind.TURNED_YELLOW, world.target, None, NOON)) == {"reporter", "lead"}


def test_a_target_given_to_another_unit_is_told_at_once_to_both(world: World) -> None:
    names = {"before": {"unit": world.other_unit.name}, "after": {"unit": world.unit.name}}
    moved = record(Kind.TARGET_CHANGED, world.target, world.office.id, NOON, **names)
    edited = record(Kind.TARGET_CHANGED, world.target, world.office.id, NOON, after={"target_value": 120})

    assert heard(moved) == {"reporter", "other_reporter", "lead"}
    assert audience.is_urgent(moved)
    assert not audience.is_urgent(edited)


def test_a_schedule_goes_to_who_decides_and_the_answer_to_who_asked(world: World) -> None:
    version = ScheduleVersion(
        target=world.target, no=1, live_key=world.target.id, curve="linear", reason="停产", target_value=90,
        asked_by_id=world.other_lead.id, asked_at=NOON,
    )  # fmt: skip
    db.session.add(version)
    db.session.flush()

    asked = record(Kind.SCHEDULE_ASKED, world.target, world.other_lead.id, NOON, schedule=version.id)
    refused = record(Kind.SCHEDULE_REFUSED, world.target, world.office.id, NOON, schedule=version.id)
    assert heard(asked) == {"office"}
    assert heard(refused) == {"reporter", "lead", "other_lead"}


def test_technical_trouble_is_for_office_and_administrator_in_the_inbox_alone(world: World) -> None:
    for kind in (Kind.DELIVERY_FAILED, Kind.CHANNEL_OPENED, Kind.CHANNEL_RECOVERED, Kind.SWEEP_LATE):
        event = record(kind, "channel", None, NOON, after={"name": "电子邮件", "why": "连接超时"})
        assert heard(event) == {"office", "system_admin"}
        assert audience.is_inbox_only(event)


@pytest.mark.parametrize(
    ("copied", "who"),
    [(0, {"reporter"}), (1, {"reporter", "lead", "office"}), (2, {"reporter", "lead", "office", "leader"})],
)
def test_reminders_climb(world: World, copied: int, who: set[str]) -> None:
    by_unit = record(Kind.REPORT_REMINDED, world.unit, None, NOON, words="说", copied=copied, groups=[world.group.id])
    by_task = record(Kind.MILESTONE_REMINDED, world.task, None, NOON, words="说", copied=copied)

    assert heard(by_unit) == who
    assert heard(by_task) == who


def test_three_hundred_changes_are_a_message_of_bounded_length(world: World) -> None:
    from tests.world import make_target

    targets = [make_target(world.campaign, world.group, world.unit) for _ in range(100)]
    events = [record(kind, t, None, NOON, after={}) for t in targets for kind in (Kind.TARGET_CREATED,)]
    events += [record(Kind.TASK_CHANGED, world.task, None, NOON, after={"no": str(n)}) for n in range(100)]
    db.session.flush()
    subject, body = messages.compose(events, messages.subjects(events), "https://x")

    assert subject == "100 项新设目标，1 项任务调整"
    assert body.count("\n· ") == 32
    assert "· 另有 70 项，请登录后在工作清单和站内消息中查看。" in body


def test_a_unit_with_a_mailbox_gets_one_digest_a_week(world: World) -> None:
    world.unit.email = "shangtang@example.invalid"
    new_item(world, due_on=MONDAY)
    db.session.commit()
    at = clock.at(MONDAY, 8, 7)

    assert unit_digest.run(MONDAY, at) == {"unit_digests": 1}
    assert unit_digest.run(MONDAY, at) == {"unit_digests": 0}
    assert unit_digest.run(date(2020, 6, 9), clock.at(date(2020, 6, 9), 8, 7)) == {"unit_digests": 0}
    (mail,) = db.session.query(Delivery).all()
    assert (mail.unit_id, mail.address, mail.occasion) == (world.unit.id, "shangtang@example.invalid", "unit_digest")
    assert mail.subject.startswith("上塘本周待办：本周还有 2 项未填报")
    assert "本周填报截止 6月12日 周五 17:00。" in mail.body
    assert f"/targets/{world.target.id}" in mail.body
    assert "督查事项（1 项）" in mail.body
    assert unit_digest.run(date(2020, 6, 15), clock.at(date(2020, 6, 15), 8, 7)) == {"unit_digests": 1}


@pytest.mark.parametrize("why", ["no mailbox", "switched off", "no mail", "a day off", "night"])
def test_no_unit_digest(world: World, why: str) -> None:
    world.unit.email = "" if why == "no mailbox" else "shangtang@example.invalid"
    TellingRule.get().unit_digest = why != "switched off"
    db.session.get_one(Channel, MAIL_ID).is_on = why != "no mail"
    db.session.commit()
    day = date(2020, 6, 7) if why == "a day off" else MONDAY

    assert unit_digest.run(day, clock.at(day, 22 if why == "night" else 8, 7)) == {"unit_digests": 0}
