"""`make screenshots`: the README's pictures, from a fresh demonstration in a headless browser."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def main() -> None:
    """Serve a demonstration and take the three pictures."""
    chromium = next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None)
    if chromium is None:
        sys.exit("Chromium is needed: install it and run again")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environ = {**os.environ, "TASKBOARD_VAR": folder}
        command = [sys.executable, "-m", "taskboard.cli"]
        subprocess.run([*command, "demo"], cwd=ROOT, env=environ, check=True, capture_output=True)
        server = subprocess.Popen([*command, "serve", "--port", str(port)], cwd=ROOT, env=environ)
        try:
            _take(f"http://127.0.0.1:{port}", chromium)
        finally:
            server.terminate()
            server.wait(timeout=20)


def _take(base: str, chromium: str) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(base + "/healthz", timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        desk = {"width": 1440, "height": 900}
        page = _enter(browser, base, "zuzhang5", desk)
        page.goto(base + "/worklist")
        page.screenshot(path=IMAGES / "worklist.png")
        _enter(browser, base, "lingdao", desk, "/wall").screenshot(path=IMAGES / "wall.png")
        phone = _enter(browser, base, "shangtang", {"width": 375, "height": 812})
        phone.goto(base + "/worklist?view=owed")
        phone.locator("a[data-row-form]").first.click()
        phone.locator("form[action*=report] [name=value]").wait_for()
        phone.locator("form[action*=report]").scroll_into_view_if_needed()
        phone.screenshot(path=IMAGES / "phone.png")
        browser.close()


def _enter(browser: Any, base: str, login: str, size: dict[str, int], path: str = "/today") -> Any:
    page = browser.new_context(viewport=size).new_page()
    page.goto(base + "/login")
    page.locator(f"form:has(input[name=login][value={login}]) button").click()
    page.wait_for_url(re.compile("/(today|wall)$"))
    page.goto(base + path)
    return page


if __name__ == "__main__":
    main()
