"""The database: one engine, one session, the types and names that every table shares.

SQLite runs with WAL, synchronous=FULL, foreign keys on, and BEGIN IMMEDIATE for whatever may
write: a deferred transaction that turns into a write fails at once when another writer was
faster, whatever the timeout. `reading()` marks work that only reads, so that it takes no lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, MetaData, Numeric, String, Text, event, text
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
FIGURE = Numeric(20, 4)

_reading: ContextVar[bool] = ContextVar("reading", default=False)


class Moment(TypeDecorator[datetime]):
    """An aware UTC moment on both databases; a naive one is a mistake and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    registry = registry(metadata=metadata, type_annotation_map={datetime: Moment, Decimal: FIGURE, str: String(200)})


db = SQLAlchemy(model_class=Base)
LongText = Text


def engine_options(url: str) -> dict[str, Any]:
    """Settings of the pool and the driver for a database URL; what people typed stays out of error texts."""
    if url.startswith("sqlite"):
        return {"hide_parameters": True, "connect_args": {"timeout": 20, "check_same_thread": False}}
    options = "-c lock_timeout=5000 -c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000"
    return {"hide_parameters": True, "pool_pre_ping": True, "connect_args": {"connect_timeout": 5, "options": options}}


@contextmanager
def reading() -> Iterator[None]:
    """Mark the work inside as reading only: on SQLite it takes no write lock."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


def start_reading(only: bool) -> None:
    """The same mark for a whole request, set anew at the start of each one."""
    _reading.set(only)


def keep_statistics() -> None:
    """Let SQLite look at its tables after bulk work, or it guesses which index to read; PostgreSQL does so itself."""
    if db.engine.dialect.name == "sqlite":
        db.session.rollback()
        db.session.execute(text("PRAGMA analysis_limit=1000"))
        db.session.execute(text("PRAGMA optimize=0x10002"))
        db.session.commit()


@event.listens_for(Engine, "connect")
def _configure_sqlite(connection: Any, _record: Any) -> None:
    if not type(connection).__module__.startswith("sqlite3"):
        return
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        "busy_timeout=20000",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN" if _reading.get() else "BEGIN IMMEDIATE")
