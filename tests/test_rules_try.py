"""Trying a rule set on a case: every kind of commitment, its history, and what is wrong usage."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from taskboard.cli import cli
from taskboard.cli import rules_try as _rules_try  # noqa: F401 - registers the command
from taskboard.errors import Refused

TERM = "--starts 2020-04-01 --ends 2020-06-30 --on 2020-05-31"
AMOUNT = f"standard --target 100 {TERM}"


def _run(told: str) -> Result:
    return CliRunner().invoke(cli, ["rules", "try", *told.split()])


def _tried(told: str) -> dict[str, Any]:
    result = _run(f"{told} --json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize(
    ("told", "light", "words"),
    [
        (f"{AMOUNT} --value 42", "red", "进度 42.0 %，应达 67.0 %"),
        (f"{AMOUNT} --value 60", "yellow", "差 7.0 个百分点"),
        (AMOUNT, "grey", "尚无填报数"),
        (f"{AMOUNT} --value 40 --schedule 2020-05-01=30,2020-06-10=80", "green", "应达 30.0 %"),
        (f"standard --target 60 --start-value 100 --value 70 --lower {TERM}", "green", "进度 75.0 %"),
        (f"standard --kind growth --target 5 --value 3.2 {TERM}", "yellow", "低于目标 1.8 个百分点"),
        (f"standard --kind growth --target 5 --value 6 --reference 6.5 {TERM}", "yellow", "低于参照水平 0.5 个百分点"),
        (f"standard --kind growth --target 0.5 --value -1 {TERM}", "red", "目标非负而增速为负"),
        (f"standard --kind rank --target 3 --value 6 {TERM}", "red", "落后目标 3 位"),
        (f"standard --kind task --value 60 {TERM}", "yellow", "差 7.0 个百分点"),
        (f"standard --kind task --value 60 --done-on 2020-05-20 {TERM}", "green", "已完成"),
        ("standard --kind task --starts 2020-04-01 --due 2020-05-01 --on 2020-06-10 --value 90", "red", "逾期 40 天"),
        ("standard --kind milestone --due 2020-05-01 --on 2020-05-10", "yellow", "逾期 9 天"),
        ("standard --kind milestone --due 2020-05-01 --on 2020-06-10", "red", "逾期 40 天"),
        ("standard --kind milestone --due 2020-05-01 --on 2020-06-10 --done-on 2020-05-01", "green", "已于5月1日完成"),
        ("ouhai --kind milestone --due 2020-05-01 --on 2020-06-10 --done-on 2020-05-05", "yellow", "已补齐"),
        ("standard --kind item --due 2020-06-05 --on 2020-06-01 --returned 2", "yellow", "被退回 2 次"),
        ("standard --kind item --due 2020-06-03 --on 2020-06-01", "blue", "还有 2 个工作日到期"),
        ("standard --kind item --due 2020-06-01 --on 2020-06-03", "red", "逾期 2 个工作日"),
        ("standard --kind item --due 2020-06-01 --on 2020-06-03 --suspended", "grey", "已中止"),
        ("standard --kind item --due 2020-06-30 --on 2020-06-03 --red-by-hand 多次催办未果", "red", "多次催办未果"),
        ("suqian --kind item --due 2020-06-30 --on 2020-06-03 --poor-quality", "yellow", "质量不达标"),
        (f"standard --kind item --value 20 --schedule 2020-05-01=50 {TERM}", "yellow", "应达 50.0 %"),
    ],
)
def test_every_kind_can_be_tried(told: str, light: str, words: str) -> None:
    found = _tried(told)

    assert found["light"] == light
    assert words in found["words"]


@pytest.mark.parametrize(
    ("told", "light", "words"),
    [
        # yellow a week ago, and the gap has grown since: two yellow weeks without narrowing
        (f"{AMOUNT} --value 60 --history 50,55,59", "red", "已连续 2 周为黄灯，差距未收窄"),
        (f"{AMOUNT} --value 60 --history 20,40,51", "yellow", "差 7.0 个百分点"),
        (f"{AMOUNT} --value 60 --history yellow", "red", "已连续 2 周为黄灯"),
        (f"{AMOUNT} --value 60 --history 黄,绿", "yellow", "差 7.0 个百分点"),
        (f"{AMOUNT} --value 58 --history red", "red", "此前红灯的差额尚未补齐"),
        (f"{AMOUNT} --value 65 --history red", "yellow", "差 2.0 个百分点"),
        (f"{AMOUNT} --history 70,68", "green", "进度 68.0 %"),
        (f"{AMOUNT} --value 60 --history missed", "grey", "应于5月22日填报"),
        (f"{AMOUNT} --value 40 --history missed", "red", "差 27.0 个百分点"),
        (f"{AMOUNT} --value 60 --history missed,51", "yellow", "差 7.0 个百分点"),
        ("sanya --kind task --starts 2020-05-01 --ends 2020-05-31 --on 2020-06-02 --value 50", "yellow", "1 个周期"),
        ("sanya --kind task --starts 2020-05-01 --ends 2020-05-31 --on 2020-06-02 --value 50 --history missed", "red",
         "已连续 2 个周期未完成"),
        (f"standard --kind task --value 60 --history unreported {TERM}", "grey", "工作日未填报"),
    ],
)  # fmt: skip
def test_the_history_decides_with(told: str, light: str, words: str) -> None:
    found = _tried(told)

    assert found["light"] == light
    assert words in found["words"]


def test_figures_of_the_pace_come_from_the_history() -> None:
    figures = _tried(f"{AMOUNT} --value 60 --history 40,50,54")["figures"]

    assert [float(figures[name]) for name in ("last_increment", "weeks_left", "days_left")] == [6, 5, 30]
    assert round(float(figures["pace"]), 2) == 6.67
    assert round(float(figures["pace_ratio"]), 2) == 0.83
    assert round(float(figures["landing"]), 1) == 93.3


def test_marks_have_their_sentences() -> None:
    found = _tried(f"{AMOUNT} --value 60 --history missed,missed,missed")
    assert found["marks"] == ["逾期未填报", "三次未填报"]
    assert len(found["notes"]) == 2

    said = _run(f"{AMOUNT} --value 70 --low-confidence").stdout.splitlines()
    assert said[0].startswith("● 绿　进度 70.0 %")
    assert said[1].startswith("信心背离：")
    assert _tried(f"{AMOUNT} --value 50 --history red,red")["marks"] == ["立项督查"]


def test_a_rank_tells_how_many_places_it_lost() -> None:
    found = _tried(f"standard --kind rank --target 3 --value 6 --history 4 {TERM}")
    assert found["figures"]["places_lost"] == "2"


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (f"{AMOUNT} --value abc", "不是数值"),
        (f"{AMOUNT} --history 10,yelow", "是否为“yellow”"),
        (f"{AMOUNT} --schedule 2020-05-01", "日期=值"),
        (f"{AMOUNT} --schedule 2021-05-01=3", "之间"),
        (f"{AMOUNT} --done-on 2020-05-01", "--done-on"),
        (f"{AMOUNT} --kind thing", "thing"),
        (f"{AMOUNT} --returned -1", "-1"),
        (f"standard {TERM}", "--target"),
        ("standard --target 3 --ends 2020-06-30", "--starts"),
        ("standard --target 3 --starts 2020-06-30", "--ends"),
        ("standard --target 3 --starts 2020-07-30 --ends 2020-06-30", "晚于"),
        ("standard --target 3 --starts 2020/06/01 --ends 2020-06-30", "2020-05-31"),
        ("standard --kind item --due 2020-06-01 --on 2020-06-03 --done-on 2020-06-04", "晚于判断日期"),
    ],
)
def test_wrong_usage_is_2(told: str, why: str) -> None:
    result = _run(told)

    assert result.exit_code == 2
    assert why in result.output


def test_an_unknown_rule_set_is_refused() -> None:
    refused = _run(f"standart --target 100 {TERM}").exception

    assert isinstance(refused, Refused)
    assert "是否为“standard”" in str(refused)


def test_the_older_names_of_the_dates_still_serve() -> None:
    assert (
        _tried("standard --target 100 --start 2020-04-01 --end 2020-06-30 --on 2020-05-31 --value 42")["light"] == "red"
    )
