"""A real mail server in a process of its own that writes down what it took, and misbehaves as told."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from bench.faults.stage import _fork
from bench.faults.table import Row

MODES = ("ok", "kill", "slow", "drop_after_data", "drop_before_data", "451", "554", "451_rcpt", "550_rcpt", "silent")
RESENT = "【重发】"


class Sink:
    """What the fault run sees of the server: its port, its mode, whom it kills, and what arrived."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.mode = _fork.Value("i", 0)
        self.victim = _fork.Value("i", 0)
        self.every = _fork.Value("i", 1)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.process: Any = None

    def start(self) -> None:
        """Listen."""
        self.process = _fork.Process(target=_serve, args=(self,), daemon=True)
        self.process.start()
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            self.process.join(0.05)
        raise RuntimeError("the mail server did not come up")

    def stop(self) -> None:
        """Refuse connections."""
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.process = None

    def behave(self, mode: str, every: int = 1) -> None:
        """Misbehave at every n-th letter."""
        self.mode.value, self.every.value = MODES.index(mode), every

    def arrived(self) -> list[dict[str, str]]:
        """Every letter that was taken whole, in order."""
        if not self.file.exists():
            return []
        return [json.loads(line) for line in self.file.read_text().splitlines()]

    def settings(self) -> dict[str, str]:
        """How an application reaches it."""
        return {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(self.port)}


@contextmanager
def running(folder: Path) -> Iterator[Sink]:
    """A listening server."""
    sink = Sink(folder / "arrived.jsonl")
    sink.start()
    try:
        yield sink
    finally:
        sink.stop()


def account(row: Row, arrived: list[dict[str, str]], ledger: dict[str, str]) -> None:
    """Fill a row from what arrived (id and subject) and what the ledger says of each id (its state)."""
    first: set[str] = set()
    for each in arrived:
        if each["id"] not in first:
            first.add(each["id"])
        elif each["subject"].startswith(RESENT):
            row.marked += 1
        else:
            row.doubled += 1
    row.due += len(ledger)
    row.arrived += len(first)
    row.uncertain += sum(state == "uncertain" for state in ledger.values())
    row.lost += sum(key not in first and state == "sent" for key, state in ledger.items())
    left = Counter(state for key, state in ledger.items() if key not in first and state != "sent")
    if left:
        row.notes.append("not arrived but shown: " + ", ".join(f"{n} {state}" for state, n in sorted(left.items())))


class _Handler:
    def __init__(self, sink: Sink) -> None:
        self.sink, self.seen = sink, 0

    def mode(self) -> str:
        self.seen += 1
        return MODES[self.sink.mode.value] if self.seen % self.sink.every.value == 0 else "ok"

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        session.mode = self.mode()
        if session.mode == "drop_before_data":
            server.transport.abort()
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if session.mode == "451_rcpt":
            return "451 try later"
        if session.mode == "550_rcpt":
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        mode = session.mode
        if mode in ("451", "554"):
            return f"{mode} not now" if mode == "451" else "554 refused"
        if mode == "slow":
            await asyncio.sleep(0.5)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        with self.sink.file.open("a") as out:
            out.write(json.dumps({"id": mail["Message-ID"], "subject": mail["Subject"], "to": mail["To"]}) + "\n")
        if mode == "kill" and self.sink.victim.value:
            os.kill(self.sink.victim.value, signal.SIGKILL)
        if mode in ("drop_after_data", "kill"):
            server.transport.abort()
        if mode == "silent":
            await asyncio.sleep(40)
        return "250 OK"


def _serve(sink: Sink) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    async def main() -> None:
        handler = _Handler(sink)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(handler, enable_SMTPUTF8=True), "127.0.0.1", sink.port)
        await server.serve_forever()

    asyncio.run(main())
