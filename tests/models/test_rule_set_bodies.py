"""Rule sets as rows: what the move to TOML replaces and what it leaves."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from taskboard import create_app
from taskboard.db import db
from taskboard.models.rule_set import RuleSetRow
from taskboard.rules import ruleset
from tests.databases import configuration_for

ROWS = [("standard", "1"), ("sanya", "1"), ("standard", "2"), ("district", "1")]


@pytest.fixture
def migrated(tmp_path: Path) -> dict[tuple[str, str], str]:
    """The bodies of rows that were YAML before the migration."""
    app = create_app(configuration_for(f"sqlite:///{tmp_path / 'old.db'}", tmp_path))
    with app.app_context():
        upgrade(revision="0005")
        for name, version in ROWS:
            db.session.add(
                RuleSetRow(
                    name=name, version=version, title="某", valid_from=date(2020, 1, 1), body=f"name: {name}\n",
                    created_at=datetime(2020, 1, 1, tzinfo=UTC),
                )
            )  # fmt: skip
        db.session.commit()
        upgrade(revision="0006")
        found = db.session.execute(sa.text("SELECT name, version, body FROM rule_set")).all()
        db.session.remove()
        downgrade(revision="0005")
        db.engine.dispose()
    return {(name, version): body for name, version, body in found}


def test_shipped_rule_sets_become_toml_and_others_are_left(migrated: dict[tuple[str, str], str]) -> None:
    assert migrated["standard", "1"] == ruleset.load("standard").text
    assert ruleset.parse(migrated["sanya", "1"]) == ruleset.load("sanya")
    assert migrated["standard", "2"] == "name: standard\n"
    with pytest.raises(ruleset.RuleSetError, match="YAML"):
        ruleset.parse(migrated["district", "1"])
