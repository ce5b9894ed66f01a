"""The sentence that people read beside a light."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskboard.rules import ruleset
from taskboard.rules.light import judge
from taskboard.rules.schedule import Schedule
from tests.rules.cast import LAST_OF_MAY, Q2, amount, bare, growth, rank, task

STANDARD = ruleset.load("standard")
MAY_SHARE = Schedule(*Q2, Decimal(0), Decimal(100)).share(LAST_OF_MAY)
JUNE_5 = date(2020, 6, 5)


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (amount("0.42"), "进度 42.0 %，应达 61.5 %，差 19.5 个百分点，超过黄线 10 个百分点，故为红灯"),
        (amount("0.87", MAY_SHARE), "进度 87.0 %，应达 67.0 %，超前 20.0 个百分点，故为绿灯"),
        (amount("0.583"), "进度 58.3 %，应达 61.5 %，差 3.2 个百分点，未超过黄线 10 个百分点，故为黄灯"),
        (amount("0.515"), "进度 51.5 %，应达 61.5 %，差 10.0 个百分点，未超过黄线 10 个百分点，故为黄灯"),
        (amount("0.615"), "进度 61.5 %，应达 61.5 %，与序时进度持平，故为绿灯"),
        (amount("0.51496"), "进度 51.496 %，应达 61.500 %，差 10.004 个百分点，超过黄线 10 个百分点，故为红灯"),
        (amount("0.6149"), "进度 61.49 %，应达 61.50 %，差 0.01 个百分点，未超过黄线 10 个百分点，故为黄灯"),
        (
            amount("0.12", "0.2"),
            "进度 12.0 %，应达 20.0 %，为应达的 60.0 %，低于达成底线 70 %"
            "（应达进度不低于起算进度 15 % 时适用），故为红灯",
        ),
        (amount(None), "尚无填报数，故为灰灯"),
        (
            amount(None, missed_workdays=3, report_due_on=JUNE_5),
            "尚无填报数；应于6月5日填报，已逾期 3 个工作日未填报，故为灰灯",
        ),
        (
            amount("0.6", yellow_weeks=1),
            "进度 60.0 %，应达 61.5 %，差 1.5 个百分点，未超过黄线 10 个百分点；"
            "已连续 2 周为黄灯，差距未收窄，故为红灯",
        ),
        (growth("3.2"), "增速 3.2 %，目标 5.0 %，低于目标 1.8 个百分点，未超过黄线 2 个百分点，故为黄灯"),
        (growth("2.99"), "增速 2.99 %，目标 5.00 %，低于目标 2.01 个百分点，超过黄线 2 个百分点，故为红灯"),
        (growth("-1", "0.5"), "增速 -1 %，目标 0.5 %，目标非负而增速为负，故为红灯"),
        (
            growth("6", reference=Decimal("6.5")),
            "增速 6.0 %，目标 5.0 %，参照水平 6.5 %，低于参照水平 0.5 个百分点，故为黄灯",
        ),
        (rank(5), "位次第 5，目标第 3，落后目标 2 位，未超过黄线 2 位，故为黄灯"),
        (rank(6), "位次第 6，目标第 3，落后目标 3 位，超过黄线 2 位，故为红灯"),
        (
            bare("milestone", days_late=40, months_late=2, ends_on=date(2020, 4, 21)),
            "应于4月21日完成，逾期 40 天，超过黄线 1 个月，故为红灯",
        ),
        (bare("milestone"), "应于6月30日完成，尚未到期，故为灰灯"),
        (bare("milestone", done=True, done_on=JUNE_5), "应于6月30日完成，已于6月5日完成，故为绿灯"),
        (
            task("0.6", days_late=3, months_late=1, late_milestone="主体结构封顶"),
            "应于6月30日完成，“主体结构封顶”逾期 3 天，未超过黄线 1 个月，故为黄灯",
        ),
        (task("1"), "已完成，故为绿灯"),
        (bare("item", workdays_left=2), "应于6月30日办结，还有 2 个工作日到期，未超过临期线 3 个工作日，故为蓝灯"),
        (bare("item", red_by_hand=True, hand_reason="多次催办未果"), "专班办公室已亮红灯（多次催办未果），故为红灯"),
        (bare("item", returned=2), "被退回 2 次，故为黄灯"),
    ],
)
def test_the_standard_says(standing, words):
    assert judge(standing, STANDARD).words == words


def test_a_mark_has_its_own_sentence():
    standing = amount("0.62", increments=(Decimal(3), Decimal(2)), weeks_left=4)
    assert judge(standing, STANDARD).notes == ("落点预警：按近期进度预计期末完成目标的 72.0 %，低于落点线 90 %",)


@given(st.decimals(0, 1, places=6), st.decimals(0, 1, places=6))
def test_the_figures_shown_never_contradict_the_light(completion, scheduled):
    verdict = judge(amount(completion, scheduled), STANDARD)
    shown = [Decimal(part.split()[1]) for part in verdict.words.split("，")[:3] if part[-1] in "%点"]
    if len(shown) < 3 or verdict.rule not in ("far-behind", "behind", "on-schedule"):
        return
    done, due, distance = shown

    assert distance > 0
    assert (done < due) == (verdict.rule != "on-schedule")
    assert (distance > 10) == (verdict.rule == "far-behind") or verdict.rule == "on-schedule"


def test_a_completion_beyond_all_measure_is_still_a_sentence():
    huge = Decimal(10) ** 20
    assert judge(amount(huge), STANDARD).words.endswith("故为绿灯")
