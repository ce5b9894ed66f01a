"""一办九组 and the rules are there for everybody who is in."""

from __future__ import annotations

import pytest

from tests.world import Web

EVERYBODY = ["office", "supervisor", "leader", "lead", "reporter", "system_admin", "security_admin", "audit_admin"]


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("path", ["/groups", "/rules"])
def test_every_seat_reads_them(web: Web, who: str, path: str) -> None:
    assert web.as_(who).get(path).status_code == 200


def test_visitors_do_not(web: Web) -> None:
    assert web.visitor().get("/groups").status_code == 302
    assert web.visitor().get("/rules").status_code == 302


def test_a_worklist_is_offered_where_there_is_one_to_see(web: Web) -> None:
    group, other = f"/groups/{web.ids.group}", f"/groups/{web.ids.other_group}"
    assert f"/worklist?group={web.ids.group}" in web.as_("office").get(group).text
    button = '<a class="btn btn-primary" href="/worklist">工作清单</a>'
    assert button in web.as_("lead").get(group).text
    assert 'btn-primary" href="/worklist' not in web.as_("lead").get(other).text
    assert "/worklist" not in web.as_("audit_admin").get(group).text


def test_a_group_that_is_not_there_is_404(web: Web) -> None:
    assert web.as_("office").get("/groups/99999").status_code == 404


def test_the_rules_page_marks_assumptions_and_names_the_presets(web: Web) -> None:
    page = web.as_("reporter").get("/rules").text
    assert "标准规则集" in page and "假设" in page and "三亚" in page
