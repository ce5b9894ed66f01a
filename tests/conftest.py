"""What tests share: an application on a fresh database of each kind, and the cast of a small district."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from taskboard import create_app
from taskboard.db import db, start_reading
from tests import databases
from tests.world import World, build


@pytest.fixture(scope="session")
def sqlite_maker(tmp_path_factory: pytest.TempPathFactory) -> databases.SqliteMaker:
    return databases.SqliteMaker(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_maker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[databases.PostgresMaker]:
    with databases.running_postgres() as url:
        yield databases.PostgresMaker(url, tmp_path_factory.mktemp("pgvar"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh database; every test that asks for it runs on both kinds."""
    maker = request.getfixturevalue("sqlite_maker" if request.param == "sqlite" else "postgres_maker")
    with maker.fresh() as url:
        yield url


@pytest.fixture
def sqlite_url(sqlite_maker: databases.SqliteMaker) -> Iterator[str]:
    """For tests of pages, where the database's kind makes no difference."""
    with sqlite_maker.fresh() as url:
        yield url


def make_app(url: str, var: Path, **more: str) -> Flask:
    """An application for tests: no CSRF token needed unless a test switches it on."""
    app = create_app(databases.configuration_for(url, var, **more))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    return app


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on both databases."""
    yield from _running(make_app(database_url, tmp_path))


@pytest.fixture
def web_app(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on SQLite, for tests of pages."""
    yield from _running(make_app(sqlite_url, tmp_path))


def _running(app: Flask) -> Iterator[Flask]:
    start_reading(False)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    """The cast, inside an application context, on both databases: for models, boards, alerts, jobs."""
    with app.app_context():
        yield build()


@pytest.fixture
def web(web_app: Flask) -> Any:
    """The cast as ids with a client for each: for pages. Requests are made outside any app context."""
    from tests.world import Web

    with web_app.app_context():
        ids = build().ids()
    return Web(web_app, ids)
