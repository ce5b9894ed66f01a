"""The page 外部评价: where we stand, whether we moved, our own targets beside it; in a flat number of statements."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

from openpyxl import load_workbook
from sqlalchemy import select

from taskboard.boards.rank_chart import Point, rank_chart
from taskboard.db import db
from taskboard.models import Evaluation, Target
from taskboard.models.evaluating import publish
from taskboard.models.evaluation import live_scores
from taskboard.rules.evaluation import Overall, Period, Score
from tests.views.test_worklist import counted
from tests.world import NOON, Web

MOST_STATEMENTS = 10


def fill(web: Web, months: int = 2, indicators: int = 2) -> None:
    """Months up to April, ranks falling from 7 to 5 by the end; the first indicator is our own."""
    with web.app.app_context():
        series = Evaluation(name="MEI", dimensions=2, indicators=indicators, of_province=90, of_city=13)
        db.session.add(series)
        db.session.flush()
        own = db.session.get_one(Target, web.ids.target).indicator_id
        for number in range(months):
            back = months - 1 - number
            year, month = 2020 - (back > 3) * ((back - 4) // 12 + 1), (3 - back) % 12 + 1
            period = Period.of_months(year, month, month)
            published = date(2020, 5, 18) if back == 0 else period.ends_on
            overall = Overall(period, published, "优+", 5 + 2 * min(back, 30), 3, illustrative=back > 0)
            publish(series, overall, None, web.ids.office, NOON)
            for place in range(indicators):
                linked = own if place == 0 else None
                score = Score(period, f"维度{place % 2}", f"指标{place}", Decimal(place), "%", 9 + back, 4, linked)
                publish(series, score, None, web.ids.office, NOON, place)
        db.session.commit()


def test_the_page_answers_where_we_stand_and_whether_we_moved(web: Web) -> None:
    fill(web)

    page = web.as_("leader").get("/evaluations").text

    assert "2020年4月全省第 5 位、全市第 3 位，评级优+；比2020年3月（示例）全省上升 2 位、全市持平" in page
    assert 'aria-label="各期位次。2020年3月（示例）全省第 7 位、全市第 3 位；2020年4月全省第 5 位、全市第 3 位"' in page
    assert "上升 1 位" in page and "维度0" in page
    assert f'href="/targets/{web.ids.target}"' in page
    assert ">外部评价</a>" in page


def test_before_anything_was_published_the_page_says_so(web: Web) -> None:
    assert "还没有外部评价结果" in web.as_("reporter").get("/evaluations").text
    assert "公布后在此导入" in web.as_("office").get("/evaluations").text
    assert web.as_("office").get("/evaluations.xlsx").status_code == 200


def test_an_earlier_period_opens_by_its_address(web: Web) -> None:
    fill(web, months=3)
    page = web.as_("office").get("/evaluations").text
    assert "2020年4月分指标" in page
    earlier = page.split("2020年3月</a>")[0].rsplit('href="', 1)[1].split("#")[0]

    assert "2020年3月分指标" in web.as_("office").get(earlier).text
    assert web.as_("office").get("/evaluations?series=9&result=x").status_code == 200


def test_our_own_target_is_shown_only_to_a_seat_that_sees_it(web: Web) -> None:
    fill(web)

    assert f"/targets/{web.ids.target}" in web.as_("reporter").get("/evaluations").text
    assert f"/targets/{web.ids.target}" not in web.as_("other_lead").get("/evaluations").text
    assert web.as_("system_admin").get("/evaluations").status_code == 403


def test_a_result_is_shown_from_its_day_of_publication_on(web: Web) -> None:
    fill(web)
    with web.app.app_context():
        series = db.session.scalars(select(Evaluation)).one()
        later = Overall(Period.of_months(2020, 5, 5), date(2020, 6, 18), "优", 4, 2)
        publish(series, later, None, web.ids.office, NOON)
        db.session.commit()

    assert "2020年5月</a>" not in web.as_("office").get("/evaluations").text.split("<main")[1]


def test_a_revision_is_told_with_before_and_after(web: Web) -> None:
    fill(web)
    with web.app.app_context():
        series, april = db.session.scalars(select(Evaluation)).one(), Period.of_months(2020, 4, 4)
        row = live_scores(series.id, [april])[april, "指标1"]
        said = Score(april, row.dimension, row.name, row.value, row.measure, 6, row.city_rank)
        publish(series, replace(said, value=Decimal("1.25")), row, web.ids.office, NOON)
        db.session.commit()

    page = web.as_("office").get("/evaluations").text

    assert "修订记录（1）" in page and "已修订" in page
    assert '<td data-label="原为">9</td><td data-label="改为">6</td>' in page
    assert "1.25" in page and "0.00" in page


def test_the_page_takes_as_many_statements_for_a_hundred_periods_as_for_two(web: Web) -> None:
    fill(web, months=2)
    client = web.as_("office")
    client.get("/evaluations")
    with counted(web) as few:
        client.get("/evaluations")
    with web.app.app_context():
        for table in ("evaluation_score", "evaluation_result", "evaluation"):
            db.session.execute(db.text(f"DELETE FROM {table}"))
        db.session.commit()
    fill(web, months=40, indicators=18)
    with counted(web) as many:
        assert client.get("/evaluations").status_code == 200

    page = client.get("/evaluations").text
    assert "全部 40 期" in page and page.count("#indicators") == 12
    assert client.get("/evaluations?all=1").text.count("#indicators") == 40
    assert len(few) == len(many) <= MOST_STATEMENTS, "\n---\n".join(many)


def test_the_workbook_holds_what_the_page_shows(web: Web) -> None:
    fill(web)

    book = load_workbook(io.BytesIO(web.as_("office").get("/evaluations.xlsx").data)).active

    rows = [[cell.value for cell in row] for row in book.iter_rows(min_row=2, max_row=5)]
    assert [row[:3] for row in rows] == [
        ["2020年4月", "总体", "MEI"],
        ["2020年3月", "总体", "MEI"],
        ["2020年4月", "维度0", "指标0"],
        ["2020年4月", "维度1", "指标1"],
    ]
    assert rows[0][6:8] == [5, "上升 2 位"]
    assert rows[2][10] == "上塘 规上工业增加值" and "灰" in rows[2][11]


def test_the_first_place_is_on_top_and_a_gap_breaks_the_line() -> None:
    points = [
        Point("2020年1月", 9, 3),
        Point("2020年2月", None, 2),
        Point("2020年3月", 5, 1, True),
        Point("2020年4月", 4, 1),
    ]

    drawn = rank_chart(points)

    assert drawn is not None and drawn.has_illustrative
    province, city = drawn.wide.province, drawn.wide.city
    assert [mark.rank for mark in province.marks] == [9, 5, 4] and len(province.runs) == 1
    assert province.marks[0].y > province.marks[-1].y > city.marks[-1].y == drawn.wide.y_ticks[0].at
    assert [tick.label for tick in drawn.wide.y_ticks][:2] == ["1", "2"]
    assert all(mark.x < drawn.narrow.width for mark in drawn.narrow.province.marks)
    assert rank_chart(points[:1]) is None
