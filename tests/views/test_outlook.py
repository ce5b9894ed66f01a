"""能否达成: the outlook page, its what-if, supports; the report form's questions; divergences on the wall."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Commitment, Event, Indicator, Report, Support, Target
from taskboard.models.reporting import Filing, file_report
from tests.world import MONDAY, NOON, Web

WEEK = timedelta(days=7)


@pytest.fixture
def told(web: Web) -> Web:
    """Six weeks of reports, 5 万元 a week."""
    with web.app.app_context():
        target = db.session.get_one(Target, web.ids.target)
        for n in range(6):
            filing = Filing(week=MONDAY - WEEK * (5 - n), value=Decimal(40 + 5 * n), done="进展")
            file_report(target, filing, web.ids.reporter, NOON)
        db.session.commit()
    return web


def post(web: Web, who: str, url: str, **form: Any) -> Any:
    return web.as_(who).post(url, data=form, content_type="multipart/form-data")


def test_the_page_says_pace_needed_beside_the_best_and_where_it_lands(told: Web) -> None:
    text = told.as_("lead").get(f"/targets/{told.ids.target}/outlook").text

    assert "近四周平均 5" in text and "最好一周 5" in text and "落在" in text
    assert "回测" in text
    assert "能否达成" in told.as_("lead").get(f"/targets/{told.ids.target}").text
    assert told.as_("other_reporter").get(f"/targets/{told.ids.target}/outlook").status_code == 404


def test_a_support_that_comes_too_late_drops_out_of_the_what_if(told: Web) -> None:
    url = f"/targets/{told.ids.target}"
    assert (
        post(told, "reporter", f"{url}/supports", name="恒隆广场开业", amount="20", due_on="2020-06-19").status_code
        == 302
    )
    page = told.as_("leader").get(f"{url}/outlook").text
    assert "计入支撑项目 20" in page
    later = told.as_("leader").get(f"{url}/outlook?support=1&weeks=2&pace=1.0").text
    assert later.count("落在") > page.count("落在")
    assert told.as_("leader").get(f"{url}/outlook?support=99&weeks=2").status_code == 200
    assert told.as_("leader").get(f"{url}/outlook?support=x&weeks=-3&pace=abc").status_code == 200

    assert post(told, "reporter", f"{url}/supports/1/happen").status_code == 302
    assert "计入支撑项目" not in told.as_("leader").get(f"{url}/outlook").text
    with told.app.app_context():
        assert db.session.scalars(select(Support.happened_on)).one() == date(2020, 6, 5)
        assert len(db.session.scalars(select(Event).where(Event.kind == "support_changed")).all()) == 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [({"due_on": "2020-12-01"}, "不在目标期间"), ({"name": " "}, "请填写项目名称"), ({"amount": "多"}, "不是数字")],
)
def test_a_support_that_cannot_be_is_refused_with_what_was_typed(told: Web, typed: dict[str, str], said: str) -> None:
    form = {"name": "恒隆广场开业", "amount": "20", "due_on": "2020-06-19", **typed}
    answer = post(told, "reporter", f"/targets/{told.ids.target}/supports", **form)

    assert answer.status_code == 422 and said in answer.text
    assert post(told, "supervisor", f"/targets/{told.ids.target}/supports", **form).status_code == 403


def test_a_growth_rate_has_no_outlook(web: Web) -> None:
    with web.app.app_context():
        db.session.get_one(Target, web.ids.target).rule_kind = "growth"
        db.session.scalars(select(Indicator)).one().kind = "growth"
        db.session.commit()

    assert web.as_("lead").get(f"/targets/{web.ids.target}/outlook").status_code == 404
    assert "能否达成" not in web.as_("lead").get(f"/targets/{web.ids.target}").text


def test_the_form_asks_about_a_slip_of_the_unit_and_takes_it_with_a_reason(told: Web) -> None:
    url = f"/targets/{told.ids.target}/report"
    with told.app.app_context():
        last = db.session.scalars(select(Report.id).where(Report.live_key == f"{told.ids.target}:{MONDAY}")).one()
    form = {"week": MONDAY.isoformat(), "value": "650000", "done": "本周推进", "replaces": str(last)}
    asked = post(told, "reporter", url, **form)
    assert asked.status_code == 422
    assert "核对说明" in asked.text and "本周推进" in asked.text and "万" in asked.text

    assert post(told, "reporter", url, **form, explanation="并表调整").status_code == 302
    with told.app.app_context():
        kept = db.session.scalars(select(Report).order_by(Report.id.desc())).first()
        assert kept is not None and (kept.value, kept.explanation) == (650000, "并表调整")


def test_a_ratio_is_reckoned_from_its_parts(web: Web) -> None:
    with web.app.app_context():
        target = db.session.get_one(Target, web.ids.target)
        target.rule_kind, target.indicator.kind, target.measure = "growth", "ratio", "%"
        target.target_value = Decimal(95)
        db.session.commit()
    url = f"/targets/{web.ids.target}/report"
    form = {"week": MONDAY.isoformat(), "done": "达标", "numerator": "187", "denominator": "200"}
    assert "分母" in post(web, "reporter", url, **{**form, "denominator": "0"}).text
    assert post(web, "reporter", url, **form).status_code == 302
    with web.app.app_context():
        report = db.session.scalars(select(Report)).one()
        assert (report.value, report.numerator, report.denominator) == (Decimal("93.5"), 187, 200)


def test_doubts_beside_a_green_light_are_first_on_the_wall(web: Web) -> None:
    url = f"/targets/{web.ids.target}/report"
    form = {"week": MONDAY.isoformat(), "value": "90", "done": "推进", "confidence": "1"}
    assert "困难在哪里" in post(web, "reporter", url, **form).text
    assert post(web, "reporter", url, **form, confidence_note="用地未落实").status_code == 302
    page = web.as_("leader").get("/wall").text

    assert page.index("信心背离") < page.index("本周变灯")
    assert "难以完成" in page
    with web.app.app_context():
        assert db.session.get_one(Commitment, web.ids.target).light == "green"


def test_a_decline_that_narrows_is_called_so_and_a_list_says_which_vintage_it_shows(web: Web) -> None:
    with web.app.app_context():
        target = db.session.get_one(Target, web.ids.target)
        target.rule_kind, target.indicator.kind, target.measure = "growth", "growth", "%"
        target.target_value, target.start_value = Decimal(-1), Decimal("-5.3")
        for week, value, vintage in ((MONDAY - WEEK, "-5.3", "preliminary"), (MONDAY, "-2.1", "forecast")):
            filing = Filing(week=week, value=Decimal(value), done="进展", vintage=vintage)
            file_report(target, filing, web.ids.reporter, NOON)
        db.session.commit()

    assert "降幅收窄 3.2" in web.as_("lead").get(f"/targets/{web.ids.target}").text
    assert "预计" in web.as_("lead").get("/worklist").text
