"""The wall's door and its variants."""

from __future__ import annotations

import pytest

from tests.world import Web


@pytest.mark.parametrize("who", ["office", "supervisor", "leader"])
def test_the_wall_opens_for_leaders_and_those_who_prepare_it(web: Web, who: str) -> None:
    page = web.as_(who).get("/wall").text
    assert "领导一分钟" in page and page.count('class="nine"') == 1


@pytest.mark.parametrize("who", ["lead", "reporter", "audit_admin"])
def test_others_have_no_wall(web: Web, who: str) -> None:
    assert web.as_(who).get("/wall").status_code == 403


def test_the_screen_is_dark_only_when_asked(web: Web) -> None:
    assert 'class="page-wide wall screen"' in web.as_("leader").get("/wall?screen=1").text
    assert 'class="page-wide wall"' in web.as_("leader").get("/wall").text
