"""E-mail through a real server, or into a folder where there is none."""

from __future__ import annotations

import os
import re
import smtplib
import socket
import ssl
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import formataddr, formatdate, parseaddr
from pathlib import Path

from config import Config
from taskboard.alerts.channels import Letter, Outcome, Rejected, Retry, Sent, Uncertain
from taskboard.alerts.rendering import as_html

TIMEOUT = 15
FOOTER = "您收到此邮件，是因为您在本系统中负责、督办或关注上述事项。请勿直接回复。"
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_FAULTS = (OSError, smtplib.SMTPException)
_CLOSING = 421
_POLICY = compat32.clone(linesep="\r\n")


def as_email(letter: Letter, sender: str, name: str = "", base_url: str = "") -> MIMEMultipart:
    """The letter as a mail, in text and HTML. No line break gets into a header; the text goes as base64, which every
    server on the way leaves alone. The older classes of the library make it in a quarter of the newer ones' time.
    """
    subject = " ".join(letter.subject.split())
    link = f"{base_url}/settings/messages" if base_url else ""
    own, address = parseaddr(sender)
    mail = MIMEMultipart("alternative", policy=_POLICY)
    mail["Subject"] = Header(subject, "utf-8", header_name="Subject").encode()
    mail["From"] = formataddr((" ".join((own or name).split()), address))
    mail["To"] = letter.address
    mail["Date"] = formatdate()
    mail["Message-ID"] = letter.key
    mail["Auto-Submitted"] = "auto-generated"
    footer = "\n".join(filter(None, ("——", FOOTER, f"调整接收方式：{link}" if link else "")))
    mail.attach(MIMEText(f"{letter.body}\n\n{footer}\n", "plain", "utf-8"))
    mail.attach(MIMEText(as_html(subject, letter.body, FOOTER, link), "html", "utf-8"))
    return mail


class Mail:
    """One connection, opened with the first letter and used for all; opened again when the server ended it."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.sender = parseaddr(config.mail_from)[1]
        self.server: smtplib.SMTP | None = None

    def send(self, letter: Letter) -> Outcome:
        """Send one letter. Uncertain is only what happens once the whole text was handed over."""
        if not _ADDRESS.fullmatch(letter.address):
            return Rejected("收件地址不正确：请在人员信息中更正电子邮件", "address")
        mail = as_email(letter, self.config.mail_from, self.config.mail_name, self.config.base_url).as_bytes()
        was_open = self.server is not None
        refused = self._envelope(letter.address)
        if was_open and self.server is None:  # an old connection had ended: nothing was said on it yet
            refused = self._envelope(letter.address)
        return refused if refused is not None else self._data(mail, letter.key)

    def close(self) -> None:
        """End the connection, politely if the server still listens."""
        server, self.server = self.server, None
        if server is not None:
            try:
                server.quit()
            except _FAULTS:
                server.close()

    def _envelope(self, address: str) -> Outcome | None:
        """Name sender and recipient; None when both were taken."""
        server = self.server or self._connect()
        if not isinstance(server, smtplib.SMTP):
            return server
        try:
            code, answer = server.mail(self.sender)
            if code >= 400:
                return self._refused("发件地址被拒绝", code, answer, breaks=True)
            code, answer = server.rcpt(address)
            if code >= 400:
                return self._refused("收件地址被拒绝", code, answer)
        except _FAULTS as error:
            self._drop()
            return Retry(f"邮件服务器中断，邮件未发出：{_cause(error)}", pauses=True)
        return None

    def _data(self, mail: bytes, key: str) -> Outcome:
        """Hand over the text. The dot that ends it is in the last bytes: what breaks before is surely not taken."""
        server = self.server
        assert server is not None  # noqa: S101
        try:
            code, answer = server.docmd("DATA")
            if code != 354:
                return self._refused("邮件被拒绝", max(code, 400), answer)
            server.send(re.sub(rb"(?m)^\.", b"..", mail) + b".\r\n")
        except _FAULTS as error:
            self._drop()
            return Retry(f"邮件服务器中断，邮件未发出：{_cause(error)}")
        try:
            code, answer = server.getreply()
        except _FAULTS as error:
            self._drop()
            return Uncertain(f"正文已发出而没有收到答复：{_cause(error)}")
        if code >= 400:
            return self._refused("邮件被拒绝", code, answer)
        return Sent(key, f"{code} {_text(answer)}")

    def _refused(self, what: str, code: int, answer: bytes, breaks: bool = False) -> Outcome:
        """A 4xx answer may be another one later; a 5xx is final. The session goes on, if the server lets it."""
        why = f"{what}：{code} {_text(answer)}"
        if code == _CLOSING or self.server is None:
            self._drop()
            return Retry(why, str(code), pauses=True)
        try:
            self.server.rset()
        except _FAULTS:
            self._drop()
        return Rejected(why, str(code), breaks=breaks) if code >= 500 else Retry(why, str(code))

    def _drop(self) -> None:
        server, self.server = self.server, None
        if server is not None:
            server.close()

    def _connect(self) -> smtplib.SMTP | Retry:
        """The open connection, or why there is none."""
        try:
            self.server = self._connected()
            return self.server
        except smtplib.SMTPAuthenticationError as error:
            return Retry(
                f"邮件服务器拒绝登录：{error.smtp_code}，请核对用户名与密码", str(error.smtp_code), pauses=True
            )
        except _FAULTS as error:
            return Retry(f"连接不上邮件服务器：{_cause(error)}", pauses=True)

    def _connected(self) -> smtplib.SMTP:
        config, context = self.config, ssl.create_default_context(cafile=self.config.smtp_ca or None)
        server: smtplib.SMTP
        if config.smtp_tls == "tls":
            server = smtplib.SMTP_SSL(config.smtp_host, config.smtp_port, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(config.smtp_host, config.smtp_port, timeout=TIMEOUT)
        try:
            if config.smtp_tls == "starttls":
                server.starttls(context=context)
            if config.smtp_user:
                server.login(config.smtp_user, config.smtp_password)
            server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server


class Folder:
    """Writes letters as .eml files, for a demonstration without a server. The same letter is the same file."""

    def __init__(self, folder: Path, sender: str, name: str = "", base_url: str = "") -> None:
        self.folder, self.sender, self.name, self.base_url = folder, sender, name, base_url

    def send(self, letter: Letter) -> Outcome:
        if not _ADDRESS.fullmatch(letter.address):
            return Rejected("收件地址不正确：请在人员信息中更正电子邮件", "address")
        part = self.folder / f".{letter.id}.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as out:
                out.write(as_email(letter, self.sender, self.name, self.base_url).as_bytes())
                out.flush()
                os.fsync(out.fileno())
            part.replace(self.folder / f"{letter.id:06d}.eml")
        except OSError as error:  # a full disk, say: the letter is not there under its name
            return Retry(f"无法写入邮件目录（{error.errno}）：请系统管理员检查磁盘与 TASKBOARD_MAIL_DIR", pauses=True)
        return Sent(letter.key)

    def close(self) -> None:
        """Nothing is open."""


def channel(config: Config) -> Mail | Folder:
    """The mail server of the configuration, or the folder where there is none."""
    if config.uses_smtp:
        return Mail(config)
    return Folder(config.mail_dir, config.mail_from, config.mail_name, config.base_url)


def _cause(error: Exception) -> str:
    """A fault in words that say where to look. The library makes a hang-up of a timeout and keeps it as the context."""
    if isinstance(error.__context__, TimeoutError):
        return "超时"
    match error:
        case ssl.SSLCertVerificationError():
            return "证书校验不通过，请核对服务器名称，或用 TASKBOARD_SMTP_CA 指定签发机构的证书"
        case ssl.SSLError():
            return "加密连接失败，请核对端口与 TASKBOARD_SMTP_TLS"
        case TimeoutError():
            return "超时"
        case socket.gaierror():
            return "找不到这台主机，请核对 TASKBOARD_SMTP_HOST"
        case ConnectionRefusedError():
            return "对方拒绝连接，请核对主机与端口"
        case smtplib.SMTPNotSupportedError():
            return "服务器不支持所要求的加密或登录方式"
        case smtplib.SMTPResponseException():
            return f"{error.smtp_code} {_text(error.smtp_error)}"
        case _:
            return "连接中断"


def _text(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:200]
