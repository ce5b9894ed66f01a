"""The house: who may import whom, how long a file may be, and that nothing is without words or guard."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from taskboard import models
from taskboard.db import Base
from taskboard.jobs.timetable import TIMETABLE
from taskboard.models.event import Kind

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(ROOT.glob("taskboard/**/*.py"))
TEMPLATES = sorted(ROOT.glob("taskboard/templates/**/*.html"))
CHINESE = re.compile(r"[一-鿿]")
PUBLIC = {"auth.login", "health.healthz", "health.web", "calendars.show", "static", "bootstrap.static"}
MODEL_NOUNS_IN_OTHER_WORDS = {
    "chain_head",
    "fan_out",
    "heartbeat",
    "form_key",
    "web_session",
    "import_file",
    "installation",
}


def test_imports_obey_the_law() -> None:
    done = subprocess.run([Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", SOURCES, ids=lambda f: str(f.relative_to(ROOT)))
def test_no_file_and_no_function_is_long(file: Path) -> None:
    text = file.read_text()
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef)]

    assert len(text.splitlines()) <= 300
    assert not [f.name for f in functions if (f.end_lineno or 0) - f.lineno > 60]


def test_every_route_declares_its_permission(web_app: Flask) -> None:
    undeclared = {
        rule.endpoint
        for rule in web_app.url_map.iter_rules()
        if not hasattr(web_app.view_functions[rule.endpoint], "permission")
    }
    open_to_all = {
        endpoint for endpoint, view in web_app.view_functions.items() if getattr(view, "permission", True) is None
    }

    assert undeclared <= {"static", "bootstrap.static"}
    assert open_to_all <= PUBLIC


def test_every_event_and_every_job_has_words() -> None:
    assert all(CHINESE.search(kind.words) for kind in Kind)
    assert len({kind.key for kind in Kind}) == len(Kind)
    assert all(CHINESE.search(job.words) and callable(job.run) for job in TIMETABLE)


def test_there_is_one_migration_head() -> None:
    texts = [file.read_text() for file in ROOT.glob("migrations/versions/*.py")]
    revisions = {re.search(r"^revision = ['\"](\w+)", text, re.M).group(1) for text in texts}  # type: ignore[union-attr]
    parents = {match.group(1) for text in texts if (match := re.search(r"^down_revision = ['\"](\w+)", text, re.M))}

    assert len(revisions - parents) == 1
    assert not [text for text in texts if "taskboard." in text]


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda f: str(f.relative_to(ROOT)))
def test_templates_keep_the_content_policy(file: Path) -> None:
    text = re.sub(r"{#.*?#}", "", file.read_text(), flags=re.S)

    for forbidden in (
        r"\sstyle=",
        r"\|\s*safe\b",
        r"\son[a-z]+=\"",
        r"<script(?![^>]*\ssrc=)",
        r"(?:src|href)=\"https?://",
    ):
        assert not re.search(forbidden, text), forbidden


def test_the_lock_names_no_host() -> None:
    for file in ROOT.glob("requirements*.txt"):
        assert "://" not in file.read_text()


def test_the_glossary_knows_every_noun() -> None:
    glossary = (ROOT / "docs/glossary.md").read_text()
    tables = {mapper.local_table.name for mapper in Base.registry.mappers}  # type: ignore[attr-defined]
    missing = [
        name
        for name in tables - MODEL_NOUNS_IN_OTHER_WORDS
        if name.replace("_", " ").removeprefix("unit ") not in glossary
    ]

    assert not missing
    assert models.__all__ == sorted(models.__all__, key=lambda n: (n[0].islower(), n))
