"""The loop turns, in a real browser: a figure reported on a phone reaches a named person."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import Site

pytestmark = pytest.mark.journey
PHONE, DESKTOP = {"width": 375, "height": 812}, {"width": 1440, "height": 900}
PAGES = {
    "bangongshi": (
        "/today",
        "/worklist",
        "/targets",
        "/tasks",
        "/groups",
        "/inbox",
        "/jobs",
        "/admin/",
        "/imports/tasks",
        "/items?view=proposed",
        "/items/31",
        "/slips/3",
        "/appeals",
        "/channels",
        "/channels/new?kind=dingtalk",
        "/channels/2",
        "/channels/3/edit",
        "/deliveries",
        "/deliveries?channel=1",
        "/deliveries/1",
        "/announcements/",
        "/announcements/new",
        "/telling",
        "/settings/messages",
        "/admin/workdays/",
        "/admin/health",
    ),
    "ducha": ("/desk", "/items", "/items/new", "/items/19", "/items/19/return", "/items/measures"),
    "lingdao": ("/wall", "/items?view=oldest"),
    "shangtang": ("/today", "/worklist", "/targets/2", "/feedback", "/items", "/inbox", "/settings/messages"),
    "anquan": ("/people/", "/people/20/messages"),
    "xitong": ("/today", "/channels", "/deliveries", "/admin/health"),
    "shenji": ("/audit",),
}


def enter(browser: Any, site: Site, login: str, size: dict[str, int]) -> Any:
    """A page of somebody who came in by clicking a demonstration account."""
    page = browser.new_context(viewport=size).new_page()
    page.goto(site.base + "/login")
    page.locator(f"form:has(input[name=login][value={login}]) button").click()
    page.wait_for_url(re.compile("/(today|wall)$"))
    return page


def rows(site: Site, query: str) -> list[Any]:
    with sqlite3.connect(Path(site.environ["TASKBOARD_VAR"]) / "taskboard.db") as connection:
        return connection.execute(query).fetchall()


def test_a_low_figure_typed_on_a_phone_reaches_the_lead_and_the_desk(browser: Any, site: Site) -> None:
    phone = enter(browser, site, "shangtang", PHONE)
    phone.goto(site.base + "/worklist?view=owed&light=green")
    line = phone.locator("tr:has(a[data-row-form][href*='/targets/'])").first
    row_id = line.get_attribute("id")
    commitment = int(re.search(r"\d+", row_id).group())  # type: ignore[union-attr]
    before = rows(site, f"select count(*) from report where commitment_id = {commitment}")[0][0]

    line.locator("a[data-row-form]").click()
    form = phone.locator("form[action*=report]")
    form.locator("[name=value]").fill("1")
    form.locator("[name=done]").fill("本周因停工未推进")
    form.locator("button[type=submit], button.btn-primary").first.dblclick()
    explanation = phone.locator("form[action*=report] [name=explanation]")  # a figure that falls is asked about
    explanation.fill("此前误报，已核实更正")
    phone.locator("form[action*=report] button.btn-primary").first.dblclick()
    phone.locator(f"#{row_id} >> text=红").first.wait_for()

    assert rows(site, f"select count(*) from report where commitment_id = {commitment}")[0][0] == before + 1
    phone.locator(f"#{row_id} summary").first.click()
    assert "故为红灯" in phone.locator(f"#{row_id}").inner_text()

    site.run("sweep")
    site.run("notify")
    (group_no, title) = rows(
        site,
        f'select g.no, c.title from commitment c join "group" g on g.id = c.group_id where c.id = {commitment}',
    )[0]
    lead = enter(browser, site, f"zuzhang{group_no}", DESKTOP)
    lead.goto(site.base + "/inbox")
    assert title in lead.locator("main").inner_text()
    desk = enter(browser, site, "ducha", DESKTOP)
    desk.goto(site.base + f"/desk?q={title}")
    assert "告知" in desk.locator("main").inner_text()
    told = rows(
        site,
        "select p.login from notice n join person p on p.id = n.person_id join event e on e.id = n.event_id "
        f"where e.subject_id = {commitment} and e.kind = 'turned_red' and n.channel_id = 2 "
        f"and e.id = (select max(id) from event where subject_id = {commitment} and kind = 'turned_red')",
    )
    assert ("shangtang",) not in told
    assert ("bangongshi",) in told


@pytest.mark.parametrize("login", PAGES)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_page_is_hard_to_use_and_none_overflows(browser: Any, site: Site, login: str, size: dict[str, int]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = enter(browser, site, login, size)
    for path in PAGES[login]:
        page.goto(site.base + path)
        found = Axe().run(page).response["violations"]
        serious = [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found if v["impact"] in ("serious", "critical")]
        assert not serious, (path, serious)
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) <= 0, path
