"""docs/rules.md: its example works and its vocabulary is complete."""

import re
from pathlib import Path

from taskboard.rules import check, ruleset
from taskboard.rules.light import judge
from taskboard.rules.measures import FLAGS, MEASURES
from tests.rules.cast import amount

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")


def test_the_worked_example_says_what_the_page_says():
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert example
    rules = ruleset.parse(example[1])

    assert check.warnings(rules) == []
    assert judge(amount("0.41", "0.5"), rules).words in PAGE


def test_every_measure_and_word_is_explained():
    words = set(re.findall(r"[a-z_]+", PAGE[PAGE.index("Measures:") :]))
    assert set(MEASURES) | set(FLAGS) <= words
