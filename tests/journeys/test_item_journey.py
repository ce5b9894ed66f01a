"""An item walks from a phone to its closure, in a real browser, through the hands of three people."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.journeys.conftest import Site
from tests.journeys.test_report_journey import DESKTOP, PHONE, enter, rows

pytestmark = pytest.mark.journey
WAITING = (
    "select i.id, p.login from item i join seat s on s.unit_id = i.unit_id join person p on p.id = s.person_id "
    "where i.state = 'assigned' and i.source <> 'red' order by i.id desc limit 1"
)


def state(site: Site, item: int) -> str:
    found: str = rows(site, f"select state from item where id = {item}")[0][0]
    return found


def deed(page: Any, site: Site, item: int, verb: str, **typed: str) -> None:
    """Open the form of a deed from the item's page, fill it in and send it."""
    page.goto(f"{site.base}/items/{item}")
    page.locator(f"main a[href$='/items/{item}/{verb}']").first.click()
    for name, value in typed.items():
        page.locator(f"form [name={name}]").fill(value)
    page.locator("main form .form-foot button").click()
    if page.locator("#ask[open]").count():
        page.locator("#ask [value=yes]").click()
    page.wait_for_url(f"{site.base}/items/{item}")


def test_an_item_is_signed_on_a_phone_and_closed_by_somebody_else(browser: Any, site: Site) -> None:
    item, login = rows(site, WAITING)[0]
    phone = enter(browser, site, login, PHONE)
    phone.goto(site.base + "/items?view=unsigned")
    phone.locator(f"#row-{item} a[data-row-form]").click()
    phone.locator("tr.row-form button.btn-primary").dblclick()
    phone.locator(f"#row-{item} >> text=办理中").wait_for()
    assert rows(
        site, f"select count(*) from event where subject_type='item' and kind='item_sign' and subject_id={item}"
    )[0] == (1,)

    deed(phone, site, item, "submit", text="问题已逐项解决", figure="涉及 6 家，全部解决")
    assert state(site, item) == "submitted"
    supervisor = enter(browser, site, "ducha", DESKTOP)
    deed(supervisor, site, item, "request_closure", text="问题已解决，佐证充分")
    office = enter(browser, site, "bangongshi", DESKTOP)
    deed(office, site, item, "close")
    assert state(site, item) == "closed"
    office.goto(f"{site.base}/items/{item}")
    assert "准予销号" in office.locator("main").inner_text()


def test_many_are_urged_at_once_after_a_page_that_names_them(browser: Any, site: Site) -> None:
    desk = enter(browser, site, "ducha", DESKTOP)
    desk.goto(site.base + "/items?view=silent")
    assert desk.locator(".bulk-bar").is_hidden()
    for place in (0, 1):
        desk.locator("tbody input[name=item]").nth(place).check()
    assert desk.locator(".bulk-bar [data-count]").inner_text() == "2"
    before = rows(site, "select count(*) from event where kind = 'item_urge'")[0][0]
    desk.locator(".bulk-bar button[value=urge]").click()
    desk.locator("main form .form-foot button").click()
    desk.locator(".flash >> text=催办已办理 2 项").wait_for()

    assert rows(site, "select count(*) from event where kind = 'item_urge'")[0][0] == before + 2


def test_the_clock_moves_the_items(browser: Any, site: Site) -> None:
    """The office steps the day, the sweep follows: something becomes overdue, something is proposed."""
    office = enter(browser, site, "bangongshi", DESKTOP)
    overdue = "select count(*) from item where band = 0"
    seen = [rows(site, overdue)[0][0]]
    for _ in range(3):
        office.goto(site.base + "/items")
        office.locator(".clock button[value='1']").click()
        site.run("sweep")
        seen.append(rows(site, overdue)[0][0])

    assert seen[-1] > seen[0]
    office.goto(site.base + "/items?view=overdue")
    assert f"逾期 {seen[-1]}" in office.locator("main").inner_text().replace("\n", " ")


def test_the_ledger_is_downloaded_by_its_link(browser: Any, site: Site) -> None:
    desk = enter(browser, site, "ducha", DESKTOP)
    desk.goto(site.base + "/items?view=all")
    with desk.expect_download() as waited:
        desk.get_by_role("link", name="导出表格").click()
    assert waited.value.suggested_filename.startswith("督查事项台账")
    assert load_workbook(io.BytesIO(waited.value.path().read_bytes())).active.max_row > 40
