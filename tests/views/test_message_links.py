"""The links in messages: through the login to exactly that page, 404 where the reader may not see, and never a deed."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, select, text

from taskboard import clock
from taskboard.alerts import messages
from taskboard.alerts.table import TOLD
from taskboard.db import Base, db
from taskboard.models import Event, Kind, Person, Seat, password
from tests.alerts.test_audience import sample
from tests.world import MONDAY, PASSWORD, Web, World, build

BASE = "https://board.example.invalid"
# What looking at a page may write: the session that lives on.
NOT_BUSINESS = {"web_session", "form_key"}


@pytest.fixture
def linked(web_app: Any) -> tuple[Web, dict[str, str]]:
    """The cast, and the link that a message of each kind carries."""
    with web_app.app_context():
        world: World = build()
        events = {key: sample(world, Kind.of(key)) for key in TOLD}
        db.session.flush()
        about = messages.subjects(list(events.values()))
        bodies = {key: messages.compose([event], about, BASE)[1] for key, event in events.items()}
        person = db.session.get_one(Person, world.reporter.id)
        password.set_password(person, PASSWORD, clock.real_now())
        db.session.commit()
        found = {key: re.findall(rf"^  {BASE}(\S+)$", body, re.M) for key, body in bodies.items()}
        return Web(web_app, world.ids()), {key: paths[0] for key, paths in found.items() if paths}


def rows(web: Web) -> dict[str, Any]:
    """How many rows every table has, and a digest of the ones that people change."""
    with web.app.app_context():
        tables = [table for table in Base.metadata.sorted_tables if table.name not in NOT_BUSINESS]
        counts = {table.name: db.session.scalar(select(func.count()).select_from(table)) for table in tables}
        for name in ("item", "commitment", "delivery", "report", "slip"):
            found = db.session.execute(text(f"SELECT * FROM {name} ORDER BY id"))
            counts[f"{name} rows"] = [tuple(row) for row in found]
        return counts


def test_every_kind_has_a_link_but_the_complaint_that_has_no_page(linked: tuple[Web, dict[str, str]]) -> None:
    without = TOLD.keys() - linked[1].keys()
    assert without <= {"feedback_given", "sweep_late"}  # the samples have no subject with a page


def test_a_visitor_who_follows_a_link_logs_in_and_lands_on_that_page(linked: tuple[Web, dict[str, str]]) -> None:
    web, links = linked
    for path in sorted({links[key] for key in ("turned_red", "item_assign", "report_reminded", "task_created")}):
        client = web.visitor()
        asked = client.get(path)
        assert asked.status_code == 302
        assert asked.location.startswith("/login?next=/")
        kept = re.search(r'name="next"[^>]*value="([^"]*)"', client.get(asked.location).text)
        assert kept is not None
        answer = client.post("/login", data={"login": "reporter", "password": PASSWORD, "next": unescape(kept[1])})
        assert answer.location == path
        assert client.get(path).status_code == 200


def test_what_the_reader_may_not_see_does_not_exist(linked: tuple[Web, dict[str, str]]) -> None:
    web, links = linked
    stranger = web.as_("other_reporter")
    for key in ("turned_red", "item_assign", "task_created", "schedule_refused"):
        assert stranger.get(links[key]).status_code == 404, key
        assert web.as_("reporter").get(links[key]).status_code == 200, key


def test_opening_a_message_changes_nothing(linked: tuple[Web, dict[str, str]]) -> None:
    web, links = linked
    before = rows(web)
    for who in ("office", "supervisor", "leader", "lead", "reporter", "system_admin"):
        client = web.as_(who)
        for path in sorted(set(links.values())):
            client.get(path)
            client.head(path)
    after = rows(web)
    with web.app.app_context():
        refused = db.session.scalar(select(func.count()).select_from(Event).where(Event.kind == "access_refused")) or 0

    before["event"] += refused
    before["chain_head"] = after["chain_head"]
    assert {name for name in before if before[name] != after[name]} == set()


def test_a_password_too_old_is_changed_on_the_way_and_the_page_not_forgotten(
    linked: tuple[Web, dict[str, str]],
) -> None:
    web, links = linked
    with web.app.app_context():
        db.session.get_one(Person, web.ids.reporter).must_change_password = True
        db.session.commit()
    client = web.as_("reporter")

    asked = client.get(links["turned_red"])
    assert asked.location.startswith("/password?next=")
    form = {"current": PASSWORD, "new": "Xin-Mima-2026", "again": "Xin-Mima-2026"}
    assert client.post(asked.location, data=form).location == links["turned_red"]
    assert client.get("/password?next=https://elsewhere.invalid").status_code == 200


def test_somebody_with_two_seats_is_told_that_another_seat_may_see_it(linked: tuple[Web, dict[str, str]]) -> None:
    web, _ = linked
    with web.app.app_context():
        person = db.session.get_one(Person, web.ids.reporter)
        person.seats.append(Seat(kind="leader", from_on=MONDAY))
        db.session.commit()

    assert "请在右上角切换岗位" in web.as_("reporter").get("/items/9999").get_data(as_text=True)
    assert "切换岗位后再打开" not in web.as_("lead").get("/items/9999").get_data(as_text=True)
