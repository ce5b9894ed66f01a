"""The desk's door: who may come in, and what leaves as a workbook."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Commitment, Event, Kind, Section, tally
from tests.world import Web


@pytest.mark.parametrize("who", ["office", "supervisor", "leader"])
def test_those_who_watch_over_all_come_in(web: Web, who: str) -> None:
    assert "督查台" in web.as_(who).get("/desk").text


@pytest.mark.parametrize("who", ["lead", "reporter", "system_admin", "security_admin", "audit_admin"])
@pytest.mark.parametrize("path", ["/desk", "/desk.xlsx"])
def test_others_do_not(web: Web, who: str, path: str) -> None:
    assert web.as_(who).get(path).status_code == 403


def test_nonsense_in_the_address_is_left_aside(web: Web) -> None:
    address = "/desk?view=x&group=%00&unit=99999999999999&sort=;&page=-1&light=pink&q=%25"
    assert web.as_("office").get(address).status_code == 200


def test_the_workbook_holds_the_rows_of_the_page_and_leaves_a_record(web: Web) -> None:
    with web.app.app_context():
        target = db.session.get_one(Commitment, web.ids.target)
        target.light, target.section = "red", Section.RED
        db.session.flush()
        tally.rebuild()
        db.session.commit()
    answer = web.as_("supervisor").get("/desk.xlsx?view=red")
    rows = list(load_workbook(BytesIO(answer.data)).active.values)
    assert rows[1][3] == "规上工业增加值" and rows[1][6] == "上塘街道"
    assert web.as_("supervisor").get("/desk?view=red").text.count('<tr id="row-') == 1
    with web.app.app_context():
        exported = db.session.scalars(select(Event).where(Event.kind == Kind.EXPORTED.key)).one()
        assert exported.payload["after"]["view"] == "red"
