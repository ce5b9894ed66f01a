"""Commands of administration: the first admin, the chain of events, the doctor."""

from __future__ import annotations

import sys
from datetime import date

import click
from flask import current_app
from flask_migrate import upgrade
from sqlalchemy import func, select, text

from taskboard import clock, create_app
from taskboard.boards import findings, timetable
from taskboard.cli import answer, cli
from taskboard.cli.queue import prepare_queue
from taskboard.db import db
from taskboard.errors import Refused
from taskboard.jobs import runner
from taskboard.models import Campaign, Installation, Person, RuleSetRow, chain, managing
from taskboard.rules import ruleset
from taskboard.rules.access import SeatKind

FIRST_SEATS = (SeatKind.SYSTEM_ADMIN, SeatKind.SECURITY_ADMIN, SeatKind.OFFICE)


@cli.command()
@click.option("--admin", "login", required=True, help="首位管理员的账号")
@click.option("--name", default="管理员", show_default=True, help="姓名")
def init(login: str, name: str) -> None:
    """升级数据库结构，建立首位管理员，打印一次性密码。"""
    with create_app().app_context():
        upgrade()
        prepare_queue()
        if Installation.get() is not None or db.session.scalar(select(func.count()).select_from(Person)):
            raise Refused("这个数据库已经安装过，不再建立管理员；忘记密码请由另一位安全管理员重置")
        if current_app.config["TASKBOARD"].today:
            raise Refused("正式安装不能设置 TASKBOARD_TODAY，请去掉后再运行")
        now, today = clock.now(), clock.today()
        db.session.add(Installation(kind="production", created_at=now))
        db.session.add_all(RuleSetRow.from_value(each, now) for each in ruleset.presets())
        db.session.add(Campaign(name="攻坚行动", starts_on=date(today.year, 1, 1), ends_on=date(today.year, 12, 31)))
        person, secret = managing.create_person({"login": login, "name": name}, None, now)
        for kind in FIRST_SEATS:
            managing.give_seat(person, kind, None, today, None, person.id, now)
        db.session.commit()
        click.echo(f"已建立管理员 {person.login}，一次性密码：{secret}（只显示这一次，首次登录须修改）")


@cli.group()
def audit() -> None:
    """留痕的核验。"""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
def verify(as_json: bool) -> None:
    """逐条核验留痕；有改动时指出第一条，并以 1 退出。"""
    with create_app().app_context():
        if not as_json:
            click.echo(f"正在核验 {chain.total()} 条留痕", err=True)
        found = chain.verify()
        result = {"checked": found.checked, "intact": found.is_intact, "bad_id": found.bad_id, "why": found.why}
        answer(result, as_json, f"已核验 {found.checked} 条留痕，前后衔接，未见改动" if found.is_intact else "")
        if not found.is_intact:
            click.echo(found.why, err=True)
            sys.exit(1)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
def doctor(as_json: bool) -> None:
    """检查数据库、结构、邮件、各进程与“运行状况”页的各项；有一项不好以 1 退出。"""
    with create_app().app_context():
        config = current_app.config["TASKBOARD"]
        version = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
        installation = Installation.get()
        facts = {
            "数据库": db.engine.dialect.name,
            "结构版本": version,
            "安装类别": {"demonstration": "演示", "production": "正式"}.get(
                installation.kind if installation else "", "未安装"
            ),
            "邮件": f"{config.smtp_host}:{config.smtp_port}" if config.uses_smtp else f"写入 {config.mail_dir}",
            "作业进程": "正常" if timetable.is_alive(clock.real_now()) else "没有响应",
            "任务队列": "工作进程" if config.queue != "local" else "未启用",
        }
        found = _found() if installation is not None else []
        well = installation is not None and facts["作业进程"] == "正常" and not found
        lines = [f"{name}：{value}" for name, value in facts.items()]
        lines += [f"需要处理：{finding.words}。{finding.remedy}。" for finding in found]
        told = [{"key": finding.key, "words": finding.words, "remedy": finding.remedy} for finding in found]
        answer({"well": well, **facts, "findings": told}, as_json, "\n".join(lines))
        sys.exit(0 if well else 1)


def _found() -> list[findings.Finding]:
    """What the page 运行状况 would name."""
    config = current_app.config["TASKBOARD"]
    lines = runner.active(current_app._get_current_object())  # type: ignore[attr-defined]
    return findings.all_of(lines, findings.Limits.of(config), clock.now(), clock.real_now())
