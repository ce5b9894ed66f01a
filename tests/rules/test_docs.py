"""docs/rules.md: its example works and its vocabulary is complete."""

import re
from pathlib import Path

from click.testing import CliRunner

from taskboard.cli import cli, rules_try  # noqa: F401 - registers the command
from taskboard.rules import check, ruleset
from taskboard.rules.light import judge
from taskboard.rules.measures import FLAGS, MEASURES
from tests.rules.cast import amount

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")


def test_the_worked_example_says_what_the_page_says():
    example = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert example
    rules = ruleset.parse(example[1])

    assert check.warnings(rules) == []
    assert judge(amount("0.41", "0.5"), rules).words in PAGE


def test_the_vocabulary_on_the_page_is_the_vocabulary_of_rules():
    measures = PAGE[PAGE.index("Measures:") : PAGE.index("Yes/no words:")]
    rows = [line.split("|")[1] for line in measures.splitlines() if line.startswith("| `")]
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    flags = re.search(r"Yes/no words: `([^`]*)`", PAGE)

    assert sorted(named) == sorted(MEASURES)
    assert flags
    assert sorted(flags[1].split()) == sorted(FLAGS)


def test_the_commands_on_the_page_work():
    commands = re.findall(r"^taskboard (rules try .*)$", PAGE, re.MULTILINE)

    assert len(commands) == 3
    for command in commands:
        assert CliRunner().invoke(cli, command.split()).exit_code == 0
