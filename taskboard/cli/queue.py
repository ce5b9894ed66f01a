"""Commands of the job queue, where worker processes on several machines share the work."""

from __future__ import annotations

import click
from flask import current_app

from taskboard import create_app, logs
from taskboard.cli import answer, cli
from taskboard.errors import Refused
from taskboard.models import Installation


def prepare_queue() -> bool:
    """Make the queue's tables where the configuration asks for a queue; whether there was anything to do."""
    if current_app.config["TASKBOARD"].queue == "local":
        return False
    from taskboard.jobs import distributed

    return distributed.apply_schema(current_app._get_current_object())  # type: ignore[attr-defined]


def check_queue() -> None:
    """Refused where the configuration asks for a queue whose tables are missing."""
    if current_app.config["TASKBOARD"].queue == "local":
        return
    from taskboard.jobs import distributed

    if not distributed.has_schema():
        raise Refused("任务队列的数据表还没有建立，请先运行 taskboard queue-schema")


@cli.command("queue-schema")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
def queue_schema(as_json: bool) -> None:
    """建立任务队列的数据表；已有的不再改动。"""
    with create_app().app_context():
        if current_app.config["TASKBOARD"].queue == "local":
            raise Refused("未启用任务队列，请先设置 TASKBOARD_QUEUE=procrastinate")
        made = prepare_queue()
        answer({"made": made}, as_json, "任务队列的数据表已建立" if made else "任务队列的数据表已在，未作改动")


@cli.command()
@click.option("--concurrency", type=click.IntRange(1, 32), default=4, show_default=True, help="同时办理的工作数")
def worker(concurrency: int) -> None:
    """运行工作进程，直到收到停止信号；可在多台机器上运行任意多个。"""
    logs.configure()
    app = create_app()
    with app.app_context():
        if app.config["TASKBOARD"].queue == "local":
            raise Refused("未启用任务队列，请先设置 TASKBOARD_QUEUE=procrastinate")
        if Installation.get() is None:
            raise Refused("数据库还没有安装，请先运行 taskboard init 或 taskboard demo")
        check_queue()
    from taskboard.jobs import distributed

    distributed.work(app, concurrency)
