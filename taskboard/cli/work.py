"""Commands that work: the sweep, the messages, the web and jobs processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from types import FrameType

import click
from flask import Flask, current_app

from taskboard import clock, create_app, logs
from taskboard.cli import answer, cli
from taskboard.cli.queue import check_queue
from taskboard.errors import Refused
from taskboard.jobs import alarm_clock
from taskboard.jobs import items as items_job
from taskboard.jobs import notify as notify_job
from taskboard.jobs import sweep as sweep_job
from taskboard.models import Installation

DAY = click.DateTime(formats=["%Y-%m-%d"])
as_json_option = click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")


@cli.command()
@click.option("--on", type=DAY, help="巡检日期，默认今天")
@as_json_option
def sweep(on: datetime | None, as_json: bool) -> None:
    """为全部在办目标、任务亮灯，升降预警，随后巡查督查事项；重复运行不再改动。"""
    with create_app().app_context():
        _installed()
        day = on.date() if on else clock.today()
        counts = sweep_job.run(day, sweep_job.at_day(day))
        watched = items_job.run(day, sweep_job.at_day(day))
        words = "{on} 巡检 {checked} 项：绿 {green}、黄 {yellow}、红 {red}、灰 {grey}；"
        words += "变化 {changed}，新预警 {raised}，解除 {lowered}"
        if not as_json:
            words += f"\n督查事项：新立 {watched['opened']}，提醒 {watched['reminded']}，"
            words += f"拟发督办单 {watched['slips_proposed']}"
        answer(counts, as_json, words.format(**counts))


@cli.command()
@as_json_option
def notify(as_json: bool) -> None:
    """把待告知的事项合并成消息并发送一遍。"""
    with create_app().app_context():
        _installed()
        counts = notify_job.run(clock.now())
        words = (
            "留痕 {events} 条，生成消息 {deliveries} 条；发送 {sent}，待重试 {retry}，失败 {failed}，不确定 {uncertain}"
        )
        answer(counts, as_json, words.format(**counts))


@cli.command()
def jobs() -> None:
    """运行作业进程，直到收到停止信号。"""
    logs.configure()
    app = create_app()
    with app.app_context():
        _installed()
    alarm_clock.serve(app)


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, envvar="PORT")
@click.option("--workers", type=click.IntRange(1, 16), default=2, show_default=True)
@click.option("--with-jobs", is_flag=True, help="同时运行作业进程")
def serve(host: str, port: int, workers: int, with_jobs: bool) -> None:
    """运行网页服务；Ctrl-C 停止全部进程。"""
    app = create_app()
    with app.app_context():
        installation = _installed()
    _check_port(host, port)
    commands = [_gunicorn(host, port, workers)]
    if with_jobs:
        commands.append([sys.executable, "-m", "taskboard.cli", "jobs"])
    _welcome(app, host, port, installation.is_demonstration)
    sys.exit(_run_together(commands))


def _installed() -> Installation:
    """The installation; Refused where there is none, or where production was given a demonstration's day."""
    try:
        found = Installation.get()
    except Exception as error:
        raise Refused("数据库还没有建立，请先运行 taskboard init 或 taskboard demo") from error
    if found is None:
        raise Refused("数据库还没有安装，请先运行 taskboard init 或 taskboard demo")
    if not found.is_demonstration and current_app.config["TASKBOARD"].today:
        raise Refused("正式安装不能设置 TASKBOARD_TODAY，请去掉后再启动")
    check_queue()
    return found


def _check_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refused(f"端口 {port} 已被占用，可能已有一份在运行；换端口请用 PORT=8001 make run") from error


def _gunicorn(host: str, port: int, workers: int) -> list[str]:
    memory = "/dev/shm"  # noqa: S108 - where worker heartbeats cost no disk
    return [
        *(sys.executable, "-m", "gunicorn", "wsgi:app", "--chdir", str(Path(__file__).resolve().parents[2])),
        *("--bind", f"{host}:{port}", "--workers", str(workers), "--worker-class", "gthread", "--threads", "8"),
        *("--config", "python:taskboard.cli.web_server", "--log-level", "warning"),
        *("--no-control-socket", "--graceful-timeout", "10"),
        *(("--worker-tmp-dir", memory) if os.path.isdir(memory) else ()),
    ]


def _welcome(app: Flask, host: str, port: int, is_demonstration: bool) -> None:
    click.echo(f"任务督办系统：http://{host}:{port}（Ctrl-C 停止）")
    if not is_demonstration:
        return
    from taskboard.demo import logins

    click.echo("演示账号（密码相同）：")
    for login, secret, seat in logins():
        click.echo(f"  {login:<12} {secret}  {seat}")
    if not app.config["TASKBOARD"].uses_smtp:
        click.echo(f"未配置邮件服务器，邮件写入 {app.config['TASKBOARD'].mail_dir}")
    sys.stdout.flush()


def _run_together(commands: list[list[str]]) -> int:
    """Run the processes until one ends or a signal comes; then stop all. 0 when asked to stop."""
    asked: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    children = [subprocess.Popen(command, start_new_session=True) for command in commands]  # noqa: S603 - our own
    while not asked and all(child.poll() is None for child in children):
        time.sleep(0.2)
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    return 0 if asked else 1
