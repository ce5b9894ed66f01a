"""The rules on the command line: listed, shown, checked, tried."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from taskboard.cli import cli
from taskboard.cli import rules as _rules  # noqa: F401 - registers the commands
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


def test_wrong_usage_is_2_and_a_broken_file_is_refused(tmp_path: Path) -> None:
    assert _run(*TRY, "--value", "abc").exit_code == 2
    assert _run(*TRY[:-1], "2020-03-01", "--value", "1").exit_code == 2
    broken = tmp_path / "broken.yaml"
    broken.write_text("name: x\nkinds: []\n", encoding="utf-8")
    for file in (broken, tmp_path / "missing.yaml"):
        assert isinstance(_run("rules", "check", str(file)).exception, Refused)


def test_a_good_file_passes(tmp_path: Path) -> None:
    good = tmp_path / "good.yaml"
    good.write_text(load("standard").text, encoding="utf-8")
    shown = json.loads(_run("rules", "check", str(good), "--json").stdout)
    assert shown["ok"] is True and shown["warnings"] == []
