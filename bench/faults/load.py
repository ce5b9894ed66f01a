"""People at work: clients that send feedback through the running web server and remember what it said was saved."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import requests
from sqlalchemy import select

from bench.faults.sink import Sink
from bench.faults.stage import Stage
from taskboard import clock
from taskboard.db import db
from taskboard.models import Event, Kind, Person, password
from tests.databases import SECRET

PASSWORD = "Qiangu-2026-ok"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def let_in(stage: Stage) -> None:
    """Give everybody the same password, so that clients can log in."""
    with stage.opened():
        kept = password.hash_password(PASSWORD)
        for person in db.session.scalars(select(Person)):
            person.password_hash, person.password_set_at = kept, clock.real_now()
        db.session.commit()


@contextmanager
def serving(stage: Stage, port: int, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    """The real web server (with `--with-jobs`, the jobs process too), on loopback."""
    environ = {**os.environ, "TASKBOARD_DATABASE_URL": stage.url, "TASKBOARD_VAR": str(stage.folder)}
    environ |= {"TASKBOARD_SECRET_KEY": SECRET, **{f"TASKBOARD_{n}": v for n, v in stage.settings.items()}}
    log = (stage.folder / "serve.log").open("wb")
    command = [sys.executable, "-m", "taskboard.cli", "serve", "--port", str(port), *more]
    server = subprocess.Popen(command, env=environ, stdout=log, stderr=log, cwd=Path(__file__).parents[2])
    try:
        _await(port)
        yield server
    finally:
        server.terminate()
        server.wait(30)


def _await(port: int) -> None:
    for _ in range(200):
        try:
            if requests.get(f"http://127.0.0.1:{port}/healthz", timeout=2).status_code:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise RuntimeError("the web server did not come up")


class Crowd:
    """Clients in threads. `said` counts answers; `saved` are the texts of which the page said that they were saved."""

    def __init__(self, port: int, logins: list[str]) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.said: Counter[str] = Counter()
        self.saved: list[str] = []
        self.slowest = 0.0
        self.stop = threading.Event()
        self.inside = threading.Barrier(len(logins) + 1)
        self.threads = [threading.Thread(target=self._work, args=(login,), daemon=True) for login in logins]

    def start(self) -> None:
        """Begin, once everybody is logged in."""
        for thread in self.threads:
            thread.start()
        self.inside.wait(120)

    def end(self) -> None:
        """Let each finish what it is at."""
        self.stop.set()
        for thread in self.threads:
            thread.join(60)

    def _work(self, login: str) -> None:
        session = requests.Session()
        token = self._enter(session, login)
        self.inside.wait(120)
        while not self.stop.is_set():
            text = f"意见 {login} {uuid4().hex}"
            form = {"csrf_token": token, "form_key": uuid4().hex, "text": text}
            started = time.monotonic()
            while not self._post(session, form):  # the same form again, as a person would: its key makes it one
                time.sleep(0.05)
                if time.monotonic() - started > 60:
                    self.said["gave up"] += 1
                    break
            else:
                self.saved.append(text)
            self.slowest = max(self.slowest, time.monotonic() - started)

    def _post(self, session: requests.Session, form: dict[str, str]) -> bool:
        try:
            answer = session.post(f"{self.base}/feedback", data=form, timeout=20, allow_redirects=False)
        except requests.RequestException:
            self.said["no answer"] += 1
            return False
        there = answer.headers.get("Location", "").partition("?")[0]
        self.said[f"{answer.status_code} {there}".strip()] += 1
        return answer.status_code == 302 and there in ("/feedback", "/today")  # the latter for a form sent before

    def _enter(self, session: requests.Session, login: str) -> str:
        for _ in range(100):
            try:
                page = session.get(f"{self.base}/login", timeout=20)
                form = {"login": login, "password": PASSWORD, "csrf_token": TOKEN.findall(page.text)[0]}
                session.post(f"{self.base}/login", data=form, timeout=20)
                inside = session.get(f"{self.base}/feedback", timeout=20)
                if inside.url.endswith("/feedback"):
                    return TOKEN.findall(inside.text)[0]
            except (requests.RequestException, IndexError):
                pass
            time.sleep(0.2)
        raise RuntimeError(f"{login} cannot log in")


def kept(stage: Stage) -> Counter[str]:
    """How often each text is in the database."""
    with stage.opened():
        query = select(Event).where(Event.kind == Kind.FEEDBACK_GIVEN.key)
        return Counter(event.payload["after"]["text"] for event in db.session.scalars(query))


__all__ = ["Crowd", "Sink", "kept", "let_in", "serving"]
