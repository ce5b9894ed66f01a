"""The demonstration, served for a real browser on a loopback port."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Site:
    """A running demonstration: its address, and its command line."""

    base: str
    environ: dict[str, str]

    def run(self, *arguments: str) -> None:
        """Run a command on its database."""
        command = [sys.executable, "-m", "taskboard.cli", *arguments]
        subprocess.run(command, cwd=ROOT, env=self.environ, check=True, capture_output=True)


@pytest.fixture(scope="session")
def chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("没有找到 Chromium：浏览器走查跳过（apt-get install chromium 后再运行）")
    return found


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[Site]:
    """The demonstration without its jobs process: a test says itself when time passes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TASKBOARD_")}
    environ["TASKBOARD_VAR"] = str(tmp_path_factory.mktemp("site"))
    made = Site(f"http://127.0.0.1:{port}", environ)
    made.run("demo")
    command = [sys.executable, "-m", "taskboard.cli", "serve", "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)
    try:
        _wait(made.base + "/healthz")
        yield made
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        launched.close()


def _wait(url: str) -> None:
    for _ in range(150):
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the demonstration did not come up")
