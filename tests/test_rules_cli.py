"""The rules on the command line: listed, shown, checked, tried."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from taskboard.cli import cli
from taskboard.cli import rules_try as _rules_try  # noqa: F401 - registers the commands
from taskboard.errors import Refused
from taskboard.rules.ruleset import load

TRY = ["rules", "try", "standard", "--target", "100", "--start", "2020-04-01", "--end", "2020-06-30"]


def _run(*args: str) -> Result:
    return CliRunner().invoke(cli, list(args))


def test_the_presets_are_listed_and_shown() -> None:
    listed = json.loads(_run("rules", "list", "--json").stdout)["rule_sets"]
    assert [one["name"] for one in listed][:2] == ["standard", "sanya"]
    assert "黄线" in _run("rules", "show", "standard").stdout
    assert json.loads(_run("rules", "show", "standard", "--json").stdout)["clauses"]


def test_a_try_says_light_and_reason() -> None:
    shown = json.loads(_run(*TRY, "--value", "42", "--on", "2020-05-31", "--json").stdout)
    assert shown["light"] == "red" and "42" in shown["words"]
    assert json.loads(_run(*TRY, "--value", "87", "--on", "2020-05-31", "--json").stdout)["light"] == "green"
    assert json.loads(_run(*TRY, "--on", "2020-05-31", "--json").stdout)["light"] == "grey"


def test_a_broken_file_is_refused_with_its_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text(load("standard").text.replace("gap < -yellow_line", "gapp < -yellow_line", 1), encoding="utf-8")
    refused = _run("rules", "check", str(broken)).exception

    assert isinstance(refused, Refused)
    assert str(refused).startswith("第 36 行 amount 第 3 条 when：")
    assert "“gapp”" in str(refused) and "是否为“gap”" in str(refused)
    assert isinstance(_run("rules", "check", str(tmp_path / "missing.toml")).exception, Refused)


def test_a_good_file_passes(tmp_path: Path) -> None:
    good = tmp_path / "good.toml"
    good.write_text(load("standard").text, encoding="utf-8")
    shown = json.loads(_run("rules", "check", str(good), "--json").stdout)
    assert shown["ok"] is True and shown["warnings"] == [] and shown["follows"] == {}


def test_a_check_tells_its_warnings_and_what_is_taken_over(tmp_path: Path) -> None:
    file = tmp_path / "ouhai.toml"
    file.write_text(load("ouhai").text.replace('when = "not done"', 'when = "done"'), encoding="utf-8")
    checked = _run("rules", "check", str(file))

    assert checked.exit_code == 0
    assert "提醒：第 9 行起 milestone（节点）有空档" in checked.stdout
    assert "永远轮不到" in checked.stdout
    assert "任务未列出，沿用标准规则集" in checked.stdout
