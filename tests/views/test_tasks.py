"""Tasks: detail, milestones, and setting them up."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Milestone, Task
from tests.world import Web


def typed(web: Web, **more: Any) -> dict[str, Any]:
    return {
        "group": web.ids.group, "unit": web.ids.unit, "title": "地铁上盖", "detail": "完成主体", "no": "7",
        "starts_on": "2020-04-01", "ends_on": "2020-06-30", "supporting": [str(web.ids.other_unit)],
        "milestones": "2020-05-20 完成 招标 20\n2020-06-20 竣工", "version": "1", **more,
    }  # fmt: skip


def milestones(web: Web) -> list[Milestone]:
    with web.app.app_context():
        return list(db.session.scalars(select(Milestone).order_by(Milestone.due_on)))


def test_a_task_has_milestones_that_are_completed_one_by_one(web: Web) -> None:
    client = web.as_("lead")
    where = client.post("/tasks/new", data=typed(web)).location
    first, second = milestones(web)
    assert [(m.name, m.weight) for m in (first, second)] == [("完成 招标", 20), ("竣工", 1)]
    assert "逾期 16 天" in client.get(where).text

    done = client.post(f"{where}/milestones/{first.id}/done", follow_redirects=True)

    assert "已完成" in done.text and milestones(web)[0].done_on is not None
    assert client.post(f"{where}/milestones/{first.id}/done").status_code == 409
    assert client.post(f"/tasks/{web.ids.task}/milestones/{second.id}/done").status_code == 404


def test_an_edit_keeps_what_was_done(web: Web) -> None:
    client = web.as_("lead")
    where = client.post("/tasks/new", data=typed(web)).location
    client.post(f"{where}/milestones/{milestones(web)[0].id}/done")

    changed = typed(web, milestones="2020-05-25 完成 招标 30\n2020-06-25 验收 5")
    assert client.post(f"{where}/edit", data=changed).status_code == 302

    assert [(m.name, m.weight, m.done_on is None) for m in milestones(web)] == [
        ("完成 招标", 30, False),
        ("验收", 5, True),
    ]


def test_a_supporting_unit_sees_the_task_and_does_not_report_it(web: Web) -> None:
    where = web.as_("lead").post("/tasks/new", data=typed(web)).location
    client = web.as_("other_reporter")

    page = client.get(where)
    assert page.status_code == 200 and "填报</a>" not in page.text
    assert "地铁上盖" in client.get("/tasks").text
    assert "地铁上盖" not in client.get("/worklist").text
    assert client.get(f"{where}/report").status_code == 404


def test_a_task_is_found_by_its_number(web: Web) -> None:
    web.as_("lead").post("/tasks/new", data=typed(web, no="GS-2020-007"))

    assert "地铁上盖" in web.as_("office").get("/search?q=gs-2020-007").text
    with web.app.app_context():
        assert len(db.session.scalars(select(Task)).all()) == 2
