"""Managing the district: each change is checked, kept, and leaves an event."""

from __future__ import annotations

import re

from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Event, Group, Person, Unit
from tests.world import Web

UNIT = {"name": "小河街道", "short_name": "小河", "kind": "subdistrict", "position": "9", "active": "y"}


def kinds(web: Web) -> list[str]:
    with web.app.app_context():
        return list(db.session.scalars(select(Event.kind).order_by(Event.id)))


def test_a_unit_is_added_with_an_alias_and_its_name_cannot_be_taken_again(web: Web) -> None:
    office = web.as_("office")

    made = office.post("/admin/units/new", data={**UNIT, "alias_lines": "小河办事处"})
    again = office.post("/admin/units/new", data={**UNIT, "name": "小河办事处"})

    assert (made.status_code, again.status_code) == (302, 422)
    assert "已是另一单位的名称或别名" in again.text
    with web.app.app_context():
        assert db.session.scalars(select(Unit).where(Unit.name == "小河街道")).one().aliases[0].name == "小河办事处"
    assert kinds(web) == ["unit_created"]


def test_a_group_is_added_next_in_order_and_its_lead_unit_changes(web: Web) -> None:
    office = web.as_("office")
    group = {"name": "企业服务组", "short_name": "企业服务", "lead_id": web.ids.unit}

    office.post("/admin/groups/new", data=group)
    with web.app.app_context():
        made = db.session.scalars(select(Group).where(Group.name == "企业服务组")).one()
        assert made.no == 3
        made_id = made.id
    office.post(f"/admin/groups/{made_id}", data={**group, "lead_id": web.ids.other_unit})

    with web.app.app_context():
        lead = db.session.get_one(Group, made_id).lead_unit
        assert lead is not None
        assert lead.id == web.ids.other_unit
    assert kinds(web) == ["group_created", "group_changed"]


def test_a_campaign_cannot_end_before_it_begins(web: Web) -> None:
    data = {"name": "攻坚", "starts_on": "2020-06-01", "ends_on": "2020-05-01", "office_name": "专班"}

    answer = web.as_("office").post("/admin/campaign", data=data)

    assert answer.status_code == 422
    assert "不能早于开始日期" in answer.text


def test_a_person_gets_a_one_time_password_once_and_a_seat(web: Web) -> None:
    admin = web.as_("security_admin")
    data = {"login": "Xiaohe", "name": "某某", "form_key": "one"}

    shown = admin.post("/people/new", data=data)
    again = admin.post("/people/new", data=data)
    secret = re.search(r"<code>(.+?)</code>", shown.text).group(1)  # type: ignore[union-attr]
    with web.app.app_context():
        person = db.session.scalars(select(Person).where(Person.login == "xiaohe")).one()
        person_id = person.id
    seat = {"kind": "reporter", "unit_id": web.ids.unit, "group_id": 0, "from_on": "2020-06-01"}
    admin.post(f"/people/{person_id}/seats", data=seat)

    assert again.status_code == 302
    login = web.visitor().post("/login", data={"login": "xiaohe", "password": secret.replace("&amp;", "&")})
    assert login.status_code == 302
    assert kinds(web)[:2] == ["person_created", "seat_given"]


def test_who_opened_the_page_before_another_saved_is_told(web: Web) -> None:
    admin = web.as_("security_admin")
    path, data = f"/people/{web.ids.reporter}", {"name": "新名", "version": "1"}
    admin.post(path, data=data)

    answer = admin.post(path, data={"name": "旧页面", "version": "1"})

    assert answer.status_code == 409
    assert "新名" in answer.text
    assert "旧页面" in answer.text


def test_a_disabled_person_is_out_and_nobody_disables_themselves(web: Web) -> None:
    admin, reporter = web.as_("security_admin"), web.as_("reporter")

    admin.post(f"/people/{web.ids.reporter}/disable")

    assert reporter.get("/today").status_code == 302
    assert admin.post(f"/people/{web.ids.security_admin}/disable").status_code == 403
