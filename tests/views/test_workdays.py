"""工作日: a year is seen, pasted, previewed, entered and taken back; what is missing is said."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from taskboard.db import db
from taskboard.models import CalendarOverride, Event, Installation
from tests.world import Web

LINES = "2021-02-20 上班 防汛\n2021-03-01 至 2021-03-02 放假 本区安排"
MISSING = "2027 年调休安排尚未录入"


def entered(web: Web) -> dict[date, bool]:
    with web.app.app_context():
        return CalendarOverride.all()


def on(web: Web, day: date) -> None:
    with web.app.app_context():
        row = db.session.get_one(Installation, 1)
        row.demo_day = day
        db.session.commit()


def test_a_year_shows_its_holidays_and_the_saturdays_that_pay_for_them(web: Web) -> None:
    page = web.as_("office").get("/admin/workdays/?year=2020").text

    assert "全年 249 个工作日" in page
    assert 'title="放假 端午节">25<small>休</small>' in page
    assert 'title="调休上班">28<small>班</small>' in page


def test_lines_are_previewed_then_entered_all_or_none(web: Web) -> None:
    office = web.as_("office")

    wrong = office.post("/admin/workdays/preview", data={"lines": LINES + "\n3月3日 放假"})
    forced = office.post("/admin/workdays/enter", data={"lines": LINES + "\n3月3日 放假"})
    preview = office.post("/admin/workdays/preview", data={"lines": LINES})
    assert (wrong.status_code, forced.status_code, preview.status_code, entered(web)) == (422, 422, 200, {})
    assert "行首不是完整的日期" in wrong.text
    office.post("/admin/workdays/enter", data={"lines": LINES})

    assert entered(web) == {date(2021, 2, 20): True, date(2021, 3, 1): False, date(2021, 3, 2): False}
    assert 'class="off own" title="放假 本区安排，专班办公室录入"' in office.get("/admin/workdays/?year=2021").text
    again = office.post("/admin/workdays/preview", data={"lines": LINES}).text
    assert "其中 0 天有变化" in again


def test_a_day_is_changed_and_taken_back(web: Web) -> None:
    office = web.as_("office")
    office.post("/admin/workdays/", data={"day": "2020-06-13", "is_workday": "1", "name": "防汛"})
    office.post("/admin/workdays/", data={"day": "2020-06-13", "is_workday": "0", "name": "改回"})
    assert entered(web) == {date(2020, 6, 13): False}

    first = office.post("/admin/workdays/2020-06-13/drop")
    again = office.post("/admin/workdays/2020-06-13/drop")

    assert (first.status_code, again.status_code, entered(web)) == (302, 409, {})
    assert office.post("/admin/workdays/not-a-day/drop").status_code == 404
    with web.app.app_context():
        assert db.session.scalars(select(Event.kind)).all() == ["calendar_changed"] * 3


def test_the_office_is_told_from_october_on_what_is_missing(web: Web) -> None:
    office = web.as_("office")
    on(web, date(2026, 9, 30))
    assert MISSING not in office.get("/today").text

    on(web, date(2026, 10, 9))
    for path in ("/today", "/admin/", "/admin/workdays/"):
        assert MISSING in office.get(path).text, path
    assert MISSING not in web.as_("reporter").get("/today").text
    office.post("/admin/workdays/enter", data={"lines": "2027-02-05 至 2027-02-11 放假 春节\n2027-02-14 上班"})

    assert MISSING not in office.get("/today").text
