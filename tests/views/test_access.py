"""Who may what: every page against every seat, and what a seat may not see does not exist."""

from __future__ import annotations

import re

import pytest

from taskboard.db import db
from taskboard.models import Person
from taskboard.rules.access import GRANTS, SeatKind
from tests.world import Web

CAST = {
    "office": SeatKind.OFFICE,
    "supervisor": SeatKind.SUPERVISOR,
    "leader": SeatKind.LEADER,
    "lead": SeatKind.GROUP_LEAD,
    "reporter": SeatKind.REPORTER,
    "system_admin": SeatKind.SYSTEM_ADMIN,
    "security_admin": SeatKind.SECURITY_ADMIN,
    "audit_admin": SeatKind.AUDIT_ADMIN,
}


@pytest.mark.parametrize("who", CAST)
def test_every_page_opens_exactly_for_the_seats_that_the_table_names(web: Web, who: str) -> None:
    client = web.as_(who)
    for rule in web.app.url_map.iter_rules():
        permission = getattr(web.app.view_functions[rule.endpoint], "permission", None)
        if "GET" not in (rule.methods or ()) or rule.arguments or permission is None:
            continue
        expected = {200, 302} if permission in GRANTS[CAST[who]] else {403}
        assert client.get(rule.rule).status_code in expected, (who, rule.rule)


@pytest.mark.parametrize("who", CAST)
def test_no_deed_is_done_by_a_seat_without_the_permission(web: Web, who: str) -> None:
    client = web.as_(who)
    for rule in web.app.url_map.iter_rules():
        permission = getattr(web.app.view_functions[rule.endpoint], "permission", None)
        if "POST" not in (rule.methods or ()) or permission is None or permission in GRANTS[CAST[who]]:
            continue
        path = re.sub(r"<any\((\w+),.*?>", r"\1", rule.rule)
        path = re.sub(r"<int.*?>", "1", path)
        assert client.post(path).status_code == 403, (who, path)


@pytest.mark.parametrize("page", ["", "/edit", "/report"])
def test_another_groups_target_does_not_exist(web: Web, page: str) -> None:
    path = f"/targets/{web.ids.target}{page}"

    assert web.as_("lead").get(path).status_code == 200
    assert web.as_("other_lead").get(path).status_code == 404
    assert web.as_("other_reporter").get(path).status_code == (403 if page == "/edit" else 404)


def test_a_person_without_a_seat_sees_nothing(web: Web) -> None:
    with web.app.app_context():
        person = Person(login="none", name="无岗位", must_change_password=False)
        db.session.add(person)
        db.session.commit()
        web.ids.nobody = person.id

    assert web.as_("nobody").get("/today").status_code == 403


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30])
def test_a_number_that_no_database_holds_is_not_found(web: Web, number: int) -> None:
    for path in (
        "/targets/{}",
        "/tasks/{}",
        "/groups/{}",
        "/attachments/{}",
        "/channels/{}",
        "/deliveries/{}",
        "/announcements/{}",
    ):
        assert web.as_("office").get(path.format(number)).status_code == 404, path
    assert web.as_("security_admin").get(f"/people/{number}").status_code == 404
    assert web.as_("office").get(f"/admin/units/{number}").status_code == 404
