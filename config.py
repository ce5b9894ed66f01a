"""The configuration: one typed object, read from TASKBOARD_* environment variables.

A wrong setting stops the start with a sentence per setting; nothing is guessed silently.
Every name is described in docs/operations.md.
"""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from email.utils import parseaddr
from pathlib import Path

ROOT = Path(__file__).resolve().parent
MAIL_TLS = ("none", "starttls", "tls")
QUEUES = ("local", "procrastinate")
LOG_FORMS = ("auto", "text", "json")
CHANNEL_HOSTS = frozenset(("oapi.dingtalk.com", "qyapi.weixin.qq.com", "open.feishu.cn", "openplatform.dg-work.cn"))


class ConfigError(Exception):
    """The environment cannot be used; the message names each wrong setting, a line each."""


@dataclass(frozen=True)
class Config:
    """What the environment decides. Rules of the campaign are data, not configuration."""

    database_url: str
    secret_key: str
    audit_key: str
    channel_key: str
    channel_hosts: frozenset[str]
    channel_ca: str
    proxy: str
    today: date | None
    var: Path
    base_url: str
    smtp_host: str
    smtp_port: int
    smtp_tls: str
    smtp_user: str
    smtp_password: str
    smtp_ca: str
    mail_from: str
    mail_name: str
    mail_dir: Path
    idle_minutes: int
    session_hours: int
    upload_mb: int
    allow_plain_http: bool
    proxies: int
    log: str
    queue: str
    late_minutes: int
    silent_seconds: int

    @property
    def uses_smtp(self) -> bool:
        """Whether mail goes to a server; without one it is written to `mail_dir` as .eml files."""
        return bool(self.smtp_host)


def from_env(environ: Mapping[str, str] | None = None) -> Config:
    """Read the environment. Raises ConfigError naming every wrong setting at once."""
    return _Reader(os.environ if environ is None else environ).config()


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.wrong: list[str] = []

    def config(self) -> Config:
        var = Path(self.text("VAR", str(ROOT / "var"))).expanduser().absolute()
        secret_key = self.secret_key(var)
        made = Config(
            database_url=self.database_url(var),
            secret_key=secret_key,
            audit_key=self.text("AUDIT_KEY") or f"events:{secret_key}",
            channel_key=self.text("CHANNEL_KEY") or f"channels:{secret_key}",
            channel_hosts=self.hosts(),
            channel_ca=self.file("CHANNEL_CA"),
            proxy=self.proxy(),
            today=self.today(),
            var=var,
            base_url=self.text("BASE_URL", "http://127.0.0.1:8000").rstrip("/"),
            smtp_host=self.text("SMTP_HOST"),
            smtp_port=self.number("SMTP_PORT", 25, 1, 65535),
            smtp_tls=self.choice("SMTP_TLS", "none", MAIL_TLS),
            smtp_user=self.text("SMTP_USER"),
            smtp_password=self.text("SMTP_PASSWORD"),
            smtp_ca=self.file("SMTP_CA"),
            mail_from=self.sender(),
            mail_name=self.text("MAIL_NAME", "攻坚督办"),
            mail_dir=Path(self.text("MAIL_DIR", str(var / "mail"))).expanduser().absolute(),
            idle_minutes=self.number("IDLE_MINUTES", 30, 5, 120),
            session_hours=self.number("SESSION_HOURS", 12, 1, 24),
            upload_mb=self.number("UPLOAD_MB", 10, 1, 100),
            allow_plain_http=self.choice("ALLOW_PLAIN_HTTP", "0", ("0", "1")) == "1",
            proxies=self.number("PROXIES", 0, 0, 3),
            log=self.choice("LOG", "auto", LOG_FORMS),
            queue=self.choice("QUEUE", "local", QUEUES),
            late_minutes=self.number("LATE_MINUTES", 120, 1, 1440),
            silent_seconds=self.number("SILENT_SECONDS", 90, 10, 3600),
        )
        if made.queue == "procrastinate":
            self.check_queue(made.database_url)
        if self.wrong:
            raise ConfigError("\n".join(self.wrong))
        return made

    def text(self, name: str, default: str = "") -> str:
        return self.environ.get(f"TASKBOARD_{name}", "").strip() or default

    def number(self, name: str, default: int, low: int, high: int) -> int:
        text = self.text(name, str(default))
        if text.isascii() and text.isdigit() and low <= int(text) <= high:
            return int(text)
        self.wrong.append(f"TASKBOARD_{name} 应为 {low} 至 {high} 的整数，现为“{text}”")
        return default

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        text = self.text(name, default)
        if text not in choices:
            self.wrong.append(f"TASKBOARD_{name} 应为 {'、'.join(choices)} 之一，现为“{text}”")
        return text

    def file(self, name: str) -> str:
        """A file that must be there when it is named."""
        text = self.text(name)
        if text and not Path(text).expanduser().is_file():
            self.wrong.append(f"TASKBOARD_{name} 应为已有文件的路径，“{text}”不存在")
        return str(Path(text).expanduser().absolute()) if text else ""

    def sender(self) -> str:
        text = self.text("MAIL_FROM", "taskboard@localhost")
        if not re.fullmatch(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+", parseaddr(text)[1]):
            self.wrong.append(f"TASKBOARD_MAIL_FROM 应为电子邮件地址，现为“{text}”")
        return text

    def hosts(self) -> frozenset[str]:
        """The hosts that channels may speak to: the platforms' own, or those named for a private deployment."""
        named = self.text("CHANNEL_HOSTS")
        if not named:
            return CHANNEL_HOSTS
        hosts = frozenset(name.strip().casefold() for name in named.split(","))
        for name in sorted(hosts):
            if not re.fullmatch(r"[a-z0-9.-]+(:[0-9]{1,5})?", name):
                self.wrong.append(f"TASKBOARD_CHANNEL_HOSTS 应为以英文逗号隔开的主机名，其中“{name}”不是")
        return hosts

    def proxy(self) -> str:
        text = self.text("PROXY")
        if text and not re.fullmatch(r"https?://[^\s/]+/?", text):
            self.wrong.append("TASKBOARD_PROXY 应为 http://主机:端口 这样的代理地址")
        return text

    def check_queue(self, database_url: str) -> None:
        if database_url.startswith("sqlite"):
            self.wrong.append("TASKBOARD_QUEUE=procrastinate 需要 PostgreSQL，请先设置 TASKBOARD_DATABASE_URL")
        if importlib.util.find_spec("procrastinate") is None:
            self.wrong.append("TASKBOARD_QUEUE=procrastinate 需要另装 requirements-distributed.txt 中的程序包")

    def today(self) -> date | None:
        text = self.text("TODAY")
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.wrong.append(f"TASKBOARD_TODAY 应为 2020-06-05 这样的日期，现为“{text}”")
            return None

    def database_url(self, var: Path) -> str:
        url = self.text("DATABASE_URL", f"sqlite:///{var / 'taskboard.db'}")
        if url.startswith("postgres://"):
            url = "postgresql" + url.removeprefix("postgres")
        scheme = url.split(":", 1)[0]
        if scheme == "postgresql":
            url = "postgresql+psycopg" + url.removeprefix("postgresql")
        elif scheme not in ("sqlite", "postgresql+psycopg"):
            self.wrong.append(f"TASKBOARD_DATABASE_URL 只支持 sqlite:/// 与 postgresql://，现为“{scheme}:”")
        return url

    def secret_key(self, var: Path) -> str:
        key = self.text("SECRET_KEY")
        if not key:
            return _kept_key(var / "secret_key")
        if len(key) < 16:
            self.wrong.append("TASKBOARD_SECRET_KEY 至少 16 个字符")
        return key


def _kept_key(file: Path) -> str:
    """The key of this installation, made at the first start and kept beside the database."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return file.read_text().strip()
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_hex(32))
    return file.read_text().strip()
