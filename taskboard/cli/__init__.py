"""The command line: each command acts on the database that the configuration names.

Exit 0 when done, 1 when refused (one clear line on stderr), 2 on wrong usage.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from taskboard import logs
from taskboard.errors import Refused

COMMAND_FILES = ("data", "work", "queue", "rules", "rules_try", "admin", "imports", "exports")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """taskboard：一办九组任务督办。数据库由 TASKBOARD_DATABASE_URL 指定。"""


def main() -> None:
    """Run a command; a refusal is one line on stderr and exit 1."""
    from config import ConfigError

    logs.configure(logging.WARNING)
    for name in COMMAND_FILES:
        import_module(f"taskboard.cli.{name}")
    try:
        cli()
    except (Refused, ConfigError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)


def answer(result: Mapping[str, Any], as_json: bool, words: str) -> None:
    """Print a result: as JSON for programs, as a sentence for people."""
    click.echo(json.dumps(result, ensure_ascii=False, default=str) if as_json else words)
