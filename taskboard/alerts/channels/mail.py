"""E-mail through a real server, or into a folder where there is none."""

from __future__ import annotations

import os
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path

from config import Config
from taskboard.alerts.channels import Letter, Outcome, Rejected, Retry, Sent, Uncertain

TIMEOUT = 15


def as_email(letter: Letter, sender: str) -> EmailMessage:
    """The letter as a mail; a line break in a header would be refused by the library, so none gets there."""
    mail = EmailMessage()
    mail["Subject"] = " ".join(letter.subject.split())
    mail["From"] = sender
    mail["To"] = letter.address
    mail["Date"] = formatdate()
    mail["Message-ID"] = letter.key
    mail.set_content(letter.body + "\n")
    return mail


class Mail:
    """One connection, opened with the first letter and used for all."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.server: smtplib.SMTP | None = None

    def send(self, letter: Letter) -> Outcome:
        """Send one letter. What happens after the text was handed over is uncertain."""
        mail = as_email(letter, self.config.mail_from)
        server = self.server or self._connect()
        if not isinstance(server, smtplib.SMTP):
            return server
        try:
            server.mail(self.config.mail_from)
            code, answer = server.rcpt(letter.address)
            if code >= 400:
                server.rset()
                return _refused(f"收件地址被拒绝：{code} {_text(answer)}", code)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Retry(f"邮件服务器中断：{error}")
        try:
            code, answer = server.data(mail.as_bytes())
        except smtplib.SMTPDataError as error:
            return _refused(f"邮件被拒绝：{error.smtp_code} {_text(error.smtp_error)}", error.smtp_code)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Uncertain(f"正文已发出而没有收到答复：{error}")
        if code >= 400:
            return _refused(f"邮件被拒绝：{code} {_text(answer)}", code)
        return Sent(letter.key, f"{code} {_text(answer)}")

    def close(self) -> None:
        """End the connection, politely if the server still listens."""
        server, self.server = self.server, None
        if server is not None:
            try:
                server.quit()
            except (OSError, smtplib.SMTPException):
                server.close()

    def _connect(self) -> smtplib.SMTP | Retry:
        """The open connection, or why there is none."""
        try:
            self.server = self._connected()
            return self.server
        except smtplib.SMTPAuthenticationError as error:
            return Retry(f"邮件服务器拒绝登录：{error.smtp_code}", str(error.smtp_code), pauses=True)
        except (OSError, smtplib.SMTPException) as error:
            return Retry(f"连接不上邮件服务器：{error}", pauses=True)

    def _connected(self) -> smtplib.SMTP:
        config, context = self.config, ssl.create_default_context()
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

    def __init__(self, folder: Path, sender: str) -> None:
        self.folder, self.sender = folder, sender

    def send(self, letter: Letter) -> Outcome:
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f".{letter.id}.part"
        with part.open("wb") as out:
            out.write(as_email(letter, self.sender).as_bytes())
            out.flush()
            os.fsync(out.fileno())
        part.replace(self.folder / f"{letter.id:06d}.eml")
        return Sent(letter.key)

    def close(self) -> None:
        """Nothing is open."""


def channel(config: Config) -> Mail | Folder:
    """The mail server of the configuration, or the folder where there is none."""
    return Mail(config) if config.uses_smtp else Folder(config.mail_dir, config.mail_from)


def _refused(why: str, code: int) -> Outcome:
    """A 4xx answer may be another one later; a 5xx is final."""
    return Rejected(why, str(code)) if code >= 500 else Retry(why, str(code))


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
