"""A mail server as a real SMTP server on this machine, which can refuse, be slow, and hang up at each stage."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

STAGES = ("connect", "mail", "rcpt", "data", "dot")


@dataclass(frozen=True)
class Mailed:
    """A mail that was taken; `told_sender`: whether the sender got the 250."""

    at: float
    sender: str
    to: str
    mail: EmailMessage
    told_sender: bool = True

    @property
    def key(self) -> str:
        return str(self.mail["Message-ID"])

    @property
    def text(self) -> str:
        part = self.mail.get_body(("plain",))
        return part.get_content() if part is not None else ""

    @property
    def html(self) -> str:
        part = self.mail.get_body(("html",))
        return part.get_content() if part is not None else ""


@dataclass
class Behaviour:
    """What happens at one stage, for so many sessions or letters (None: until changed)."""

    act: str = ""  # drop
    answer: str = ""
    delay: float = 0
    times: int | None = None


@dataclass
class MailServer:
    """From `with` to its end. `at` a stage (connect, mail, rcpt, data, dot) it can `drop`, `answer` or be `slow`.

    `dot` is after the whole text: a drop there leaves the mail taken and the sender without an answer.
    """

    tls: str = "none"  # none, starttls, tls
    cert: str = ""
    key: str = ""
    user: str = ""
    password: str = ""
    port: int = 0
    accepted: list[Mailed] = field(default_factory=list)
    sessions: int = 0
    behaviours: dict[str, Behaviour] = field(default_factory=dict)

    def __enter__(self) -> MailServer:
        if not self.port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
        self._controller = _Controller(self)
        self._controller.start()
        self.sessions = 0  # the controller has knocked once itself
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    def environ(self) -> dict[str, str]:
        """The settings, without prefix, that make the program speak to this server."""
        made = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(self.port), "SMTP_TLS": self.tls}
        return made | ({"SMTP_USER": self.user, "SMTP_PASSWORD": self.password} if self.user else {})

    def drop(self, stage: str, times: int | None = None) -> None:
        self._set(stage, Behaviour("drop", times=times))

    def answer(self, stage: str, text: str, times: int | None = None) -> None:
        self._set(stage, Behaviour(answer=text, times=times))

    def slow(self, stage: str, seconds: float, times: int | None = None) -> None:
        self._set(stage, Behaviour(delay=seconds, times=times))

    def normal(self) -> None:
        self.behaviours.clear()

    def _set(self, stage: str, behaviour: Behaviour) -> None:
        assert stage in STAGES, stage
        self.behaviours[stage] = behaviour

    def take(self, stage: str) -> Behaviour:
        """What is to happen at this stage now."""
        found = self.behaviours.get(stage, Behaviour())
        if found.times is not None:
            found.times -= 1
            if found.times <= 0:
                del self.behaviours[stage]
        return found


class _Session(SMTP):
    """One session, which asks at every stage what is to happen."""

    owner: MailServer

    def connection_made(self, transport: Any) -> None:
        again = self.transport is not None  # after STARTTLS
        found = Behaviour() if again else self.owner.take("connect")
        if found.answer:
            transport.write(f"{found.answer}\r\n".encode())
            transport.close()
        elif found.act == "drop":
            transport.abort()
        else:
            super().connection_made(transport)

    async def _at(self, stage: str) -> str | None:
        """Wait, hang up (then None is no answer either), or give the answer that stands in for the usual one."""
        found = self.owner.take(stage)
        if found.delay:
            await asyncio.sleep(found.delay)
        if found.act == "drop":
            self.transport.abort()
            return ""
        return found.answer or None

    async def _refused(self, stage: str) -> bool:
        said = await self._at(stage)
        if said is None:
            return False
        if said:
            await self.push(said)
        return True

    async def smtp_MAIL(self, arg: Any) -> None:  # noqa: N802
        if not await self._refused("mail"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: Any) -> None:  # noqa: N802
        if not await self._refused("rcpt"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: Any) -> None:  # noqa: N802
        if not await self._refused("data"):
            await super().smtp_DATA(arg)


class _Handler:
    def __init__(self, owner: MailServer) -> None:
        self.owner = owner

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address.startswith("gone"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        found = self.owner.take("dot")
        if found.delay:
            await asyncio.sleep(found.delay)
        if found.answer and not found.answer.startswith("2"):
            return found.answer
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        dropped = found.act == "drop"
        for to in envelope.rcpt_tos:
            self.owner.accepted.append(Mailed(time.time(), envelope.mail_from, to, mail, not dropped))
        if dropped:
            server.transport.abort()
        return found.answer or "250 OK queued"


class _Controller(Controller):
    def __init__(self, owner: MailServer) -> None:
        self.owner = owner
        self.tls: ssl.SSLContext | None = None
        if owner.tls != "none":
            self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self.tls.load_cert_chain(owner.cert, owner.key or None)
        implicit = self.tls if owner.tls == "tls" else None
        super().__init__(_Handler(owner), hostname="127.0.0.1", port=owner.port, ssl_context=implicit)

    def factory(self) -> SMTP:
        owner = self.owner
        owner.sessions += 1
        starttls = self.tls if owner.tls == "starttls" else None
        made = _Session(
            self.handler,
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=bool(owner.user),
            auth_require_tls=starttls is not None,
            authenticator=self._check if owner.user else None,
        )
        made.owner = owner
        return made

    def _check(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        expected = LoginPassword(self.owner.user.encode(), self.owner.password.encode())
        return AuthResult(success=data == expected, handled=False)
