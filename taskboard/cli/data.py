"""Commands that make a database: the demonstration."""

from __future__ import annotations

import click
from flask import current_app
from flask_migrate import downgrade, upgrade

from taskboard import create_app
from taskboard.cli import answer, cli
from taskboard.cli.queue import prepare_queue
from taskboard.db import db
from taskboard.demo import load as demo
from taskboard.demo import logins
from taskboard.errors import Refused
from taskboard.models import Installation


@cli.command("demo")
@click.option("--reset", is_flag=True, help="清空后重新装入演示数据")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
def load_demo(reset: bool, as_json: bool) -> None:
    """升级数据库结构，装入演示数据；已装入的不再改动。"""
    with create_app().app_context():
        upgrade()
        if reset:
            _empty()
        prepare_queue()
        day = current_app.config["TASKBOARD"].today
        loaded = demo.load(day, lambda words: click.echo(f"装入：{words}", err=True))
        words = "演示数据已装入" if loaded else "演示数据已在，未作改动（重新装入请加 --reset）"
        answer({"loaded": loaded, "logins": [login for login, _, _ in logins()]}, as_json, words)


def _empty() -> None:
    installation = Installation.get()
    if installation is not None and not installation.is_demonstration:
        raise Refused("这是正式安装的数据库，不能清空")
    db.session.remove()
    downgrade(revision="base")
    upgrade()
