"""The province's evaluation in the demonstration: two published results, and illustrative ones around them.

The press gave ratings and ranks as a whole; the indicators, their values and the months before April are invented
and say so. The half-year was published in August: pages show it once the demonstration clock is there.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal

from taskboard import clock
from taskboard.db import db
from taskboard.demo.structure import District
from taskboard.models import Evaluation
from taskboard.models.evaluating import Row, publish
from taskboard.models.evaluation import own_indicators
from taskboard.rules.evaluation import Overall, Period, Score

SEED = 90
LOADED = date(2020, 6, 4)
FEBRUARY, MARCH, APRIL = (Period.of_months(2020, month, month) for month in (2, 3, 4))
HALF = Period.of_months(2020, 1, 6)
PRESS = "区报2020年5月公开报道"
RESULTS = (
    Overall(FEBRUARY, date(2020, 3, 20), "良", 12, 6, illustrative=True),
    Overall(MARCH, date(2020, 4, 17), "优", 7, 4, illustrative=True),
    Overall(APRIL, date(2020, 5, 18), "优+", 5, 3, source=PRESS),
    Overall(
        HALF,
        date(2020, 8, 31),
        note="公布的评级为优+、优，全市赛马列第4、第5位；全省位次未公布。公布于8月，未载明日期",
        source="区报2020年8月公开报道",
    ),
)
# dimension → indicators: growth in March, April and the half-year in percent, and the rank about which they move
INDICATORS = {
    "增长速度": (
        ("规上工业增加值", (-9.6, -4.1, 0.8), 34), ("限上社会消费品零售额", (-18.2, -9.7, -2.4), 21),
        ("规上营利性服务业营业收入", (6.3, 9.8, 13.5), 6), ("固定资产投资", (1.2, 7.4, 10.6), 12),
        ("建筑业总产值", (-3.0, 2.2, 6.1), 15), ("货物出口额", (-14.5, -3.9, 1.7), 28),
    ),
    "结构动能": (
        ("有效投资", (5.1, 16.5, 15.2), 9), ("工业技改投资", (120.4, 242.7, 186.3), 2),
        ("高新产业投资", (97.5, 186.2, 141.0), 3), ("网络零售额", (8.6, 12.4, 14.9), 8),
        ("商品房销售面积", (-21.7, -8.3, 3.5), 17), ("新增四上企业", (2.0, 4.5, 7.8), 11),
    ),
    "质量效益": (
        ("一般公共预算收入", (-7.9, -1.6, 3.2), 14), ("实际利用外资", (58.3, 84.0, 96.1), 4),
        ("规上工业总产值", (-11.2, -5.0, -0.4), 36), ("全社会用电量", (-8.8, -2.5, 0.6), 30),
        ("本外币存款余额", (7.1, 8.9, 9.4), 10), ("工业增值税入库", (-12.4, -6.2, -1.1), 26),
    ),
}  # fmt: skip


def make(district: District) -> None:
    """Publish what was published, month by month, and one revision."""
    series = Evaluation(
        name="MEI经济运行综合评价", dimensions=3, indicators=18, of_province=90, of_city=13, source=PRESS
    )
    db.session.add(series)
    db.session.flush()
    by, own, dice = district.people["bangongshi"].id, own_indicators(district.campaign.id), random.Random(SEED)
    for said in RESULTS:
        publish(series, said, None, by, clock.at(min(said.published_on, LOADED), 15))
    for month, period in enumerate((MARCH, APRIL, HALF)):
        at = clock.at(min(next(each.published_on for each in RESULTS if each.period == period), LOADED), 15, 10)
        for position, score in enumerate(_scores(period, month, own, dice)):
            row = publish(series, score, None, by, at, position)
            if period == APRIL and score.name == "网络零售额":
                _revise(series, row, score, by)


def _scores(period: Period, month: int, own: dict[str, int], dice: random.Random) -> list[Score]:
    return [
        Score(
            period,
            dimension,
            name,
            Decimal(str(growth[month])),
            "%",
            province_rank=max(1, about + dice.randint(-2, 5) - 2 * month),
            city_rank=max(1, min(13, about // 4 + dice.randint(0, 2))),
            indicator_id=own.get(name),
            illustrative=True,
        )
        for dimension, indicators in INDICATORS.items()
        for name, growth, about in indicators
    ]


def _revise(series: Evaluation, row: Row, score: Score, by: int) -> None:
    """The province corrected one rank a week later."""
    better = replace(score, province_rank=(score.province_rank or 2) - 1)
    publish(series, better, row, by, clock.at(date(2020, 5, 25), 10))
