"""The units of docs/operations.md, taken as they are written: systemd understands them, and their commands run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from taskboard.db import db
from tests.conftest import make_app
from tests.databases import SECRET, PostgresMaker
from tests.jobs.test_watch import status, wait_for
from tests.world import build

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs/operations.md").read_text()
UNITS = dict(re.findall(r"```ini\n# /etc/systemd/system/(\S+)\n(.*?)```", TEXT, re.S))


def command(unit: str) -> list[str]:
    """The command of a unit, with the installation's program replaced by this tree's."""
    (line,) = re.findall(r"^ExecStart=(.*)$", UNITS[unit], re.M)
    program, *arguments = shlex.split(line)
    assert program == "/opt/taskboard/.venv/bin/taskboard"
    return [sys.executable, "-m", "taskboard.cli", *arguments]


def test_there_is_a_unit_for_each_kind_of_process() -> None:
    assert set(UNITS) == {"taskboard-web.service", "taskboard-jobs.service", "taskboard-worker@.service"}


def test_every_setting_is_described() -> None:
    named = set(re.findall(r"self\.(?:text|number|choice)\(\"([A-Z_]+)\"", (ROOT / "config.py").read_text()))
    told = set(re.findall(r"`([A-Z_]+)`", TEXT.split("## Install")[0]))

    assert {name for name in named if name in ("LOG", "QUEUE", "LATE_MINUTES", "SILENT_SECONDS")} <= told


@pytest.mark.parametrize("name", UNITS)
def test_systemd_understands_the_unit(name: str, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("there is no systemd-analyze here")
    program = tmp_path / "taskboard"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    text = UNITS[name].replace("/opt/taskboard/.venv/bin/taskboard", str(program))
    file = tmp_path / name.replace("@.", "@1.")
    file.write_text(text.replace("User=taskboard", "User=root").replace("=/opt/taskboard\n", f"={tmp_path}\n"))
    done = subprocess.run([analyze, "verify", "--man=no", file], capture_output=True, text=True)
    ours = [line for line in done.stderr.splitlines() if "taskboard" in line]

    assert not ours


def test_the_commands_run_together_as_written(postgres_maker: PostgresMaker, tmp_path: Path) -> None:
    with postgres_maker.fresh() as url, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environ: dict[str, Any] = {k: v for k, v in os.environ.items() if not k.startswith("TASKBOARD_")}
        environ |= {"TASKBOARD_DATABASE_URL": url, "TASKBOARD_SECRET_KEY": SECRET, "TASKBOARD_VAR": str(tmp_path)}
        environ["TASKBOARD_QUEUE"] = "procrastinate"
        app = make_app(url, tmp_path)
        with app.app_context():
            build()
            db.engine.dispose()
        refused = subprocess.run(command("taskboard-worker@.service"), env=environ, capture_output=True, text=True)
        assert (refused.returncode, "queue-schema" in refused.stderr) == (1, True)
        for words in ("已建立", "未作改动"):
            line = [sys.executable, "-m", "taskboard.cli", "queue-schema"]
            assert words in subprocess.run(line, env=environ, capture_output=True, text=True, check=True).stdout
        _run(environ, port, url)


def _run(environ: dict[str, Any], port: int, url: str) -> None:
    web = [each if each != "8000" else str(port) for each in command("taskboard-web.service")]
    lines = [web, command("taskboard-jobs.service"), *[command("taskboard-worker@.service")] * 2]
    crew = [subprocess.Popen(line, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for line in lines]
    try:
        wait_for(lambda: status(port, "/healthz") == 200)
        wait_for(lambda: _kinds(url) == {"web": 2, "jobs": 1, "worker": 2})
        time.sleep(1)
    finally:
        for process in crew:
            process.terminate()
        codes = [process.wait(timeout=60) for process in crew]
    assert codes == [0, 0, 0, 0]
    assert _kinds(url) == {"jobs": 1}, "all but the jobs process took leave"


def _kinds(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT kind, count(*) FROM heartbeat GROUP BY kind").fetchall()
        return {str(kind): int(count) for kind, count in rows}
