"""Where a day begins."""

from __future__ import annotations

import pytest

from tests.world import Web


def test_the_door_leads_leaders_to_the_wall_and_others_to_their_day(web: Web) -> None:
    assert web.as_("leader").get("/").location == "/wall"
    assert web.as_("reporter").get("/").location == "/today"
    assert "/login" in web.visitor().get("/").location


@pytest.mark.parametrize(
    "who",
    [
        "office",
        "supervisor",
        "leader",
        "lead",
        "reporter",
        "other_reporter",
        "system_admin",
        "security_admin",
        "audit_admin",
    ],
)
def test_everybody_has_a_day(web: Web, who: str) -> None:
    answer = web.as_(who).get("/today")
    assert answer.status_code == 200 and "今日已办" in answer.text


def test_a_reporter_can_report_from_it_and_is_told_the_next_due(web: Web) -> None:
    assert f"/targets/{web.ids.target}/report" in web.as_("reporter").get("/today").text
    assert "下一次填报截止：6月5日 周五 17:00" in web.as_("other_reporter").get("/today").text
